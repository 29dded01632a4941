"""What was computed and how: the words that belong beside every number."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

from stormwatch._version import version
from stormwatch.signals.measures.fit import Fit
from stormwatch.signals.measures.holdout import Cover
from stormwatch.signals.measures.prior import Prior

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Context:
    """How the reports were chosen, as the caller states it; what is not stated says so."""

    drug_roles: str = NOT_STATED
    deduplication: str = NOT_STATED
    background: str = NOT_STATED
    meddra: str = NOT_STATED


@dataclass(frozen=True, slots=True)
class Method:
    """How a screen was computed. Two screens are comparable when their methods are equal."""

    counting_unit: str
    expected: str
    ratios: str
    chi_squared: str
    ic: str
    empirical_bayes: str
    likelihood: str
    test: str
    false_discovery: str
    tests: int
    prior: Prior | None
    fit: Fit | None
    cover: Cover | None
    context: Context
    version: str = field(default_factory=version)

    def row(self) -> dict[str, str]:
        """What every result row carries: likelihood, counting unit, and how the reports were chosen."""
        context = {stated.name: getattr(self.context, stated.name) for stated in fields(Context)}
        return {"likelihood": self.likelihood, "counting_unit": self.counting_unit, **context}

    def payload(self) -> dict[str, object]:
        """As plain data, for JSON."""
        return asdict(self)


def described(
    unit: str,
    strata: int,
    tests: int,
    prior: Prior | None,
    fit: Fit | None,
    cover: Cover | None,
    context: Context,
) -> Method:
    """The record of a screen, crude or over strata."""
    adjusted = f"Mantel-Haenszel over {strata} strata"
    return Method(
        counting_unit=unit,
        expected="sum over strata of margin products" if strata else "product of margins over reports",
        ratios=f"{adjusted}; Greenland-Robins and Robins-Breslow-Greenland 95 % intervals" if strata else "crude; Wald",
        chi_squared=f"Cochran-{adjusted}" if strata else "Pearson, 1 degree of freedom",
        ic="log2((n + 0.5) / (expected + 0.5)); exact gamma limits, 2.5 % and 97.5 %",
        empirical_bayes=_empirical_bayes(prior, fit),
        likelihood=fit.likelihood if fit else "none fitted",
        test="one-sided Poisson, mid-p",
        false_discovery="Benjamini-Hochberg over all drug and event combinations, unreported ones included",
        tests=tests,
        prior=prior,
        fit=fit,
        cover=cover,
        context=context,
    )


def _empirical_bayes(prior: Prior | None, fit: Fit | None) -> str:
    if prior is None:
        return "left out"
    given = "prior fitted to this table" if fit else "prior given, not fitted to this table"
    return f"geometric mean, 5 % and 95 % quantiles of a two-gamma posterior; {given}"
