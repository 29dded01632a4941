"""From raw rows to analysed cases: the counts at each step, so that two analysts get the same number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """What a rule took out, and how many reports were left. ``reasons`` says how many for which reason."""

    rule: str
    out: int
    left: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps in order; what is left after one is what the next begins with."""

    start: int
    unit: str
    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        return self.steps[-1].left if self.steps else self.start

    def then(self, rule: str, left: int, reasons: Mapping[str, int] | None = None) -> Flow:
        """The flow with one more step, after which ``left`` remain.

        >>> Flow(5, "rows", ()).then("latest version of each case", 3).steps[0].out
        2
        """
        step = Step(rule, self.left - left, left, dict(reasons or {}))
        return Flow(self.start, self.unit, (*self.steps, step))

    def text(self) -> str:
        """One line a step, for people."""
        lines = [f"{self.start:>12,}  {self.unit}"]
        for step in self.steps:
            lines.append(f"{-step.out:>12,}  {step.rule}")
            lines.extend(f"{'':>12}    {count:,} {reason}" for reason, count in step.reasons.items())
            lines.append(f"{step.left:>12,}  left")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {"start": self.start, "unit": self.unit, "steps": [asdict(step) for step in self.steps]}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Flow:
        return cls(held["start"], held["unit"], tuple(Step(**step) for step in held["steps"]))


def flow_of(lines: int, rejected: Mapping[str, int], statuses: Mapping[str, int], duplicates: int) -> Flow:
    """The flow of a database: lines of the report files, then the rules that make cases of reports, in their order."""
    flow = Flow(lines, "reports in the files", ())
    flow = flow.then("rejected: the row cannot be read", flow.left - sum(rejected.values()), rejected)
    for status, rule in _RULES:
        flow = flow.then(rule, flow.left - statuses.get(status, 0))
    return flow.then("probable duplicate of another case", flow.left - duplicates)


_RULES: Sequence[tuple[str, str]] = (
    ("repeated", "the same report in another file or row; the newest counts"),
    ("superseded", "a later version of the case counts (FDA's rule)"),
    ("withdrawn", "the case is on a list of withdrawn cases"),
    ("incomplete", "no drug or no reaction is named"),
)


def merged(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by reason, added up."""
    found: dict[str, int] = {}
    for one in counts:
        for reason, count in one.items():
            found[reason] = found.get(reason, 0) + count
    return found
