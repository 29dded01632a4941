"""Dechallenge and rechallenge as values: what was changed, what was given with it, what followed, and its codes."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal

from stormwatch import terms
from stormwatch.course.episodes import Episode
from stormwatch.course.infusions import Hold, Infusion
from stormwatch.errors import UnknownName
from stormwatch.facts import Exposure
from stormwatch.logic.truth import Truth

DechallengeOutcome = Literal["positive", "negative", "confounded", "not assessable"]
RechallengeOutcome = Literal["recurred", "did not recur", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Coded:
    """A value of an E2B(R3) data element: the element, its code and what the code means."""

    element: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Dechallenge:
    """What followed when the drug was stopped or reduced in an episode.

    ``at`` is the moment of the change, None when nothing was changed. ``hold`` is None when the dose was only changed.
    ``treatments`` are the drugs against the event that could explain what followed. ``improved`` tells whether the
    episode got better, whatever the reason. ``not_given_again`` is the code for no rechallenge, where the drug was
    stopped and the record has no restart.
    """

    drug: str
    episode: Episode
    at: datetime | None
    hold: Hold | None
    treatments: tuple[Exposure, ...]
    outcome: DechallengeOutcome
    improved: Truth
    why: str
    action: Coded
    not_given_again: Coded | None = None


@dataclass(frozen=True, slots=True)
class Rechallenge:
    """What followed when the drug was given again after a hold.

    ``episode`` is the one that preceded the hold, ``after`` the length of the hold. ``observed`` is the time from the
    restart to the last moment at which the criteria could be judged on something recorded since, and no longer.
    """

    drug: str
    episode: Episode
    restart: Infusion
    mcg_per_day: Fraction | None
    after: timedelta
    premedication: tuple[Exposure, ...]
    outcome: RechallengeOutcome
    recurrence: Episode | None
    observed: timedelta
    why: str
    recurred: Coded


@dataclass(frozen=True, slots=True)
class Window:
    """Which drugs count, how far from the change they count, and why: a choice of ours."""

    drugs: frozenset[str]
    span: timedelta
    why: str


# E2B(R3), ICH ICSR data elements.
_CODES = {
    "G.k.8": {
        "1": "Drug withdrawn",
        "2": "Dose reduced",
        "3": "Dose increased",
        "4": "Dose not changed",
        "0": "Unknown",
        "9": "Not applicable",
    },
    "G.k.9.i.4": {
        "1": "yes - yes (rechallenge was done, reaction recurred)",
        "2": "yes - no (rechallenge was done, reaction did not recur)",
        "3": "yes - unk (rechallenge was done, outcome unknown)",
        "4": "no - n/a (no rechallenge was done, recurrence is not applicable)",
    },
}


def coded(element: str, code: str) -> Coded:
    """A value of a data element with its meaning.

    Raises:
        UnknownName: the element has no such code.

    >>> coded("G.k.8", "1").text
    'Drug withdrawn'
    """
    try:
        return Coded(element, code, _CODES[element][code])
    except KeyError:
        raise UnknownName(f"E2B(R3) element {element} has no code {code}") from None


@cache
def window(name: Literal["treatment", "premedication", "observation", "onset"]) -> Window:
    """The window of a name: its drugs, its length and the reason for it.

    >>> window("treatment").span.days
    3
    """
    text = files("stormwatch.course").joinpath("data/challenge.toml").read_text("utf-8")
    table = tomllib.loads(text)[name]
    drugs = frozenset(table.get("drugs", ())).union(*map(terms.drugs_in_class, table.get("classes", ())))
    return Window(drugs, timedelta(hours=table["hours"]), table["why"])


def began(episode: Episode) -> datetime:
    """When the facts behind an onset were recorded as having been: results can become known after the drug was held."""
    return episode.onset if episode.about is None else min(episode.onset, episode.about)


def names(exposures: Collection[Exposure]) -> str:
    """Drugs in words, each once with the number of administrations: ``tocilizumab, dexamethasone (12 doses)``."""
    counts = Counter(one.drug for one in exposures)
    return ", ".join(f"{_title(drug)}{f' ({count} doses)' if count > 1 else ''}" for drug, count in counts.items())


def _title(drug: str) -> str:
    return terms.drugs()[drug].title.lower()
