"""Trajectories: where a quantity stood before treatment, how far and how fast it went, and when it came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stormwatch.course.following import Following, Trajectory
from stormwatch.course.kinetics import ratio
from stormwatch.course.trajectory_rules import followed, trajectory_rules
from stormwatch.facts import Interval, Measurement, Timeline, usable_from

if TYPE_CHECKING:
    from stormwatch.course.exposure import DrugCourse

__all__ = ["Fall", "Trajectory", "fall", "trajectories", "trajectory_rules"]


@dataclass(frozen=True, slots=True)
class Fall:
    """How much of the peak was gone, in percent, at the last value within some days of it. A description only."""

    percent: Interval
    peak: Measurement
    later: Measurement


def trajectories(
    timeline: Timeline, drugs: Sequence[DrugCourse] = (), until: datetime | None = None
) -> tuple[Trajectory, ...]:
    """Every followed quantity that the record has, on what was known at ``until`` (default: the end of the record).

    The extreme is looked for from the first dose of a drug under suspicion on; without one, in the whole record, and
    then there is no baseline. A quantity that was never measured has no trajectory.

    >>> import stormwatch as sw
    >>> one = trajectories(sw.answers({"ferritin": "> 40000 ng/mL"}))[0]
    >>> str(one.bounds), one.why_not["fold"]
    ('> 40000', 'no baseline: no drug under suspicion is recorded')
    """
    moment = until or timeline.end
    if moment is None:
        return ()
    found = ((name, how, _known(timeline, name, moment)) for name, how in followed().items())
    return tuple(Following(name, how, points, drugs).trajectory() for name, how, points in found if points)


def fall(trajectory: Trajectory, days: int = 3) -> Fall | None:
    """How far the quantity had fallen from its peak at the last value within ``days`` after it, without judgement.

    None for a nadir, and when there is no later value so soon. Studies of HLH describe the fall of ferritin so; their
    cut-offs were found in small cohorts of other patients and are not applied.
    """
    peak = trajectory.extreme
    if peak is None or followed()[trajectory.analyte].extreme == "lowest":
        return None
    limit = peak.time.latest + timedelta(days=days)
    later = [one for one in trajectory.points if peak.time.latest < one.time.latest <= limit]
    left = ratio(later[-1].value, peak.value) if later else None
    if left is None:
        return None
    percent = Interval((1 - left.high) * 100, (1 - left.low) * 100, left.high_closed, left.low_closed)
    return Fall(percent, peak, later[-1])


def _known(timeline: Timeline, analyte: str, moment: datetime) -> tuple[Measurement, ...]:
    return tuple(one for one in timeline.measurements.get(analyte, ()) if usable_from(one) <= moment)
