"""Files of a record that are put under one another: columns of one type, or their values would be changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stormwatch.cohort.feeds.meds.events import columns_of
from stormwatch.errors import InputError
from stormwatch.sources.mapped.arrow import opened_parquet

SUBJECT, TIME, NUMBER = 0, 1, 3
"""Places in what ``columns_of`` gives."""


def columns_of_each(files: Iterable[tuple[Path, str]], record: str, alike: tuple[int, ...]) -> list[list[str]]:
    """The columns that are read of each file, by path and name; those at the places ``alike`` have one type in all.

    39.4 in 32 bits, put under numbers in 64, becomes 39.400002, which is above a cut-off of 39.4.

    Raises:
        InputError: the types differ, or a column is missing.
    """
    found, kinds = [], set()
    for path, name in files:
        with opened_parquet(path) as file:
            columns = columns_of(file, name)
            found.append(columns)
            kinds.add(tuple(file.schema_arrow.field(columns[place]).type for place in alike))
    if len(kinds) > 1:
        why = "the files store subjects, times or numbers in different types, so they cannot be sorted together"
        raise InputError(f"{record}: {why}; write them alike")
    return found
