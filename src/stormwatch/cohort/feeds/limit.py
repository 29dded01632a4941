"""How large may be what is held in memory whole, so that a run stays within its bounds: a patient, and a bundle.

Whoever has more rows is left out, never cut short: a part of a record would give wrong answers. The numbers are ours,
measured with all instruments and two processes, so that a run stays below 1 GB.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, LeftOut, Portion
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.errors import InputError
from stormwatch.facts import Patient, Timeline
from stormwatch.sources.opening import file_name, opened

COLUMNS = 500_000
"""Rows of one patient that is read as columns (a MEDS record)."""
TIMELINES = 100_000
"""Rows of one patient that is read as a timeline (every other record): about ten times as large in memory."""


WHOLE = 64_000_000
"""Bytes of a bundle, or of a file of prose. One of this size, with 945 patients, took 0.80 GB."""

_BLOCK = 1 << 20


def check_whole(path: str) -> None:
    """Refuse a file that is held in memory whole and is too large for that.

    Raises:
        InputError: it has more than ``WHOLE`` bytes, unpacked, or cannot be read.
    """
    read = 0
    with opened(path) as stream:
        while block := stream.read(_BLOCK):
            read += len(block)
            if read > WHOLE:
                raise InputError(
                    f"{file_name(path)}: over {WHOLE // 10**6} MB in one file that must be held in memory whole; "
                    "split it by patient, or give the resources as NDJSON, one a line, in a folder (Bulk Data)"
                )


def columns_limit(source: Source) -> int:
    return COLUMNS if source.most is None else source.most


def timelines_limit(source: Source) -> int:
    return TIMELINES if source.most is None else source.most


def too_many(limit: int) -> str:
    """Why a patient is left out."""
    return f"the patient has more than {limit:,} rows"


def portion_without(left_out: Sequence[LeftOut]) -> Portion:
    """Patients of whom nothing is evaluated."""
    timelines = [Timeline(Patient(one.patient), ()) for one in left_out]
    return Portion(tuple(one.patient for one in left_out), facts_of(timelines), Account(left_out=list(left_out)))
