"""Masking: does a much-reported drug or event hide this pair?

A drug that is named in a large share of an event's reports raises what is expected of every other drug. Taking its
reports out of the background shows by how much. The masking ratio is the measure after over the measure before
(Maignen et al., Pharmacoepidemiol Drug Saf 2014;23:208 and 195). Which reports are taken out is our rule, named in
``RULES``: the pair's own reports always stay, so only the comparison changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stormwatch.signals.counts import Indices, Mentions
from stormwatch.signals.measures.frequentist import prr, ror
from stormwatch.signals.measures.information import ic
from stormwatch.signals.measures.tables import Estimate, Floats, Tables, ratio

By = Literal["drug", "event"]

RULES: dict[By, str] = {
    "drug": "reports that name the masking drug are taken out, unless they name the drug of the pair",
    "event": "reports that name the masking event are taken out, unless they name the event of the pair",
}


@dataclass(frozen=True, slots=True)
class Masking:
    """The pair before, and after taking out each item in turn (index: the item's number).

    ``ratio`` is PRR after over PRR before: above 1 the item hid the pair. NaN where either is undefined, and for the
    pair's own drug or event.
    """

    rule: str
    before: Tables
    after: Tables
    ratio: Floats
    prr: Estimate
    ror: Estimate
    ic: Estimate

    def strongest(self, most: int = 10) -> Indices:
        """The items that hide the pair most, first the worst; items that hide nothing are left out."""
        hides = np.flatnonzero(self.ratio > 1)
        return hides[np.argsort(-self.ratio[hides], kind="stable")][:most]


def masking(
    drugs: Mentions, events: Mentions, drug: int, event: int, *, reports: int, n_items: int, by: By = "drug"
) -> Masking:
    """What taking out each drug (or each event) does to a pair's measures.

    ``reports`` is the size of the background, ``n_items`` the number of drugs (of events, by event).

    >>> d, e = Mentions.of([1, 2, 3, 4, 5, 6], [0, 2, 1, 1, 1, 2]), Mentions.of([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 1])
    >>> float(masking(d, e, 0, 0, reports=6, n_items=3).ratio[1].round(3))
    1.6
    """
    with_drug, with_event = drugs.naming(drug), events.naming(event)
    both = np.intersect1d(with_drug, with_event, assume_unique=True)
    before = _table(len(both), len(with_drug), len(with_event), reports)
    if by == "drug":
        own, others = _shares(drugs.distinct(), with_drug, with_event, both, n_items)
        after = Tables(*np.broadcast_arrays(before.a, before.b, before.c - own, before.d - others))
    else:
        own, others = _shares(events.distinct(), with_event, with_drug, both, n_items)
        after = Tables(*np.broadcast_arrays(before.a, before.b - own, before.c, before.d - others))
    return _compared(before, after, drug if by == "drug" else event, RULES[by])


def _shares(items: Mentions, keep: Indices, also: Indices, both: Indices, n_items: int) -> tuple[Floats, Floats]:
    """For each item, the reports to take out: those of the pair's other side, and the rest."""
    every, kept, of_also, of_both = (
        np.bincount(part.item, minlength=n_items).astype(np.float64)
        for part in (items, items.within(keep), items.within(also), items.within(both))
    )
    own = of_also - of_both
    return own, every - kept - own


def _compared(before: Tables, after: Tables, itself: int, rule: str) -> Masking:
    found = prr(after)
    with np.errstate(invalid="ignore"):
        change = ratio(found.value, np.broadcast_to(prr(before).value, found.value.shape))
    change[itself] = np.nan
    return Masking(rule, before, after, change, found, ror(after), ic(after.a, after.expected))


def _table(both: int, with_drug: int, with_event: int, reports: int) -> Tables:
    return Tables.of(both, with_drug - both, with_event - both, reports - with_drug - with_event + both)
