"""The Naranjo scale on answers that may be open: the total is a range, and so is the category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from stormwatch.errors import UsageError
from stormwatch.facts import Interval, plain
from stormwatch.safety.case import Group

QUESTIONS = tuple(f"q{number}" for number in range(1, 11))
ANSWERS = ("yes", "no", "not known")
_ASKS_NOT_KNOWN = frozenset({"q2", "q4", "q5", "q6"})
FIELD = "SW.naranjo."
# Answers have no date; any moment serves, and it is always the same one.
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Naranjo:
    """The total, exact over every way the open questions could be answered, and the categories it may fall in."""

    total: Interval
    categories: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def text(self) -> str:
        """``possible to probable (2 to 7)``, or ``possible (3)`` when nothing is open.

        >>> naranjo({name: "not known" for name in QUESTIONS}).text
        'doubtful (0)'
        """
        named = self.categories[0] if len(self.categories) == 1 else f"{self.categories[0]} to {self.categories[-1]}"
        low, high = plain(self.total.low), plain(self.total.high)
        return f"{named} ({low})" if low == high else f"{named} ({low} to {high})"


def naranjo(answers: Mapping[str, str | None]) -> Naranjo:
    """The total of answers to the ten questions (``q1`` to ``q10``): ``yes``, ``no``, ``not known``, or None.

    None, or no entry, is a question not answered: it stays open, and the total is the range over its answers. The
    points are those of the instrument ``naranjo``.

    Raises:
        UsageError: no such question, or no such answer.

    >>> naranjo({"q2": "yes", "q4": "no", "q5": "yes"}).categories
    ('doubtful', 'possible', 'probable')
    """
    for question, answer in answers.items():
        if question not in QUESTIONS:
            raise UsageError(f"Naranjo has no question {question!r}; they are q1 to q10")
        if answer is not None and answer not in ANSWERS:
            raise UsageError(f"Naranjo {question}: an answer is {', '.join(ANSWERS)}, or left out")
    total = _total(tuple((name, answers.get(name)) for name in QUESTIONS))
    return Naranjo(total, _categories(total), tuple(name for name in QUESTIONS if answers.get(name) is None))


def naranjo_of(link: Group) -> Naranjo | None:
    """The scale on the answers held with one drug and one reaction (``SW.naranjo.q1`` ...); None where none is held."""
    if not any(f"{FIELD}{name}" in link.fields for name in QUESTIONS):
        return None
    return naranjo({name: link.get(f"{FIELD}{name}") for name in QUESTIONS})


@cache
def _total(answers: tuple[tuple[str, str | None], ...]) -> Interval:
    import stormwatch as sw

    given: dict[str, str | bool] = {}
    for name, answer in answers:
        if answer in ("yes", "no"):
            given[f"naranjo_{name}"] = answer == "yes"
        elif answer == "not known" and name in _ASKS_NOT_KNOWN:
            given[f"naranjo_{name}_not_known"] = True
        elif answer == "not known":
            # In these questions the publication gives no and not known the same 0 points.
            given[f"naranjo_{name}"] = False
    score = sw.assess(sw.answers(given, at=_MOMENT), "naranjo", at=_MOMENT).score
    assert score is not None
    return score


def _categories(total: Interval) -> tuple[str, ...]:
    """The published bands: 0 or less, 1 to 4, 5 to 8, 9 or more."""
    bands = (("doubtful", -4, 0), ("possible", 1, 4), ("probable", 5, 8), ("definite", 9, 13))
    return tuple(name for name, low, high in bands if total.low <= high and total.high >= low)
