"""Coded concepts of FHIR: which analyte, finding, scale or drug a code or its text stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from stormwatch import analytes, terms
from stormwatch.analytes import Analyte
from stormwatch.sources import presence
from stormwatch.sources.draft import Rejected
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.terms import Scale, Term

SYSTEMS = {
    "http://loinc.org": "loinc",
    "http://snomed.info/sct": "snomed",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
}

Observed = Analyte | Scale | Term
T = TypeVar("T", bound=Observed)


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept: its codes in systems that are read, all its codes, and its names."""

    codes: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    label: str

    @property
    def name(self) -> str:
        """How the record words it: text, display or code."""
        return self.names[0] if self.names else self.label


def concept(holder: Node, key: str) -> Concept:
    inside = node(holder, key)
    codings = nodes(inside, "coding")
    codes = tuple((_system(coding), text(coding, "code")) for coding in codings)
    names = (text(inside, "text"), *(text(coding, "display") for coding in codings))
    shown = [code for _, code in codes if code]
    named = tuple(name for name in names if name)
    return Concept(tuple(c for c in codes if c[0] and c[1]), named, (shown + list(named) + ["no code"])[0])


def observed(what: Concept) -> Observed | None:
    """What an Observation observes. Its name counts only where it has no LOINC code: a LOINC code that is not ours is
    a different test, and a different test may bear the same name (albumin in urine).

    Raises:
        Rejected: its codes stand for different things.
    """
    found = _only(_observed_by_code(system, code) for system, code in what.codes)
    if found is None and not any(system == "loinc" for system, _ in what.codes):
        return _first(observed_by_name, what.names)
    return found


def finding(what: Concept) -> Term | None:
    """The finding a Condition or Procedure states, by its codes, or else by its exact name."""
    found = _only(terms.finding_by_code(system, code) for system, code in what.codes)
    return found or _first(terms.finding_by_name, what.names)


def drug(what: Concept) -> Term | None:
    """The drug: by RxNorm code, then by ATC code, then by exact name."""
    for wanted in ("rxnorm", "atc"):
        found = _only(terms.drug_by_code(system, code) for system, code in what.codes if system == wanted)
        if found is not None:
            return found
    return _first(terms.drug_by_name, what.names)


def present(answer: Concept) -> bool | None:
    """Whether a coded answer says present or absent; None when it says neither, or both."""
    coded = {presence.of_code(system, code) for system, code in answer.codes} - {None}
    said = coded or {presence.of_text(name) for name in answer.names} - {None}
    return said.pop() if len(said) == 1 else None


def observed_by_name(name: str) -> Observed | None:
    """An analyte, a scale or a finding that has exactly this name."""
    return analytes.by_name(name) or terms.scale_by_name(name) or terms.finding_by_name(name)


def _observed_by_code(system: str, code: str) -> Observed | None:
    analyte = analytes.by_code("loinc", code) if system == "loinc" else None
    return analyte or terms.scale_by_code(system, code) or terms.finding_by_code(system, code)


def _only(candidates: Iterable[T | None]) -> T | None:
    found = {(type(c), c.id): c for c in candidates if c is not None}
    if len(found) > 1:
        raise Rejected("its codes stand for different things")
    return next(iter(found.values()), None)


def _first(by_name: Callable[[str], T | None], names: Iterable[str]) -> T | None:
    return next((found for name in names if (found := by_name(name)) is not None), None)


def _system(coding: Node) -> str:
    return SYSTEMS.get(text(coding, "system").rstrip("/"), "")
