"""The words for inputs, criteria and numbers. Everything a person reads is phrased here."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from stormwatch import analytes, terms
from stormwatch.facts import Exposure, Fact, Finding, Interval, Level, Limit, Measurement, plain
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import AgeInput, DrugInput, FindingInput, Input, LabInput, Relative, SexInput
from stormwatch.logic.truth import Truth

_PROPER = {"Cornell", "Cushing", "Glasgow"}
_RELATIVE = {
    Relative.ULN: "over its upper limit of normal",
    Relative.LLN: "over its lower limit of normal",
    Relative.BASELINE: "over its value before treatment",
}
_LIMITS = {Limit.ULN: "× ULN", Limit.LLN: "× LLN", Limit.BASELINE: "× the value before treatment"}


def span(within: timedelta | None) -> str:
    """``72 h``, ``14 d``, ``ever``."""
    if within is None:
        return "ever"
    hours = within.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours <= 96 else f"{hours / 24:.0f} d"


def question(which: Input) -> str:
    """What an input asks, such as ``highest ferritin within 72 h``."""
    if isinstance(which, LabInput):
        over = f" {_RELATIVE[which.relative_to]}" if which.relative_to else ""
        over += " before treatment" if which.at_baseline else ""
        return f"{which.take.value} {name_of(which)}{over}{_window(which.within)}"
    if isinstance(which, FindingInput):
        return f"{name_of(which)}{_window(which.within)}"
    if isinstance(which, DrugInput):
        return f"{name_of(which)} given{_window(which.within)}"
    return name_of(which)


def name_of(which: Input) -> str:
    """The short name of what an input asks for."""
    if isinstance(which, LabInput):
        return _lower_first(analytes.analyte(which.analyte).title)
    if isinstance(which, FindingInput):
        return _lower_first(terms.findings()[which.finding].title)
    if isinstance(which, DrugInput):
        return which.label.replace("_", " ")
    if isinstance(which, SexInput):
        return f"sex {which.sex}"
    return "age" if isinstance(which, AgeInput) else "death"


def amount(value: Truth | Interval) -> str:
    """``met``, ``35`` or ``0 to 35``."""
    return value.value if isinstance(value, Truth) else score_range(value)


def score_range(value: Interval) -> str:
    """A score as one number, or as the range it can still take."""
    if value.is_point:
        return plain(value.low)
    return f"{plain(value.low)} to {plain(value.high)}"


def condition(node: n.Node) -> str:
    """One node in words, without its parts."""
    if isinstance(node, n.TruthItem | n.NumberItem):
        return node.title
    if isinstance(node, n.Compare):
        return _comparison(node)
    if isinstance(node, n.Present | n.Read):
        return question(node.input)
    return _JOINS.get(type(node), type(node).__name__.lower())


def source(fact: Fact) -> str:
    return fact.origin.record


def fact_words(fact: Fact) -> str:
    """A fact as recorded: ``ferritin 10749 ng/mL``; a level in words with what they mean: ``AST > 1 × ULN``."""
    if isinstance(fact, Measurement):
        return f"{_lower_first(analytes.analyte(fact.analyte).title)} {fact.recorded}"
    if isinstance(fact, Level):
        return f"{_lower_first(analytes.analyte(fact.analyte).title)} {fact.value} {_LIMITS[fact.relative_to]} (words)"
    if isinstance(fact, Finding):
        return f"{_lower_first(terms.findings()[fact.name].title)}: {'present' if fact.present else 'absent'}"
    assert isinstance(fact, Exposure)
    return f"{fact.drug.replace('_', ' ')} {fact.given.value}"


def clock(moment: datetime, zone: tzinfo) -> str:
    """A moment to the minute in the record's own zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _comparison(node: n.Compare) -> str:
    printed = node.printed or plain(node.cutoff)
    if isinstance(node.number, n.Read):
        if isinstance(node.number.input, DrugInput):
            return f"{question(node.number.input)}: {printed} or more"
        return f"{question(node.number.input)} {node.op.value} {printed}"
    if isinstance(node.number, n.Count):
        return f"at least {printed}"
    return f"score {node.op.value} {printed}"


def _window(within: timedelta | None) -> str:
    return "" if within is None else f" within {span(within)}"


def _lower_first(text: str) -> str:
    """Lower case for the middle of a sentence, leaving names and abbreviations alone."""
    first = text.partition(" ")[0]
    if first in _PROPER or first[1:2] == "-" or any(c.isupper() or c.isdigit() for c in first[1:]):
        return text
    return text[:1].lower() + text[1:]


_JOINS: dict[type[n.Node], str] = {
    n.All: "all of",
    n.Any: "any of",
    n.Not: "not",
    n.FirstRecorded: "by what was recorded",
    n.Undefined: "left undefined by the publication",
    n.WithheldTruth: "evidence unconfirmed: not allowed to decide",
    n.Count: "how many of",
    n.Sum: "sum of",
    n.Most: "worst of",
    n.Choose: "first row met",
    n.Linear: "sum of terms",
    n.Quotient: "quotient",
    n.Constant: "fixed",
}
