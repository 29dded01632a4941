"""One synthetic patient from its number and the seed of the cohort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from stormwatch.cohort.synth import care, illness, laboratory
from stormwatch.cohort.synth.clock import first_dose, moment
from stormwatch.cohort.synth.curves import Body
from stormwatch.cohort.synth.illness import SYNDROMES, Course
from stormwatch.cohort.synth.record import Label, SyntheticPatient
from stormwatch.cohort.synth.sampling import Ward, results
from stormwatch.cohort.synth.tables import chance, table

_AGES = (18, 80)  # ours
_LYMPHODEPLETION = 6  # days before CAR-T from which the record begins; ours
_BEFORE_BREAKFAST = 9 / 24  # before the first dose, of the first day: admission comes before the first draw; ours


def patients(count: int, seed: int) -> Iterator[SyntheticPatient]:
    """Patients 1 to ``count``, one at a time."""
    return (patient(number, seed) for number in range(1, count + 1))


def patient(number: int, seed: int) -> SyntheticPatient:
    """The patient of this number: the same for the same seed, whatever other patients are made.

    >>> patient(7, seed=1) == patient(7, seed=1)
    True
    """
    random = Random(f"stormwatch synth {seed} {number}")
    arm = illness.arm(random)
    site, first = laboratory.site(random), first_dose(random)
    courses = illness.courses(random, arm)
    death = _death(random, courses)
    start, end = -_LYMPHODEPLETION if arm == "car_t" else -1, _end(courses, death)
    body, stay = Body(random, courses), care.Stay(first, end)
    ward = Ward(site, first, start, end, arm != "none")
    admitted = moment(first, start - _BEFORE_BREAKFAST)
    found = sorted(results(random, ward, body, courses), key=lambda each: (each.time or each.known_at, each.known_at))
    return SyntheticPatient(
        number=number,
        arm=arm,
        site=site,
        sex=random.choice(("female", "male")),
        birth=_birth(random, first),
        death=None if death is None else stay.moment(death),
        first_dose=first,
        admitted=admitted,
        discharged=stay.moment(end),
        labels=tuple(_labels(first, courses)),
        results=tuple(found),
        answers=tuple(sorted(care.answers(random, stay, courses), key=lambda each: each.time)),
        categories=tuple(sorted(care.categories(stay, courses), key=lambda each: each.time)),
        doses=tuple(sorted(care.doses(random, arm, stay, courses), key=lambda each: each.time)),
        history=tuple(care.history(random, admitted)),
    )


def _death(random: Random, courses: Sequence[Course]) -> float | None:
    """The day of death, after every peak: a syndrome in the labels is one that came."""
    for course in courses:
        if course.syndrome in ("mas", "sepsis") and random.random() < chance("together", f"death_after_{course.key}"):
            return max(each.peak for each in courses) + random.uniform(1, 8)
    return None


def _end(courses: Sequence[Course], death: float | None) -> float:
    if death is not None:
        return death
    days = table("panels")["days"]
    last = max((course.peak for course in courses), default=0.0)
    return float(max(days["follow_up"], last + days["after_peak"]))


def _birth(random: Random, first: datetime) -> date:
    low, high = _AGES
    return first.date() - timedelta(days=random.randint(low * 366, high * 365))


def _labels(first: datetime, courses: Sequence[Course]) -> Iterator[Label]:
    for course in courses:
        if course.syndrome in SYNDROMES:
            yield Label(course.syndrome, course.grade, moment(first, course.onset), moment(first, course.peak))
