"""A record patient by patient, with no more than one patient held at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from stormwatch.errors import InputError
from stormwatch.sources.opening import StrPath, file_name

T = TypeVar("T")


def by_patient(rows: Iterable[T], patient_of: Callable[[T], str], path: StrPath) -> Iterator[tuple[str, Iterator[T]]]:
    """Each patient with the rows that are about them.

    Raises:
        InputError: a patient comes up again after another one. The rows read so far have been given out, so that
            whoever collects results must not keep them.
    """
    seen: set[str] = set()
    for patient, found in groupby(rows, patient_of):
        if patient in seen:
            raise InputError(
                f"{file_name(path)}: the rows of a patient stand apart (after {len(seen)} patients); "
                "sort the file by patient, or read one patient at a time"
            )
        seen.add(patient)
        yield patient, found
