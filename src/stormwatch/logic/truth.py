"""Three-valued truth: met, not met, unknown."""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """The answer to one question of a criteria set.

    ``UNKNOWN`` means that the record leaves both answers open; it is never treated as ``NOT_MET``. Asking Python for
    the truth of a Truth is refused, so that ``if verdict:`` cannot quietly turn unknown into no.

    >>> bool(Truth.UNKNOWN)
    Traceback (most recent call last):
    ...
    TypeError: a Truth has three values; compare it with Truth.MET, Truth.NOT_MET or Truth.UNKNOWN
    """

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with Truth.MET, Truth.NOT_MET or Truth.UNKNOWN")

    def __invert__(self) -> Truth:
        return _OPPOSITE[self]

    @classmethod
    def of(cls, answer: bool) -> Truth:
        return cls.MET if answer else cls.NOT_MET


_OPPOSITE = {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET, Truth.UNKNOWN: Truth.UNKNOWN}
