"""Answers typed into a calculator, as a timeline of one moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction

from stormwatch import analytes, terms
from stormwatch.errors import UnknownName, UsageError
from stormwatch.facts import (
    Accounting,
    Exposure,
    Fact,
    Finding,
    Given,
    Interval,
    Measurement,
    Origin,
    Patient,
    Timeline,
    When,
    in_order,
)
from stormwatch.sources import presence
from stormwatch.sources.complete import complete_kinds
from stormwatch.sources.draft import Rejected, short
from stormwatch.sources.quantity import measured_text

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of answers that have no date. Nothing reads the clock, so that the same answers give the same result."""

_FILE = "answers"
_SEXES = ("female", "male", "other")
_NOT_ANSWERED = {"", "unknown"}
_AGE = re.compile(r"(?P<number>\d{1,3})\s*(?P<unit>a|y|years?|mo|months?)?", re.IGNORECASE)
_OLDEST_YEARS = 130
_LIMITS = ("_lln", "_uln")

Answer = str | bool


def answers_timeline(
    answers: Mapping[str, Answer], at: datetime | None = None, complete: Iterable[str] = ()
) -> Timeline:
    """A timeline of one moment from answers by name.

    Names are analyte ids (``"38.9 Cel"``, ``">40000 ng/mL"``), their reference limits (``"ast_uln": "40 U/L"``, or
    ``_lln``), finding ids (yes or no), ``drug:<id>`` (given or not), ``drug:<class>`` (no: none of them), ``age``
    (``"45 a"``, ``"6 mo"``) and ``sex``.
    An empty answer, and ``unknown``, is no answer: the question stays open.

    Raises:
        UsageError: a name is unknown (the message lists the nearest), an answer cannot be read, ``at`` has no zone,
            or a limit stands without its value.

    >>> timeline = answers_timeline({"temperature": "38.9 Cel", "splenomegaly": "no"})
    >>> (temperature,) = timeline.measurements["temperature"]
    >>> temperature.value
    Interval('38.9')
    """
    moment = _moment(at)
    given = {name: _text(answer) for name, answer in answers.items()}
    given = {name: text for name, text in given.items() if text.casefold() not in _NOT_ANSWERED}
    facts = [fact for name, text in given.items() for fact in _facts(name, text, given, moment)]
    patient = Patient(_FILE, sex=_sex(given.get("sex", "")), birth=_birth(given.get("age", ""), moment.latest))
    accounting = Accounting(used=len(given))
    return Timeline(patient, in_order(facts), complete=complete_kinds(complete), accounting=accounting)


def _facts(name: str, text: str, given: Mapping[str, str], moment: When) -> Iterator[Fact]:
    origin = Origin(_FILE, name)
    if name in {"age", "sex"}:
        return
    if name in analytes.catalogue():
        yield _measurement(name, text, given, moment, origin)
    elif name in terms.findings():
        yield Finding(name, _yes(name, text), text, moment, moment, origin)
    elif name.removeprefix("drug:") in terms.drugs() and name.startswith("drug:"):
        status = Given.GIVEN if _yes(name, text) else Given.NOT_GIVEN
        yield Exposure(name.removeprefix("drug:"), status, text, moment, moment, origin)
    elif name.removeprefix("drug:") in terms.classes() and name.startswith("drug:"):
        yield from _none_of(name.removeprefix("drug:"), name, text, moment, origin)
    elif not _is_limit(name):
        raise UnknownName(f"no question is called {short(name)!r}; nearest: {', '.join(_nearest(name)) or 'none'}")
    elif name[:-4] not in given:
        raise UsageError(f"{name} is the limit of a value that is not given; give {name[:-4]} too")


def _none_of(group: str, name: str, text: str, moment: When, origin: Origin) -> Iterator[Fact]:
    """That no drug of a class was given; which one was given has to be said by its name."""
    if _yes(name, text):
        raise UsageError(f"{name}: name the drug that was given, such as drug:{min(terms.drugs_in_class(group))}")
    for drug in sorted(terms.drugs_in_class(group)):
        yield Exposure(drug, Given.NOT_GIVEN, text, moment, moment, origin)


def _measurement(name: str, text: str, given: Mapping[str, str], moment: When, origin: Origin) -> Measurement:
    low, high = (_limit(name, given.get(f"{name}{suffix}", ""), suffix) for suffix in _LIMITS)
    if low is not None and high is not None and low > high:
        raise UsageError(f"{name}: the lower limit is above the upper one")
    return Measurement(name, _value(name, name, text), text, moment, moment, origin, low, high)


def _limit(name: str, text: str, suffix: str) -> Fraction | None:
    if not text:
        return None
    value = _value(f"{name}{suffix}", name, text)
    if not value.is_point:
        raise UsageError(f"{name}{suffix}: a limit is one number")
    return Fraction(value.low)


def _value(question: str, name: str, text: str) -> Interval:
    analyte = analytes.analyte(name)
    try:
        return measured_text(analyte, text)
    except Rejected as problem:
        raise UsageError(f"{question}: {problem}; give a number and its unit, such as one in {analyte.unit}") from None


def _yes(question: str, text: str) -> bool:
    said = presence.of_answer(text)
    if said is None:
        raise UsageError(f"{question}: answer yes or no")
    return said


def _sex(text: str) -> str:
    if text and text.casefold() not in _SEXES:
        raise UsageError(f"sex: answer {', '.join(_SEXES)} or unknown")
    return text.casefold()


def _birth(age: str, moment: datetime) -> When | None:
    """Every birthday that gives this age in completed years (or months) at the moment."""
    if not age:
        return None
    match = _AGE.fullmatch(age)
    months = int(match["number"]) * (1 if (match["unit"] or "a").casefold().startswith("mo") else 12) if match else -1
    if match is None or months > _OLDEST_YEARS * 12:
        raise UsageError("age: give completed years or months, such as 45 a or 6 mo")
    step = 1 if (match["unit"] or "a").casefold().startswith("mo") else 12
    first = _months_before(moment, months + step) + timedelta(days=1)
    return When(first, _months_before(moment, months), age)


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier; where the month is too short, its last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, moment.day - 4, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise UsageError("age: the birth would lie before the calendar begins")


def _moment(at: datetime | None) -> When:
    try:
        return When.at(at or UNDATED)
    except ValueError as problem:
        raise UsageError(f"at: {problem}") from None


def _text(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if not isinstance(answer, str):
        raise UsageError("an answer is a text, or true or false")
    return answer.strip()


def _is_limit(name: str) -> bool:
    return name.endswith(_LIMITS) and name[:-4] in analytes.catalogue()


def _nearest(name: str) -> list[str]:
    known = ["age", "sex", *analytes.catalogue(), *terms.findings(), *(f"drug:{drug}" for drug in terms.drugs())]
    return get_close_matches(name.casefold(), known, n=5, cutoff=0.5)
