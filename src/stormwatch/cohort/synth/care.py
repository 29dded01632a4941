"""Drugs given, and what is found and charted at the bedside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from stormwatch.cohort.synth.clock import moment
from stormwatch.cohort.synth.illness import Course
from stormwatch.cohort.synth.record import Answer, Category, Dose
from stormwatch.cohort.synth.tables import table

_HALF_LIVES_TO_RESOLVE = 4


@dataclass(frozen=True, slots=True)
class Stay:
    """The moment of the first dose, and the last day of the record."""

    first: datetime
    end: float

    def moment(self, day: float) -> datetime:
        return moment(self.first, day)


def doses(random: Random, arm: str, stay: Stay, courses: Sequence[Course]) -> Iterator[Dose]:
    """All drugs, none of them after the end."""
    therapy = table("treatments")[arm]
    if arm == "blinatumomab":
        yield from _infusions(therapy, stay, courses)
    if arm == "car_t":
        yield Dose(random.choice(therapy["products"]), "given", stay.first)
    for row in therapy.get("before", ()):
        yield from (Dose(row["drug"], "given", stay.moment(day + 0.02)) for day in row["days"] if day + 0.02 < stay.end)
    for row in table("treatments")["besides"]:
        for course in courses:
            if course.key in row["courses"] and random.random() < row["chance"]:
                yield from _besides(row, course, stay)


def _infusions(therapy: Any, stay: Stay, courses: Sequence[Course]) -> Iterator[Dose]:
    """The label's steps, stopped at the first peak that stops them, and taken up once where the label says so."""
    stops = [course for course in courses if course.key in therapy["stopped_by"]]
    first = min(stops, key=lambda course: course.peak, default=None)
    held = min(stay.end, first.peak if first else stay.end)
    for step in therapy["steps"]:
        if step["from"] < held:
            yield _infusion(therapy, stay, step["from"], min(step["to"], held), step["amount"])
    if first is not None and len(stops) == 1 and first.key in therapy["restarted_after"]:
        start = first.peak + _HALF_LIVES_TO_RESOLVE * first.fade
        end = min(stay.end, start + therapy["again"]["days"])
        if start + 0.1 < end:
            yield _infusion(therapy, stay, start, end, therapy["again"]["amount"])


def _infusion(therapy: Any, stay: Stay, start: float, end: float, amount: int) -> Dose:
    return Dose("blinatumomab", "given", stay.moment(start), stay.moment(end), str(amount), therapy["unit"])


def _besides(row: Any, course: Course, stay: Stay) -> Iterator[Dose]:
    start = course.peak + row["hours"] / 24
    hours = row.get("for_hours")
    end = None if hours is None else min(stay.end, start + hours / 24)
    if start < stay.end and (end is None or start + 0.01 < end):
        yield Dose(row["drug"], row.get("said", "given"), stay.moment(start), None if end is None else stay.moment(end))


def history(random: Random, admitted: datetime) -> Iterator[Answer]:
    """What is known before treatment."""
    for row in table("signs")["history"]:
        if random.random() < row["chance"]:
            yield Answer(row["finding"], True, admitted)


def answers(random: Random, stay: Stay, courses: Sequence[Course]) -> Iterator[Answer]:
    """Findings asked for and answered; what nobody asked for is not stated."""
    for row in table("signs")["answers"]:
        chances = [(course, row["courses"][course.key]) for course in courses if course.key in row["courses"]]
        for course, chance in chances:
            if random.random() < chance:
                yield Answer(row["finding"], True, stay.moment(course.peak))
        if not chances and random.random() < row["otherwise"]:
            yield Answer(row["finding"], False, stay.moment(random.uniform(0, min(7, stay.end))))


def categories(stay: Stay, courses: Sequence[Course]) -> Iterator[Category]:
    """The category charted at the peak, and the one after the course is over."""
    for row in table("signs")["categories"]:
        for course in courses:
            if course.key in row["at_peak"]:
                yield Category(row["scale"], row["at_peak"][course.key], stay.moment(course.peak))
                over = course.peak + _HALF_LIVES_TO_RESOLVE * course.fade
                if over < stay.end:
                    yield Category(row["scale"], row["afterwards"], stay.moment(over))
