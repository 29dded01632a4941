"""A FHIR record, read for one patient: a bundle, or resources collected from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
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
    return Bundle(stream, file, zone, codes).timeline(asked, complete)


class Bundle:
    """A bundle, loaded once for however many of its patients are read. Arguments as of ``read_bundle``."""

    def __init__(self, stream: io.BufferedReader, file: str, zone: tzinfo | None, codes: CodeMap | None = None) -> None:
        document = load(stream, file)
        found = entries(document, file, SUPPORTED)
        if codes is not None:
            name_local_codes(found, codes)
        self._file, self._zone, self._labels = file, zone, labels_of(document)
        self._subjects = Subjects(found, SUPPORTED)
        self._whole = _Whole(found, self._subjects, (), zone)

    def timeline(self, asked: str | None, complete: frozenset[str]) -> Timeline:
        """The timeline of one patient, which accounts for every resource."""
        chosen = self._subjects.choose(asked, self._file)
        return self._of(chosen, *self._whole.about(chosen), complete)

    def each(self, complete: frozenset[str]) -> Iterator[Timeline]:
        """Every patient, in order of appearance. All of them together account for each resource once: what is not
        about one patient stands with the first."""
        for place, chosen in enumerate(self._subjects.ids):
            self._subjects.choose(chosen, self._file)
            found = self._whole.about(chosen)[0] if place == 0 else self._whole.only_about(chosen)
            yield self._of(chosen, found, 0, complete)

    def _of(self, chosen: str, found: list[Entry], others: int, complete: frozenset[str]) -> Timeline:
        draft = Draft(self._file, self._zone, labels=self._labels)
        return _Reading(self._whole, chosen, draft).timeline(found, others, complete)


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
    whole = _Whole(found, subjects, elsewhere, draft.zone)
    return _Reading(whole, chosen, draft).timeline(*whole.about(chosen), complete)


def patients_of_bundle(stream: io.BufferedReader, file: str) -> list[str]:
    """Ids of all patients a bundle holds or refers to, in order of appearance."""
    return Subjects(entries(load(stream, file), file, SUPPORTED), SUPPORTED).ids


def labels_of(document: Node) -> tuple[str, ...]:
    """What a bundle says of itself as a whole: the wording of its tags."""
    displays = (text(tag, "display") for tag in nodes(node(document, "meta"), "tag"))
    return tuple(display for display in displays if display)


class _Whole:
    """All resources of a record, with what is the same for each of its patients.

    ``places`` says where the resources stand that are only about one patient, ``shared`` where all others do.
    """

    def __init__(self, found: list[Entry], subjects: Subjects, elsewhere: Iterable[Entry], zone: tzinfo | None) -> None:
        self.entries = found
        self.subjects = subjects
        self.left_out = not_counted(found)
        self.medications = Medications([*found, *elsewhere])
        self.reports = Reports((entry for entry in found if entry.position not in self.left_out), zone)
        self.places: dict[str, list[int]] = {one: [] for one in subjects.ids}
        self.shared: list[int] = []
        self.owned = 0
        for place, entry in enumerate(found):
            owner = self._owner(entry)
            if owner in self.places:
                self.places[owner].append(place)
                self.owned += entry.size
            else:
                self.shared.append(place)

    def _owner(self, entry: Entry) -> str:
        """Whom alone a resource is about; empty where it is looked at for every patient."""
        if entry.position in self.left_out or entry.resource is None or entry.kind not in SUPPORTED:
            return ""
        try:
            return self.subjects.of(entry) or ""
        except (Rejected, Outside):
            return ""

    def only_about(self, patient: str) -> list[Entry]:
        """The resources that are about nobody else."""
        return [self.entries[place] for place in self.places.get(patient, [])]

    def about(self, patient: str) -> tuple[list[Entry], int]:
        """What is to be looked at for a patient, in order; and how many records are only about others."""
        own = self.places.get(patient, [])
        places = sorted([*self.shared, *own])
        return [self.entries[place] for place in places], self.owned - sum(self.entries[place].size for place in own)


class _Reading:
    """One pass over the resources of a record, for one patient."""

    def __init__(self, whole: _Whole, chosen: str, draft: Draft) -> None:
        self._subjects = whole.subjects
        self._chosen = chosen
        self._draft = draft
        self._left_out = whole.left_out
        self._medications = whole.medications
        self._reports = whole.reports
        self._person: Patient | None = None

    def timeline(self, found: list[Entry], others: int, complete: frozenset[str]) -> Timeline:
        for entry in found:
            self._draft.file = entry.file
            if entry.position in self._left_out:
                self._draft.leave(self._left_out[entry.position], entry.size)
            else:
                self._read(entry)
        if others:
            self._draft.leave(ANOTHER, others)
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
