"""The answer in a few plain sentences, read off the payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stormwatch.signals.report.thresholds import ABOVE, BELOW, TOO_FEW, rules

Payload = Mapping[str, Any]


def answer(made: Payload) -> list[str]:
    """What was counted, what the measures and thresholds say, whether it holds elsewhere, and when it began."""
    main, *others = made["analyses"]
    sentences = [_counted(made, main), _measured(main), _called(main), *(_elsewhere(one, main) for one in others)]
    return [*sentences, *_over_time(made["trend"]), *_described(made)]


def shown(value: float | None) -> str:
    """A number in a few digits; what is undefined is a dash.

    >>> shown(12.345), shown(0.0004), shown(None), shown(585.99)
    ('12.3', '0.0004', '–', '586')
    """
    if value is None:
        return "–"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def span(row: Payload, measure: str, low: str, high: str) -> str:
    """A value with its limits."""
    if row[measure] is None:
        return "not defined"
    limits = "no interval" if row[low] is None else f"{shown(row[low])} to {shown(row[high])}"
    return f"{shown(row[measure])} ({limits})"


def _reports(count: int) -> str:
    return f"{count:,} report" if count == 1 else f"{count:,} reports"


def _counted(made: Payload, main: Payload) -> str:
    drug, event = made["asked"]["drug"]["label"], made["asked"]["event"]["label"]
    names = "names" if main["n"] == 1 else "name"
    expected = "nothing can be expected" if main["expected"] is None else f"{shown(main['expected'])} would be expected"
    return (
        f"{_reports(main['n'])} of {main['reports']:,} {names} {drug} and {event}; {expected} "
        "if the two had nothing to do with each other."
    )


def _measured(main: Payload) -> str:
    ratios = f"ROR {span(main, 'ror', 'ror025', 'ror975')}, IC {span(main, 'ic', 'ic025', 'ic975')}"
    if main["ebgm_refused"]:
        return f"Crude: {ratios}. {main['ebgm_refused'].partition(':')[0]}; why stands under the table of measures."
    return f"Crude: {ratios}, EBGM {span(main, 'ebgm', 'eb05', 'eb95')}."


def _called(main: Payload) -> str:
    said = list(main["judged"].values())
    if set(said) == {TOO_FEW}:
        return f"No threshold calls this a signal: all ask for more than {_reports(main['n'])}."
    above, judged = said.count(ABOVE), said.count(ABOVE) + said.count(BELOW)
    text = f"{above} of {judged} thresholds that can be applied call it a signal of disproportionate reporting"
    left = len(rules()) - judged
    return f"{text}; {left} cannot be applied." if left else f"{text}."


def _elsewhere(one: Payload, main: Payload) -> str:
    if one["expected"] is None:
        return f"{_capital(one['title'])}: nothing can be compared ({_reports(one['n'])})."
    ror = f"ROR {span(one, 'ror', 'ror025', 'ror975')}, IC {span(one, 'ic', 'ic025', 'ic975')}"
    return f"{_capital(one['title'])}: {_reports(one['n'])}, {shown(one['expected'])} expected; {ror}."


def _over_time(trend: list[Payload]) -> Iterator[str]:
    rule = rules()["ic025"]
    first = next((row for row in trend if rule.judge(row) == ABOVE), None)
    if first is not None:
        yield f"IC025 was first above 0, on at least {rule.least} reports, in {first['quarter']} (n = {first['n']})."


def _described(made: Payload) -> Iterator[str]:
    onset = made["onset"]
    if onset["usable"]:
        quartiles = f"quartiles {onset['q1']:g} and {onset['q3']:g}"
        yield (
            f"Median time to onset {onset['median']:g} days ({quartiles}), in the {onset['usable']:,} of "
            f"{_reports(onset['reports'])} that give both dates."
        )
    deaths = [row["reports"] for row in made["description"]["outcomes"] if row["code"] == "DE"]
    if deaths:
        yield f"Death is among the outcomes in {_reports(deaths[0])}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
