"""The decimals that were written, out of numbers stored with 32 bits."""

from __future__ import annotations

import numpy as np

from stormwatch.engines.columnar.facts import Floats
from stormwatch.sources.mapped.values import shortest_float32

_PLACES = 1000.0
_SIX_FIGURES = 1_000_000


def written(stored: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Floats:
    """Each number as the shortest decimal that is stored as the same float32, held as float64.

    >>> written(np.array([39.4, 132.7, 7.35e-5], np.float32)).tolist()
    [39.4, 132.7, 7.35e-05]
    """
    exact = stored.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        found = np.rint(exact * _PLACES)
        # At most six figures, and stored as the same number: then no shorter decimal differs from it.
        plain = np.abs(found) < _SIX_FIGURES
        found /= _PLACES
        plain &= found.astype(np.float32) == stored
    others = np.flatnonzero(~plain)
    found[others] = _shortest(exact[others])
    return found


def _shortest(exact: Floats) -> Floats:
    """The same for numbers with more figures, and for what is no number."""
    found = exact.copy()
    with np.errstate(invalid="ignore"):
        longer = np.flatnonzero(np.isfinite(exact) & ~((np.rint(exact) == exact) & (np.abs(exact) < _SIX_FIGURES)))
    values, place = np.unique(exact[longer], return_inverse=True)
    found[longer] = np.array([float(shortest_float32(value)) for value in values.tolist()])[place]
    return found
