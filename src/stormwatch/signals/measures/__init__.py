"""Disproportionality: is a pair reported more often than the rest of the reports would make one expect?

``screen`` computes every measure for every pair; the modules hold one measure each. All take arrays, one entry a pair.
A disproportion is neither an incidence nor a cause: reports have no denominator and say nothing of who was treated.
"""

from stormwatch.signals.measures.discovery import poisson_mid_p, q_values
from stormwatch.signals.measures.exact import fisher_mid_p, ror_exact
from stormwatch.signals.measures.fit import Fit, NotConverged, fit_prior
from stormwatch.signals.measures.frequentist import chi_squared, prr, ror
from stormwatch.signals.measures.holdout import Cover, hold_out, hold_out_reports
from stormwatch.signals.measures.information import ic
from stormwatch.signals.measures.interaction import Triples, omega, triples_with
from stormwatch.signals.measures.masking import Masking, masking
from stormwatch.signals.measures.method import Context, Method
from stormwatch.signals.measures.prior import Posterior, Prior, log_likelihood
from stormwatch.signals.measures.quantiles import quantile
from stormwatch.signals.measures.screen import Screen, screen
from stormwatch.signals.measures.stratified import mantel_haenszel
from stormwatch.signals.measures.tables import REASONS, Estimate, Tables, reasons

__all__ = [
    "REASONS",
    "Context",
    "Cover",
    "Estimate",
    "Fit",
    "Masking",
    "Method",
    "NotConverged",
    "Posterior",
    "Prior",
    "Screen",
    "Tables",
    "Triples",
    "chi_squared",
    "fisher_mid_p",
    "fit_prior",
    "hold_out",
    "hold_out_reports",
    "ic",
    "log_likelihood",
    "mantel_haenszel",
    "masking",
    "omega",
    "poisson_mid_p",
    "prr",
    "q_values",
    "quantile",
    "reasons",
    "ror",
    "ror_exact",
    "screen",
    "triples_with",
]
