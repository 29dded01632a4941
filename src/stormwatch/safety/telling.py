"""Reading fields for a sentence while keeping count of which ones it restates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stormwatch.safety.case import Group
from stormwatch.safety.dates import people
from stormwatch.safety.paths import field_at, step


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the paths of the fields it restates."""

    text: str
    paths: tuple[str, ...]


class Teller:
    """Reads the fields of a case for one sentence after another; each keeps the paths read since the one before."""

    def __init__(self, case: Group, common: Iterable[str] = ()) -> None:
        """``common`` are paths that every sentence restates, such as the name of the drug they are all about."""
        self._case = case
        self._common = tuple(common)
        self._paths: list[str] = []

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields read since the last sentence, and those common to all."""
        return tuple(dict.fromkeys((*self._common, *self._paths)))

    def value(self, path: str) -> str | None:
        """The value at a path, None where there is none."""
        held = field_at(self._case, path)
        if held is None or held.value is None:
            return None
        self._paths.append(path)
        return " ".join(held.value.split())

    def date(self, path: str) -> str:
        """A date as people read it, empty where there is none."""
        value = self.value(path)
        return "" if value is None else people(value)

    def coded(self, path: str, name: str) -> str:
        """What a code means, by the list of that name; the code itself where the list does not have it."""
        from stormwatch.safety.e2b.elements import codes

        value = self.value(path)
        return "" if value is None else codes(name).get(value, value)

    def term(self, at: str) -> str:
        """A reaction in words: as reported, otherwise its MedDRA code."""
        words = self.value(f"{at}/E.i.1.2") or self.value(f"{at}/E.i.1.1a")
        if words:
            return words
        code = self.value(f"{at}/E.i.2.1b")
        return f"The reaction with MedDRA code {code}" if code else "A reaction without a name"

    def reaction(self, id_: str | None) -> str:
        """The reaction that another group refers to."""
        for at, one in each(self._case, "E.i"):
            if one.id and one.id == id_:
                return self.term(at)
        return "The reaction"

    def keep(self) -> None:
        """What was read up to now is common to all further sentences."""
        self._common = tuple(dict.fromkeys((*self._common, *self._paths)))
        self._paths.clear()

    def end(self, text: str) -> Sentence:
        """The sentence, tied to every field read for it."""
        said = Sentence(text, tuple(dict.fromkeys((*self._common, *self._paths))))
        self._paths.clear()
        return said


def each(group: Group, number: str, at: str = "") -> Iterator[tuple[str, Group]]:
    """The groups of a number with their paths; ``at`` is the path of the group they stand in."""
    for position, inner in enumerate(group.each(number), start=1):
        yield f"{at}/{step(number, inner, position)}".lstrip("/"), inner
