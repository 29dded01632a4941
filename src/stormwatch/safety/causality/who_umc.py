"""The WHO-UMC categories from stated conditions, with every category that is still possible.

Conditions and categories are those of the WHO-UMC system for standardised case causality assessment (box 2 of
PMC6039921). The system asks for judgement; here each condition is an answer of its own, so that the category follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from stormwatch.errors import UsageError
from stormwatch.safety.case import Group

FIELD = "SW.who-umc."
CATEGORIES = ("certain", "probable", "possible", "unlikely")
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "time": ("plausible", "improbable"),
    "others": ("cannot explain", "unlikely", "could explain"),
    "withdrawal": ("plausible", "lacking or unclear"),
    "definitive": ("yes", "no"),
    "rechallenge": ("satisfactory", "not needed", "not satisfactory"),
}
"""The conditions and their answers: time to drug intake; disease or other drugs; response to withdrawal; an event
definitive pharmacologically or phenomenologically; rechallenge."""


@dataclass(frozen=True, slots=True)
class WhoUmc:
    """Every category the open conditions still allow, strongest first.

    ``open`` are conditions not answered. While there are any, "conditional" is a category too: more data are needed.
    """

    categories: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def text(self) -> str:
        """``possible``, or ``probable to possible``; with open conditions it says that more data are needed for them.

        >>> who_umc({"time": "plausible", "withdrawal": "lacking or unclear"}).text
        'possible'
        """
        if len(self.categories) == 1:
            return self.categories[0]
        return f"{self.categories[0]} to {self.categories[-1]}"


def who_umc(answers: Mapping[str, str | None]) -> WhoUmc:
    """The categories that conditions allow; a condition that is None or left out is tried with every answer.

    Raises:
        UsageError: no such condition, or no such answer.

    >>> who_umc({"time": "plausible", "others": "unlikely", "withdrawal": "plausible"}).text
    'probable'
    """
    for name, answer in answers.items():
        if name not in CONDITIONS:
            raise UsageError(f"WHO-UMC has no condition {name!r}; they are {', '.join(CONDITIONS)}")
        if answer is not None and answer not in CONDITIONS[name]:
            raise UsageError(f"WHO-UMC {name}: an answer is {', '.join(CONDITIONS[name])}, or left out")
    held = {name: answers.get(name) for name in CONDITIONS}
    choices = [[answer] if answer is not None else list(CONDITIONS[name]) for name, answer in held.items()]
    found = {_category(dict(zip(CONDITIONS, each, strict=True))) for each in product(*choices)}
    categories = tuple(name for name in CATEGORIES if name in found)
    return WhoUmc(categories, tuple(name for name, answer in held.items() if answer is None))


def who_umc_of(link: Group) -> WhoUmc | None:
    """The categories by the conditions held with one drug and one reaction; None where none is held."""
    if not any(f"{FIELD}{name}" in link.fields for name in CONDITIONS):
        return None
    return who_umc({name: link.get(f"{FIELD}{name}") for name in CONDITIONS})


def _category(held: Mapping[str, str]) -> str:
    """The category of complete conditions. With an improbable time, it is unlikely whatever else holds (ours)."""
    if held["time"] == "improbable":
        return "unlikely"
    if held["withdrawal"] != "plausible" or held["others"] == "could explain":
        return "possible"
    if held["others"] == "cannot explain" and held["definitive"] == "yes" and held["rechallenge"] != "not satisfactory":
        return "certain"
    return "probable"
