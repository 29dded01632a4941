"""DiagnosticReport -> when the results it lists could be known.

Laboratories often state the moment of release on the report alone. A result is then known from the release of the
first final report that lists it. What a report concludes is free text, and no fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from stormwatch.facts import Fact, When
from stormwatch.sources.draft import Draft, Outside, Rejected
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.references import Referred
from stormwatch.sources.fhir.tree import nodes, text
from stormwatch.sources.times import when

# The later ones were final before they were changed.
FINAL = {"final", "amended", "corrected", "appended"}
NOT_FINAL = {"entered-in-error": "entered in error", "cancelled": "cancelled"}


class Reports:
    """The final reports of a record, and when they released the Observations that do not say so themselves."""

    def __init__(self, entries: Iterable[Entry], zone: tzinfo | None) -> None:
        found = list(entries)
        self._zone = zone
        self._observations = Referred(found, "Observation")
        self._released: dict[str, When] = {}
        for entry in found:
            if entry.kind == "DiagnosticReport" and text(entry.body, "status") in FINAL:
                self._add(entry)

    def released(self, observation: Entry) -> When | None:
        return self._released.get(observation.position)

    def release(self, report: Entry) -> When | None:
        """When the report releases results that do not say it themselves; None where it releases none.

        Raises:
            Rejected: the time cannot be read.
        """
        issued = text(report.body, "issued")
        return when(issued, self._zone) if issued and self._undated(report) else None

    def _add(self, report: Entry) -> None:
        try:
            release = self.release(report)
        except Rejected:
            return
        if release is not None:
            for result in self._undated(report):
                earlier = self._released.get(result.position, release)
                self._released[result.position] = min(release, earlier, key=lambda each: each.latest)

    def _undated(self, report: Entry) -> list[Entry]:
        """The Observations it lists, and those that these group, as far as they do not say when they were released."""
        found: dict[str, Entry] = {}
        waiting = self._referred(report, "result")
        while waiting:
            each = waiting.pop()
            if each.position not in found:
                found[each.position] = each
                waiting += self._referred(each, "hasMember")
        return [entry for entry in found.values() if not text(entry.body, "issued")]

    def _referred(self, entry: Entry, key: str) -> list[Entry]:
        targets = (self._observations.find(text(reference, "reference")) for reference in nodes(entry.body, key))
        return [target for target in targets if target is not None]


def read_report(entry: Entry, draft: Draft, reports: Reports) -> None:
    """A report that dates results is used; any other is outside."""
    draft.take(entry.record, _no_facts, entry, reports)


def _no_facts(entry: Entry, reports: Reports) -> Iterator[Fact]:
    status = text(entry.body, "status")
    if status not in FINAL:
        raise Outside(NOT_FINAL.get(status, "DiagnosticReport not final"))
    if reports.release(entry) is None:
        raise Outside("DiagnosticReport that dates no result")
    yield from ()
