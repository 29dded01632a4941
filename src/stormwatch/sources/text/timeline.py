"""From what a report says to facts on a timeline, as any other record gives them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from stormwatch import analytes, terms
from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import (
    Exposure,
    Fact,
    Finding,
    Given,
    Interval,
    Level,
    Limit,
    Measurement,
    Origin,
    Patient,
    Timeline,
    When,
)
from stormwatch.sources.complete import complete_kinds
from stormwatch.sources.draft import Draft, Outside, Rejected
from stormwatch.sources.text.clock import DAY_ZERO, Clock, Unplaced, clock_of
from stormwatch.sources.text.contradictions import DEATH
from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.patients import ALL
from stormwatch.sources.text.reading import Reading
from stormwatch.sources.text.sentences import sentences

LABEL = "times are relative: day zero stands for the presentation, or else the first day of treatment, and is no date"
DATED = "times are dates of the text: day zero is that of the presentation, or else the first date"
WITH_A_VALUE = "a level in words whose value is given"
CHANGE = "a change, which says nothing about a reference limit"
_ENDS = {"withheld": "on-hold", "stopped": "stopped"}
"""What ends a drug, and how FHIR calls an administration that ended so."""
_OLDEST, _ADULT = 130, 18
_DENIAL = re.compile(r"\b(?:not|never)\b", re.IGNORECASE)
_Placed = Mapping[int, When | Unplaced]
"""When each mention is about, by the identity of the mention; those that are not said of the patient now have none."""

# The general name that the catalogue has for a diagnosis it does not list by itself.
_GENERAL_NAME = {"all": "malignancy_haematological"}


def timeline_of(reading: Reading, patient: str | None = None, complete: Iterable[str] = ()) -> Timeline:
    """The facts of one patient of a report.

    Only what is said of the patient as being so, or as not being so, becomes a fact; uncertain, hypothetical, past,
    family and literature mentions are counted as outside. Every fact's origin names its characters in the text.
    Words without a number ("elevated AST") become a level, a multiple of a limit the report need not state.

    Args:
        reading: the report.
        patient: number of the patient, when the report describes several.
        complete: as for any record.

    Raises:
        InputError: the report describes several patients and none is named.
        UnknownName: it describes no patient of this number.
    """
    vouched = complete_kinds(complete)
    number = _chosen(reading, patient)
    mine = [m for m in reading.mentions if m.patient in ("", ALL, number)]
    clock = clock_of(sentences(reading.document))
    placed = _placed(mine, clock)
    draft = Draft(reading.document.sources[0].file if reading.document.sources else "text")
    draft.labels = (LABEL if clock.zero == DAY_ZERO else DATED, *_by_model(mine))
    for mention in mine:
        record = f"chars {mention.start}-{mention.end}"
        draft.take(record, _facts, mention, mine, placed, draft)
    return draft.timeline(_person(number, mine, clock.zero), vouched)


def _by_model(mentions: Sequence[Mention]) -> Iterator[str]:
    """How much rests on the word of a language model."""
    alone = sum(mention.by_model_alone for mention in mentions)
    if alone:
        yield f"{alone} of its statements were found by a language model alone, and by no rule"


def _placed(mentions: Sequence[Mention], clock: Clock) -> _Placed:
    """When each mention is about, in the order of the text: the clock goes on with it."""
    found: dict[int, When | Unplaced] = {}
    for mention in mentions:
        if not _elsewhere(mention) and mention.kind not in (Kind.AGE, Kind.SEX):
            try:
                found[id(mention)] = clock.place(mention)
            except Unplaced as reason:
                found[id(mention)] = reason
    return found


def _elsewhere(mention: Mention) -> frozenset[Qualifier]:
    """Why it is not said of the patient here and now, negation apart."""
    return mention.qualifiers - {Qualifier.NEGATED}


def _chosen(reading: Reading, patient: str | None) -> str:
    if patient is None and len(reading.patients) > 1:
        numbers = ", ".join(reading.patients)
        raise InputError(f"the report describes several patients ({numbers}); name one of them")
    if patient is not None and patient not in reading.patients and (patient, reading.patients) != ("1", ("",)):
        raise UnknownName(
            f"the report describes no patient of this number; it has: {', '.join(reading.patients) or '1'}"
        )
    return patient if patient is not None and reading.patients != ("",) else reading.patients[0]


def _facts(mention: Mention, others: Sequence[Mention], placed: _Placed, draft: Draft) -> Iterator[Fact]:
    """The facts of one mention. Raises Outside and Rejected for the account."""
    if elsewhere := _elsewhere(mention):
        raise Outside(f"{min(elsewhere).value}: not said to be so of the patient now")
    if mention.kind in (Kind.AGE, Kind.SEX):
        return
    when = placed[id(mention)]
    if isinstance(when, Unplaced):
        raise Rejected(str(when))
    origin = draft.place(f"chars {mention.start}-{mention.end}").origin
    if mention.kind is Kind.LAB:
        yield _measurement(mention, when, origin)
    elif mention.kind is Kind.LEVEL:
        beside = [m for m in others if m.kind is Kind.LAB and m.name == mention.name]
        yield _level(mention, beside, placed, when, origin)
    elif mention.kind in (Kind.FINDING, Kind.DISEASE):
        yield _finding(mention, when, origin)
    elif mention.kind is Kind.DRUG:
        yield _exposure(mention, when, origin)
    elif mention.kind is Kind.INTERVENTION and mention.name in _ENDS and Qualifier.NEGATED not in mention.qualifiers:
        draft.facts = [_ended(fact, mention, when) for fact in draft.facts]
    elif mention.name == "outcome" and mention.word == "died":
        yield Finding("death", True, mention.text, when, when, origin)
    else:
        raise Outside(f"{mention.kind.value} {mention.name}")


def _measurement(mention: Mention, when: When, origin: Origin) -> Measurement:
    if mention.value is None:
        raise Rejected(mention.flags[0] if mention.flags else "no value")
    return Measurement(
        mention.name, mention.value, mention.text, when, when, origin, low=mention.low, high=mention.high
    )


def _level(
    mention: Mention, measured: Sequence[Mention], placed: _Placed, when: When, origin: Origin
) -> Measurement | Level:
    """A range of its own, a range over the limit printed with another value, or a multiple of a limit nobody printed.

    Where the value itself is printed for that time with a limit, the words add nothing.
    """
    value = _stated_level(mention)
    if not mention.relative_to:
        return Measurement(mention.name, value, mention.text, when, when, origin)
    found = {m.high if mention.relative_to == "uln" else m.low for m in measured}
    limits = [limit for limit in found if limit is not None and limit > 0]
    if limits and any(m.value is not None and placed.get(id(m)) == when for m in measured):
        raise Outside(WITH_A_VALUE)
    if len(limits) != 1:
        return Level(mention.name, Limit(mention.relative_to), value, mention.text, when, when, origin)
    low, high = (None, limits[0]) if mention.relative_to == "uln" else (limits[0], None)
    return Measurement(mention.name, value.affine(limits[0]), mention.text, when, when, origin, low, high)


def _stated_level(mention: Mention) -> Interval:
    """The range that the words state. Raises Outside where they deny one or tell a change."""
    cue = mention.detail("cue")
    if Qualifier.NEGATED in mention.qualifiers or mention.value is None or _DENIAL.search(cue):
        raise Outside("a level without a range")
    if any(word in cue.casefold() for word in data("levels.toml")["changes"]["words"]):
        raise Outside(CHANGE)
    if mention.name not in analytes.catalogue():
        raise Outside(f"level {mention.name}")
    return mention.value


def _finding(mention: Mention, when: When, origin: Origin) -> Finding:
    name = _GENERAL_NAME.get(mention.name, mention.name)
    if name not in terms.findings():
        raise Outside(f"{mention.kind.value} {mention.name}")
    return Finding(name, Qualifier.NEGATED not in mention.qualifiers, mention.text, when, when, origin)


def _exposure(mention: Mention, when: When, origin: Origin) -> Exposure:
    if mention.name not in terms.drugs():
        raise Outside(f"drug {mention.name}")
    actions = set(mention.detail("actions").split())
    if not mention.word and actions and actions <= _ENDS.keys():
        raise Outside("a drug named where it was stopped")
    given = Given.NOT_GIVEN if Qualifier.NEGATED in mention.qualifiers else Given.GIVEN
    return Exposure(
        mention.name, given, mention.text, when, when, origin, dose=mention.word, route=mention.detail("route")
    )


def _ended(fact: Fact, end: Mention, when: When) -> Fact:
    """An exposure told before its end, with that end."""
    if not isinstance(fact, Exposure) or fact.drug != end.word or fact.stop or fact.given is not Given.GIVEN:
        return fact
    return replace(fact, stop=when, status=_ENDS[end.name]) if when.latest >= fact.time.latest else fact


# --- the person --------------------------------------------------------------------------------------------------


def _person(number: str, mentions: Sequence[Mention], zero: datetime) -> Patient:
    stated = [m for m in mentions if not m.qualifiers]
    sexes = {m.name for m in stated if m.kind is Kind.SEX}
    sex = sexes.pop() if len(sexes) == 1 else ""
    died = any(m.name == "outcome" and m.word == "died" and DEATH not in m.flags for m in stated)
    ages = {(m.name, m.value, m.word): m for m in stated if m.kind is Kind.AGE}
    exact = [m for m in ages.values() if m.value is not None]
    age = exact[0] if len(exact) == 1 else next(iter(ages.values())) if len(ages) == 1 else None
    birth = _birth(age, zero) if age else None
    last = When(zero, zero + timedelta(days=366), "the end of the report") if died else None
    return Patient(number or "1", sex, birth, last)


def _birth(age: Mention, zero: datetime) -> When | None:
    """Every birthday that gives this age on day zero."""
    if age.value is None:
        spans = {"adult": (_ADULT, _OLDEST), "child": (0, _ADULT - 1)}
        return _born(*spans[age.word], 12, age.text, zero) if age.word in spans else None
    low, high = int(age.value.low), int(age.value.high)
    return {
        "years": lambda: _born(low, high, 12, age.text, zero),
        "months": lambda: _born(low, high, 1, age.text, zero),
    }.get(age.name, lambda: None)()


def _born(low: int, high: int, months: int, text: str, zero: datetime) -> When:
    """From the day after the birthday that would make the patient one step too old, to the day that is just enough."""
    first, last = _before((high + 1) * months, zero), _before(low * months, zero)
    return When(first + timedelta(days=1), last, text)


def _before(months: int, zero: datetime) -> datetime:
    """The day that many months before day zero; the last of its month where that month is shorter."""
    year, month = divmod(zero.year * 12 + zero.month - 1 - months, 12)
    return zero.replace(year=year, month=month + 1, day=min(zero.day, monthrange(year, month + 1)[1]))
