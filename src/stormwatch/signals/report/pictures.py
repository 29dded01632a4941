"""What each figure shows, as plain data, with its title, what it says in words, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stormwatch.signals.report.answer import shown, span
from stormwatch.signals.report.thresholds import ABOVE, fewest, rules

Payload = dict[str, Any]

_PANELS = (
    ("ROR", "Reporting odds ratio, 95 % interval", ("ror", "ror025", "ror975"), True),
    ("PRR", "Proportional reporting ratio, 95 % interval", ("prr", "prr025", "prr975"), True),
    ("EBGM", "EBGM, 90 % interval", ("ebgm", "eb05", "eb95"), True),
    ("IC", "Information component, 95 % interval", ("ic", "ic025", "ic975"), False),
)
_CAUTIONS = {
    "flow": "The last number counts reports. It is no incidence: nobody knows how many took the drug.",
    "forest": "A disproportion compares shares of reports. It is no incidence and no risk, and it does not show that "
    "the drug caused the event.",
    "volcano": "High and far right is reported often and more than expected: neither an incidence nor a cause.",
    "growth": "Counts grow with use, publicity and reporting. The curve is no incidence and shows no cause.",
    "onset": "Times between two dates of reported cases only: neither an incidence over time nor a sign of a cause.",
}


def pictures(made: Mapping[str, Any]) -> list[Payload]:
    """The figures of the report; one with nothing to show is left out."""
    return [{**one, "caution": _CAUTIONS[one["kind"]]} for one in _all(made)]


def _all(made: Mapping[str, Any]) -> Iterator[Payload]:
    yield _flow(made)
    yield _forest(made)
    if made["scan"]["rows"]:
        yield _volcano(made)
    if made["trend"]:
        yield _growth(made)
    if made["onset"]["usable"]:
        yield _onset(made)


def _flow(made: Mapping[str, Any]) -> Payload:
    flow = made["flow"]
    last = flow["steps"][-1]["left"] if flow["steps"] else flow["start"]
    said = f"{flow['start']:,} {flow['unit']} lead by {len(flow['steps'])} steps to {last:,} cases of the pair."
    return {"kind": "flow", "title": "From the files to the cases", "said": said, "picture": flow}


def _forest(made: Mapping[str, Any]) -> Payload:
    panels: list[Payload] = [
        {"measure": name, "title": title, "log": log, "rows": [_interval(one, names) for one in made["analyses"]]}
        for name, title, names, log in _PANELS
    ]
    drawn = [panel for panel in panels if any(row["value"] is not None for row in panel["rows"])]
    left = [panel["measure"] for panel in panels if panel not in drawn]
    said = (
        "Each measure with its interval, by analysis; the line marks no disproportion. A hollow mark rests on fewer "
        f"than {fewest()} reports. Intervals that leave the picture end at its edge; the numbers beside them are whole."
    )
    if left:
        said += f" Not defined in any analysis, and not drawn: {', '.join(left)}."
    return {"kind": "forest", "title": "Measures by background", "said": said, "picture": {"panels": drawn or panels}}


def _interval(one: Mapping[str, Any], names: tuple[str, str, str]) -> Payload:
    value, low, high = (one[name] for name in names)
    text = f"n = {one['n']:,}: {span(one, *names)}"
    return {"title": one["title"], "text": text, "value": value, "low": low, "high": high, "few": one["n"] < fewest()}


def _volcano(made: Mapping[str, Any]) -> Payload:
    rule, scan = rules()["ic025"], made["scan"]
    points = [
        {"event": row["event"], "n": row["n"], "ic": row["ic"], "ic025": row["ic025"], "asked": row["asked"],
         "above": row["judged"]["ic025"] == ABOVE}
        for row in scan["rows"] if row["ic"] is not None
    ]  # fmt: skip
    above = sum(one["above"] for one in points)
    adjusted = f" (stratified by {', '.join(scan['strata'])})" if scan["strata"] else ""
    said = (
        f"{len(points):,} events reported with {made['asked']['drug']['label']}, by IC{adjusted} and reports. Filled: "
        f"IC025 above 0 on at least {rule.least} reports ({above:,} events). Square: a term of the event asked for. "
        "Names stand where they have room; the table has the strongest."
    )
    threshold = {"least": rule.least, "source": rule.source, "note": rule.note}
    picture = {"points": points, "threshold": threshold}
    return {"kind": "volcano", "title": "All events of the drug", "said": said, "picture": picture}


def _growth(made: Mapping[str, Any]) -> Payload:
    rows = made["trend"]
    last = rows[-1]
    said = (
        f"Reports of the pair and its IC with the 95 % interval, {rows[0]['quarter']} to {last['quarter']}; each point "
        f"uses all reports received so far. At the end n = {last['n']:,}, IC {span(last, 'ic', 'ic025', 'ic975')}."
    )
    picture = {"rows": [{key: row[key] for key in ("quarter", "n", "ic", "ic025", "ic975")} for row in rows]}
    return {"kind": "growth", "title": "How it grew, quarter by quarter", "said": said, "picture": picture}


def _onset(made: Mapping[str, Any]) -> Payload:
    onset, fitted = made["onset"], made["onset"]["weibull"]
    said = f"Days from the last start of therapy to the event, in the {onset['usable']:,} reports that give both dates."
    if fitted is None:
        said += " Too few or equal times for a Weibull distribution."
    else:
        limits = f"{shown(fitted['shape'])} ({shown(fitted['shape_low'])} to {shown(fitted['shape_high'])})"
        said += (
            f" Dashed: Weibull distribution, shape {limits} with 95 % limits of the {fitted['interval']}, scale "
            f"{shown(fitted['scale'])} days; {fitted['pattern']}. Day 0 counts as {onset['same_day_counts_as']} days."
        )
    picture = {
        "bands": [{"band": name, "reports": count} for name, count in onset["bands"].items()],
        "days": onset["days"], "weibull": fitted, "same_day": onset["same_day_counts_as"],
    }  # fmt: skip
    return {"kind": "onset", "title": "Time to onset", "said": said, "picture": picture}
