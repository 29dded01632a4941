"""The folder a download is written to: NDJSON files, and a state file from which an interrupted download goes on.

A page is first added to its file, then the state file says how long that file is now and which page comes next. What
stands in a file beyond that length is of a page that was not finished; it is cut off and fetched again.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.fhir_store.ndjson import lines
from stormwatch.sources.fhir_store.pages import Page, identity, resource_on
from stormwatch.sources.opening import StrPath

STATE = "state.json"


@dataclass
class Part:
    """How far one query has come: the length of its file in bytes, and the address of the next page."""

    length: int = 0
    next: str = ""
    done: bool = False


@dataclass
class State:
    """What is being fetched, and how far it has come. It holds no token and no key."""

    base: str
    patient: str
    since: str = ""
    until: str = ""
    finished: bool = False
    by_search: bool = False
    parts: dict[str, Part] = field(default_factory=dict)


class DownloadFolder:
    """A folder with the resources received so far; each is kept once."""

    def __init__(self, path: StrPath, base: str, patient: str, since: str) -> None:
        self._path = Path(path)
        self.state = _started(self._path, base, patient, since)
        self.received = 0
        self.repeated = 0
        self._cut_unfinished_pages()
        self._seen = self._identities()
        self.save()

    @property
    def is_empty(self) -> bool:
        return not any(part.length for part in self.state.parts.values())

    def part(self, name: str) -> Part:
        return self.state.parts.setdefault(name, Part())

    def keep(self, name: str, page: Page, following: str) -> None:
        """Keep what is new on the page, and note which page follows."""
        part = self.part(name)
        fresh = {key: line for key, line in page.resources.items() if key not in self._seen}
        if fresh:
            self._append(name, part, "".join(f"{line}\n" for line in fresh.values()))
        part.next, part.done = following, not following
        self.save()
        self._seen |= fresh.keys()
        self.received += len(fresh)
        self.repeated += len(page.resources) - len(fresh)

    def save(self) -> None:
        """Replace the state file in one step, so that it is always whole."""
        draft = self._path / f".{STATE}.new"
        draft.write_text(json.dumps(asdict(self.state), indent=1), encoding="utf-8")
        os.replace(draft, self._path / STATE)

    def _append(self, name: str, part: Part, content: str) -> None:
        with open(self._file(name), "ab") as stream:
            stream.write(content.encode())
            stream.flush()
            os.fsync(stream.fileno())
            part.length = stream.tell()

    def _file(self, name: str) -> Path:
        return self._path / f"{name}.ndjson"

    def _cut_unfinished_pages(self) -> None:
        for name, part in self.state.parts.items():
            file = self._file(name)
            if not part.length:
                file.unlink(missing_ok=True)
            elif not file.exists() or file.stat().st_size < part.length:
                raise InputError(f"{file.name}: shorter than {STATE} says; fetch into an empty folder")
            else:
                os.truncate(file, part.length)

    def _identities(self) -> set[str]:
        try:
            files = [self._file(name) for name, part in self.state.parts.items() if part.length]
            return {identity(resource_on(line)) for file in files for _, line in lines(file)}
        except ValueError:
            raise InputError("a file of the folder was changed since the download; fetch into an empty one") from None


def is_unfinished(folder: StrPath) -> bool:
    """Whether the folder is of a download that has not come to its end."""
    state = _stored(Path(folder))
    return state is not None and not state.finished


def _started(path: Path, base: str, patient: str, since: str) -> State:
    """The state to go on from; after a finished download the queries begin anew."""
    path.mkdir(parents=True, exist_ok=True)
    state = _stored(path)
    if state is None:
        if any(path.glob("*.ndjson*")):
            raise UsageError("the folder holds NDJSON files of something else; fetch into an empty folder")
        return State(base, patient, since)
    kept = {name: Part(part.length) for name, part in state.parts.items() if part.length}
    if kept and (state.base, state.patient) != (base, patient):
        raise UsageError("the folder holds a download from another server, or of another patient; name another folder")
    if kept and not state.finished and state.since != since:
        raise UsageError("the folder holds an unfinished download with another since; finish that one first")
    return State(base, patient, since, parts=kept) if state.finished or not kept else state


def _stored(path: Path) -> State | None:
    try:
        stored = json.loads((path / STATE).read_text(encoding="utf-8"))
        return State(**{**stored, "parts": _parts(stored["parts"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{STATE}: not the state of a download; fetch into an empty folder") from None


def _parts(stored: dict[str, Any]) -> dict[str, Part]:
    return {name: Part(**part) for name, part in stored.items()}
