"""A review: one patient after another, decisions kept as they are made, the last one can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stormwatch.cohort.review.choosing import Chosen
from stormwatch.cohort.review.decisions import Answer, Decision, add_decision, read_decisions

_KEYS: dict[str, Answer] = {"y": "yes", "n": "no", "c": "cannot tell"}
HELP = "y yes, n no, c cannot tell, u undo the last, s skip for now, q stop"


@dataclass(frozen=True, slots=True)
class Review:
    """What is asked of whom: the patients in order, the file, the syndrome, and who decides."""

    patients: Sequence[Chosen]
    decisions: Path
    syndrome: str
    reviewer: str

    def left(self) -> list[Chosen]:
        """Patients this reviewer has not decided about."""
        done = {
            one.patient
            for one in read_decisions(self.decisions)
            if (one.reviewer, one.syndrome) == (self.reviewer, self.syndrome)
        }
        return [one for one in self.patients if one.patient not in done]

    def decide(self, about: Chosen, answer: Answer, now: datetime) -> Decision:
        """Keep a decision."""
        said = Decision(about.patient, self.syndrome, answer, self.reviewer, now.isoformat(), about.flagged)
        add_decision(self.decisions, said)
        return said


def review(
    asked: Review,
    show: Callable[[str], str],
    ask: Callable[[str], str],
    tell: Callable[[str], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Go through the patients until none is left or the reviewer stops; how many decisions were made.

    ``show`` gives the record of a patient as text, blind; ``ask`` puts a question and gives the key pressed.
    """
    waiting, made = asked.left(), list[tuple[Chosen, Decision]]()
    total = len(asked.patients)
    while waiting:
        one = waiting.pop(0)
        tell(f"\nPatient {total - len(waiting)} of {total}\n{show(one.patient)}\n")
        key = _key(ask, tell, asked.syndrome)
        if key == "q":
            break
        if key in _KEYS:
            made.append((one, asked.decide(one, _KEYS[key], now())))
        elif key == "u":
            waiting.insert(0, one)
            if made:
                before, said = made.pop()
                add_decision(asked.decisions, replace(said, answer="taken back", at=now().isoformat()))
                waiting.insert(0, before)
            else:
                tell("Nothing was decided in this sitting that could be taken back.")
    return len(made)


def _key(ask: Callable[[str], str], tell: Callable[[str], None], syndrome: str) -> str:
    while True:
        key = ask(f"Did this patient have {syndrome}? ({HELP})").strip().casefold()[:1]
        if key in {*_KEYS, "u", "s", "q"}:
            return key
        tell(f"Press one of: {HELP}")
