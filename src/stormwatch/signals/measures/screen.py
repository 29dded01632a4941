"""All measures for all pairs.

The pairs are worked through in parts, so memory holds the answers and little else. Stopping between two parts
(Ctrl-C, or an exception from ``progress``) leaves nothing half done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stormwatch.errors import UsageError
from stormwatch.signals.counts import Counts, Indices, Integers
from stormwatch.signals.measures import stratified
from stormwatch.signals.measures.discovery import poisson_mid_p, q_values
from stormwatch.signals.measures.fit import Fit, NotConverged, fit_prior
from stormwatch.signals.measures.frequentist import chi_squared, prr, ror
from stormwatch.signals.measures.holdout import UNKNOWN, Cover, hold_out
from stormwatch.signals.measures.information import ic
from stormwatch.signals.measures.lookup import Lookup
from stormwatch.signals.measures.method import Context, Method, described
from stormwatch.signals.measures.prior import Posterior, Prior
from stormwatch.signals.measures.tables import Estimate, Floats, Tables

if TYPE_CHECKING:
    import pyarrow

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many pairs are done, and how many there are."""
Columns = dict[str, Floats]

PART = 1 << 17
MEASURES = (
    *("n", "expected", "prr", "prr025", "prr975", "ror", "ror025", "ror975", "chi_squared", "chi_squared_yates"),
    *("ic", "ic025", "ic975", "ebgm", "eb05", "eb95", "p"),
)
NO_STRATUM = 64


@dataclass(frozen=True, slots=True)
class Screen:
    """One row per pair: ``columns`` holds the measures, ``reason`` why a NaN is one (bits of ``tables.REASONS``).

    ``n`` counts reports; ``prr`` and ``ror`` come with 95 % limits, ``ic`` with its 2.5 and 97.5 %, ``ebgm`` with its 5
    and 95 % quantiles; ``p`` and ``q`` test for more reports than expected.
    """

    drug: Indices
    event: Indices
    columns: Columns
    reason: Indices
    method: Method

    def __len__(self) -> int:
        return len(self.drug)

    def __getitem__(self, measure: str) -> Floats:
        return self.columns[measure]

    def to_arrow(self) -> pyarrow.Table:
        """As an Arrow table, every row with what the method says of it; the whole method is in the schema."""
        import pyarrow as pa

        columns = {"drug": self.drug, "event": self.event, **self.columns, "reason": self.reason}
        nowhere = pa.array(np.zeros(len(self), dtype=np.int8))
        for name, text in self.method.row().items():
            columns[name] = pa.DictionaryArray.from_arrays(nowhere, pa.array([text]))
        method = json.dumps(self.method.payload())
        return pa.table(columns).replace_schema_metadata({"stormwatch.method": method})


def screen(
    counts: Counts,
    *,
    pairs: tuple[Indices, Indices] | None = None,
    strata: Sequence[Counts] = (),
    prior: Prior | Fit | None = None,
    empirical_bayes: bool = True,
    check_cover: bool = True,
    tests: int | None = None,
    context: Context | None = None,
    progress: Progress | None = None,
) -> Screen:
    """All measures for all pairs that occur, or for the ``pairs`` (drugs, events) given, zero counts included.

    ``strata`` (from ``count_strata``) makes every measure a stratified one. ``prior`` is used instead of fitting one;
    ``check_cover`` fits a second one to half of the data and sees what it predicts. ``tests`` is the number of pairs
    the false discovery rate is over: by default all combinations of drugs and events, or the pairs given.
    Raises ``NotConverged`` where the prior cannot be fitted; ``empirical_bayes=False`` goes without (NaN columns).

    >>> c = Counts(np.array([0, 1]), np.array([0, 1]), np.array([3, 1]), np.array([4, 6]), np.array([5, 5]), 10)
    >>> found = screen(c, empirical_bayes=False)
    >>> found["prr"].tolist(), found["expected"].tolist()
    ([2.25, 0.16666666666666666], [2.0, 3.0])
    """
    tell = progress or (lambda what, done, of: None)
    drug, event = (counts.pair_drug, counts.pair_event) if pairs is None else pairs
    _checked(counts, drug, event)
    fit, given, checked = _prior(counts, strata, prior, empirical_bayes, check_cover, tell)
    columns = {name: np.empty(len(drug)) for name in MEASURES}
    reason = np.empty(len(drug), dtype=np.uint8)
    n = counts.n if pairs is None else counts.look_up(drug, event)
    for part, found, why in _parts(counts, strata, (drug, event, n), given):
        for name, values in found.items():
            columns[name][part] = values
        reason[part] = why
        tell("measures", min(part.stop, len(drug)), len(drug))
    many = tests or (counts.cells if pairs is None else len(drug))
    columns["q"] = q_values(columns["p"], many)
    method = described(counts.unit, len(strata), many, given, fit, checked, context or Context())
    return Screen(drug, event, columns, reason, method)


