"""Adjusted for strata (age, sex, year): compare like with like, then put the comparisons together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stormwatch.signals.counts import Counts, Indices
from stormwatch.signals.measures.frequentist import wald
from stormwatch.signals.measures.tables import Estimate, Floats, Tables, ratio


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Mantel-Haenszel ratios and the Cochran-Mantel-Haenszel chi-squared, without and with continuity correction."""

    prr: Estimate
    ror: Estimate
    chi_squared: Floats
    chi_squared_yates: Floats


def expected(strata: Sequence[Counts], drug: Indices, event: Indices) -> Floats:
    """The sum over strata of the expected counts: what EBGM and IC are divided by when stratified."""
    total = np.zeros(len(drug))
    for part in strata:
        total += part.expected(drug, event)
    return total


def mantel_haenszel(strata: Sequence[Tables], level: float = 0.95) -> Adjusted:
    """Ratios over all strata, for each pair; a stratum without reports counts for nothing.

    PRR with the variance of Greenland and Robins (Biometrics 1985;41:55), ROR with that of Robins, Breslow and
    Greenland (Biometrics 1986;42:311). Undefined (NaN) where no stratum has c > 0 (for ROR: b > 0 and c > 0); no
    interval where the ratio is 0.

    >>> one = Tables.of(10, 10, 5, 20)
    >>> adjusted = mantel_haenszel([one, one])
    >>> float(adjusted.ror.value[0]), float(adjusted.prr.value[0])
    (4.0, 2.5)
    """
    sums: Floats = np.sum([_terms(tables) for tables in strata], axis=0)
    r, s, pr, mixed, qs, above, below, spread, difference, variance = sums
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds_variance = pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s)
        ratio_variance = spread / (above * below)
    corrected = np.maximum(np.abs(difference) - 0.5, 0)
    return Adjusted(
        prr=wald(ratio(above, below), ratio_variance, level),
        ror=wald(ratio(r, s), odds_variance, level),
        chi_squared=ratio(difference**2, variance),
        chi_squared_yates=ratio(corrected**2, variance),
    )


def _terms(tables: Tables) -> Floats:
    """One stratum's share of each sum the estimators are made of."""
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    total = np.maximum(tables.total, 1)
    p, q, r, s = (a + d) / total, (b + c) / total, a * d / total, b * c / total
    with_drug, without, with_event, others = a + b, c + d, a + c, b + d
    spread = (with_drug * without / total * with_event - a * c) / total
    variance = with_drug * without / total * with_event / total * others / np.maximum(total - 1, 1)
    difference = a - with_drug * with_event / total
    above, below = a * without / total, c * with_drug / total
    return np.stack((r, s, p * r, p * s + q * r, q * s, above, below, spread, difference, variance))
