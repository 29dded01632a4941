"""One quantity worked out: baseline, extreme, fold change, doubling and halving time, time to normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import takewhile
from typing import TYPE_CHECKING

from stormwatch.course.kinetics import largest_gap_hours, ratio, twofold_hours
from stormwatch.course.trajectory_rules import Followed, trajectory_rules
from stormwatch.facts import Interval, Measurement

if TYPE_CHECKING:
    from stormwatch.course.exposure import DrugCourse


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One quantity over the record, in its canonical unit.

    ``extreme`` is the highest value (the lowest for fibrinogen and blood counts), ``bounds`` where the true extreme
    lies when some values are censored. ``fold`` is the extreme over the baseline. ``doubling`` and ``halving`` are in
    hours: for a peak before and after it, for a nadir after and before it. ``normal_after`` counts from the extreme.
    What is None has its reason in ``why_not``, and what is not has its facts in ``made_of``, both under the field's
    name. ``rule`` says how each is computed and whose choice that is.
    """

    analyte: str
    points: tuple[Measurement, ...]
    baseline: Measurement | None
    extreme: Measurement | None
    fold: Interval | None
    doubling: Interval | None
    halving: Interval | None
    normal_after: timedelta | None
    why_not: Mapping[str, str] = field(default_factory=dict)
    made_of: Mapping[str, tuple[Measurement, ...]] = field(default_factory=dict, repr=False)
    bounds: Interval | None = None
    rule: str = ""


class Following:
    """One quantity while it is worked out; ``why_not`` and ``made_of`` fill up on the way."""

    def __init__(
        self, analyte: str, how: Followed, points: tuple[Measurement, ...], drugs: Sequence[DrugCourse]
    ) -> None:
        self.analyte, self.how, self.points = analyte, how, points
        self.suspects = drugs
        self.why_not: dict[str, str] = {}
        self.made_of: dict[str, tuple[Measurement, ...]] = {}

    def trajectory(self) -> Trajectory:
        since = self._since()
        extreme = _extreme(since, self.how) if since else None
        baseline = self._baseline(extreme)
        return Trajectory(
            analyte=self.analyte,
            points=self.points,
            baseline=baseline,
            extreme=extreme,
            fold=self._fold(baseline, extreme, since),
            doubling=self._twofold("doubling", extreme, before=self.how.extreme == "highest"),
            halving=self._twofold("halving", extreme, before=self.how.extreme == "lowest"),
            normal_after=self._normal_after(extreme),
            why_not=self.why_not,
            made_of=self.made_of,
            bounds=_bounds(since, self.how) if since else None,
            rule=trajectory_rules().text,
        )

    def _since(self) -> tuple[Measurement, ...]:
        first = min((drug.first for drug in self.suspects), default=None)
        since = tuple(one for one in self.points if first is None or one.time.latest >= first)
        if not since:
            self.why_not["extreme"] = "no value since the first dose"
        return since

    def _baseline(self, extreme: Measurement | None) -> Measurement | None:
        if not self.suspects:
            self.why_not["baseline"] = "no drug under suspicion is recorded"
            return None
        if extreme is None:
            self.why_not["baseline"] = self.why_not["extreme"]
            return None
        hours = trajectory_rules().baseline_within_hours
        start = max(start for drug in self.suspects for start in _starts(drug) if start <= extreme.time.latest)
        earliest = start - timedelta(hours=hours)
        before = [one for one in self.points if earliest <= one.time.latest <= start and one is not extreme]
        if not before:
            self.why_not["baseline"] = f"no value in the {hours} h before the cycle began"
        return before[-1] if before else None

    def _fold(
        self, baseline: Measurement | None, extreme: Measurement | None, since: tuple[Measurement, ...]
    ) -> Interval | None:
        if not self.how.true_zero:
            self.why_not["fold"] = _NO_ZERO
        elif baseline is None:
            self.why_not["fold"] = f"no baseline: {self.why_not['baseline']}"
        elif extreme is not None:
            change = ratio(_bounds(since, self.how), baseline.value)
            if change is not None:
                self.made_of["fold"] = (baseline, extreme)
                return change
            self.why_not["fold"] = "the baseline may be zero"
        return None

    def _twofold(self, name: str, extreme: Measurement | None, *, before: bool) -> Interval | None:
        """The hours in which the quantity doubled or halved, on one side of the extreme; else the reason why not."""
        samples = () if extreme is None else self._run(extreme, before=before)
        if extreme is None:
            reason = self.why_not["extreme"]
        elif not self.how.true_zero:
            reason = _NO_ZERO
        else:
            reason = self._too_thin(samples, "before" if before else "after")
        hours = None if reason else twofold_hours(samples[0], samples[-1])
        if hours is None:
            self.why_not[name] = reason or "the order of the samples in time, or the size of the change, is open"
        else:
            self.made_of[name] = samples
        return hours

    def _run(self, extreme: Measurement, *, before: bool) -> tuple[Measurement, ...]:
        """The samples from the nearest one that certainly differs twofold to the extreme (or back); none if there is
        none."""
        place = next(place for place, one in enumerate(self.points) if one is extreme)
        side = self.points[place::-1] if before else self.points[place:]
        reached = next((i for i, one in enumerate(side) if i and _twofold(one, extreme, self.how)), None)
        run = () if reached is None else side[: reached + 1]
        return run[::-1] if before else run

    def _too_thin(self, samples: tuple[Measurement, ...], side: str) -> str:
        rules = trajectory_rules()
        if len(self.points) < rules.least_values:
            return f"{len(self.points)} values; at least {rules.least_values} are asked for"
        if not samples:
            return f"no value {side} the extreme is certainly twofold away from it"
        gap = largest_gap_hours(samples)
        if gap > rules.largest_gap_hours:
            return f"samples up to {gap:.0f} h apart; at most {rules.largest_gap_hours} h are asked for"
        return ""

    def _normal_after(self, extreme: Measurement | None) -> timedelta | None:
        if extreme is None:
            self.why_not["normal_after"] = self.why_not["extreme"]
            return None
        normal = _normality(self.points, self.how)
        place = next(place for place, one in enumerate(self.points) if one is extreme)
        back = len(normal) - len(list(takewhile(lambda one: one is True, reversed(normal[place:]))))
        if normal[place] is True:
            self.why_not["normal_after"] = "it was never outside the reference limit"
        elif all(one is None for one in normal[place:]):
            self.why_not["normal_after"] = "no reference limit recorded"
        elif back == len(normal):
            self.why_not["normal_after"] = "not certainly within the reference limit at the last value"
        else:
            self.made_of["normal_after"] = (extreme, self.points[back])
            return self.points[back].time.latest - extreme.time.latest
        return None


