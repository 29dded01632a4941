"""The payloads as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stormwatch.signals.flow import Flow

_MOST_ROWS = 10


def pair_text(found: Mapping[str, Any]) -> str:
    """A pair on one page: flow, table, measures, onset, tables of the cases."""
    parts = [
        f"{found['drug']['label']} and {found['event']['label']}",
        f"Event: {found['event']['definition']}",
        Flow.from_json(found["flow"]).text(),
        _measures("Crude", found["measures"]["crude"]),
    ]
    if "stratified" in found["measures"]:
        adjusted = found["measures"]["stratified"]
        parts.append(_measures(f"Stratified by {', '.join(adjusted['strata'])}", adjusted))
    parts += [_measures("Restricted", row) for row in found["restricted"]]
    parts += [_masking(found["masking"]), _onset(found["onset"]), *_tables(found["description"])]
    parts += [_method(found["measures"]["crude"]), "\n".join(found["statements"])]
    return "\n\n".join(part for part in parts if part)


def scan_text(found: Mapping[str, Any]) -> str:
    """One line an event."""
    head = f"{found['drug']['label']}: {found['reports_with_drug']:,} of {found['reports']:,} reports"
    if found["ebgm_refused"]:
        head += f"\n{found['ebgm_refused']}"
    columns = f"{'reports':>8}{'expected':>11}{'IC025':>8}{'EB05':>8}{'ROR025':>9}{'q':>10}  event"
    lines = [
        f"{row['n']:>8,}{_value(row['expected']):>11}{_value(row['ic025']):>8}{_value(row['eb05']):>8}"
        f"{_value(row['ror025']):>9}{_value(row['q']):>10}  {row['event']}"
        for row in found["rows"]
    ]
    note = _method(found["rows"][0] | {"method": found["method"]}) if found["rows"] else "No event has enough reports."
    return "\n".join([head, columns, *lines, "", note, "", *found["statements"]])


def series_text(cases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A few lines a case."""
    for case in cases:
        age = "age unknown" if case["age"] is None else f"{case['age']:.3g} years"
        who = f"{age}, sex {case['sex'] or 'unknown'}, {case['country'] or 'country unknown'}"
        drugs = "; ".join(f"{one['substance']} ({one['role']})" for one in case["drugs"])
        yield (
            f"\nReport {case['report']} ({case['source']}), received {case['received'] or 'unknown'}: {who}\n"
            f"  events: {'; '.join(case['reactions'])}\n  drugs: {drugs}\n"
            f"  outcomes: {', '.join(case['outcomes']) or 'none stated'}"
        )


def areas_text(found: Mapping[str, Any]) -> str:
    """One line a measure."""
    lines = [f"{found['judged']:,} of {found['pairs']:,} pairs judged"]
    lines += [f"  {count:,} left out: {reason}" for reason, count in found["left_out"].items()]
    for name, one in found["areas"].items():
        shown = "not judged" if one is None else f"{one['area']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
        lines.append(f"{name:<18}{shown}")
    return "\n".join([*lines, "Area under the ROC curve with DeLong's 95 % interval.", *filter(None, [found["note"]])])


def _measures(title: str, row: Mapping[str, Any]) -> str:
    table = row["table"]
    lines = [
        f"{title}: {row['background']} ({row['reports']:,} reports)",
        f"  drug and event {table['a']:,}, drug only {table['b']:,}, event only {table['c']:,}, neither {table['d']:,}",
        f"  expected {_value(row['expected'])}; q {_value(row['q'])}",
    ]
    spans = (("PRR", "prr", "025", "975"), ("ROR", "ror", "025", "975"), ("IC", "ic", "025", "975"))
    lines += [f"  {label:<5}{_span(row, name, f'{name}{low}', f'{name}{high}')}" for label, name, low, high in spans]
    lines.append(f"  {row['ebgm_refused']}" if row["ebgm_refused"] else f"  EBGM {_span(row, 'ebgm', 'eb05', 'eb95')}")
    lines += [f"  undefined: {reason}" for reason in row["undefined"]]
    return "\n".join(lines)


def _span(row: Mapping[str, Any], value: str, low: str, high: str) -> str:
    return f"{_value(row[value])} ({_value(row[low])} to {_value(row[high])})"


def _value(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:.2f}" if abs(number) >= 0.01 or number == 0 else f"{number:.1e}"


def _masking(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    lines = [f"  without {row['name']} ({row['by']}) PRR is {_value(row['ratio'])} times as high" for row in rows]
    return "\n".join(["Masking:", *lines])


def _onset(found: Mapping[str, Any]) -> str:
    lines = [f"Time to onset: {found['usable']:,} of {found['reports']:,} reports have both dates"]
    lines += [f"  {count:,} {reason}" for reason, count in found["unusable"].items()]
    if found["usable"]:
        lines.append(f"  median {found['median']:g} days ({found['q1']:g} to {found['q3']:g})")
    if (fitted := found["weibull"]) is not None:
        limits = f"{fitted['shape']:.2f} ({fitted['shape_low']:.2f} to {fitted['shape_high']:.2f})"
        lines.append(f"  Weibull shape {limits}, {fitted['interval']}; {fitted['pattern']}")
    return "\n".join(lines)


def _tables(held: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    titles = [name.replace("_", " ").capitalize() for name in held]
    rows = [[f"{row['reports']:>8,}  {row['value']}" for row in table[:_MOST_ROWS]] for table in held.values()]
    return ["\n".join([f"{title}:", *lines]) for title, lines in zip(titles, rows, strict=True) if lines]


def _method(row: Mapping[str, Any]) -> str:
    said = (
        *(f"Likelihood: {row['likelihood']}", f"Counting unit: {row['counting_unit']}"),
        *(f"Drug roles: {row['drug_roles']}", f"De-duplication: {row['deduplication']}", f"MedDRA: {row['meddra']}"),
    )
    note = row["method"]["prior_note"]
    return "\n".join([*said, *([f"Prior: {note}"] if note and not row["ebgm_refused"] else [])])
