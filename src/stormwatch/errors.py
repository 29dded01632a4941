"""Every error Stormwatch raises on purpose.

    StormwatchError              exit 1   never raised itself
    ├── UsageError               exit 2   the call cannot be carried out as asked
    │   └── UnknownName          exit 2   no such instrument, analyte, drug or patient
    ├── InputError               exit 3   the record cannot be read
    ├── InstrumentError          exit 4   a definition file is invalid
    └── CheckFailed              exit 5   a check found errors

Each message says what happened, where, why, and what to do. None carries a patient's value or text:
positions, counts and rule names only.
"""

from __future__ import annotations


class StormwatchError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line answers with."""

    exit_code = 1


class UsageError(StormwatchError):
    """The call cannot be carried out as asked."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that no catalogue has; the message lists the nearest ones."""


class InputError(StormwatchError):
    """A record that cannot be read at all. (One bad row is a rejection, not an error.)"""

    exit_code = 3


class InstrumentError(StormwatchError):
    """An instrument file that does not say what it must. ``where`` is the path of the table at fault."""

    exit_code = 4

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class CheckFailed(StormwatchError):
    """A check ran and found errors."""

    exit_code = 5
