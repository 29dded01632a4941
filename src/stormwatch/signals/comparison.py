"""A background, read and counted once, with its priors; and a drug and an event held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stormwatch.errors import UsageError
from stormwatch.signals.backgrounds import background
from stormwatch.signals.counts import Counts
from stormwatch.signals.measures import Cover, Fit, NotConverged, fit_prior, hold_out
from stormwatch.signals.mentions import Reports, load
from stormwatch.signals.selection import Drug, Selection

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

LEFT_OUT = "EBGM left out, as asked"


@dataclass(frozen=True, slots=True)
class Prior:
    """The fit of the empirical Bayes prior to a background, or why there is none; and what it predicts of new data."""

    fit: Fit | None
    cover: Cover | None
    note: str = ""

    @property
    def refused(self) -> str:
        """Why no EBGM is given; empty when one is."""
        return self.note if self.fit is None else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A drug and an event in one background, counted. The groups asked for are the last drug and the last event."""

    label: str
    reports: Reports
    counts: Counts
    strata: tuple[Counts, ...]
    prior: Prior


class Counted:
    """A background, counted. Each prior is fitted when first asked for, and kept for every further question.

    The priors are fitted to single drugs and terms, without the groups asked for.
    """

    def __init__(
        self,
        store: Store,
        selection: Selection,
        studied: Drug,
        strata: Sequence[str] = (),
        *,
        empirical_bayes: bool = True,
    ) -> None:
        chosen = background(selection, store, studied)
        self.label, self.studied = chosen.label, studied
        self._single = load(store, selection, chosen, strata)
        self._empirical_bayes = empirical_bayes
        self._priors: dict[bool, Prior] = {}
        self._latest: tuple[tuple[str, ...], Reports, Counts, tuple[Counts, ...]] | None = None
        self._alone = self._single.counts() if empirical_bayes else None

    def comparison(self, terms: Sequence[str], *, stratified: bool = False) -> Comparison:
        """The drug with an event, crude or over the strata.

        Raises:
            UsageError: strata are asked for, and the background was read without.
        """
        if stratified and self._single.stratum is None:
            raise UsageError("this background was read without strata; name them when it is read")
        reports, counts, strata = self._grouped(tuple(terms))
        if not stratified:
            return Comparison(self.label, replace(reports, stratum=None), counts, (), self._prior(stratified=False))
        return Comparison(self.label, reports, counts, strata, self._prior(stratified=True))

    def _grouped(self, terms: tuple[str, ...]) -> tuple[Reports, Counts, tuple[Counts, ...]]:
        """With the groups asked for; the latest is kept, as crude and stratified measures share it."""
        if self._latest is None or self._latest[0] != terms:
            self._latest = None
            reports = self._single.with_groups(self.studied.substances, terms)
            self._latest = terms, reports, reports.counts(), reports.strata()
        return self._latest[1:]

    def _prior(self, *, stratified: bool) -> Prior:
        if self._alone is None:
            return Prior(None, None, LEFT_OUT)
        if stratified not in self._priors:
            self._priors[stratified] = _fitted(self._alone, self._single.strata() if stratified else ())
        return self._priors[stratified]


def compared(
    store: Store, selection: Selection, studied: Drug, terms: Sequence[str], *, empirical_bayes: bool = True
) -> Comparison:
    """A drug and an event in a background that is asked for once, crude."""
    return Counted(store, selection, studied, empirical_bayes=empirical_bayes).comparison(terms)


def _fitted(counts: Counts, strata: Sequence[Counts]) -> Prior:
    """A small background may not support a prior: EBGM is then refused, and the other measures stand without it."""
    try:
        fit = fit_prior(counts, strata)
    except NotConverged as stopped:
        return Prior(None, None, f"EBGM refused: {stopped}")
    try:
        return Prior(fit, hold_out(counts, strata))
    except NotConverged:
        return Prior(fit, None, "the cover is unknown: half of the data does not support a prior")
