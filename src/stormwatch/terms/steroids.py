"""Steroid doses on one scale: what dose of prednisone has the same anti-inflammatory effect."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from functools import cache
from importlib.resources import files

from stormwatch.errors import UnknownName


def prednisone_equivalent(drug: str, mg: Fraction | int) -> Fraction:
    """The dose of prednisone, in mg, that a systemic glucocorticoid dose stands for.

    The table is that of the US label of prednisolone (see ``steroids.toml``). It holds for the anti-inflammatory effect
    of oral or intravenous doses, not for duration or mineralocorticoid effect.

    Raises:
        UnknownName: the drug has no published equivalence here.

    >>> prednisone_equivalent("dexamethasone", 3)
    Fraction(20, 1)
    """
    table = _equivalents()
    if drug not in table:
        raise UnknownName(f"no steroid equivalence is known for {drug!r}; known: {', '.join(sorted(table))}")
    return Fraction(mg) * table["prednisone"] / table[drug]


@cache
def _equivalents() -> dict[str, Fraction]:
    text = files("stormwatch.terms").joinpath("steroids.toml").read_text("utf-8")
    return {drug: Fraction(mg) for drug, mg in tomllib.loads(text)["equivalent_mg"].items()}