_NO_ZERO = "its scale has no true zero, so multiples mean nothing"


def _starts(drug: DrugCourse) -> list[datetime]:
    """The starts of its cycles; the first dose where cycles are not numbered."""
    return [drug.first, *(cycle.start for cycle in drug.cycles)]


def _extreme(points: Sequence[Measurement], how: Followed) -> Measurement:
    """The first of the values that are certainly worst: of censored ones, their finite end counts."""
    if how.extreme == "highest":
        return max(points, key=lambda one: (one.value.low, one.value.high))
    return min(points, key=lambda one: (one.value.high, one.value.low))


def _bounds(points: Sequence[Measurement], how: Followed) -> Interval:
    worse = Interval.larger if how.extreme == "highest" else Interval.smaller
    return reduce(worse, (one.value for one in points))


def _twofold(one: Measurement, extreme: Measurement, how: Followed) -> bool:
    """Whether a value is certainly at most half the peak, or at least twice the nadir."""
    if how.extreme == "highest":
        return one.value.high * 2 <= extreme.value.low
    return one.value.low >= extreme.value.high * 2


def _normality(points: Sequence[Measurement], how: Followed) -> list[bool | None]:
    """Of each value whether it is certainly within its limit; None without a limit so far."""
    found: list[bool | None] = []
    limit: Fraction | None = None
    for one in points:
        limit = (one.high if how.extreme == "highest" else one.low) or limit
        if limit is None:
            found.append(None)
        else:
            found.append(one.value.high <= limit if how.extreme == "highest" else one.value.low >= limit)
    return found
