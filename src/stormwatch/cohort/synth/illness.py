"""Which syndromes a patient gets, and their course: onset, rise to the peak, fading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from stormwatch.cohort.synth.tables import chance, rates, spread, table

SYNDROMES = ("crs", "icans", "mas", "sepsis", "tls")
"""What has a truth label. ``fever``, ``liver`` and ``aplasia`` are courses too, and have none."""

ARMS = ("blinatumomab", "car_t", "none")


@dataclass(frozen=True, slots=True)
class Course:
    """One course: ``key`` is its row in the tables (``crs2``), days count from the first dose."""

    syndrome: str
    key: str
    grade: int
    onset: float
    rise: float
    fade: float
    up: Mapping[str, float]
    down: Mapping[str, float]

    @property
    def peak(self) -> float:
        return self.onset + self.rise

    def strength(self, day: float) -> float:
        """Share of the peak at a day: 0 until the onset, 1 at the peak, halved with every half-life after it."""
        if day <= self.onset:
            return 0.0
        if day < self.peak:
            return (day - self.onset) / self.rise
        return float(0.5 ** ((day - self.peak) / self.fade))


def arm(random: Random) -> str:
    return random.choices(ARMS, [chance("arms", name) for name in ARMS])[0]


def courses(random: Random, of_arm: str) -> tuple[Course, ...]:
    """All courses of one patient. Chances that are printed for everyone hold for everyone, however they go together."""
    mas = random.random() < chance(of_arm, "mas")
    crs = _crs_grade(random, of_arm, mas)
    icans = _icans_grade(random, of_arm, mas, crs)
    grades = {"mas": int(mas), "crs": crs, "icans": icans}
    for name in ("sepsis", "tls", "liver"):
        grades[name] = int(random.random() < chance(of_arm, name))
    without_crs = 1 - chance(of_arm, "crs")
    grades["fever"] = int(not crs and random.random() < chance(of_arm, "fever") / without_crs)
    grades["aplasia"] = int(of_arm != "blinatumomab")
    return tuple(_course(random, of_arm, name, grade) for name, grade in grades.items() if grade)


def _crs_grade(random: Random, of_arm: str, mas: bool) -> int:
    """The grade by ASTCT, or 0. Chances without MAS are those that leave the printed ones for all patients."""
    anyone, high = _crs_chances(of_arm, mas)
    if random.random() >= anyone:
        return 0
    if random.random() < high:
        return 4 if random.random() < chance("together", "grade_4_of_high") else 3
    return 2 if random.random() < chance("together", "grade_2_of_low") else 1


def _crs_chances(of_arm: str, mas: bool) -> tuple[float, float]:
    """Chance of any CRS, and of grade 3 or more where there is CRS."""
    overall, p_mas = chance(of_arm, "crs"), chance(of_arm, "mas")
    if not overall:
        return 0.0, 0.0
    with_mas, high_with = chance("together", "crs_with_mas"), chance("together", "high_grade_with_mas")
    if mas:
        return with_mas, high_with
    without = (overall - p_mas * with_mas) / (1 - p_mas)
    if "high_grade_without_mas" in rates()[of_arm]:
        return without, chance(of_arm, "high_grade_without_mas") / without
    high = chance(of_arm, "crs_grade_3") - p_mas * with_mas * high_with
    return without, high / (1 - p_mas) / without


def _icans_grade(random: Random, of_arm: str, mas: bool, crs: int) -> int:
    group = "icans_with_mas" if mas else "icans_high_grade" if crs >= 3 else "icans_low_grade"
    name = group if group in rates()[of_arm] else "icans"
    if random.random() >= chance(of_arm, name):
        return 0
    grades = list(rates()["icans_grades"])
    return int(random.choices(grades, [chance("icans_grades", grade) for grade in grades])[0])


def _course(random: Random, of_arm: str, syndrome: str, grade: int) -> Course:
    key = f"{syndrome}{grade}" if syndrome in ("crs", "icans") else syndrome
    group = of_arm if syndrome in table("timing").get(of_arm, ()) else "any"
    onset, rise, fade = (spread("timing", group, syndrome, part).draw(random) for part in ("onset", "rise", "fade"))
    up, down = (dict(_peaks(random, key, way)) for way in ("up", "down"))
    return Course(syndrome, key, grade if key != syndrome else 0, onset, rise, fade, up, down)


def _peaks(random: Random, key: str, way: str) -> Iterator[tuple[str, float]]:
    for analyte in table("courses")[key][way]:
        yield analyte, spread("courses", key, way, analyte).draw(random)
