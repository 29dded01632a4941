"""The lines of a Bulk Data folder, sorted by patient.

An export is sorted by kind of resource, and a timeline needs all of one patient. One pass over the folder puts the
lines that are read into a temporary SQLite database, under their patient. SQLite keeps it on disk once it outgrows its
cache, so memory stays bounded however large the export is; it has no name, and it vanishes when it is closed. (SQLite
takes the folder for it from the environment variable SQLITE_TMPDIR.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from stormwatch.facts import Accounting
from stormwatch.sources.draft import Outside, Rejected, short
from stormwatch.sources.fhir.entries import Entry, bare, last_part
from stormwatch.sources.fhir.reader import SET_ASIDE, SUPPORTED
from stormwatch.sources.fhir.subjects import Subjects
from stormwatch.sources.fhir.tree import node, text
from stormwatch.sources.fhir_store.ndjson import Progress, entry_of, resources
from stormwatch.sources.opening import StrPath

# In an export a reference leads by its id; Patient resources need not be known for that.
_REFERENCES = Subjects((), SUPPORTED)

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA temp_store = FILE;
    CREATE TABLE line (patient TEXT, size INTEGER, file TEXT, number INTEGER, content BLOB);
    CREATE TABLE medication (id TEXT, file TEXT, number INTEGER, content BLOB);
"""
_INDEXES = """
    CREATE INDEX line_of_patient ON line (patient);
    CREATE INDEX medication_by_id ON medication (id);
"""


class PatientSorter:
    """Lines by patient. ``rest`` accounts for the lines that are about no patient whose record is read."""

    def __init__(self, folder: StrPath, progress: Progress | None = None) -> None:
        self.rest = Accounting()
        self._db = sqlite3.connect("")
        self._db.executescript(_TABLES)
        for entry, number, line in resources(folder, self.rest, progress):
            self._add(entry, number, line)
        self._db.executescript(_INDEXES)

    def close(self) -> None:
        self._db.close()

    def patients(self) -> list[str]:
        """Ids in order of appearance."""
        rows = self._db.execute("SELECT patient FROM line GROUP BY patient ORDER BY min(rowid)")
        return [patient for (patient,) in rows]

    def lines_of_others(self, patient: str) -> int:
        """How many records are about other patients."""
        row = self._db.execute("SELECT coalesce(sum(size), 0) FROM line WHERE patient <> ?", (patient,)).fetchone()
        return int(row[0])

    def of(self, patient: str) -> list[Entry]:
        """The resources about one patient, in the order of the folder."""
        rows = self._db.execute("SELECT file, number, content FROM line WHERE patient = ? ORDER BY rowid", (patient,))
        return [entry_of(*row) for row in rows]

    def medications_for(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The Medication resources these refer to."""
        named = {text(node(entry.body, "medicationReference"), "reference") for entry in entries}
        for identifier in sorted({last_part(bare(reference)) for reference in named} - {""}):
            rows = self._db.execute("SELECT file, number, content FROM medication WHERE id = ?", (identifier,))
            yield from (entry_of(*row) for row in rows)

    def _add(self, entry: Entry, number: int, line: bytes) -> None:
        if entry.kind == "Medication":
            self._db.execute("INSERT INTO medication VALUES (?, ?, ?, ?)", (entry.id, entry.file, number, line))
        patient = self._patient(entry)
        if patient is not None:
            row = (patient, entry.size, entry.file, number, line)
            self._db.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?)", row)

    def _patient(self, entry: Entry) -> str | None:
        """Whom the resource is about; None where that is nobody, which is accounted for at once."""
        try:
            return subject_of(entry)
        except Rejected as refusal:
            for _ in range(entry.size):
                self.rest.reject(entry.record, str(refusal))
        except Outside as reason:
            self.rest.outside[short(str(reason))] += entry.size
        return None


def subject_of(entry: Entry) -> str:
    """The patient a resource of an export is about.

    Raises:
        Rejected: it names no subject, or one that cannot be found.
        Outside: it is of a kind that carries no facts, or its subject is not a patient.
    """
    if entry.kind not in SUPPORTED:
        raise Outside(SET_ASIDE.get(entry.kind, entry.kind))
    subject = _REFERENCES.of(entry)
    if subject is None:
        raise Rejected("it names no subject")
    return subject
