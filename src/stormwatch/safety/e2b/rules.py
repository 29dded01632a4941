"""The rules that tie elements together, as data: a closed vocabulary of conditions over the elements of a case."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from stormwatch.errors import InstrumentError
from stormwatch.safety.case import Field, Group
from stormwatch.safety.e2b.elements import elements

Trail = tuple[Group, ...]
WORDS = frozenset(("present", "absent", "valued", "empty", "is", "isnt", "only", "same", "once", "unlike"))


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds or not at a place in a message; see ``data/rules.toml`` for the words."""

    numbers: tuple[str, ...]
    word: str
    values: frozenset[str]
    nulls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``scope`` is the group it is checked in, ``forms`` the forms it belongs to."""

    id: str
    element: str
    severity: str
    forms: frozenset[str]
    scope: str
    nth: int
    some: str
    initial: bool
    when: tuple[Condition, ...]
    then: tuple[Condition, ...]
    any: tuple[Condition, ...]
    text: str

    @property
    def is_numbered(self) -> bool:
        """Whether the id is FDA's, not one of ours."""
        return not self.id.startswith("ICH.")


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule that can be decided from the message alone."""
    tables = _tables()
    single = [_rule(table) for table in tables["rule"]]
    return (*single, *(rule for table in tables["pair"] for rule in _pair(table)))


def undecided(form: str = "fda", *, initial: bool | None = True) -> dict[str, str]:
    """The rules that are not decided, with what they ask: those no file can decide, and those nobody told enough for.

    All are FDA's, so under ``icsr`` there are none. Without ``initial`` the rules on first submissions are open.

    >>> sorted(undecided())
    ['R0105', 'R0106', 'W0008', 'W0009', 'W0012']
    >>> undecided("icsr", initial=None)
    {}
    """
    if form == "icsr":
        return {}
    untold = "whether the case is submitted for the first time decides it; say so"
    told = {} if initial is not None else {rule.id: untold for rule in rules() if rule.initial}
    return {**_tables()["undecided"], **told}


def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).with_name("data") / "rules.toml").read_text(encoding="utf-8"))


def _rule(table: dict[str, Any]) -> Rule:
    number = table["element"]
    forms = {"icsr", "fda"} if table.get("ich") else {"fda"}
    return Rule(
        id=table["id"],
        element=number,
        severity=table.get("severity", "reject"),
        forms=frozenset(forms & {table.get("only", "icsr"), table.get("only", "fda")}),
        scope=table.get("for") or elements()[number].home[-1],
        nth=table.get("nth", 0),
        some=table.get("some", ""),
        initial=table.get("initial", False),
        when=tuple(map(_condition, table.get("when", ()))),
        then=tuple(map(_condition, table.get("then", ()))),
        any=tuple(map(_condition, table.get("any", ()))),
        text=table["text"],
    )


def _pair(table: dict[str, Any]) -> list[Rule]:
    found = []
    for id_, number, other in zip(table["ids"], (table["a"], table["b"]), (table["b"], table["a"]), strict=True):
        if id_:
            text = f"given together with {other} ({elements()[other].words}), or not at all"
            parts = {"when": [[other, "present"]], "then": [[number, "present"]]}
            found.append(_rule({"id": id_, "element": number, "ich": True, "text": text, **parts}))
    return found


def _condition(row: list[str]) -> Condition:
    subject, word, *values = row
    numbers = tuple(number for part in subject.split("|") for number in _numbers(part))
    if word not in WORDS or not numbers:
        raise InstrumentError(f"rules.toml: {row!r} is no condition", where=subject)
    nulls = frozenset(value.removeprefix("null:") for value in values if value.startswith("null:"))
    return Condition(numbers, word, frozenset(value for value in values if not value.startswith("null:")), nulls)


def _numbers(subject: str) -> list[str]:
    if subject.endswith("*"):
        return [number for number in elements() if number.startswith(subject[:-1])]
    return [subject] if subject in elements() else []


def found(number: str, trail: Trail) -> list[Field]:
    """Every place of an element within the nearest group that holds both it and the end of the trail."""
    home = elements()[number].home
    shared = 0
    while shared < min(len(home), len(trail)) and trail[shared].number == home[shared]:
        shared += 1
    groups = [trail[shared - 1]]
    for level in home[shared:]:
        groups = [inner for group in groups for inner in group.each(level)]
    return [group.fields[number] for group in groups if number in group.fields]


def holds(condition: Condition, trail: Trail) -> bool:
    """Whether a condition holds at a place."""
    places = [place for number in condition.numbers for place in found(number, trail)]
    word = condition.word
    if word in ("present", "absent"):
        return bool(places) is (word == "present")
    if word in ("valued", "empty"):
        return any(place.value is not None for place in places) is (word == "valued")
    if word in ("is", "isnt"):
        return any(_matches(condition, place) for place in places) is (word == "is")
    if word == "only":
        return all(_matches(condition, place) for place in places)
    if word == "once":
        return len(places) == 1
    if word == "unlike":
        return not any(re.search(pattern, place.value or "") for pattern in condition.values for place in places)
    others = {place.value for number in condition.values for place in found(number, trail)}
    return not places or not others or {place.value for place in places} == others


def _matches(condition: Condition, place: Field) -> bool:
    return place.value in condition.values or (place.value is None and place.null in condition.nulls)


def breaks(rule: Rule, trail: Trail) -> bool:
    """Whether the message breaks a rule at a place where it applies."""
    if not all(holds(condition, trail) for condition in rule.when):
        return False
    if rule.some:
        inner = [(*trail, group) for group in trail[-1].each(rule.some)]
        return not any(all(holds(condition, place) for condition in rule.then) for place in inner)
    if not all(holds(condition, trail) for condition in rule.then):
        return True
    return bool(rule.any) and not any(holds(condition, trail) for condition in rule.any)
