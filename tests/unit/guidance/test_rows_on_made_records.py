"""Rows at their edges, on records made for the purpose. Hours count from 2024-01-01 00:00 UTC."""

from fractions import Fraction

import pytest
from tests.unit.guidance.conftest import course, dose, infusion, row, said_by

from stormwatch.facts import Interval
from stormwatch.guidance import contradictions, says
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import given, measured, stated

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
DAY = 24
WEIGHT = measured("weight", 70, 0)


def interrupted(hours):
    """An infusion stopped on day 3 and restarted after these hours."""
    return infusion(28, 0, 2 * DAY, status="stopped"), infusion(9, 2 * DAY + hours)


@pytest.mark.parametrize(
    ("hours", "same", "new", "supervised"),
    [(3, MET, NOT_MET, NOT_MET), (4, MET, NOT_MET, MET), (168, MET, NOT_MET, MET), (168.5, NOT_MET, MET, MET)],
)
def test_an_interruption_at_and_above_four_hours_and_seven_days(hours, same, new, supervised):
    said = said_by("blinatumomab-us", WEIGHT, *interrupted(hours))
    assert row(said, "blinatumomab-us", "interruption-same-cycle").applies is same
    assert row(said, "blinatumomab-us", "interruption-new-cycle").applies is new
    assert row(said, "blinatumomab-us", "restart-supervised").applies is supervised


def test_after_fourteen_days_japan_and_the_us_contradict_each_other():
    facts = (WEIGHT, *interrupted(14 * DAY + 1))
    said = says(course(*facts), ["blinatumomab-us", "blinatumomab-jp"])
    (one,) = contradictions(said)
    assert one.answers == ("new cycle", "discontinuation")
    assert not contradictions(says(course(WEIGHT, *interrupted(14 * DAY)), ["blinatumomab-us", "blinatumomab-jp"]))


def test_a_hold_without_a_restart_is_open_until_its_limit_has_passed():
    stop = infusion(28, 0, 2 * DAY, status="stopped")
    soon = said_by("blinatumomab-us", WEIGHT, stop, stated("cough", 5 * DAY))
    assert row(soon, "blinatumomab-us", "interruption-new-cycle").applies is UNKNOWN
    assert row(soon, "blinatumomab-us", "interruption-same-cycle").applies is UNKNOWN
    late = said_by("blinatumomab-us", WEIGHT, stop, stated("cough", 9 * DAY + 1))
    assert row(late, "blinatumomab-us", "interruption-new-cycle").applies is MET
    assert row(late, "blinatumomab-us", "interruption-same-cycle").applies is NOT_MET


@pytest.mark.parametrize(
    ("weight", "flat", "by_surface"),
    [
        (measured("weight", 45, 0), MET, NOT_MET),
        (measured("weight", Fraction("44.9"), 0), NOT_MET, MET),
        (measured("weight", Interval.above(50), 0), MET, NOT_MET),
        (measured("weight", Interval.above(40), 0), UNKNOWN, UNKNOWN),
        (measured("weight", 70, -31 * DAY), UNKNOWN, UNKNOWN),
    ],
)
def test_weight_at_the_limit_censored_and_too_old(weight, flat, by_surface):
    said = said_by("blinatumomab-us", weight, stated("relapse", 0), infusion(9, 1))
    assert row(said, "blinatumomab-us", "rr-45").applies is flat
    assert row(said, "blinatumomab-us", "rr-below-45").applies is by_surface


def test_a_dose_by_body_surface_has_the_upper_limit_of_the_label():
    # 5 mcg/m2 x 1.2 m2 = 6; 15 x 1.2 = 18. At 2 m2, 10 and 30 exceed the limits of 9 and 28.
    for surface, first, later in ((Fraction("1.2"), 6, 18), (Fraction(2), 9, 28)):
        facts = (measured("weight", 40, 0), measured("bsa", surface, 0), stated("relapse", 0), infusion(5, 1))
        one = row(said_by("blinatumomab-us", *facts), "blinatumomab-us", "rr-below-45")
        assert [entry["dose"]["low"] for entry in one.values["schedule"]] == [first, later, later]
    assert "no formula for body surface area" in one.text


def test_without_a_body_surface_the_dose_is_missing_and_said_to_be():
    one = row(
        said_by("blinatumomab-us", measured("weight", 40, 0), stated("relapse", 0), infusion(5, 1)),
        "blinatumomab-us",
        "rr-below-45",
    )
    assert one.values["schedule"][0]["dose"]["low"] is None
    assert any("body surface" in missing for missing in one.missing)


