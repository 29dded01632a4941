"""The four cells of a pair's table: which reports lie behind each, and the command that lists them all."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from stormwatch.errors import UsageError
from stormwatch.signals.selection import Drug, Selection, in_list

if TYPE_CHECKING:
    from stormwatch.signals.names.terms import Event

Cell = Literal["a", "b", "c", "d"]

CELLS: Mapping[Cell, str] = {
    "a": "drug and event",
    "b": "drug only",
    "c": "event only",
    "d": "neither drug nor event",
}


def cell(name: str) -> Cell:
    """A cell by its letter.

    Raises:
        UsageError: there is no such cell.

    >>> cell("b")
    'b'
    """
    for known in CELLS:
        if known == name:
            return known
    listed = ", ".join(f"{one} ({said})" for one, said in CELLS.items())
    raise UsageError(f"there is no cell {name!r}; cells: {listed}")


def cell_sql(which: Cell, selection: Selection, studied: Drug, asked: Event, reports: str) -> str:
    """SQL for the reports of a cell: those of the background that name the drug in the roles asked for or not, and the
    event or not."""
    return f"""
        SELECT n FROM ({reports}) AS chosen
        WHERE n {"" if which in "ab" else "NOT"} IN
                (SELECT n FROM drugs WHERE substance IN {in_list(studied.substances)} AND {selection.role_sql})
            AND n {"" if which in "ac" else "NOT"} IN (SELECT n FROM reactions WHERE term IN {in_list(asked.terms)})
    """


def cell_command(which: Cell, folder: object, drug: str, event: str, selection: Selection) -> str:
    """The command that lists every report of a cell.

    >>> cell_command("b", "faers", "blinatumomab", "hlh", Selection())
    'stormwatch signals series --db faers --drug blinatumomab --event hlh --cell b'
    """
    usual = Selection()
    words = ["stormwatch", "signals", "series", "--db", str(folder), "--drug", drug, "--event", event, "--cell", which]
    if selection.roles != usual.roles:
        words += ["--roles", ",".join(selection.roles)]
    if selection.deduplication != usual.deduplication:
        words += ["--duplicates", selection.deduplication]
    if selection.background != usual.background:
        words += ["--background", selection.background]
    return shlex.join(words)
