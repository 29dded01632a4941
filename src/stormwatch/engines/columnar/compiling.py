"""How loops over rows are compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_Function = TypeVar("_Function", bound=Callable[..., Any])
_UNCOUNTED: Any = {"_nrt": False}


def compiled(function: _Function) -> _Function:
    """A loop that is given all its arrays and makes none.

    numba counts who holds an array each time it is named, which takes longer than the loops here; where no array is
    made, nothing need be counted, and numba refuses to compile a function that makes one.
    """
    return cast(_Function, njit(cache=True, nogil=True, **_UNCOUNTED)(function))


def inlined(function: _Function) -> _Function:
    """A part of such a loop, put into it: to hand over dozens of arrays takes longer than what the part does."""
    return cast(_Function, njit(cache=True, inline="always", **_UNCOUNTED)(function))


def _lowest_bit(typing: Any, word: Any) -> Any:
    """The place of the lowest bit of a whole number that is set; one must be."""

    def made(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), made


lowest_bit: Any = intrinsic(_lowest_bit)
