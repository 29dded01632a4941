"""How many rows one patient may have: a patient is held in memory whole, and the run must stay within its bounds.

Whoever has more is left out, never cut short: a part of a record would give wrong answers. The numbers are ours,
measured with all instruments and two processes, so that a run stays below 1 GB.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, LeftOut, Portion
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.facts import Patient, Timeline

COLUMNS = 500_000
"""Rows of one patient that is read as columns (a MEDS record)."""
TIMELINES = 100_000
"""Rows of one patient that is read as a timeline (every other record): about ten times as large in memory."""


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
