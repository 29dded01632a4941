"""Codes for the reported words of a case: set where a dictionary has the very term, proposed with scores elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from stormwatch.safety.case import Group
from stormwatch.safety.coding.matching import Match, matches
from stormwatch.safety.coding.meddra import MedDra
from stormwatch.safety.coding.whodrug import WhoDrug
from stormwatch.safety.paths import groups, step

# Where the words stand, and which elements hold the version and the code of the term.
_PLACES = (
    ("E.i", ("E.i.1.2", "E.i.1.1a"), "E.i.2.1a", "E.i.2.1b"),
    ("F.r", ("F.r.2.1",), "F.r.2.2a", "F.r.2.2b"),
    ("G.k.7.r", ("G.k.7.r.1",), "G.k.7.r.2a", "G.k.7.r.2b"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Reported words without a code, and the nearest terms. ``element`` is the one that wants the code."""

    path: str
    element: str
    words: str
    nearest: tuple[Match, ...]

    @property
    def text(self) -> str:
        """What is missing and what is near, for a check.

        >>> Proposal("E.i[1]", "E.i.2.1b", "rash", ()).text
        'codes are missing: reported words have no code, and no term is near'
        """
        if not self.nearest:
            return "codes are missing: reported words have no code, and no term is near"
        near = "; ".join(f"{one.name} ({one.score:.0f})" for one in self.nearest)
        return f"codes are missing: nearest terms: {near}"


def coded(case: Group, meddra: MedDra) -> Group:
    """A copy in which words that are the very name of a current term have its code. Codes already there stay.

    Medical history becomes coded entries (D.7.1.r) where each term is found so; the words stay beside it.
    """
    made = deepcopy(case)
    for _, group, words, version, code in _uncoded(made):
        term = meddra.named(words)
        if term is not None:
            group.set(version, meddra.version).set(code, term.code)
    if not made.each("D.7.1.r"):
        for held in made.each("SW.history"):
            term = meddra.named(held.get("SW.history.term") or "")
            if term is not None:
                item = made.add("D.7.1.r").set("D.7.1.r.1a", meddra.version).set("D.7.1.r.1b", term.code)
                item.set("D.7.1.r.2", held.get("SW.history.start"))
    return made


def propose(case: Group, meddra: MedDra | None = None) -> tuple[Proposal, ...]:
    """Every reported term without a code; with a dictionary, the nearest terms and their scores.

    >>> case = Group("case")
    >>> _ = case.add("E.i").set("E.i.1.1a", "rash")
    >>> [(one.path, one.element) for one in propose(case)]
    [('E.i[1]', 'E.i.2.1b')]
    """
    names = [] if meddra is None else [one.name for one in meddra.terms.values() if one.current]
    return tuple(
        Proposal(path, code, words, matches(words, names) if names else ())
        for path, _, words, _, code in _uncoded(case)
    )


def drug_matches(case: Group, whodrug: WhoDrug) -> tuple[tuple[str, str, tuple[Match, ...]], ...]:
    """The drugs of a case with the nearest names of the user's WHODrug: path, name as reported, names with scores."""
    names = [one.name for one in whodrug.drugs.values()]
    return tuple(
        (step("G.k", drug, position), drug.get("G.k.2.2") or "", matches(drug.get("G.k.2.2") or "", names))
        for position, drug in enumerate(case.each("G.k"), start=1)
    )


def _uncoded(case: Group) -> Iterator[tuple[str, Group, str, str, str]]:
    for number, words, version, code in _PLACES:
        for path, group in groups(case):
            if group.number != number:
                continue
            said = next((group.get(name) for name in words if group.get(name)), None)
            if said and group.get(code) is None:
                yield path, group, said, version, code
