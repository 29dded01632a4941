"""Looks up findings, charted scales and drugs by name or code.

A name or code that nobody listed gives None: an unknown word in a record is never guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TypeVar

from stormwatch.errors import UnknownName
from stormwatch.terms.tables import SYSTEMS, Scale, Term, classes, drugs, findings, fold, scales

_Coded = TypeVar("_Coded", Term, Scale)


def finding_by_code(system: str, code: str | int) -> Term | None:
    """The finding that a code states to be present, or None.

    >>> finding_by_code("snomed", "16294009").title
    'Splenomegaly'
    """
    return _finding_codes().get(_key(system, code))


def finding_by_name(name: str) -> Term | None:
    """The finding with this name, or None. British and American spellings are both listed."""
    return _finding_names().get(fold(name))


def scale_by_code(system: str, code: str | int) -> Scale | None:
    """The charted scale with this code, or None."""
    return _scale_codes().get(_key(system, code))


def scale_by_name(name: str) -> Scale | None:
    """The charted scale with this name, or None."""
    return _scale_names().get(fold(name))


def drug_by_code(system: str, code: str | int) -> Term | None:
    """The drug with this code, or None."""
    return _drug_codes().get(_key(system, code))


def drug_by_name(name: str) -> Term | None:
    """The drug whose ingredient or brand name the text is, or begins with as whole words; None when there is none.

    The longest such name counts. What follows (strength, form, brand) is not looked at, so the route is the
    reader's business.

    >>> drug_by_name("Blinatumomab 35 mcg vial").id
    'blinatumomab'
    >>> drug_by_name("no blinatumomab today") is None
    True
    """
    words = fold(name).split()
    starts = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((drug for start in starts if (drug := _drug_names().get(start))), None)


def drugs_in_class(name: str) -> frozenset[str]:
    """The ids of all drugs of a class.

    Raises:
        UnknownName: there is no such class.
    """
    if name not in classes():
        nearest = ", ".join(get_close_matches(name, classes())) or "none is near"
        raise UnknownName(f"no drug class is called {name!r}; nearest: {nearest}")
    return frozenset(drug.id for drug in drugs().values() if name in drug.classes)


def _key(system: str, code: str | int) -> tuple[str, str]:
    """A code as it is looked up; records write ICD-10 with and without its dot."""
    text = str(code).strip()
    return system, text.replace(".", "").upper() if system == "icd10" else text


def _by_code(terms: Mapping[str, _Coded]) -> dict[tuple[str, str], _Coded]:
    return {_key(system, c): term for term in terms.values() for system in SYSTEMS for c in term.codes[system]}


def _by_name(terms: Mapping[str, _Coded]) -> dict[str, _Coded]:
    return {fold(name): term for term in terms.values() for name in term.names}


@cache
def _finding_codes() -> dict[tuple[str, str], Term]:
    return _by_code(findings())


@cache
def _finding_names() -> dict[str, Term]:
    return _by_name(findings())


@cache
def _scale_codes() -> dict[tuple[str, str], Scale]:
    return _by_code(scales())


@cache
def _scale_names() -> dict[str, Scale]:
    return _by_name(scales())


@cache
def _drug_codes() -> dict[tuple[str, str], Term]:
    return _by_code(drugs())


@cache
def _drug_names() -> dict[str, Term]:
    return _by_name(drugs())
