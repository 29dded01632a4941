"""The patient as dosing rows ask: weight, body surface area, age, indication, stated findings. Nothing by default."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormwatch.facts import Finding, Measurement, usable_from
from stormwatch.guidance.known import Check, DrugGiven, Value, compared
from stormwatch.guidance.situation import Situation
from stormwatch.guidance.words import INDICATIONS, spoken
from stormwatch.logic.truth import Truth

LOOK_BACK = timedelta(days=30)
"""How old a recorded weight or body surface area may be (ours: no document seen gives a limit)."""

_ADULT = 18
_NEVER_STATED = "why the drug is given: relapsed or refractory disease, residual disease, or a consolidation phase"
# Findings that decide an indication by themselves, as stated before the first dose.
_ACTIVE = ("relapse", "refractory_disease", "disease_progression")


def weight(patient: Situation, at: datetime) -> Value:
    """The latest body weight in kg known at a moment and no more than 30 days old."""
    return _latest(patient, "weight", "kg", at, "a body weight from the 30 days before")


def body_surface(patient: Situation, at: datetime) -> Value:
    """The latest body surface area in m2, recorded or derived, no more than 30 days old.

    The derived one is that of ``stormwatch.sources.derived`` (Mosteller unless another is asked for): labels state no
    formula.
    """
    return _latest(patient, "bsa", "m2", at, "a body surface area, or a weight and a height, from the 30 days before")


def _latest(patient: Situation, analyte: str, unit: str, at: datetime, missing: str) -> Value:
    values = [m for m in patient.timeline.measurements.get(analyte, ()) if usable_from(m) <= at]
    recent = [m for m in values if at - m.time.latest <= LOOK_BACK]
    if not recent:
        return Value(None, unit, (), missing)
    last: Measurement = max(recent, key=lambda m: m.time.latest)
    return Value(last.value, unit, (last,))


def weighs(patient: Situation, at: datetime, low: object, below: object) -> Check:
    """Whether the weight lies between two limits: ``low`` included, ``below`` not."""
    from fractions import Fraction

    from stormwatch.facts import plain

    lower = None if low is None else Fraction(str(low))
    upper = None if below is None else Fraction(str(below))
    limits = [f"{plain(lower)} kg or more"] if lower is not None else []
    limits += [f"below {plain(upper)} kg"] if upper is not None else []
    asked = " and ".join(limits)
    found = weight(patient, at)
    if found.number is None:
        return Check(Truth.UNKNOWN, f"for {asked}; no weight is at hand", (), found.missing)
    answer = compared(found.number, low=lower, below=upper)
    return Check(answer, f"for {asked}; {found.number} kg recorded", found.facts, "an exact body weight")


def aged(patient: Situation, at: datetime, wanted: str) -> Check:
    """Whether the patient is an adult (18 years or more, ours) or a child."""
    age = patient.timeline.patient.age_years(at)
    if age is None:
        return Check(
            Truth.UNKNOWN, f"for an {wanted}" if wanted == "adult" else f"for a {wanted}", (), "the birth date"
        )
    adult = Truth.of(age[0] >= _ADULT) if (age[0] >= _ADULT) == (age[1] >= _ADULT) else Truth.UNKNOWN
    years = str(age[0]) if age[0] == age[1] else f"{age[0]} or {age[1]}"
    answer = adult if wanted == "adult" else ~adult
    return Check(answer, f"for {'adults' if wanted == 'adult' else 'children'}; {years} years old", (), "the exact age")


def states(patient: Situation, at: datetime, name: str) -> Check:
    """Whether a finding was last stated to be present. What nobody stated is unknown."""
    last = _last(patient, name, at)
    if last is None:
        return Check(Truth.UNKNOWN, f"for {spoken(name)}, which is not stated", (), f"whether there is {spoken(name)}")
    said = "present" if last.present else "absent"
    return Check(Truth.of(last.present), f"for {spoken(name)}, stated to be {said}", (last,))


def indicated(patient: Situation, drug: DrugGiven | None, wanted: str) -> Check:
    """Whether the drug was begun for an indication, by what was stated before its first dose.

    Relapse, refractory disease or progression decides for relapsed or refractory disease. Remission decides against it;
    with residual disease it decides for that, and with none against it. Nothing in a record says that a drug is given
    in a consolidation phase, so that stays unknown unless the disease is active.
    """
    title = INDICATIONS[wanted]
    if drug is None:
        return Check(Truth.UNKNOWN, f"for {title}", (), _NEVER_STATED)
    answers, facts = _indications(patient, drug.first.at)
    why = f"for {title}; judged by what was stated before the first dose in the record"
    return Check(answers.get(wanted, Truth.UNKNOWN), why, facts, _NEVER_STATED)


def _indications(patient: Situation, start: datetime) -> tuple[dict[str, Truth], tuple[Finding, ...]]:
    active = [one for name in _ACTIVE if (one := _last(patient, name, start)) is not None and one.present]
    remission, negative = _last(patient, "remission", start), _last(patient, "mrd_negative", start)
    in_remission = remission is not None and remission.present
    last_active = max((one.time.latest for one in active), default=None)
    if last_active is not None and not (remission and in_remission and remission.time.latest > last_active):
        answers = {"relapsed_refractory": Truth.MET, "mrd_positive": Truth.NOT_MET, "consolidation": Truth.NOT_MET}
        return answers, tuple(active)
    if remission is None or not in_remission:
        return {}, ()
    answers = {"relapsed_refractory": Truth.NOT_MET, "first_relapse_high_risk": Truth.UNKNOWN}
    if negative is None:
        return answers, (remission,)
    return {**answers, "mrd_positive": ~Truth.of(negative.present)}, (remission, negative)


def _last(patient: Situation, name: str, at: datetime) -> Finding | None:
    known = [one for one in patient.timeline.findings.get(name, ()) if usable_from(one) <= at]
    return max(known, key=lambda one: one.time.latest, default=None)
