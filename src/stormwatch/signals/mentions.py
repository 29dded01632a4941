"""Which report of a background names which drug and which event, as arrays; groups get numbers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stormwatch.signals.backgrounds import Background
from stormwatch.signals.counts import Counts, Mentions, count, count_strata
from stormwatch.signals.selection import Selection
from stormwatch.signals.strata import stratum_sql

if TYPE_CHECKING:
    from stormwatch.signals.store import Store


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of a background, ready to be counted. Drugs and events are numbered in alphabetical order."""

    drugs: Mentions
    events: Mentions
    drug_names: tuple[str, ...]
    event_names: tuple[str, ...]
    total: int
    stratum: Mentions | None = None

    def counts(self) -> Counts:
        return count(
            self.drugs, self.events, n_drugs=len(self.drug_names), n_events=len(self.event_names), reports=self.total
        )

    def strata(self) -> tuple[Counts, ...]:
        """One table a stratum; none when no stratum was asked for."""
        if self.stratum is None:
            return ()
        n_drugs, n_events = len(self.drug_names), len(self.event_names)
        return count_strata(self.drugs, self.events, self.stratum, n_drugs=n_drugs, n_events=n_events)

    def with_groups(self, substances: Sequence[str], terms: Sequence[str]) -> Reports:
        """The same reports, with a drug and an event more, last of each: those named here count as one."""
        return Reports(
            _with_group(self.drugs, self.drug_names, substances),
            _with_group(self.events, self.event_names, terms),
            (*self.drug_names, "the drug asked for"),
            (*self.event_names, "the event asked for"),
            self.total,
            self.stratum,
        )


def load(store: Store, selection: Selection, chosen: Background, strata: Sequence[str] = ()) -> Reports:
    """Read the mentions of a background."""
    store.connection.execute(f"CREATE OR REPLACE TEMP TABLE background AS SELECT DISTINCT n FROM ({chosen.sql})")
    total = store.rows("SELECT count(*) FROM background")[0][0]
    drugs, drug_names = _mentions(store, "drugs", "substance", f"WHERE {selection.role_sql}")
    events, event_names = _mentions(store, "reactions", "term", "")
    stratum = _mentions_of(store, f"SELECT n, {stratum_sql(strata)} AS item FROM reports JOIN background USING (n)")[0]
    return Reports(drugs, events, drug_names, event_names, total, stratum if strata else None)


def _mentions(store: Store, table: str, column: str, where: str) -> tuple[Mentions, tuple[str, ...]]:
    return _mentions_of(store, f"SELECT DISTINCT n, {column} AS item FROM {table} JOIN background USING (n) {where}")


def _mentions_of(store: Store, query: str) -> tuple[Mentions, tuple[str, ...]]:
    """Rows of report and item as arrays, with the items numbered in alphabetical order."""
    store.connection.execute(f"CREATE OR REPLACE TEMP TABLE named AS {query}")
    names = tuple(one for (one,) in store.rows("SELECT DISTINCT item FROM named ORDER BY item"))
    found = store.connection.execute("""
        SELECT n, CAST(item_number AS INTEGER) AS item FROM named
        JOIN (SELECT item, row_number() OVER (ORDER BY item) - 1 AS item_number FROM (SELECT DISTINCT item FROM named))
        USING (item) ORDER BY n, item_number
    """).fetchnumpy()
    return Mentions(np.asarray(found["n"], dtype=np.int32), np.asarray(found["item"], dtype=np.int32)), names


def _with_group(held: Mentions, names: Sequence[str], group: Sequence[str]) -> Mentions:
    places = {name: place for place, name in enumerate(names)}
    wanted = [places[name] for name in group if name in places]
    reports = np.unique(held.report[np.isin(held.item, wanted)])
    places_of = np.searchsorted(held.report, reports, side="right")
    item = np.insert(held.item, places_of, len(names))
    return Mentions(np.insert(held.report, places_of, reports), item)