@pytest.mark.parametrize(
    ("findings", "relapsed", "residual"),
    [
        ((), UNKNOWN, UNKNOWN),
        ((stated("disease_progression", -48),), MET, NOT_MET),
        ((stated("remission", -48),), NOT_MET, UNKNOWN),
        ((stated("remission", -48), stated("mrd_negative", -24, present=False)), NOT_MET, MET),
        ((stated("remission", -48), stated("mrd_negative", -24)), NOT_MET, NOT_MET),
        ((stated("remission", 48), stated("mrd_negative", 48)), UNKNOWN, UNKNOWN),
    ],
)
def test_the_indication_is_what_was_stated_before_the_first_dose(findings, relapsed, residual):
    said = said_by("blinatumomab-us", WEIGHT, *findings, infusion(28, 1), stated("cough", 72))
    assert row(said, "blinatumomab-us", "rr-45").applies is relapsed
    assert row(said, "blinatumomab-us", "mrd-45").applies is residual
    assert row(said, "blinatumomab-us", "hospital-consolidation").applies is not MET


def grade_3(at, until):
    """Fever with a vasopressor, and its end: grade 3 by CTCAE version 5."""
    on = [measured("temperature", 39, at), stated("hypotension", at), given("norepinephrine", at, until=until)]
    calm = (stated(name, at, present=False) for name in ("low_flow_oxygen", "high_flow_oxygen"))
    air = stated("positive_pressure_ventilation", at, present=False)
    lives = (stated("crs_life_threatening", at + later, present=False) for later in (0, 20))
    return [*on, *calm, air, *lives]


def well(at):
    names = ("hypotension", "low_flow_oxygen", "high_flow_oxygen", "positive_pressure_ventilation", "vasopressor")
    return [measured("temperature", Fraction("36.6"), at), *(stated(name, at, present=False) for name in names)]


def test_crs_of_grade_3_restarts_at_nine_and_steps_seven_days_after_the_restart():
    facts = [WEIGHT, infusion(28, 0, 26, status="stopped"), *grade_3(25, 30)]
    facts += [fact for at in (60, 84, 96, 120) for fact in well(at)]
    facts += [infusion(9, 5 * DAY)]
    said = said_by("blinatumomab-us", *facts, complete=["exposures"])
    one = row(said, "blinatumomab-us", "crs-3-45")
    assert one.values["grade"] == [3.0, 3.0]
    assert one.applies is MET
    assert one.values["treatment"]["low"] == 8
    # Restart on 2024-01-06 00:00, seven days later 2024-01-13 00:00.
    assert one.values["earliest_step"] == "2024-01-13T00:00+00:00"
    assert row(said, "blinatumomab-us", "crs-4").applies is NOT_MET
    assert row(said, "blinatumomab-us", "crs-4").values["grade"] == [3.0, 3.0]


def test_a_second_seizure_is_named_and_one_leaves_it_open():
    one = said_by("blinatumomab-us", WEIGHT, infusion(28, 0), stated("seizure", 5))
    assert row(one, "blinatumomab-us", "seizure").applies is UNKNOWN
    two = said_by("blinatumomab-us", WEIGHT, infusion(28, 0), stated("seizure", 5), stated("seizure", 30))
    seizure = row(two, "blinatumomab-us", "seizure")
    assert seizure.applies is MET
    assert seizure.values["permanent_discontinuation_named"] == "met"


def test_liver_values_exactly_at_the_limit_do_not_pass_it():
    drug = infusion(28, 0)
    at_limit = [measured("ast", 200, 5, high=40), measured("alt", 200, 5, high=40), measured("bilirubin", 3, 5, high=1)]
    assert row(said_by("blinatumomab-us", drug, *at_limit), "blinatumomab-us", "liver").applies is NOT_MET
    above = [measured("ast", 201, 5, high=40)]
    assert row(said_by("blinatumomab-us", drug, *above), "blinatumomab-us", "liver").applies is MET
    no_limit = [measured("ast", 2000, 5)]
    assert row(said_by("blinatumomab-us", drug, *no_limit), "blinatumomab-us", "liver").applies is UNKNOWN
    before = [measured("ast", 2000, -5, high=40)]
    assert row(said_by("blinatumomab-us", drug, *before), "blinatumomab-us", "liver").applies is UNKNOWN


def test_children_get_both_documents_side_by_side():
    facts = (measured("weight", 20, 0), measured("bsa", Fraction("0.8"), 0), stated("relapse", 0), infusion(5, 1))
    said = says(course(*facts, birth="2018-01-01"), ["blinatumomab-us", "blinatumomab-eu"])
    (one,) = contradictions(said)
    doses = {side.document.id: side.values["dose"]["low"] for side in one.sides}
    assert doses == {"blinatumomab-us": 4.0, "blinatumomab-eu": 8.0}  # 5 and 10 mg/m2 x 0.8 m2


def test_without_a_birth_date_the_age_is_not_told():
    said = said_by("blinatumomab-us", WEIGHT, stated("relapse", 0), infusion(9, 1), birth=None)
    assert row(said, "blinatumomab-us", "premedication-rr-adult").applies is UNKNOWN
    assert row(said, "blinatumomab-us", "premedication-child").applies is UNKNOWN


def test_step_up_days_count_from_the_first_dose_and_doses_go_by_weight():
    # 0.06, 0.3 and 1.5 mg/kg x 70 kg = 4.2, 21 and 105 mg; days 1, 4 and 7.
    said = said_by("teclistamab-us", WEIGHT, dose("teclistamab", "4.2", 0), dose("teclistamab", 21, 72))
    steps = row(said, "teclistamab-us", "step-up").values["doses"]
    assert [(one["date"][:10], one["dose"]["low"]) for one in steps] == [
        ("2024-01-01", 4.2),
        ("2024-01-04", 21.0),
        ("2024-01-07", 105.0),
    ]


