"""A feed: the patients of a source in chunks, always the same ones in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from stormwatch.cohort.portion import Portion


class Chunk(Protocol):
    """Some patients, read when asked for, in whatever process asks. It can be sent to another one."""

    def portion(self) -> Portion:
        """Raises InputError when the source cannot be read there."""


class Feed(Protocol):
    """Where chunks come from."""

    @property
    def rows(self) -> int | None:
        """How many rows of the source there are to read, where that is known beforehand."""

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        """Every chunk in order; None in the place of those that are done."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A chunk that was read already, because its source can be read only from the beginning."""

    held: Portion

    def portion(self) -> Portion:
        return self.held
