"""The value of an analyte at a moment: what is usual for the patient, moved by the courses under way."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from stormwatch.cohort.synth.illness import Course
from stormwatch.cohort.synth.tables import Usual, usual


class Body:
    """One patient's usual values and courses; ``values`` asks for several analytes at one moment."""

    def __init__(self, random: Random, courses: Sequence[Course]) -> None:
        self._courses = courses
        self._own = {analyte: each.person.draw(random) for analyte, each in usual().items()}

    def ill(self, day: float) -> float:
        """How ill the patient is: the largest share of its peak that a course has reached. Aplasia is expected."""
        return max((c.strength(day) for c in self._courses if c.key != "aplasia"), default=0.0)

    def values(self, analytes: Sequence[str], day: float, random: Random | None) -> dict[str, float]:
        """Canonical values; without ``random`` they have no noise. A part never exceeds its share of its whole."""
        strengths = [(course, s) for course in self._courses if (s := course.strength(day)) > 0.01]
        found = {analyte: self._value(analyte, strengths, random) for analyte in analytes}
        for analyte in analytes:
            known = usual()[analyte]
            if known.part_of in found:
                found[analyte] = min(found[analyte], known.share * found[known.part_of])
        return found

    def _value(self, analyte: str, strengths: Sequence[tuple[Course, float]], random: Random | None) -> float:
        known = usual()[analyte]
        value = self._own[analyte]
        for course, strength in strengths:
            if (peak := course.up.get(analyte)) is not None:
                value = _moved(known, value, max(value, peak), strength)
        # What falls goes last: consumption of fibrinogen outweighs the acute phase.
        for course, strength in strengths:
            if (peak := course.down.get(analyte)) is not None:
                value = _moved(known, value, min(value, peak), strength)
        if random is not None:
            value = _noisy(known, value, random)
        return min(max(value, known.keep[0]), known.keep[1])


def _moved(known: Usual, value: float, peak: float, strength: float) -> float:
    if known.linear or value <= 0 or peak <= 0:
        return value + (peak - value) * strength
    return float(value * (peak / value) ** strength)


def _noisy(known: Usual, value: float, random: Random) -> float:
    if not known.noise:
        return value
    step = random.gauss(0, known.noise)
    return value + step if known.linear else value * (1 + step if step > -0.9 else 0.1)
