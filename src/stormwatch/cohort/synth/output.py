"""A cohort of synthetic patients written to a folder: the record, the truth beside it, and what it is."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from stormwatch._version import version
from stormwatch.cohort.synth.formats.fhir import FHIR
from stormwatch.cohort.synth.formats.long_table import CSV
from stormwatch.cohort.synth.formats.meds import MEDS
from stormwatch.cohort.synth.formats.omop import OMOP
from stormwatch.cohort.synth.formats.omop_parquet import OMOP_PARQUET
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, Format
from stormwatch.cohort.synth.patient import patients
from stormwatch.cohort.synth.tables import text_of
from stormwatch.cohort.synth.truth import Truth
from stormwatch.errors import UsageError

FORMATS: Mapping[str, Format] = {"omop": OMOP, "omop-parquet": OMOP_PARQUET, "fhir": FHIR, "meds": MEDS, "csv": CSV}

TABLES = ("rates", "timing", "courses", "values", "panels", "sites", "dirt", "treatments", "signs")
ABOUT = "SYNTHETIC.md"
METADATA = "synthetic.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written: where the record is, how it is read, and how many patients, rows and truth labels there are."""

    record: Path
    read_with: str
    patients: int
    rows: int
    labels: Mapping[str, int]


def synthesise(
    count: int, seed: int, into: Path, form: str = "omop", progress: Callable[[int], None] | None = None
) -> Summary:
    """Write ``count`` synthetic patients, one at a time, in memory that does not grow with their number.

    The folder gets the record in the format asked for, ``truth/`` with the syndromes each patient has and the faults
    that were put in, and notes that say what it is. Patient k is the same for the same seed, whatever ``count`` is.

    Args:
        count: how many patients.
        seed: any whole number.
        into: a folder that is absent or empty.
        form: ``omop``, ``omop-parquet``, ``fhir``, ``meds`` or ``csv``.
        progress: called with the number of patients written so far.

    Raises:
        UsageError: no such format, no patients asked for, the folder holds something, or a library is missing.
    """
    chosen = _format(form)
    if count < 1:
        raise UsageError(f"{count} patients cannot be made; ask for one at least")
    _prepare(into)
    counted: Counter[str] = Counter()
    rows = 0
    try:
        (into / ABOUT).write_text(_about(chosen), encoding="utf-8")
        with ExitStack() as stack:
            writer = stack.enter_context(chosen.opened(into / chosen.name))
            truth = stack.enter_context(Truth(into / "truth"))
            for patient in patients(count, seed):
                writer.add(patient)
                truth.add(patient)
                rows += patient.rows
                counted.update([patient.arm, *(label.syndrome for label in patient.labels)])
                if progress is not None:
                    progress(patient.number)
        _write_metadata(into / METADATA, count, seed, form)
    except OSError as problem:
        raise UsageError(f"{into}: the patients cannot be written here ({problem.strerror})") from None
    return Summary(into / chosen.name, chosen.read_with, count, rows, counted)


def _format(form: str) -> Format:
    if form not in FORMATS:
        raise UsageError(f"no format {form!r}; choose one of {', '.join(FORMATS)}")
    return FORMATS[form]


def _prepare(into: Path) -> None:
    try:
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise UsageError(f"{into}: the folder holds something already; name an empty one")
    except OSError as problem:
        raise UsageError(f"{into}: no folder can be made here ({problem.strerror})") from None


def _about(chosen: Format) -> str:
    return f"""# Synthetic patients

{SYNTHETIC}. Made by `stormwatch synth`.

- `{chosen.name}` is the record. All times are UTC. {chosen.lost}
- `truth/synthetic-labels.csv` says which syndromes each patient has, with onset and peak; `quiet` is none.
- `truth/synthetic-dirt.csv` counts the faults put into the record, with the reason each is expected to be rejected for.
- `{METADATA}` has the seed, the version and the fingerprint of the generator's tables. Without it, writing broke off.

Rates with a source follow published cohorts; curves, sampling, treatment and faults are choices made for a generator.
They are not knowledge: conclude nothing about patients from these data.
"""


def _write_metadata(path: Path, count: int, seed: int, form: str) -> None:
    """What is needed to make the same again. Nothing here depends on when or where it was made."""
    prints = {name: hashlib.sha256(text_of(name).encode()).hexdigest() for name in TABLES}
    about = {"synthetic": True, "note": SYNTHETIC, "patients": count, "seed": seed, "format": form}
    about |= {"version": version(), "time_zone": "UTC", "tables_sha256": prints}
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
