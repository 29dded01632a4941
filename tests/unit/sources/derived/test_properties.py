"""What holds for every record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stormwatch.facts import Interval, Timeline, usable_from
from stormwatch.sources.derived import RULES, with_derived
from stormwatch.testing import records

PARTS = {
    "wbc": (0, 100),
    "neutrophils_percent": (0, 100),
    "neutrophils": (0, 50),
    "sbp": (40, 250),
    "dbp": (20, 150),
    "map": (30, 200),
    "gcs_eye": (1, 4),
    "gcs_verbal": (1, 5),
    "gcs_motor": (1, 6),
    "gcs": (3, 15),
    "pao2": (30, 150),
    "fio2": (21, 100),
    "pao2_fio2": (50, 600),
    "weight": (3, 150),
    "height": (50, 210),
    "oxygen_flow": (0, 15),
}
INDEPENDENT: dict[str, Callable[..., Fraction]] = {
    "neutrophils": lambda wbc, percent: wbc * percent / 100,
    "map": lambda systolic, diastolic: diastolic + (systolic - diastolic) / Fraction(3),
    "gcs": lambda eye, verbal, motor: eye + verbal + motor,
    "pao2_fio2": lambda pao2, fio2: pao2 / (fio2 / 100),
}


@st.composite
def measurements(draw, exact=False):
    analyte = draw(st.sampled_from(sorted(PARTS)))
    low, high = PARTS[analyte]
    number = Fraction(draw(st.integers(low * 10, high * 10)), 10)
    shapes = [Interval.point(number)]
    if not exact:
        shapes += [Interval.above(number), Interval(0, number, True, False) if number else Interval.point(0)]
    at = draw(st.sampled_from([0, 0.5, 1, 2, 3]))
    known = at + draw(st.sampled_from([0, 0, 4]))
    number_of = draw(st.integers(0, 10**6))
    return records.measured(analyte, draw(st.sampled_from(shapes)), at, known=known, record=f"{analyte}-{number_of}")


@st.composite
def others(draw):
    at = draw(st.sampled_from([0, 1, 2]))
    if draw(st.booleans()):
        drug = draw(st.sampled_from(["norepinephrine", "vasopressin", "epinephrine"]))
        return records.given(drug, at, until=at + draw(st.integers(0, 3)))
    finding = draw(st.sampled_from(["low_flow_oxygen", "high_flow_oxygen"]))
    return replace(records.stated(finding, at, present=draw(st.booleans())), recorded="nasal cannula")


def facts(exact=False):
    return st.lists(st.one_of(measurements(exact), measurements(exact), others()), max_size=25)


def new_facts(recorded, complete=("exposures",)):
    timeline = records.record(recorded, complete=complete)
    return [fact for fact in with_derived(timeline).facts if fact not in set(timeline.facts)]


@given(facts())
def test_recorded_facts_are_all_there_and_unchanged(recorded):
    timeline = records.record(recorded, complete=["exposures"])
    after = with_derived(timeline)
    assert [fact for fact in after.facts if fact in set(timeline.facts)] == list(timeline.facts)
    assert (after.patient, after.stays, after.complete) == (timeline.patient, timeline.stays, timeline.complete)
    assert after.accounting is timeline.accounting


@given(facts(exact=True))
def test_exact_parts_give_the_exact_value_of_an_independent_formula(recorded):
    for fact in new_facts(recorded):
        if getattr(fact, "analyte", "") in INDEPENDENT:
            parts = [part.value.low for part in fact.parts]
            assert fact.value == Interval.point(INDEPENDENT[fact.analyte](*parts))


@given(facts())
def test_a_censored_result_holds_every_value_its_parts_allow(recorded):
    for fact in new_facts(recorded):
        parts = getattr(fact, "parts", ())
        if parts and fact.analyte in INDEPENDENT:
            inside = [_inside(part) for part in parts]
            assert INDEPENDENT[fact.analyte](*inside) in fact.value


def _inside(part):
    """Some value of the part, on its scale."""
    scale_end = PARTS[part.analyte][1] if part.analyte.startswith(("gcs", "fio2", "neutrophils_")) else 10**6
    scale_start = {"fio2": 21, "gcs_eye": 1, "gcs_verbal": 1, "gcs_motor": 1}.get(part.analyte, 0)
    low, high = max(part.value.low, scale_start), min(part.value.high, scale_end)
    return low if low == high else (Fraction(low) + Fraction(high)) / 2


@given(facts())
def test_nothing_is_derived_where_a_value_was_measured(recorded):
    yields = {rule.analyte: rule.yields for rule in RULES}
    for fact in new_facts(recorded):
        for one in recorded:
            if getattr(one, "analyte", None) == getattr(fact, "analyte", "") and fact.analyte in yields:
                assert abs(one.time.latest - fact.time.latest) > yields[fact.analyte]


@given(facts())
def test_nothing_is_known_before_its_parts(recorded):
    for fact in new_facts(recorded):
        for part in getattr(fact, "parts", ()):
            assert part in recorded
            assert usable_from(part) <= usable_from(fact)
            assert part.time.latest <= fact.time.latest


@given(facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(recorded, random):
    shuffled = list(recorded)
    random.shuffle(shuffled)
    patient = records.record([]).patient
    first, second = (Timeline(patient, tuple(some), complete=frozenset({"exposures"})) for some in (recorded, shuffled))
    assert set(with_derived(first).facts) == set(with_derived(second).facts)


@given(facts())
def test_deriving_twice_adds_nothing(recorded):
    once = with_derived(records.record(recorded, complete=["exposures"]))
    assert with_derived(once).facts == once.facts
