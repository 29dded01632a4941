"""Sorting the rows of a stretch: where patients begin, the plain rows as columns, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stormwatch.cohort.feeds.meds.events import Events, placed
from stormwatch.cohort.feeds.views import flags
from stormwatch.engines.columnar.facts import Bools, Floats, Ints
from stormwatch.engines.columnar.steps import begins

if TYPE_CHECKING:
    from stormwatch.cohort.feeds.meds.chapter import Chapter


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Plain rows that have a time. ``code`` is a place in the list of names.

    ``rank`` is None where the rows are known to stand in the order of patient, time and rank.
    """

    patient: Ints
    usable: Ints
    code: Ints
    low: Floats
    rank: Ints | None


@dataclass(frozen=True, slots=True, eq=False)
class Sieved:
    """Where each patient begins; the plain rows that have a time; those that have none (``late``); and the rest.

    A plain row is a bare number of a known analyte in a known unit, and plausible.
    """

    starts: Ints
    kept: Kept
    late: Ints
    rest: Ints


def sieved(chapter: Chapter) -> Sieved:
    """Sort the rows of a stretch."""
    events, codes = chapter.events, chapter.codes
    starts = np.flatnonzero(begins(events.subject))
    with np.errstate(invalid="ignore"):
        is_plain = events.number >= codes.lowest.take(events.code)
        is_plain &= events.number < codes.above.take(events.code)
    without_text = bare(events)
    if without_text is not None:
        is_plain &= without_text
    late = np.flatnonzero(is_plain & ~chapter.timed)
    rows = np.flatnonzero(is_plain & chapter.timed if len(late) else is_plain)
    which: Ints | slice = slice(None) if len(rows) == len(events) else rows  # all of them need not be copied
    patient = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(events)))
    name = codes.name.take(events.code[which])
    rank = placed(events.rank, rows)
    kept = Kept(patient[which], chapter.time.latest[which], name, events.number[which], rank)
    return Sieved(starts, kept, late, np.flatnonzero(~is_plain))


def bare(events: Events) -> Bools | None:
    """Which rows have no text; None where none has any."""
    return None if events.text is None else flags(events.text.is_null())
