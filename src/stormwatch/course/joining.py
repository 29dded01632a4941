"""Administrations of one drug as infusions: in time order, without overlaps, the bags of one rate joined."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

from stormwatch.course.amounts import mcg_per_day, milligrams
from stormwatch.course.infusions import Infusion
from stormwatch.facts import Exposure, Timeline, When, usable_from

HELD = {"stopped": "recorded as stopped", "on-hold": "recorded as on hold"}
"""Statuses by which a record says that a drug was stopped before its time."""


def administration(exposure: Exposure, timeline: Timeline, until: datetime, *, continuous: bool) -> Infusion:
    """One administration as known at ``until``: an end that lies later is not known yet, so it is running."""
    kg = _weight(timeline, exposure.time.latest) if "kg" in f"{exposure.rate} {exposure.dose}".casefold() else None
    start = exposure.time.latest
    stop = None if exposure.stop is None else max(exposure.stop.latest, start)
    running = exposure.running or (stop is not None and stop > until)
    stop = None if running else stop
    return Infusion(
        drug=exposure.drug,
        start=start,
        stop=stop,
        running=running,
        mcg_per_day=mcg_per_day(exposure, kg=kg) if continuous else None,
        mg=None if continuous else milligrams(exposure, kg=kg),
        recorded=exposure.rate or exposure.dose,
        status="" if running and not exposure.running else exposure.status,
        facts=(exposure,),
        open_ended=continuous and stop is None and not running,
        spans=((start, stop),),
        ends=None if stop is None else exposure.stop,
    )


def _weight(timeline: Timeline, at: datetime) -> Fraction | None:
    """The latest body weight known at a moment, in kg; None when none is recorded as one number."""
    weights = timeline.measurements.get("weight", ())
    taken = bisect_right(weights, at, key=lambda fact: fact.time.latest)
    latest = next((weights[i] for i in reversed(range(taken)) if usable_from(weights[i]) <= at), None)
    return Fraction(latest.value.low) if latest is not None and latest.value.is_point else None


def joined(bags: Iterable[Infusion], bag_change: timedelta) -> tuple[list[Infusion], bool]:
    """The infusions that bags make, and whether some overlapped: then the later one counts from its start."""
    runs: list[_Run] = []
    overlapped = False
    for bag in sorted(bags, key=lambda one: (one.start, one.last)):
        if runs and _goes_on(runs[-1].so_far, bag, bag_change):
            runs[-1].add(bag)
            continue
        if runs and _overlap(runs[-1].so_far, bag):
            runs[-1].cut(bag.start)
            overlapped = True
        runs.append(_Run(bag))
    return [run.infusion for run in runs], overlapped


def least_gap(before: Infusion, after: Infusion) -> timedelta | None:
    """The shortest pause that the recorded times allow between two infusions; None when an end is not recorded."""
    if before.stop is None:
        return None
    return max(after.fact.time.earliest - before.stop, timedelta())


def greatest_gap(before: Infusion, after: Infusion) -> timedelta | None:
    """The longest pause that the recorded times allow."""
    return None if before.ends is None else after.start - before.ends.earliest


def may_pause(before: Infusion, after: Infusion) -> bool:
    """Whether the recorded times leave room for a pause; two days without times do, and bags hung at once do not."""
    longest = greatest_gap(before, after)
    return longest is not None and longest > timedelta()


def _goes_on(before: Infusion, bag: Infusion, bag_change: timedelta) -> bool:
    """Whether a bag continues the infusion before it."""
    same = before.mcg_per_day == bag.mcg_per_day
    if not same or (bag.mcg_per_day is None and before.recorded != bag.recorded) or before.open_ended:
        return False
    gap = least_gap(before, bag)
    if before.status in HELD and gap is not None:
        return before.stop == bag.stop or not may_pause(before, bag)
    return gap is None or gap < bag_change


class _Run:
    """Bags that follow each other, while they are being joined."""

    def __init__(self, bag: Infusion) -> None:
        self.so_far = bag
        self._facts = list(bag.facts)
        self._spans = list(bag.spans)

    def add(self, bag: Infusion) -> None:
        """A bag hung later says how the infusion went on, unless it ended inside the one before."""
        before = self.so_far
        end = bag if bag.running or before.running or bag.last >= before.last else before
        self.so_far = replace(
            before, stop=end.stop, running=end.running, status=end.status, open_ended=end.open_ended, ends=end.ends
        )
        self._facts += bag.facts
        self._add_span(*bag.spans[0])

    def cut(self, moment: datetime) -> None:
        """End it where the next one begins."""
        self.so_far = replace(self.so_far, stop=moment, running=False, status="", ends=When.at(moment))
        self._spans = [(a, moment if b is None or b > moment else b) for a, b in self._spans if a <= moment]

    @property
    def infusion(self) -> Infusion:
        return replace(self.so_far, facts=tuple(self._facts), spans=tuple(self._spans))

    def _add_span(self, start: datetime, stop: datetime | None) -> None:
        begun, ended = self._spans[-1]
        if ended is not None and ended < start:
            self._spans.append((start, stop))
        else:
            self._spans[-1] = (begun, None if stop is None else max(ended or stop, stop))


def _overlap(before: Infusion, bag: Infusion) -> bool:
    return before.running or (before.stop is not None and before.stop > bag.start)
