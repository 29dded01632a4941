"""What the codes of a chunk mean, and which of their values need no more than a number."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf

import numpy as np
import numpy.typing as npt

from stormwatch import analytes
from stormwatch.analytes import UnknownUnit
from stormwatch.engines.columnar.exact import smallest_above
from stormwatch.engines.columnar.facts import MEASUREMENT, Floats, Ints, Line, Name
from stormwatch.sources.mapped.code_map import CodeMap


@dataclass(frozen=True, slots=True)
class Plain:
    """An analyte in a known unit: a number from ``lowest`` up to, not including, ``above`` is the value."""

    name: Name
    line: Line
    lowest: float
    above: float


@dataclass(frozen=True, slots=True)
class Codes:
    """By place in the list of codes: the name and line of plain ones (-1: another kind), and what is plausible."""

    names: tuple[Name, ...]
    lines: tuple[Line, ...]
    name: Ints
    line: Ints
    lowest: Floats
    above: Floats
    known: npt.NDArray[np.bool_]


@lru_cache(maxsize=100)
def codes_of(words: tuple[str, ...], meanings: CodeMap) -> Codes:
    """What is plain among the codes, and which of them mean anything at all."""
    found = [plain(word, meanings) for word in words]
    names = tuple(dict.fromkeys(one.name for one in found if one))
    lines = tuple(dict.fromkeys(one.line for one in found if one))
    return Codes(
        names,
        lines,
        np.array([names.index(one.name) if one else -1 for one in found], np.int64),
        np.array([lines.index(one.line) if one else 0 for one in found], np.int64),
        np.array([one.lowest if one else inf for one in found]),
        np.array([one.above if one else -inf for one in found]),
        np.array([meanings.find(word) is not None for word in words], np.bool_),
    )


def plain(code: str, meanings: CodeMap) -> Plain | None:
    """The analyte and unit of a code whose bare numbers need no interpretation; None for every other code."""
    meant = meanings.find(code)
    if meant is None or not meant[0].analyte or meant[0].cap or meant[0].says:
        return None
    analyte, unit = analytes.analyte(meant[0].analyte), meant[1] or meant[0].unit
    try:
        slope, offset = analytes.from_canonical(analyte, unit)
    except UnknownUnit:
        return None
    line = (1 / slope, -offset / slope)
    low, high = (_recorded(end, line) for end in (analyte.plausible.low, analyte.plausible.high))
    return Plain(
        (MEASUREMENT, analyte.id), line, smallest_above(low, strictly=False), smallest_above(high, strictly=True)
    )


def _recorded(end: Fraction | float | int, line: Line) -> Fraction | float:
    return end if isinstance(end, float) else (Fraction(end) - line[1]) / line[0]
