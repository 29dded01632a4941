"""A FHIR bundle, read for one patient."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import tzinfo

from stormwatch.facts import Patient, Timeline
from stormwatch.sources.draft import Draft, Outside, Rejected
from stormwatch.sources.fhir.condition import read_condition
from stormwatch.sources.fhir.encounter import read_encounter
from stormwatch.sources.fhir.entries import Entry, entries
from stormwatch.sources.fhir.load import load
from stormwatch.sources.fhir.medication import Medications, read_administration, read_request
from stormwatch.sources.fhir.observation import read_observation
from stormwatch.sources.fhir.patient import patient_of
from stormwatch.sources.fhir.procedure import read_procedure
from stormwatch.sources.fhir.subjects import ANOTHER, Subjects
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.fhir.versions import not_counted

READERS: dict[str, Callable[[Entry, Draft], None]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "Procedure": read_procedure,
    "Encounter": read_encounter,
}
DRUG_READERS: dict[str, Callable[[Entry, Draft, Medications], None]] = {
    "MedicationAdministration": read_administration,
    "MedicationRequest": read_request,
}
SUPPORTED = frozenset({"Patient", *READERS, *DRUG_READERS})


def read_bundle(
    stream: io.BufferedReader, file: str, asked: str | None, zone: tzinfo | None, complete: frozenset[str]
) -> Timeline:
    """The timeline of one patient of a bundle.

    Every resource is one record of the accounting, and every component of an Observation is one more; a bundle within
    the bundle is not counted, what it holds is.
    """
    document = load(stream, file)
    return _Reading(entries(document, file, SUPPORTED), file, asked, zone, labels_of(document)).timeline(complete)


def patients_of_bundle(stream: io.BufferedReader, file: str) -> list[str]:
    """Ids of all patients a bundle holds or refers to, in order of appearance."""
    return Subjects(entries(load(stream, file), file, SUPPORTED), SUPPORTED).ids


def labels_of(document: Node) -> tuple[str, ...]:
    """What a bundle says of itself as a whole: the wording of its tags."""
    displays = (text(tag, "display") for tag in nodes(node(document, "meta"), "tag"))
    return tuple(display for display in displays if display)


class _Reading:
    """One pass over the entries of a bundle."""

    def __init__(
        self, found: list[Entry], file: str, asked: str | None, zone: tzinfo | None, labels: tuple[str, ...]
    ) -> None:
        self._entries = found
        self._subjects = Subjects(found, SUPPORTED)
        self._chosen = self._subjects.choose(asked, file)
        self._medications = Medications(found)
        self._draft = Draft(file, zone, labels=labels)
        self._person: Patient | None = None

    def timeline(self, complete: frozenset[str]) -> Timeline:
        left_out = not_counted(self._entries)
        for entry in self._entries:
            if entry.position in left_out:
                self._draft.leave(left_out[entry.position], entry.size)
            else:
                self._read(entry)
        return self._draft.timeline(self._person or Patient(self._chosen), complete)

    def _read(self, entry: Entry) -> None:
        try:
            self._check(entry)
        except Rejected as refusal:
            for _ in range(entry.size):
                self._draft.accounting.reject(entry.record, str(refusal))
        except Outside as reason:
            self._draft.leave(str(reason), entry.size)
        else:
            self._read_resource(entry)

    def _check(self, entry: Entry) -> None:
        """Refuse what is no resource, carries no facts, or is about someone else."""
        if entry.resource is None:
            raise Outside("entry without a resource")
        if not entry.kind:
            raise Rejected("not a FHIR resource")
        if entry.kind not in SUPPORTED:
            raise Outside(entry.kind)
        subject = self._subjects.of(entry)
        if subject is None and len(self._subjects.ids) > 1:
            raise Rejected("it names no subject, and the record holds several patients")
        if subject not in {None, self._chosen}:
            raise Outside(ANOTHER)

    def _read_resource(self, entry: Entry) -> None:
        if entry.kind == "Patient":
            self._read_patient(entry)
        elif entry.kind in READERS:
            READERS[entry.kind](entry, self._draft)
        else:
            DRUG_READERS[entry.kind](entry, self._draft, self._medications)

    def _read_patient(self, entry: Entry) -> None:
        if self._person is not None:
            self._draft.accounting.reject(entry.record, "the patient stands twice, with different content")
            return
        self._person = patient_of(self._chosen, entry.body, self._draft.zone, self._draft.notes)
        self._draft.accounting.used += 1
