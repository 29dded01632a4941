"""The file of decisions: one line of JSON for each, only ever added to, so that nothing a reviewer said is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from stormwatch.errors import InputError, UsageError

Answer = Literal["yes", "no", "cannot tell", "taken back"]
ANSWERS: tuple[Answer, ...] = ("yes", "no", "cannot tell", "taken back")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a patient had the syndrome, by whom and when (ISO 8601 with its offset).

    ``flagged`` says whether the run had flagged the patient; reviewers never see it. ``taken back`` undoes the
    reviewer's last decision about the patient.
    """

    patient: str
    syndrome: str
    answer: Answer
    reviewer: str
    at: str
    flagged: bool

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS or not self.reviewer or datetime.fromisoformat(self.at).tzinfo is None:
            raise ValueError("not a decision")


def read_decisions(path: Path) -> list[Decision]:
    """The decisions that stand: the last one of each reviewer about each patient, unless it was taken back.

    Raises:
        InputError: the file cannot be read, or a line is no decision.
    """
    standing: dict[tuple[str, str, str], Decision] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            one = Decision(**json.loads(line))
        except (ValueError, TypeError):
            raise InputError(f"{path.name}: line {number} is no decision; correct or remove it") from None
        standing.pop((one.patient, one.syndrome, one.reviewer), None)
        if one.answer != "taken back":
            standing[one.patient, one.syndrome, one.reviewer] = one
    return list(standing.values())


def add_decision(path: Path, one: Decision) -> None:
    """Write a decision, safely on the disk before this returns. Raises UsageError when that fails."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise UsageError(f"{path.name}: the decision cannot be written ({problem.strerror}); it is not kept") from None


def agreed(found: Iterable[Decision]) -> tuple[dict[str, bool], int, int]:
    """Patients with one clear answer, how many have answers that differ, and how many nobody could tell.

    >>> def said(reviewer, answer):
    ...     return Decision("7", "crs", answer, reviewer, "2024-03-02T06:00:00+00:00", True)
    >>> agreed([said("A", "yes"), said("B", "cannot tell")])
    ({'7': True}, 0, 0)
    """
    answers: dict[str, set[str]] = {}
    for one in found:
        answers.setdefault(one.patient, set()).add(one.answer)
    clear = {patient: said - {"cannot tell"} for patient, said in answers.items()}
    told = {patient: said == {"yes"} for patient, said in clear.items() if len(said) == 1}
    return told, sum(len(said) == 2 for said in clear.values()), sum(not said for said in clear.values())


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path.name}: the file of decisions cannot be read") from None
