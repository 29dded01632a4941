"""Arrow columns out of the engine's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stormwatch.engines.columnar.times import BEGINNING, FOREVER

Mask = npt.NDArray[np.bool_] | None


def words(place: npt.NDArray[Any], names: Sequence[str], mask: Mask = None) -> Any:
    """A column of words from their places in a list. Each word stands once in the dictionary of the column."""
    different = list(dict.fromkeys(names))
    if len(different) < len(names):
        places = {name: new for new, name in enumerate(different)}
        place = np.array([places[name] for name in names])[place]
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32), mask=mask), pa.array(different, pa.string()))


def times(moments: npt.NDArray[np.int64], mask: Mask = None) -> Any:
    """Moments as times; empty where there is none, or where it lies outside the calendar."""
    unsaid = (moments <= BEGINNING) | (moments > FOREVER)
    return pa.array(moments, pa.int64(), mask=unsaid if mask is None else unsaid | mask).cast(pa.timestamp("us", "UTC"))


def numbers(values: npt.NDArray[Any], mask: Mask = None) -> Any:
    return pa.array(values, mask=mask)
