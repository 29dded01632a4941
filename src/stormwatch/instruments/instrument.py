"""A published instrument, ready to be evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from stormwatch.facts import Interval
from stormwatch.instruments.schema import InstrumentFile
from stormwatch.logic.evaluate import bounds
from stormwatch.logic.inputs import Input, TruthInput
from stormwatch.logic.knowledge import Knowledge, Known
from stormwatch.logic.nodes import NumberItem, NumberNode, TruthItem, TruthNode
from stormwatch.logic.truth import Truth

Item = TruthItem | NumberItem


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that belongs on the result: ``text`` when the criterion is met, ``untold`` when it is unknown."""

    when: TruthNode
    text: str
    untold: str = ""


@dataclass(frozen=True)
class Instrument:
    """One edition of one published instrument.

    ``score`` is a count, a sum of points, a grade or a formula; None where the publication has only a rule.
    ``verdict`` is the question whether the criteria are met; None where the publication gives no cut-off.
    ``hash`` is the SHA-256 of the definition file, so that a result can be traced to the exact text it came from.
    """

    definition: InstrumentFile
    hash: str
    items: tuple[Item, ...]
    score: NumberNode | None
    verdict: TruthNode | None
    population: tuple[Statement, ...] = ()
    confounders: tuple[Statement, ...] = ()

    @cached_property
    def full_range(self) -> Interval | None:
        """The lowest and highest score anyone could have; None without a score."""
        if self.score is None:
            return None
        values: dict[Input, Known] = {
            which: Truth.UNKNOWN if isinstance(which, TruthInput) else which.domain for which in self.score.inputs
        }
        return bounds(self.score, Knowledge(values, frozenset()))

    @property
    def id(self) -> str:
        return self.definition.id

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def edition(self) -> str:
        return self.definition.edition
