"""The four elements without which there is no case: patient, reporter, reaction, suspect drug (ICH E2D)."""

from __future__ import annotations

from dataclasses import dataclass

from stormwatch.safety.case import Group

_PATIENT = ("D.1", "D.1.1.1", "D.1.1.2", "D.1.1.3", "D.1.1.4", "D.2.1", "D.2.2a", "D.2.3", "D.5")
_REPORTER = ("C.2.r.1.4", "C.2.r.1.2", "C.2.r.2.1", "C.2.r.4")
_SUSPECT = ("1", "3")


@dataclass(frozen=True, slots=True)
class Minimum:
    """One of the four: whether it is there, by which elements, or what would make it so."""

    name: str
    present: bool
    elements: tuple[str, ...]
    missing: str


def minimum(case: Group) -> tuple[Minimum, ...]:
    """The four minimum elements of a case, each present or with what is missing.

    >>> [one.name for one in minimum(Group("case")) if not one.present]
    ['identifiable patient', 'identifiable reporter', 'reaction', 'suspect drug']
    """
    return (_patient(case), _reporter(case), _reaction(case), _drug(case))


def _patient(case: Group) -> Minimum:
    found = tuple(number for number in _PATIENT if case.get(number))
    return Minimum("identifiable patient", bool(found), found, "initials, sex, age, age group or date of birth")


def _reporter(case: Group) -> Minimum:
    found = tuple(number for one in case.each("C.2.r") for number in _REPORTER if one.get(number))
    return Minimum("identifiable reporter", bool(found), found, "name, organisation or qualification of the reporter")


def _reaction(case: Group) -> Minimum:
    numbers = ("E.i.1.1a", "E.i.1.2", "E.i.2.1b")
    found = tuple(number for one in case.each("E.i") for number in numbers if one.get(number))
    return Minimum("reaction", bool(found), found, "at least one reaction, in words or coded")


def _drug(case: Group) -> Minimum:
    suspects = [one for one in case.each("G.k") if one.get("G.k.1") in _SUSPECT]
    found = tuple(number for one in suspects for number in ("G.k.2.2", "G.k.2.1.1b") if one.get(number))
    return Minimum("suspect drug", bool(found), found, "at least one drug with the role suspect (G.k.1)")
