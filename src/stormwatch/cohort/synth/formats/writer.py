"""What every format has: a place it writes to, patients added one at a time, and words on what it cannot say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from stormwatch import analytes
from stormwatch.cohort.synth.record import SyntheticPatient
from stormwatch.errors import UsageError

SYNTHETIC = "Synthetic data made by a generator; about no real person"
"""What every file says, wherever its format has room for it."""


class Writer(Protocol):
    """Takes patients one by one and keeps none of them."""

    def add(self, patient: SyntheticPatient) -> None: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the name of what it writes below the folder, the writer, how it is read, what it cannot say."""

    name: str
    opened: Callable[[Path], AbstractContextManager[Writer]]
    read_with: str
    lost: str


def check_pyarrow() -> None:
    """Raises UsageError when pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise UsageError('writing Parquet needs pyarrow: pip install "stormwatch[parquet]"')


@cache
def loinc(analyte: str) -> str:
    """The first LOINC code of the project's table; empty where it has none."""
    return next(iter(analytes.analyte(analyte).loinc), "")


@cache
def name(analyte: str) -> str:
    return analytes.analyte(analyte).names[0]
