"""A test result (F.r.3.2) as HL7 has it, an interval, and as a case has it: ``10``, ``<10``, ``>=10`` and so on."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from stormwatch.safety.case import Field, Group
from stormwatch.safety.e2b.shape import HL7, Node

_SIGNS = ("<=", ">=", "<", ">")


def read_interval(node: Node, element: Any, group: Group, line: int) -> bool:
    """Take the interval into the group; False for any shape this cannot say without loss, which is left untouched."""
    if any(len(child) or (child.text or child.tail or "").strip() for child in element):
        return False
    held = {child.tag.removeprefix(HL7): dict(child.attrib) for child in element}
    value = _bound(held) if len(held) == len(element) and dict(element.attrib) == node.literals else None
    if value is None:
        return False
    sign, inner = value
    number, unit = node.slots["value"].number, node.slots["unit"].number
    if "value" in inner or "nullFlavor" in inner:
        text = inner.get("value")
        group.fields[number] = Field(f"{sign}{text}" if text is not None else None, inner.get("nullFlavor"), line)
    if "unit" in inner:
        group.fields[unit] = Field(inner["unit"], None, line)
    return True


def _bound(held: dict[str, dict[str, str]]) -> tuple[str, dict[str, str]] | None:
    """The sign and the attributes of the number."""
    if set(held) == {"center"}:
        return ("", held["center"]) if set(held["center"]) <= {"value", "unit", "nullFlavor"} else None
    for open_end, infinity, closed_end, sign in (("low", "NINF", "high", "<"), ("high", "PINF", "low", ">")):
        if set(held) == {"low", "high"} and held[open_end] == {"nullFlavor": infinity}:
            inner = held[closed_end]
            inclusive = {"true": "=", "false": ""}.get(inner.get("inclusive", ""))
            if inclusive is not None and set(inner) <= {"value", "unit", "inclusive"} and "value" in inner:
                return sign + inclusive, inner
    return None


def interval_text(node: Node, group: Group) -> str:
    """The interval as XML: a centre, or two ends of which one is open. Empty when there is no result and no unit."""
    held = group.fields.get(node.slots["value"].number)
    unit = group.get(node.slots["unit"].number)
    units = f" unit={quoteattr(unit)}" if unit is not None else ""
    if held is None and not units:
        return ""
    value = held.value if held else None
    null = f" nullFlavor={quoteattr(held.null)}" if held and held.null else ""
    sign = next((sign for sign in _SIGNS if value and value.startswith(sign)), "")
    if value is None or not sign:
        number = f" value={quoteattr(value)}" if value is not None else ""
        return f"<center{null}{number}{units}/>\n"
    inclusive = "true" if sign.endswith("=") else "false"
    bound = f'value={quoteattr(value[len(sign) :])}{units} inclusive="{inclusive}"/>\n'
    if sign.startswith("<"):
        return f'<low nullFlavor="NINF"/>\n<high {bound}'
    return f'<low {bound}<high nullFlavor="PINF"/>\n'
