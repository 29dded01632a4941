"""FHIR Quantity -> value and the text people read."""

from __future__ import annotations

from functools import lru_cache

from stormwatch.analytes import Analyte, UnknownUnit, measure
from stormwatch.facts import Interval
from stormwatch.sources.draft import Rejected
from stormwatch.sources.fhir.tree import Node, text


def quantity_text(quantity: Node) -> str:
    """Comparator, value and unit as recorded."""
    unit = text(quantity, "unit") or text(quantity, "code")
    return f"{text(quantity, 'comparator')}{text(quantity, 'value')} {unit}".strip()


def quantity_value(analyte: Analyte, quantity: Node) -> tuple[Interval, str]:
    """The value in the canonical unit, and as recorded. The unit is read from the unit code and from the unit's text.

    Raises:
        Rejected: neither is a known unit of the analyte, or they disagree, or the value is no number.
    """
    if not text(quantity, "value"):
        raise Rejected("no value")
    value, comparator = text(quantity, "value"), text(quantity, "comparator")
    found = _value(analyte, value, comparator, text(quantity, "code"), text(quantity, "unit"))
    return found, quantity_text(quantity)


# Reference limits are the same from result to result.
@lru_cache(maxsize=4096)
def _value(analyte: Analyte, value: str, comparator: str, code: str, unit: str) -> Interval:
    found, refusal = [], ""
    for stated in [*dict.fromkeys(each for each in (code, unit) if each)] or [""]:
        try:
            found.append(measure(analyte, value, stated, comparator))
        except UnknownUnit as problem:
            refusal = str(problem)
        except ValueError as problem:
            raise Rejected(str(problem)) from None
    if not found:
        raise Rejected(refusal)
    if any(other != found[0] for other in found[1:]):
        raise Rejected("the unit and the unit code disagree")
    return found[0]
