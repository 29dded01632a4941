"""The reference limits printed with a result, in the analyte's canonical unit."""

from __future__ import annotations

from fractions import Fraction

from stormwatch.analytes import Analyte
from stormwatch.sources.draft import Place, Rejected
from stormwatch.sources.fhir.quantity import quantity_value
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.quantity import Limits, checked_limits, limit

SEVERAL = "reference range left out: more than one applies"


def reference_limits(analyte: Analyte, ranges: list[Node], place: Place) -> Limits:
    """Limits of the one range that is normal or untyped. Therapeutic, hormonal or other ranges are not limits of
    normal. Two different normal ranges (by sex or age) leave it open which holds: neither is used.
    """
    normal = [r for r in ranges if _is_normal(r) and (node(r, "low") or node(r, "high"))]
    found = list(dict.fromkeys(_limits(analyte, r, place) for r in normal))
    if len(found) > 1:
        place.notes[SEVERAL] += 1
        return None, None
    return found[0] if found else (None, None)


def _is_normal(reference: Node) -> bool:
    kind = node(reference, "type")
    stated = [text(coding, "code") for coding in nodes(kind, "coding")] or [text(kind, "text").casefold()]
    return not kind or "normal" in stated


def _limits(analyte: Analyte, reference: Node, place: Place) -> Limits:
    return checked_limits(_limit(analyte, reference, "low", place), _limit(analyte, reference, "high", place), place)


def _limit(analyte: Analyte, reference: Node, key: str, place: Place) -> Fraction | None:
    quantity = node(reference, key)
    if not quantity:
        return None
    try:
        return limit(quantity_value(analyte, quantity)[0], place)
    except Rejected:
        return limit(None, place)
