"""Fetching one patient's record from a running FHIR R4 server into a folder of NDJSON files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from stormwatch.errors import InputError, UnknownName, UsageError
from stormwatch.sources.draft import Rejected
from stormwatch.sources.fhir_store.client import Server
from stormwatch.sources.fhir_store.folder import DownloadFolder
from stormwatch.sources.fhir_store.pages import NoAnswer, Page, page_of
from stormwatch.sources.fhir_store.smart import Credentials
from stormwatch.sources.opening import StrPath
from stormwatch.sources.times import when

Progress = Callable[[int], None]

# The kinds of resource that state facts, with the search parameter that names the patient.
SEARCHES = {
    "Observation": "patient",
    "Condition": "patient",
    "Procedure": "patient",
    "Encounter": "patient",
    "DiagnosticReport": "patient",
    "MedicationAdministration": "patient",
    "MedicationRequest": "patient",
    "MedicationStatement": "patient",
    "AdverseEvent": "subject",
}
EVERYTHING = "everything"
PAGE_SIZE = "200"
SAME_PAGES = 5
"""How often one page may come again under new addresses before the server is taken to go in circles."""

NO_PATIENT = "the server has no such patient; check the id of the Patient resource"

_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_NO_SUCH_OPERATION = {400, 403, 404, 405, 501}
_NO_SUCH_KIND = {404, 405, 501}
_PAGE_EXPIRED = {400, 404, 410}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a download brought.

    ``received`` counts the resources that are new in the folder, ``repeated`` those it had already. ``not_offered`` are
    kinds of resource the server cannot be asked for: about these the record says nothing. ``until`` is the server's
    time at the start, to be given as ``since`` next time.
    """

    received: int
    repeated: int
    not_offered: tuple[str, ...]
    until: str


def fetch(
    base_url: str,
    patient: str,
    *,
    into: StrPath,
    since: str | None = None,
    token: str | None = None,
    credentials: Credentials | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Download what a server holds about one patient into a folder, to be read with ``read_bulk``.

    ``Patient/$everything`` is asked first, and where the server has no such operation, one search for each kind of
    resource. A download that was interrupted goes on where it stopped when the same call is made again; a resource that
    comes twice in one version is kept once. What was deleted on the server since an earlier download is still there.

    Args:
        base_url: the address of the server; no other is called.
        patient: the id of the Patient resource.
        into: the folder; it must be empty, or hold an earlier download of the same patient.
        since: only what changed from this moment on, with its offset from UTC.
        token: a bearer token.
        credentials: a client of SMART backend services, in place of a token.
        progress: called with the number of resources received so far.

    Raises:
        InputError: the server stops answering, or answers with something else. What was received is kept.
        UnknownName: the server has no such patient.
        UsageError: an argument is not usable, or the extra ``server`` is not installed.
    """
    _check(patient, since)
    with closing(_server(base_url, token, credentials)) as server:
        folder = DownloadFolder(into, str(server.base), patient, since or "")
        download = _Download(server, folder, patient, since or "", progress)
        try:
            download.run()
        except NoAnswer as problem:
            raise InputError(
                f"{problem}. {folder.received} resources were received and are kept; the same call goes on from there"
            ) from None
        return Fetched(folder.received, folder.repeated, tuple(download.not_offered), folder.state.until)


@dataclass
class _Download:
    """One download: its queries, page by page."""

    server: Server
    folder: DownloadFolder
    patient: str
    since: str
    progress: Progress | None
    not_offered: list[str] = field(default_factory=list)

    def run(self) -> None:
        state = self.folder.state
        if not state.by_search:
            state.by_search = not self._everything()
        if state.by_search:
            self._searches()
        if self.folder.is_empty and not self.since:
            raise UnknownName(NO_PATIENT)
        state.finished = True
        self.folder.save()

    def _everything(self) -> bool:
        """False where the server has no such operation, or not for us."""
        parameters = {"_type": ",".join(["Patient", *SEARCHES, "Medication"]), "_count": PAGE_SIZE}
        if self.since:
            parameters["_since"] = self.since
        url = self.server.url(f"Patient/{self.patient}/$everything", parameters)
        return self._query(EVERYTHING, url, _NO_SUCH_OPERATION)

    def _searches(self) -> None:
        self._query("Patient", self.server.url("Patient", {"_id": self.patient}))
        if not self.folder.part("Patient").length:
            raise UnknownName(NO_PATIENT)
        for kind, parameter in SEARCHES.items():
            if not self._query(kind, self._search(kind, parameter), _NO_SUCH_KIND):
                self.not_offered.append(kind)

    def _search(self, kind: str, parameter: str) -> str:
        parameters = {parameter: f"Patient/{self.patient}", "_count": PAGE_SIZE}
        if self.since:
            parameters["_lastUpdated"] = f"ge{self.since}"
        if kind.startswith("Medication"):
            parameters["_include"] = f"{kind}:medication"
        return self.server.url(kind, parameters)

    def _query(self, name: str, first: str, not_there: set[int] | None = None) -> bool:
        """Fetch all pages of a query. False when its first page is answered with one of the statuses ``not_there``."""
        part = self.folder.part(name)
        if part.done:
            return True
        try:
            for page, following in self._pages(first, part.next):
                self._keep(name, page, following)
        except NoAnswer as problem:
            if part.next or problem.status not in (not_there or ()):
                raise NoAnswer(f"{name}: {problem}", problem.status) from None
            return False
        return True

    def _keep(self, name: str, page: Page, following: str) -> None:
        self.folder.state.until = self.folder.state.until or self.server.date
        self.folder.keep(name, page, following)
        if self.progress is not None:
            self.progress(self.folder.received)

    def _pages(self, first: str, stored: str) -> Iterator[tuple[Page, str]]:
        """Pages with the address of the next, from the stored address on, or from the first if that has expired."""
        url, visited, contents = stored or first, set[str](), Counter[frozenset[str]]()
        while url:
            visited.add(url)
            try:
                page = page_of(self.server.get(url))
            except NoAnswer as problem:
                if url != stored or problem.status not in _PAGE_EXPIRED:
                    raise
                url, stored = first, ""
                continue
            following = self.server.next_url(url, page.next)
            contents[frozenset(page.resources)] += 1
            yield page, following
            if following in visited or contents[frozenset(page.resources)] >= SAME_PAGES:
                raise NoAnswer("the server sends the same pages again and again")
            url = following


def _server(base_url: str, token: str | None, credentials: Credentials | None) -> Server:
    try:
        return Server(base_url, token, credentials)
    except NoAnswer:
        raise UsageError("the address of the server must be like https://host/path") from None


def _check(patient: str, since: str | None) -> None:
    if not _ID.fullmatch(patient) or not patient.strip("."):
        raise UsageError("that is not the id of a FHIR resource; give the Patient's id alone")
    if since is None:
        return
    try:
        exact = when(since, None).is_exact
    except Rejected:
        exact = False
    if not exact:
        raise UsageError("since must be a moment with its offset from UTC, such as 2024-03-02T06:00:00Z")
