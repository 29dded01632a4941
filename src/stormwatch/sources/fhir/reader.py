"""A FHIR record, read for one patient: a bundle, or resources collected from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING

from stormwatch.facts import Patient, Timeline
from stormwatch.sources.draft import Draft, Outside, Rejected
from stormwatch.sources.fhir.adverse_event import read_adverse_event
from stormwatch.sources.fhir.condition import read_condition
from stormwatch.sources.fhir.diagnostic_report import Reports, read_report
from stormwatch.sources.fhir.encounter import read_encounter
from stormwatch.sources.fhir.entries import Entry, entries
from stormwatch.sources.fhir.load import load
from stormwatch.sources.fhir.local_codes import name_local_codes
from stormwatch.sources.fhir.medication import Medications, read_administration, read_request
from stormwatch.sources.fhir.medication_statement import read_statement
from stormwatch.sources.fhir.observation import read_observation
from stormwatch.sources.fhir.patient import patient_of
from stormwatch.sources.fhir.procedure import read_procedure
from stormwatch.sources.fhir.set_aside import DEVICE, set_aside_document, set_aside_order
from stormwatch.sources.fhir.subjects import ANOTHER, Subjects
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.fhir.versions import not_counted

if TYPE_CHECKING:
    from stormwatch.sources.mapped.code_map import CodeMap

READERS: dict[str, Callable[[Entry, Draft], None]] = {
    "Condition": read_condition,
    "Procedure": read_procedure,
    "Encounter": read_encounter,
    "AdverseEvent": read_adverse_event,
    "ServiceRequest": set_aside_order,
    "DocumentReference": set_aside_document,
}
RESULT_READERS: dict[str, Callable[[Entry, Draft, Reports], None]] = {
    "Observation": read_observation,
    "DiagnosticReport": read_report,
}
DRUG_READERS: dict[str, Callable[[Entry, Draft, Medications], None]] = {
    "MedicationAdministration": read_administration,
    "MedicationRequest": read_request,
    "MedicationStatement": read_statement,
}
SUPPORTED = frozenset({"Patient", *READERS, *RESULT_READERS, *DRUG_READERS})
# A device may be nobody's, so it is not asked for its patient.
SET_ASIDE = {"Device": DEVICE}


def read_bundle(
    stream: io.BufferedReader,
    file: str,
    asked: str | None,
    zone: tzinfo | None,
    complete: frozenset[str],
    codes: CodeMap | None = None,
) -> Timeline:
    """The timeline of one patient of a bundle; ``codes`` say what its local codes mean.

    Every resource is one record of the accounting, and every component of an Observation is one more; a bundle within
    the bundle is not counted, what it holds is.
    """
    document = load(stream, file)
    found = entries(document, file, SUPPORTED)
    if codes is not None:
        name_local_codes(found, codes)
    subjects = Subjects(found, SUPPORTED)
    chosen = subjects.choose(asked, file)
    return read_entries(found, subjects, chosen, Draft(file, zone, labels=labels_of(document)), complete)


def read_entries(
    found: list[Entry],
    subjects: Subjects,
    chosen: str,
    draft: Draft,
    complete: frozenset[str],
    elsewhere: Iterable[Entry] = (),
) -> Timeline:
    """The timeline of one patient of the resources found, each of which is accounted for.

    ``elsewhere`` are resources that these refer to and that are accounted for elsewhere.
    """
    return _Reading(found, subjects, chosen, draft, elsewhere).timeline(complete)


def patients_of_bundle(stream: io.BufferedReader, file: str) -> list[str]:
    """Ids of all patients a bundle holds or refers to, in order of appearance."""
    return Subjects(entries(load(stream, file), file, SUPPORTED), SUPPORTED).ids


def labels_of(document: Node) -> tuple[str, ...]:
    """What a bundle says of itself as a whole: the wording of its tags."""
    displays = (text(tag, "display") for tag in nodes(node(document, "meta"), "tag"))
    return tuple(display for display in displays if display)


class _Reading:
    """One pass over the resources of a record."""

    def __init__(
        self, found: list[Entry], subjects: Subjects, chosen: str, draft: Draft, elsewhere: Iterable[Entry]
    ) -> None:
        self._entries = found
        self._subjects = subjects
        self._chosen = chosen
        self._draft = draft
        self._left_out = not_counted(found)
        self._medications = Medications([*found, *elsewhere])
        self._reports = Reports((entry for entry in found if entry.position not in self._left_out), draft.zone)
        self._person: Patient | None = None

    def timeline(self, complete: frozenset[str]) -> Timeline:
        for entry in self._entries:
            self._draft.file = entry.file
            if entry.position in self._left_out:
                self._draft.leave(self._left_out[entry.position], entry.size)
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
            raise Outside(SET_ASIDE.get(entry.kind, entry.kind))
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
        elif entry.kind in RESULT_READERS:
            RESULT_READERS[entry.kind](entry, self._draft, self._reports)
        else:
            DRUG_READERS[entry.kind](entry, self._draft, self._medications)

    def _read_patient(self, entry: Entry) -> None:
        if self._person is not None:
            self._draft.accounting.reject(entry.record, "the patient stands twice, with different content")
            return
        self._person = patient_of(self._chosen, entry.body, self._draft.zone, self._draft.notes)
        self._draft.accounting.used += 1
