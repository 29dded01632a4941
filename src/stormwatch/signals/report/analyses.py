"""The analyses of a pair side by side: crude, stratified, in restricted backgrounds, under the other rule for
duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from stormwatch.signals.backgrounds import background
from stormwatch.signals.cells import CELLS, Cell, cell_command, cell_sql
from stormwatch.signals.comparison import compared
from stormwatch.signals.measuring import pair_row
from stormwatch.signals.report.thresholds import judged

if TYPE_CHECKING:
    from stormwatch.signals.names.terms import Event
    from stormwatch.signals.selection import Drug, Selection
    from stormwatch.signals.store import Store

Payload = dict[str, Any]

DUPLICATES = {"versions": "probable duplicates counted", "probable": "probable duplicates left out"}
FIRST = 200
"""Reports of a cell other than the cases that the report itself lists; the command beside them lists all."""
_LONGEST = 44


def analyses(
    store: Store,
    found: Mapping[str, Any],
    studied: Drug,
    asked: Event,
    selection: Selection,
    restricted: Sequence[str],
    *,
    empirical_bayes: bool,
) -> list[Payload]:
    """One entry an analysis: its name, its kind, its measures, what each threshold says, and its cells."""
    main, inside = found["measures"]["crude"], _named(selection.background)
    cells = _cells(store, selection, studied, asked, found)
    made = [_entry("crude", f"crude, {inside}", main, cells)]
    if "stratified" in found["measures"]:
        adjusted = found["measures"]["stratified"]
        made.append(_entry("stratified", f"stratified by {', '.join(adjusted['strata'])}", adjusted, cells))
    for name, row in zip(restricted, found["restricted"], strict=True):
        held = _cells(store, replace(selection, background=name), studied, asked, found)
        made.append(_entry("restricted", f"restricted: {_named(name)}", row, held))
    other = _other(selection)
    row = pair_row(compared(store, other, studied, asked.terms, empirical_bayes=empirical_bayes), other, store)
    title = f"crude, {inside}, {DUPLICATES[other.deduplication]}"
    return [*made, _entry("other de-duplication", title, row, _cells(store, other, studied, asked, found))]


def _entry(kind: str, title: str, row: Mapping[str, Any], cells: Mapping[Cell, Payload]) -> Payload:
    counted = {cell: {**held, "count": row["table"][cell]} for cell, held in cells.items()}
    return {"title": title, "kind": kind, **row, "judged": judged(row), "cells": counted}


def _other(selection: Selection) -> Selection:
    return replace(selection, deduplication="versions" if selection.deduplication == "probable" else "probable")


def _cells(
    store: Store, selection: Selection, studied: Drug, asked: Event, found: Mapping[str, Any]
) -> dict[Cell, Payload]:
    """The reports of each cell, all cases and the first of the others, with the command that lists all."""
    reports = background(selection, store, studied).sql
    words = (store.folder, found["drug"]["asked"], found["event"]["asked"], selection)
    return {
        cell: {
            "reports": _listed(store, cell, cell_sql(cell, selection, studied, asked, reports)),
            "command": cell_command(cell, *words),
        }
        for cell in CELLS
    }


def _listed(store: Store, cell: Cell, query: str) -> list[int]:
    limit = "" if cell == "a" else f" LIMIT {FIRST}"
    return [n for (n,) in store.rows(f"{query} ORDER BY n{limit}")]


def _named(name: str) -> str:
    """A background as it was asked for, short enough to stand beside a figure."""
    if name == "all":
        return "all reports"
    words = name.replace(";", ", ").replace(":", " ").replace("_", " ")
    return shorten(words, _LONGEST, placeholder="…")
