"""Arrow arrays as NumPy arrays. Arrow's own way loads pandas first, which takes longer than most of the work here."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_KINDS = {
    pa.int64(): np.int64,
    pa.int32(): np.int32,
    pa.float64(): np.float64,
    pa.float32(): np.float32,
}


def numbers(array: Any) -> npt.NDArray[Any]:
    """The numbers of an array, or of a column with chunks; one array is not copied. A missing one is not a number.

    Raises:
        ValueError: a whole number is missing, which NumPy has no value for.

    >>> numbers(pa.array([1.5, None])).tolist()
    [1.5, nan]
    """
    if isinstance(array, pa.ChunkedArray):
        parts = [numbers(chunk) for chunk in array.chunks]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros(0, _KINDS.get(array.type, np.int64))
    kind = _KINDS.get(array.type)
    if kind is None:
        array, kind = pc.cast(array, pa.int64()), np.int64
    if array.null_count:
        if np.dtype(kind).kind != "f":
            raise ValueError(f"{array.null_count} whole numbers are missing")
        array = pc.fill_null(array, float("nan"))
    if not len(array):
        return np.zeros(0, kind)
    found: npt.NDArray[Any] = np.frombuffer(
        array.buffers()[1], kind, len(array), array.offset * np.dtype(kind).itemsize
    )
    return found


def flags(array: Any) -> npt.NDArray[np.bool_]:
    """The truths of an array or column without missing ones.

    >>> flags(pa.array([True, False, True]).slice(1)).tolist()
    [False, True]
    """
    if isinstance(array, pa.ChunkedArray):
        parts = [flags(chunk) for chunk in array.chunks]
        return np.concatenate(parts) if parts else np.zeros(0, np.bool_)
    if not len(array):
        return np.zeros(0, np.bool_)
    bits = np.frombuffer(array.buffers()[1], np.uint8)
    end = array.offset + len(array)
    return np.unpackbits(bits[: -(-end // 8)], bitorder="little")[array.offset : end].view(np.bool_)
