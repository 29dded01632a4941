"""Rows that are more than a bare number: the different ones among them, each read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from stormwatch.cohort.feeds.meds.chapter import Chapter, number_text
from stormwatch.cohort.feeds.meds.events import placed
from stormwatch.cohort.feeds.meds.reading import Outcome
from stormwatch.cohort.feeds.rows import Rows
from stormwatch.cohort.feeds.views import numbers
from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.facts import Patient, Timeline


@dataclass(frozen=True, slots=True, eq=False)
class Different:
    """What became of each different row, and which of them every row is."""

    outcomes: Sequence[Outcome]
    place: Ints


def different(chapter: Chapter, rows: Ints) -> Different:
    """Read the different rows among some. A row whose code means nothing is told by its code alone."""
    events = chapter.events
    code = events.code_of(rows)
    known = chapter.codes.known[code]
    numbers, number = np.unique(events.number_of(rows), return_inverse=True)
    texts, text = _texts(chapter, rows)
    key = (code * len(numbers) + np.where(known, number, 0)) * len(texts) + np.where(known, text, 0)
    keys, first, place = np.unique(key, return_index=True, return_inverse=True)
    said = [number_text(one) for one in numbers.tolist()]
    of = zip(code[first].tolist(), number[first].tolist(), text[first].tolist(), strict=True)
    return Different([chapter.outcome(c, said[n], texts[t]) for c, n, t in of], place.ravel() if len(keys) else place)


def _texts(chapter: Chapter, rows: Ints) -> tuple[list[str], Ints]:
    """The different texts of the rows, and which of them each row has; an empty one where there is none."""
    if chapter.events.text is None:
        return [""], np.zeros(len(rows), np.int64)
    column = chapter.events.text.take(rows).cast("string").combine_chunks()
    found = pc.utf8_trim_whitespace(pc.fill_null(column, "")).dictionary_encode()
    return found.dictionary.to_pylist() or [""], numbers(found.indices).astype(np.int64)


def expanded(chapter: Chapter, read: Different, rows: Ints) -> Rows:
    """The facts of every row that has a moment."""
    nobody = Patient("")
    facts = facts_of([Timeline(nobody, one.facts) for one in read.outcomes])
    bounds = np.searchsorted(facts.patient, np.arange(len(read.outcomes) + 1))
    kept = chapter.timed_of(rows)
    rows, place = rows[kept], read.place[kept]
    counts = np.diff(bounds)[place]
    begins = np.cumsum(counts) - counts
    fact = np.arange(counts.sum()) - np.repeat(begins - bounds[:-1][place], counts)
    row = np.repeat(rows, counts)
    names = ("code", "low", "high", "low_open", "high_open", "upper", "lower", "line")
    columns = {name: column[fact] for name in names if (column := getattr(facts, name)) is not None}
    columns.setdefault("line", np.zeros(len(row), np.int64))
    time = chapter.moments_of(row)
    columns |= {"patient": chapter.patient_of(row), "usable": time.latest}
    columns |= {"earliest": time.earliest, "stop": time.latest}
    return Rows(facts.names, facts.lines, placed(chapter.events.rank, row), columns)
