"""Sentences that the text and the page share."""

from __future__ import annotations

from typing import Any

Payload = dict[str, Any]

GAPS = "Gap: time between one patient's successive measurements, over all stays: median and 90th percentile."
UNITS = "A unit without a conversion is taken as it is."
REPEATS = "Repeated: the same value of the same time under another origin, as in laboratory and chart; counted once."
DERIVED = "Derived: computed from parts where none was measured."
MEASURED = (UNITS, GAPS, REPEATS, DERIVED)
"""What the columns of the analyte table mean."""

USE = "For research, quality and safety work by professionals. Plausible ranges are Stormwatch's own, drawn very wide."


def equation(account: Payload) -> str:
    """The account of all rows, which closes."""
    parts = [
        f"{account['used']:,} used",
        f"{account['rejected']:,} rejected",
        f"{account['not_needed']:,} not needed",
    ]
    if account["other_patients"]:
        parts.append(f"{account['other_patients']:,} of patients not looked at")
    return f"{account['read']:,} rows read = {' + '.join(parts)}"


def converted(unit: Payload) -> str:
    """A unit as recorded with its conversion; one that needs none stands alone."""
    name = unit["unit"] or "no unit"
    how = unit["conversion"]
    return name if how in {"", "as it is"} else f"{name} {how}"


def gap(row: Payload) -> str:
    gaps = row["gap_hours"]
    return f"{_time(gaps['median'])} / {_time(gaps['p90'])}" if gaps else "–"


def _time(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:,.0f} d"


def refused(row: Payload) -> int:
    return sum(reason["rows"] for reason in row["rejected"])


def asked(needs: list[Payload]) -> list[tuple[Payload, list[str]]]:
    """Everything asked by any instrument, with who asks it; what is lacking most comes first."""
    found: dict[str, tuple[Payload, list[str]]] = {}
    for one in needs:
        for need in one["needs"]:
            found.setdefault(need["need"], (need, []))[1].append(one["instrument"])
    return sorted(found.values(), key=lambda pair: (-pair[0]["lacking"], -len(pair[1]), pair[0]["need"]))


def nobody(needs: list[Payload]) -> list[str]:
    """What no patient has, one sentence for each kind."""
    lacking = [need for need, _ in asked(needs) if in_nobody(need)]
    kinds = {"analyte": "Never measured", "finding": "Never stated", "drug": "Never recorded"}
    names = {
        kind: sorted((need["name"] for need in lacking if need["kind"] == kind), key=str.casefold) for kind in kinds
    }
    return [f"{kinds[kind]}: {'; '.join(some)}." for kind, some in names.items() if some]


def in_nobody(need: Payload) -> bool:
    return bool(need["lacking"] == need["of"])


def in_some(need: Payload) -> bool:
    return bool(0 < need["lacking"] < need["of"])
