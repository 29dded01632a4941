"""Whom a reviewer sees: everyone flagged, and a sample of the others, in an order that gives nothing away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stormwatch.cohort.store import Tables
from stormwatch.course.judging import judges
from stormwatch.errors import UsageError

_FLAGGED = """
SELECT patient, bool_or(standing = 'met' AND list_contains(?, instrument)) FROM standing GROUP BY patient
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A patient to review. ``flagged``: an instrument of the syndrome was certainly met."""

    patient: str
    flagged: bool


def instruments_of(syndrome: str) -> list[str]:
    """The instruments that judge a syndrome. Raises UsageError when there is no such syndrome."""
    known = {judge.syndrome for judge in judges()}
    if syndrome not in known:
        raise UsageError(f"no syndrome is called {syndrome!r}; there are: {', '.join(sorted(known))}")
    return [judge.instrument for judge in judges() if judge.syndrome == syndrome and judge.holds != "never"]


def flags(into: Path, syndrome: str) -> dict[str, bool]:
    """For every patient with facts, whether an instrument of the syndrome was certainly met."""
    with Tables(into) as tables:
        return dict(tables.rows(_FLAGGED, [instruments_of(syndrome)]))


def chosen(flagged: dict[str, bool], unflagged: int, seed: int) -> list[Chosen]:
    """Everyone flagged and so many others, drawn and mixed by the seed; the same seed gives the same list."""
    drawn = _mixed((patient for patient, is_so in flagged.items() if not is_so), f"draw {seed}")[:unflagged]
    everyone = [patient for patient, is_so in flagged.items() if is_so] + drawn
    return [Chosen(patient, flagged[patient]) for patient in _mixed(everyone, f"order {seed}")]


def _mixed(patients: Iterable[str], salt: str) -> list[str]:
    return sorted(patients, key=lambda one: hashlib.sha256(f"{salt}\n{one}".encode()).digest())
