"""Which patients lack what an instrument asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from stormwatch import analytes, terms
from stormwatch.errors import UnknownName
from stormwatch.facts import Timeline

Needs = Mapping[str, Sequence[str]]

_NEVER = {"analyte": "measured", "finding": "stated", "drug": "recorded"}


class Lacking:
    """Counts, for each instrument and each thing it asks, the patients whose record never says it.

    A need is the id of an analyte, a finding, a drug or a class of drugs. A derived value counts as measured; a drug
    class counts as recorded, too, where the finding of the same name is stated.

    Raises:
        UnknownName: a need is none of these.
    """

    def __init__(self, needs: Needs) -> None:
        self._needs = {instrument: tuple(dict.fromkeys(asked)) for instrument, asked in needs.items()}
        self._every = {need: _kind(need) for asked in self._needs.values() for need in asked}
        self._lacking: Counter[str] = Counter()
        self._with_all: Counter[str] = Counter()
        self._patients = 0

    def add(self, timeline: Timeline) -> None:
        self._patients += 1
        drugs = {exposure.drug for exposure in timeline.exposures}
        said = {*timeline.measurements, *timeline.findings}
        missing = {need for need in self._every if need not in said and not drugs & _members(need)}
        self._lacking.update(missing)
        self._with_all.update(name for name, asked in self._needs.items() if not missing & set(asked))

    def payload(self) -> list[dict[str, Any]]:
        """By instrument, what is lacking most first."""
        return [
            {
                "instrument": name,
                "patients_with_all": self._with_all[name],
                "of": self._patients,
                "needs": sorted((self._need(need) for need in asked), key=lambda one: -one["lacking"]),
            }
            for name, asked in self._needs.items()
        ]

    def _need(self, need: str) -> dict[str, Any]:
        kind, lacking = self._every[need], self._lacking[need]
        name = name_of(need)
        words = f"{name} never {_NEVER[kind]} in {lacking:,} of {self._patients:,}"
        return {"need": need, "name": name, "kind": kind, "lacking": lacking, "of": self._patients, "text": words}


def name_of(need: str) -> str:
    """Its title; that of an analyte as within a sentence, since none is a person's name alone.

    >>> name_of("ferritin"), name_of("gcs"), name_of("fever"), name_of("anti_cytokine")
    ('ferritin', 'Glasgow Coma Scale, total', 'Fever', 'Anti cytokine')
    """
    if need in analytes.catalogue():
        title = analytes.analyte(need).title
        return title.lower() if title[1:].islower() and title[1].isalpha() else title
    known = terms.findings().get(need) or terms.drugs().get(need)
    return known.title if known else need.replace("_", " ").capitalize()


def _kind(need: str) -> str:
    if need in analytes.catalogue():
        return "analyte"
    if need in terms.drugs() or need in terms.classes():
        return "drug"
    if need in terms.findings():
        return "finding"
    raise UnknownName(f"no analyte, finding, drug or drug class is called {need!r}")


@cache
def _members(need: str) -> frozenset[str]:
    """The drugs that answer a need."""
    if need in terms.classes():
        return terms.drugs_in_class(need)
    return frozenset({need}) & frozenset(terms.drugs())
