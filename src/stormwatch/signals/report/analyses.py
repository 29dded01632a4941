"""The analyses of a pair side by side: crude, stratified, in restricted backgrounds, under the other rule for
duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from stormwatch.signals.backgrounds import background
from stormwatch.signals.measuring import compare, pair_row
from stormwatch.signals.pair import case_sql
from stormwatch.signals.report.thresholds import judged

if TYPE_CHECKING:
    from stormwatch.signals.names.terms import Event
    from stormwatch.signals.selection import Drug, Selection
    from stormwatch.signals.store import Store

Payload = dict[str, Any]

DUPLICATES = {"versions": "probable duplicates counted", "probable": "probable duplicates left out"}
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
    """One entry an analysis: its name, its kind, its measures, what each threshold says, and its cases."""
    main, inside = found["measures"]["crude"], _named(selection.background)
    made = [_entry("crude", f"crude, {inside}", main, found["cases"])]
    if "stratified" in found["measures"]:
        adjusted = found["measures"]["stratified"]
        made.append(_entry("stratified", f"stratified by {', '.join(adjusted['strata'])}", adjusted, found["cases"]))
    for name, row in zip(restricted, found["restricted"], strict=True):
        cases = _cases(store, replace(selection, background=name), studied, asked)
        made.append(_entry("restricted", f"restricted: {_named(name)}", row, cases))
    other = _other(selection)
    row = pair_row(compare(store, other, studied, asked.terms, empirical_bayes=empirical_bayes), other, store)
    title = f"crude, {inside}, {DUPLICATES[other.deduplication]}"
    return [*made, _entry("other de-duplication", title, row, _cases(store, other, studied, asked))]


def _entry(kind: str, title: str, row: Mapping[str, Any], cases: Sequence[int]) -> Payload:
    return {"title": title, "kind": kind, **row, "judged": judged(row), "cases": list(cases)}


def _other(selection: Selection) -> Selection:
    return replace(selection, deduplication="versions" if selection.deduplication == "probable" else "probable")


def _cases(store: Store, selection: Selection, studied: Drug, asked: Event) -> list[int]:
    query = case_sql(selection, studied, asked, background(selection, store, studied).sql)
    return [n for (n,) in store.rows(f"{query} ORDER BY n")]


def _named(name: str) -> str:
    """A background as it was asked for, short enough to stand beside a figure."""
    if name == "all":
        return "all reports"
    words = name.replace(";", ", ").replace(":", " ").replace("_", " ")
    return shorten(words, _LONGEST, placeholder="…")