def _checked(counts: Counts, drug: Indices, event: Indices) -> None:
    if len(drug) != len(event):
        raise UsageError(f"A pair is a drug and an event; {len(drug)} drugs and {len(event)} events were given")
    if len(drug) and (drug.max() >= len(counts.drug_n) or event.max() >= len(counts.event_n)):
        raise UsageError("A pair names a drug or an event by a number that the counts do not have")


def _prior(
    counts: Counts,
    strata: Sequence[Counts],
    prior: Prior | Fit | None,
    wanted: bool,
    check_cover: bool,
    tell: Progress,
) -> tuple[Fit | None, Prior | None, Cover | None]:
    if not wanted:
        return None, None, None
    if isinstance(prior, Prior):
        return None, prior, None
    tell("prior", 0, len(counts))
    fit = prior or fit_prior(counts, strata)
    tell("hold-out", 0, len(counts))
    return fit, fit.prior, _cover(counts, strata) if check_cover else None


def _cover(counts: Counts, strata: Sequence[Counts]) -> Cover:
    """The hold-out cover; unknown, not an error, where half of the data is too little for a prior."""
    try:
        return hold_out(counts, strata)
    except NotConverged:
        return UNKNOWN


def _parts(
    counts: Counts, strata: Sequence[Counts], pairs: tuple[Indices, Indices, Integers], prior: Prior | None
) -> Iterator[tuple[slice, Columns, Indices]]:
    drug, event, n = pairs
    slices = [slice(first, first + PART) for first in range(0, len(drug), PART)]

    def expected(part: slice) -> Floats:
        return stratified.expected(strata or (counts,), drug[part], event[part])

    lookup = Lookup.build(prior, lambda: ((n[part], expected(part)) for part in slices)) if prior else None
    for part in slices:
        here = drug[part], event[part]
        crude = Tables.from_counts(counts, *here, n[part])
        found, reason = _ratios(crude, [Tables.from_counts(one, *here) for one in strata])
        e = expected(part)
        known = np.where(e > 0, e, np.nan)
        found |= {"n": crude.a, "expected": known, "p": poisson_mid_p(n[part], e)}
        found |= _spread("ic", ic(n[part], e)) | _bayes(lookup, n[part], e)
        yield part, found, reason


def _ratios(crude: Tables, strata: Sequence[Tables]) -> tuple[Columns, Indices]:
    if not strata:
        chi = {"chi_squared": chi_squared(crude), "chi_squared_yates": chi_squared(crude, yates=True)}
        return _spread("prr", prr(crude)) | _spread("ror", ror(crude)) | chi, crude.reason
    found = stratified.mantel_haenszel(strata)
    chi = {"chi_squared": found.chi_squared, "chi_squared_yates": found.chi_squared_yates}
    undefined = np.isnan(found.prr.value) | np.isnan(found.ror.value)
    reason = crude.reason | np.where(undefined, NO_STRATUM, 0).astype(np.uint8)
    return _spread("prr", found.prr) | _spread("ror", found.ror) | chi, reason


def _spread(name: str, estimate: Estimate) -> Columns:
    return {name: estimate.value, f"{name}025": estimate.low, f"{name}975": estimate.high}


def _bayes(lookup: Lookup | None, n: Integers, expected: Floats) -> Columns:
    if lookup is None:
        return {name: np.full(len(n), np.nan) for name in ("ebgm", "eb05", "eb95")}
    posterior = Posterior.of(lookup.prior, n, expected)
    eb05, eb95 = lookup(posterior)
    return {"ebgm": posterior.ebgm, "eb05": eb05, "eb95": eb95}
