"""PRR, ROR and chi-squared: ratios of shares of reports, without shrinkage.

None of them is an incidence or a risk: a spontaneous-report database has no denominator of people treated.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from stormwatch.signals.measures.tables import Estimate, Floats, Tables, ratio


def prr(tables: Tables, level: float = 0.95) -> Estimate:
    """Proportional reporting ratio, (a / (a + b)) / (c / (c + d)), with the Wald interval of its logarithm.

    Undefined (NaN) where c = 0 or there is nobody to compare with; 0 without interval where a = 0.
    Source: Evans, Waller, Davis, Pharmacoepidemiol Drug Saf 2001;10:483.

    >>> e = prr(Tables.of(41, 14, 754, 591_958))
    >>> round(float(e.value[0]), 2)
    585.99
    """
    a, c, with_drug, without = tables.a, tables.c, tables.a + tables.b, tables.c + tables.d
    value = ratio(a * without, c * with_drug)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / a - 1 / with_drug + 1 / c - 1 / without
    return wald(value, variance, level)


def ror(tables: Tables, level: float = 0.95) -> Estimate:
    """Reporting odds ratio, a d / (b c), with the Wald (Woolf) interval of its logarithm.

    Undefined (NaN) where b = 0 or c = 0; 0 without interval where a = 0 or d = 0.
    Source: van Puijenbroek et al., Pharmacoepidemiol Drug Saf 2002;11:3.

    >>> e = ror(Tables.of(10, 10, 5, 20))
    >>> [round(float(x[0]), 3) for x in (e.value, e.low, e.high)]
    [4.0, 1.074, 14.896]
    """
    value = ratio(tables.a * tables.d, tables.b * tables.c)
    with np.errstate(divide="ignore"):
        variance = 1 / tables.a + 1 / tables.b + 1 / tables.c + 1 / tables.d
    return wald(value, variance, level)


def chi_squared(tables: Tables, *, yates: bool = False) -> Floats:
    """Pearson's chi-squared of the table (1 degree of freedom), on request with Yates' continuity correction.

    The correction never takes the difference below 0. Undefined (NaN) where a margin is 0.

    >>> t = Tables.of(41, 14, 754, 591_958)
    >>> round(float(chi_squared(t)[0]), 1), round(float(chi_squared(t, yates=True)[0]), 1)
    (22739.5, 22187.3)
    """
    a, b, c, d, total = tables.a, tables.b, tables.c, tables.d, tables.total
    difference = np.abs(a - tables.expected)
    if yates:
        difference = np.maximum(difference - 0.5, 0)
    # In this form nothing cancels: a d - b c would lose digits in large databases.
    return ratio(difference, a + b) * ratio(difference, a + c) * ratio(total, c + d) * ratio(total * total, b + d)


def wald(value: Floats, variance: Floats, level: float) -> Estimate:
    """The interval of a ratio from the variance of its logarithm; NaN where the ratio is 0 or undefined."""
    with np.errstate(invalid="ignore", over="ignore"):
        factor = np.exp(ndtri(0.5 + level / 2) * np.sqrt(variance))
        open_ended = ~np.isfinite(variance) | ~(value > 0)
    low, high = value / np.where(open_ended, np.nan, factor), value * np.where(open_ended, np.nan, factor)
    return Estimate(value, low, high)