@pytest.mark.parametrize(("days", "again", "anew"), [(7, NOT_MET, NOT_MET), (8, MET, NOT_MET), (28, MET, NOT_MET)])
def test_a_late_third_dose_of_teclistamab_repeats_the_second_step(days, again, anew):
    later = stated("cough", 72 + days * DAY)
    said = said_by("teclistamab-us", WEIGHT, dose("teclistamab", "4.2", 0), dose("teclistamab", 21, 72), later)
    assert row(said, "teclistamab-us", "delay-step-2-repeat").applies is again
    assert row(said, "teclistamab-us", "delay-step-2-restart").applies is anew
    assert row(said, "teclistamab-us", "delay-step-1").applies is NOT_MET


def test_the_second_step_starts_anew_after_more_than_28_days():
    doses = dose("teclistamab", "4.2", 0), dose("teclistamab", 21, 72)
    said = said_by("teclistamab-us", WEIGHT, *doses, measured("weight", 70, 31 * DAY), stated("cough", 32 * DAY))
    assert row(said, "teclistamab-us", "delay-step-2-restart").applies is MET
    assert row(said, "teclistamab-us", "delay-step-2-repeat").applies is NOT_MET


def test_epcoritamab_after_sixteen_hundredths_waits_more_than_eight_days():
    first = dose("epcoritamab", "0.16", 0)
    for days, expected in ((8, NOT_MET), (9, MET)):
        said = said_by("epcoritamab-us", first, stated("cough", days * DAY))
        assert row(said, "epcoritamab-us", "delay-first").applies is expected


def test_three_rule_sets_for_tocilizumab_stand_side_by_side():
    facts = [WEIGHT, dose("epcoritamab", "0.8", 0), measured("temperature", 39, 10), measured("temperature", 39, 34)]
    facts += [dose("tocilizumab", 560, 11), dose("tocilizumab", 560, 20)]
    said = says(course(*facts), ["tocilizumab-us", "tocilizumab-guideline", "epcoritamab-eu"])
    us = row(said, "tocilizumab-us", "repeat").values
    guideline = row(said, "tocilizumab-guideline", "repeat").values
    eu = row(said, "epcoritamab-eu", "tocilizumab-repeat").values
    # Doses at 11:00 and 20:00. Eight hours after the last: 04:00. Two in 24 hours: not before 11:00 next day.
    assert us["earliest_next"] == guideline["earliest_next"] == "2024-01-02T04:00+00:00"
    assert eu["earliest_next"] == "2024-01-02T11:00+00:00"
    assert row(said, "epcoritamab-eu", "tocilizumab").values["dose"]["low"] == 560  # 8 mg/kg x 70 kg
    assert not contradictions(said)


def test_a_week_of_crs_after_a_cd20_antibody_asks_for_hlh():
    fever = [measured("temperature", 39, 10 + 24 * day) for day in range(9)]
    said = said_by("bispecific-consensus-2024", dose("epcoritamab", 48, 0), *fever)
    assert row(said, "bispecific-consensus-2024", "hlh-after-a-week").applies is MET
    short = said_by("bispecific-consensus-2024", dose("epcoritamab", 48, 0), *fever[:2])
    assert row(short, "bispecific-consensus-2024", "hlh-after-a-week").applies is UNKNOWN


def test_car_t_patients_are_inside_the_licence_of_tocilizumab():
    facts = (measured("weight", 25, 0), given("tisagenlecleucel", 0), measured("temperature", 39, 10))
    one = row(says(course(*facts)), "tocilizumab-us", "below-30")
    assert one.applies is MET
    assert one.values["dose"]["low"] == 300  # 12 mg/kg x 25 kg


def test_an_empty_record_says_nothing_and_one_fact_is_enough_to_say_cannot_tell():
    from stormwatch.course.follow import follow
    from stormwatch.testing.records import record

    assert says(follow(record([])), ["blinatumomab-us"]) == ()
    said = says(course(stated("cough", 0), birth=None), ["blinatumomab-us"])
    assert said
    assert {one.applies for one in said} == {UNKNOWN}
    assert says(course(stated("cough", 0))) == ()


def test_two_engagers_at_once_each_have_their_own_rows():
    said = says(course(WEIGHT, infusion(28, 0), dose("teclistamab", "4.2", 5)))
    assert {"blinatumomab-us", "teclistamab-us"} <= {one.document.id for one in said}
    assert row(said, "teclistamab-us", "observation").applies is MET


def test_a_row_that_depends_on_what_is_not_asked_cannot_be_told():
    found = row(said_by("blinatumomab-eu", WEIGHT, infusion(28, 0, 2 * DAY)), "blinatumomab-eu", "pre-phase")
    assert found.applies is UNKNOWN
    assert "blasts" in " ".join(found.missing)
