"""Each rule against values worked out by hand or printed elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from stormwatch.analytes import catalogue
from stormwatch.facts import Finding, Interval, When
from stormwatch.sources.derived import DU_BOIS, LEFT_OUT, RULES, descriptions, with_derived
from stormwatch.testing.records import hour, measured, record, stated

RULE = {rule.analyte: rule for rule in RULES}


def derived(timeline, analyte, rules=RULES):
    return with_derived(timeline, rules).measurements.get(analyte, ())


def values(timeline, analyte):
    return [one.value for one in derived(timeline, analyte)]


def test_neutrophils_are_wbc_times_their_share():
    """The example of the Severe Chronic Neutropenia International Registry: 2.0 and 19.8 % make 0.396."""
    timeline = record([measured("wbc", 2, 0), measured("neutrophils_percent", Fraction("19.8"), 0)])
    assert values(timeline, "neutrophils") == [Interval.point(Fraction("0.396"))]


def test_mean_pressure_is_a_third_of_the_way_up():
    timeline = record([measured("sbp", 150, 0), measured("dbp", 90, 0)])
    assert values(timeline, "map") == [Interval.point(110)]


def test_gcs_total_is_the_sum():
    timeline = record([measured("gcs_eye", 3, 0), measured("gcs_verbal", 4, 0.2), measured("gcs_motor", 5, 0.5)])
    (total,) = derived(timeline, "gcs")
    assert total.value == Interval.point(12)
    assert total.time == hour(0.5)


def test_pao2_fio2_takes_percent_as_a_fraction():
    """75 mmHg at 50 % is 75 / 0.5 = 150 mmHg."""
    timeline = record([measured("fio2", 50, 0), measured("pao2", 75, 1.5)])
    assert values(timeline, "pao2_fio2") == [Interval.point(150)]


def test_body_surface_of_a_round_example():
    """180 cm and 80 kg: Mosteller exactly 2.00; Du Bois 1.9964 (0.007184 x 80^0.425 x 180^0.725)."""
    timeline = record([measured("height", 180, 0), measured("weight", 80, 1)])
    assert values(timeline, "bsa") == [Interval.point(2)]
    (area,) = derived(timeline, "bsa", [DU_BOIS])
    assert abs(float(area.value.low) - 0.007184 * 80**0.425 * 180**0.725) < 0.00006


# --- time


@pytest.mark.parametrize(
    ("facts", "target"),
    [
        ([("wbc", 5, 0), ("neutrophils_percent", 50, 1 / 60)], "neutrophils"),
        ([("sbp", 120, 0), ("dbp", 60, 1 / 60)], "map"),
        ([("gcs_eye", 4, 0), ("gcs_verbal", 5, 0.5), ("gcs_motor", 6, 61 / 60)], "gcs"),
        ([("fio2", 40, 0), ("pao2", 80, 121 / 60)], "pao2_fio2"),
        ([("pao2", 80, 0), ("fio2", 40, 1 / 60)], "pao2_fio2"),
        ([("height", 180, 0), ("weight", 80, 24 * 31)], "bsa"),
        ([("weight", 80, 0), ("height", 180, 25)], "bsa"),
    ],
)
def test_parts_that_do_not_belong_together_give_nothing(facts, target):
    assert derived(record(measured(*one) for one in facts), target) == ()


@pytest.mark.parametrize(
    ("facts", "target"),
    [
        ([("gcs_eye", 4, 0), ("gcs_verbal", 5, 0.5), ("gcs_motor", 6, 1)], "gcs"),
        ([("fio2", 40, 0), ("pao2", 80, 2)], "pao2_fio2"),
        ([("height", 180, 0), ("weight", 80, 24 * 30)], "bsa"),
    ],
)
def test_exactly_at_the_end_of_the_window_parts_still_belong_together(facts, target):
    assert len(derived(record(measured(*one) for one in facts), target)) == 1


def test_the_newest_oxygen_before_the_blood_gas_counts():
    timeline = record([measured("fio2", 30, 0), measured("fio2", 60, 1), measured("pao2", 90, 1.5)])
    assert values(timeline, "pao2_fio2") == [Interval.point(150)]


def test_parts_dated_only_to_a_day_are_not_taken_as_one_sample():
    day = When.parse("2024-01-01")
    parts = [measured("wbc", 5, 0), measured("neutrophils_percent", 50, 0)]
    vague = [replace(part, time=day, known_at=day) for part in parts]
    assert derived(record(vague), "neutrophils") == ()


def test_known_when_the_last_part_is_known():
    timeline = record([measured("wbc", 5, 0, known=1), measured("neutrophils_percent", 50, 0, known=9)])
    (count,) = derived(timeline, "neutrophils")
    assert (count.time, count.known_at) == (hour(0), hour(9))


# --- what is recorded comes first


def test_a_measured_value_wins():
    parts = [measured("sbp", 120, 0), measured("dbp", 60, 0)]
    assert values(record([*parts, measured("map", 77, 0)]), "map") == [Interval.point(77)]


def test_a_total_charted_within_the_window_of_the_components_wins():
    parts = [measured("gcs_eye", 4, 0), measured("gcs_verbal", 5, 0), measured("gcs_motor", 6, 0)]
    assert values(record([*parts, measured("gcs", 14, 0.9)]), "gcs") == [Interval.point(14)]
    assert len(derived(record([*parts, measured("gcs", 14, 1.1)]), "gcs")) == 2


def test_a_value_measured_that_day_may_be_of_the_same_time_and_wins():
    day = When.parse("2024-01-01")
    vague = replace(measured("map", 77, 0), time=day, known_at=day)
    assert values(record([measured("sbp", 120, 5), measured("dbp", 60, 5), vague]), "map") == [Interval.point(77)]


# --- contradictions and censored parts


def test_parts_that_contradict_each_other_give_nothing():
    twice = [measured("sbp", 120, 0, record="arterial line"), measured("sbp", 100, 0, record="cuff")]
    assert derived(record([*twice, measured("dbp", 60, 0)]), "map") == ()


def test_a_pressure_below_the_diastolic_one_gives_nothing():
    assert derived(record([measured("sbp", 60, 0), measured("dbp", 80, 0)]), "map") == ()


def test_the_same_result_twice_is_no_contradiction():
    twice = [measured("sbp", 120, 0, record="a"), measured("sbp", 120, 0, record="b")]
    assert values(record([*twice, measured("dbp", 60, 0)]), "map") == [Interval.point(80)]


def test_a_censored_part_gives_an_interval():
    timeline = record(
        [measured("wbc", Interval(0, Fraction(1, 10), True, False), 0), measured("neutrophils_percent", 50, 0)]
    )
    assert values(timeline, "neutrophils") == [Interval(0, Fraction(1, 20), True, False)]
    above = record([measured("wbc", Interval.above(100), 0), measured("neutrophils_percent", 80, 0)])
    assert values(above, "neutrophils") == [Interval.above(80)]


def test_a_share_and_a_score_end_where_their_scale_ends():
    share = record([measured("wbc", 10, 0), measured("neutrophils_percent", Interval.above(95), 0)])
    assert values(share, "neutrophils") == [Interval(Fraction("9.5"), 10, False, True)]
    scores = [measured("gcs_eye", 4, 0), measured("gcs_verbal", Interval.above(3), 0), measured("gcs_motor", 6, 0)]
    assert values(record(scores), "gcs") == [Interval(13, 15, False, True)]


def test_a_result_that_no_record_may_hold_is_not_derived():
    assert derived(record([measured("fio2", 20, 0), measured("pao2", 700, 0)]), "pao2_fio2") == ()


# --- the table for the documentation


def test_every_rule_states_its_parts_window_formula_and_source():
    for row in descriptions():
        assert all((row.name, row.parts, row.window, row.formula, row.source))
    assert {rule.analyte for rule in RULES} | {part.analyte for r in RULES for part in r.parts} <= set(catalogue())


def test_what_no_publication_settles_is_named_and_not_derived():
    assert "no publication" in LEFT_OUT["pt_prolongation"]
    timeline = record([measured("pt", 20, 0, high=14), measured("calcium", 8, 0), measured("albumin", 3, 0)])
    assert with_derived(timeline).facts == timeline.facts


# --- oxygen


def on(device, at):
    """A cannula or another device, as the reader of a charted device states it."""
    says = {"low_flow_oxygen": "cannula" in device, "high_flow_oxygen": "mask" in device}
    return [replace(stated(name, at, present=present), recorded=device) for name, present in says.items()]


def oxygen(facts):
    """What is derived about oxygen: name, present, hours."""
    timeline = record(facts)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    new = [fact for fact in with_derived(timeline).facts if fact not in timeline.facts]
    findings = [fact for fact in new if isinstance(fact, Finding)]
    assert findings == new
    return {(one.name, one.present, (one.time.latest - start).total_seconds() / 3600) for one in findings}


def test_exactly_six_litres_through_a_cannula_is_low_flow():
    assert oxygen([*on("nasal cannula", 0), measured("oxygen_flow", 6, 1)]) == {
        ("low_flow_oxygen", True, 1),
        ("high_flow_oxygen", False, 1),
    }


def test_more_than_six_litres_through_a_cannula_is_high_flow():
    assert oxygen([*on("Nasal cannula", 0), measured("oxygen_flow", Fraction("6.01"), 1)]) == {
        ("low_flow_oxygen", False, 1),
        ("high_flow_oxygen", True, 1),
    }
    assert ("high_flow_oxygen", True, 1) in oxygen([*on("cannula", 0), measured("oxygen_flow", Interval.above(6), 1)])


def test_what_the_device_alone_says_is_not_said_again():
    assert oxygen([*on("nasal cannula", 0), measured("oxygen_flow", 2, 0)]) == set()


@pytest.mark.parametrize(
    "facts",
    [
        [measured("oxygen_flow", 8, 1)],
        [*on("face mask", 0), measured("oxygen_flow", 8, 1)],
        [*on("nasal cannula", 0), *on("face mask", 0.5), measured("oxygen_flow", 8, 1)],
        [*on("nasal cannula", 0), *on("room air", 0), measured("oxygen_flow", 8, 1)],
        [*on("nasal cannula", 0), measured("oxygen_flow", 8, 4.1)],
        [*on("nasal cannula", 2), measured("oxygen_flow", 8, 1)],
        [*on("nasal cannula", 0), measured("oxygen_flow", 0, 1)],
        [*on("nasal cannula", 0), measured("oxygen_flow", Interval(5, 7), 1)],
        [*on("nasal cannula", 0), measured("oxygen_flow", 8, 1, record="a"), measured("oxygen_flow", 2, 1, record="b")],
        [stated("low_flow_oxygen", 0), measured("oxygen_flow", 8, 1)],
    ],
    ids=[
        "no device",
        "mask",
        "mask since",
        "two devices",
        "too old",
        "device later",
        "no flow",
        "either",
        "two",
        "said",
    ],
)
def test_a_flow_that_is_not_certainly_through_a_cannula_says_nothing(facts):
    assert oxygen(facts) == set()
