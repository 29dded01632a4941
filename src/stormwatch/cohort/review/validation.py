"""Each instrument against the reviewers: sensitivity, specificity, predictive values, by how much was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stormwatch.cohort.outputs.attrition import add_asks
from stormwatch.cohort.review.choosing import flags, instruments_of
from stormwatch.cohort.review.decisions import Decision, agreed
from stormwatch.cohort.review.exact import Share
from stormwatch.cohort.store import Tables
from stormwatch.errors import InputError
from stormwatch.instruments.instrument import Instrument

STRATA = ("every question answered", "half or more answered", "less than half answered")
_READ = """
WITH questions AS (SELECT instrument, count(DISTINCT label) AS asked FROM asks GROUP BY instrument),
answered AS (
    SELECT instrument, patient, count(DISTINCT label) AS answered
    FROM recorded JOIN asks USING (kind, name) GROUP BY ALL
)
SELECT instrument, patient, standing, coalesce(answered, 0), asked
FROM standing JOIN questions USING (instrument) LEFT JOIN answered USING (instrument, patient)
WHERE list_contains(?, instrument) AND list_contains(?, patient)
"""

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One reviewed patient by one instrument."""

    patient: str
    standing: str
    stratum: str
    truth: bool


@dataclass(frozen=True, slots=True)
class Fourfold:
    """A test against the truth."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    def shares(self) -> dict[str, Share]:
        """
        >>> Fourfold(8, 2, 2, 88).shares()["sensitivity"].value
        0.8
        """
        tp, fp, fn, tn = self.true_positive, self.false_positive, self.false_negative, self.true_negative
        return {
            "sensitivity": Share(tp, tp + fn),
            "specificity": Share(tn, tn + fp),
            "ppv": Share(tp, tp + fp),
            "npv": Share(tn, tn + fn),
        }


def validation(into: Path, instruments: list[Instrument], found: list[Decision], syndrome: str) -> Payload:
    """How the instruments of a syndrome did against what reviewers decided.

    Two tests are read from each instrument: certainly met, and met or possible. Patients about whom reviewers differ,
    or whom nobody could tell, are left out and counted. Where the unflagged were sampled, sensitivity and specificity
    are of those reviewed; ``whole`` has them for all patients, each reviewed one weighing as many as it stands for.

    Raises:
        InputError: the folder is no finished run, or there is no decision about this syndrome.
    """
    told, differ, untold = agreed(one for one in found if one.syndrome == syndrome)
    if not told:
        raise InputError(f"no clear decision about {syndrome} is in this file; adjudicate some patients first")
    flagged = flags(into, syndrome)
    weights = _weights(flagged, told)
    names = [name for name in instruments_of(syndrome) if name in {one.id for one in instruments}]
    with Tables(into) as tables:
        add_asks(tables, instruments)
        rows = tables.rows(_READ, [names, list(told)])
    cases: dict[str, list[Case]] = {}
    for name, patient, standing, answered, asked in rows:
        cases.setdefault(name, []).append(Case(patient, standing, _stratum(answered, asked), told[patient]))
    return {
        "syndrome": syndrome,
        "reviewed": len(told),
        "differ": differ,
        "cannot_tell": untold,
        "with_syndrome": sum(told.values()),
        "flagged": {"reviewed": sum(flagged.get(p, False) for p in told), "of": sum(flagged.values())},
        "unflagged": {
            "reviewed": sum(not flagged.get(p, True) for p in told),
            "of": len(flagged) - sum(flagged.values()),
        },
        "instruments": [_instrument(name, found, weights) for name, found in sorted(cases.items())],
    }


def _stratum(answered: int, asked: int) -> str:
    if answered == asked:
        return STRATA[0]
    return STRATA[1] if 2 * answered >= asked else STRATA[2]


def _weights(flagged: Mapping[str, bool], told: Iterable[str]) -> dict[str, float]:
    """How many patients each reviewed one stands for: those flagged alike, over those of them who were reviewed."""
    reviewed = [patient for patient in told if patient in flagged]
    of = {is_so: sum(one == is_so for one in flagged.values()) for is_so in (True, False)}
    seen = {is_so: sum(flagged[patient] == is_so for patient in reviewed) for is_so in (True, False)}
    return {patient: of[flagged[patient]] / seen[flagged[patient]] for patient in reviewed}


def _instrument(name: str, cases: list[Case], weights: Mapping[str, float]) -> Payload:
    tests = {"met": frozenset({"met"}), "met or possible": frozenset({"met", "possible"})}
    rows = []
    for test, positive in tests.items():
        for stratum in ("all", *STRATA):
            some = [case for case in cases if stratum in ("all", case.stratum)]
            if some:
                whole = _whole(some, positive, weights) if stratum == "all" else None
                rows.append({"test": test, "stratum": stratum, **_numbers(fourfold(some, positive)), "whole": whole})
    return {"instrument": name, "rows": rows}


def fourfold(cases: Iterable[Case], positive: frozenset[str]) -> Fourfold:
    """The four counts of a test."""
    counts = {(test, truth): 0 for test in (True, False) for truth in (True, False)}
    for case in cases:
        counts[case.standing in positive, case.truth] += 1
    return Fourfold(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def _numbers(found: Fourfold) -> Payload:
    shares = {
        name: {"count": one.count, "of": one.of, "value": one.value, "low": one.low, "high": one.high}
        for name, one in found.shares().items()
    }
    counts = {name: getattr(found, name) for name in Fourfold.__slots__}
    return {**counts, **shares}


def _whole(cases: Iterable[Case], positive: frozenset[str], weights: Mapping[str, float]) -> Payload:
    """Sensitivity and specificity for all patients of the run, by weighting; without an interval."""
    sums = {(test, truth): 0.0 for test in (True, False) for truth in (True, False)}
    for case in cases:
        sums[case.standing in positive, case.truth] += weights[case.patient]
    ill, well = sums[True, True] + sums[False, True], sums[True, False] + sums[False, False]
    return {
        "sensitivity": sums[True, True] / ill if ill else None,
        "specificity": sums[False, False] / well if well else None,
    }
