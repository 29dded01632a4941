"""Body surface area from weight and height. Labels that dose by it do not say by which formula."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.sources.derived.bounds import rising
from stormwatch.sources.derived.rule import Part, Rule

_PLACES = Decimal("0.0001")
_PARTS = (Part("weight", timedelta(hours=24)), Part("height", timedelta(days=30)))
_WHY = "fluid moves the weight from day to day; a growing child gains at most a few centimetres in a month"
_ROUNDED = "; rounded to 0.0001 m2 (ours)"


def mosteller(weight: Fraction, height: Fraction) -> Fraction:
    return _rounded((_decimal(weight) * _decimal(height) / 3600).sqrt())


def du_bois(weight: Fraction, height: Fraction) -> Fraction:
    powers = _decimal(weight) ** Decimal("0.425") * _decimal(height) ** Decimal("0.725")
    return _rounded(Decimal("0.007184") * powers)


def _rule(area: Callable[[Fraction, Fraction], Fraction], formula: str, source: str) -> Rule:
    def compute(weight: Interval, height: Interval) -> Interval:
        return rising(area, weight, height)

    return Rule("bsa", _PARTS, formula + _ROUNDED, compute, _WHY, source)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _rounded(area: Decimal) -> Fraction:
    return Fraction(area.quantize(_PLACES))


MOSTELLER = _rule(
    mosteller,
    "square root of (weight kg × height cm / 3600)",
    "Mosteller RD. N Engl J Med 1987;317:1098. The default is ours",
)
DU_BOIS = _rule(
    du_bois,
    "0.007184 × weight kg ^ 0.425 × height cm ^ 0.725",
    "Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863-871. Used only where asked for",
)
