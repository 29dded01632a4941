"""The same as ``sieve``, compiled by numba: one pass over the rows as they were read, with no whole columns between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stormwatch.cohort.feeds.meds.sieve import Kept, Sieved, bare
from stormwatch.engines.columnar.compiling import compiled
from stormwatch.engines.columnar.room import room

if TYPE_CHECKING:
    from stormwatch.cohort.feeds.meds.chapter import Chapter

_SIX_FIGURES = 1_000_000
_MOST = 10**18
_NO_FLAGS = np.zeros(0, np.bool_)
_NO_RANKS = np.zeros(0, np.int64)
_LAST, _ROW, _PATIENT, _KEPT, _LATE, _REST, _LONG, _TURNED, _WHOSE, _WHEN, _RANK, _LONGER = range(12)
"""What is carried from part to part: the last subject; how many rows, patients, plain, untimed and other rows there
were, and numbers of more than six figures; whether a plain row may stand before the one it should follow; and patient,
time and rank of the last plain row with the power of ten above it."""


def sieved(chapter: Chapter) -> Sieved:
    """Sort the rows of a stretch."""
    found = _sieved(chapter, as_stored=True)
    if found is None:
        found = _sieved(chapter, as_stored=False)
    assert found is not None
    return found


def _sieved(chapter: Chapter, *, as_stored: bool) -> Sieved | None:
    """None where a number is stored with 32 bits and has more figures than are told apart here."""
    events, codes, count = chapter.events, chapter.codes, len(chapter.events)
    patient, usable, name, low = (room(count, kind) for kind in (np.int64, np.int64, np.int64, np.float64))
    starts, late, rest = (np.empty(count, np.int64) for _ in range(3))  # little of it is ever touched
    first, ranks = (events.rank.start, None) if isinstance(events.rank, range) else (0, events.rank)
    state = np.zeros(12, np.int64)
    state[_RANK], state[_LONGER] = -1, 10
    for columns in _parts(chapter, as_stored=as_stored):
        subject, code, time, timeless, text, number = map(_read_only, columns)
        _sift(
            subject,
            code,
            time,
            timeless,
            text,
            number,
            codes.lowest,
            codes.above,
            codes.name,
            (first, _NO_RANKS if ranks is None else ranks),
            (patient, usable, name, low),
            (starts, late, rest),
            state,
        )
        if state[_LONG]:
            return None
    kept = state[_KEPT]
    rank = None
    if state[_TURNED]:
        is_plain = np.ones(count, np.bool_)
        is_plain[late[: state[_LATE]]] = is_plain[rest[: state[_REST]]] = False
        plain = np.flatnonzero(is_plain)
        rank = first + plain if ranks is None else ranks[plain]
    return Sieved(
        starts[: state[_PATIENT]].copy(),
        Kept(patient[:kept], usable[:kept], name[:kept], low[:kept], rank),
        late[: state[_LATE]].copy(),
        rest[: state[_REST]].copy(),
    )


def _parts(chapter: Chapter, *, as_stored: bool) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    """Subject, code, time, which rows have none, which have no text (empty: none has any), and number of each part."""
    events, without_text, start = chapter.events, bare(chapter.events), 0
    for part in events.parts:
        here = slice(start, start + len(part))
        if chapter.shows_moments:
            time, timeless = part.time, _NO_FLAGS if part.timeless is None else part.timeless
        else:
            time, timeless = chapter.time.latest[here], ~chapter.timed[here]
        text = _NO_FLAGS if without_text is None else without_text[here]
        yield part.subject, part.code, time, timeless, text, part.stored if as_stored else events.number[here]
        start = here.stop


def _read_only(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What was read may not be written to, and other arrays must be of the same type for one compiled pass."""
    found = np.ascontiguousarray(column).view()
    found.flags.writeable = False
    return found


@compiled
def _as_written(stored: Any) -> Any:
    """The decimal of at most six figures that is stored as this float32; not a number where there is none."""
    exact = np.float64(stored)
    scaled = np.rint(exact * 1000.0)
    found = scaled / 1000.0
    if (abs(scaled) < _SIX_FIGURES) & (np.float32(found) == stored):  # most of what a laboratory writes
        return found
    scale = 1.0
    for _ in range(10):
        scaled = np.rint(exact * scale)
        if not abs(scaled) < _SIX_FIGURES:
            break
        if np.float32(scaled / scale) == stored:
            return scaled / scale
        scale *= 10.0
    return np.nan


@compiled
def _sift(
    subject: Any,
    code: Any,
    time: Any,
    timeless: Any,
    bare: Any,
    stored: Any,
    lowest: Any,
    above: Any,
    names: Any,
    ranks: Any,
    kept: Any,
    places: Any,
    state: Any,
) -> None:
    patient, usable, name, low = kept
    starts, late, rest = places
    first, given = ranks
    before, row, who = state[_LAST], state[_ROW], state[_PATIENT]
    plain, untimed, others = state[_KEPT], state[_LATE], state[_REST]
    whose, when, ranked, longer = state[_WHOSE], state[_WHEN], state[_RANK], state[_LONGER]
    turned = state[_TURNED] != 0
    for k in range(len(subject)):
        if row == 0 or subject[k] != before:
            before = subject[k]
            starts[who] = row
            who += 1
        number = np.float64(stored[k])
        if stored.itemsize == 4 and np.isfinite(number):
            number = _as_written(stored[k])
            if np.isnan(number):
                state[_LONG] += 1
        means = code[k]
        if (number >= lowest[means]) & (number < above[means]) & (len(bare) == 0 or bare[k]):
            if len(timeless) > 0 and timeless[k]:
                late[untimed] = row
                untimed += 1
            else:
                patient[plain], usable[plain], name[plain], low[plain] = who - 1, time[k], names[means], number
                rank = first + row if len(given) == 0 else given[row]
                # Without branches, which nobody can foretell. Ties are in the order of ranks written as texts.
                turned |= (whose == who) & ((when > time[k]) | ((when == time[k]) & (rank >= longer)))
                turned |= (whose == who) & (rank <= ranked)
                if whose != who:
                    longer = 10
                while rank >= longer and longer < _MOST:
                    longer *= 10
                whose, when, ranked = who, time[k], rank
                plain += 1
        else:
            rest[others] = row
            others += 1
        row += 1
    state[_LAST], state[_ROW], state[_PATIENT] = before, row, who
    state[_KEPT], state[_LATE], state[_REST] = plain, untimed, others
    state[_WHOSE], state[_WHEN], state[_RANK], state[_LONGER] = whose, when, ranked, longer
    state[_TURNED] = turned
