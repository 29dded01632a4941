"""Synthetic patients: the same for the same seed, true to their labels, sampled as patients are."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cohort.synth.printed_units import canonical

from stormwatch import analytes
from stormwatch.cohort.synth import patient, patients
from stormwatch.cohort.synth.dirt import reason


def at_peak(one, syndrome):
    """Canonical values drawn exactly at the peak of a syndrome; a censored value stands for its bound."""
    peak = next(label.peak for label in one.labels if label.syndrome == syndrome)
    found = {}
    for result in one.results:
        if result.time == peak and not result.dirt:
            found[result.analyte] = canonical(result.analyte, result.value.lstrip("<> "), result.unit)
    return found


def having(cohort, syndrome, grade=None):
    return [
        one for one in cohort if any(each.syndrome == syndrome and grade in (None, each.grade) for each in one.labels)
    ]


@given(st.integers(1, 10**9), st.integers(-(10**9), 10**9))
@settings(max_examples=15)
def test_a_number_and_a_seed_are_one_patient(number, seed):
    assert patient(number, seed) == patient(number, seed)


def test_the_first_patients_are_the_same_whatever_the_number_of_patients():
    assert list(patients(12, seed=3))[:5] == list(patients(5, seed=3))


def test_another_seed_gives_other_patients():
    assert patient(1, seed=1).results != patient(1, seed=2).results


def test_every_patient_labelled_mas_meets_the_measured_hlh_2004_cut_offs_at_the_peak(cohort):
    found = having(cohort, "mas")
    assert len(found) > 30
    for one in found:
        values = at_peak(one, "mas")
        assert values["ferritin"] >= 500
        assert values["temperature"] >= Fraction("38.5")
        assert values["haemoglobin"] < 9
        assert values["platelets"] < 100


def test_every_patient_labelled_crs_has_fever_and_the_pressors_of_the_grade(cohort):
    pressors = {"norepinephrine", "epinephrine"}
    for one in having(cohort, "crs"):
        (label,) = [each for each in one.labels if each.syndrome == "crs"]
        assert at_peak(one, "crs")["temperature"] >= 38
        if label.grade >= 2:
            assert at_peak(one, "crs")["sbp"] < 90
        running = {d.drug for d in one.doses if d.stop and d.time <= label.peak < d.stop} & pressors
        septic = bool(having([one], "sepsis"))
        assert len(running) == {3: 1, 4: 2}.get(label.grade, 0) or septic


def test_every_ice_score_at_the_peak_of_icans_is_that_of_the_grade(cohort):
    ranges = {1: range(7, 10), 2: range(3, 7), 3: range(3), 4: range(1)}  # ASTCT 2019, adults
    for grade, allowed in ranges.items():
        found = having(cohort, "icans", grade)
        assert found
        assert all(int(at_peak(one, "icans")["ice_score"]) in allowed for one in found)


def test_every_patient_labelled_septic_has_two_signs_of_qsofa_and_a_lactate_above_two(cohort):
    for one in having(cohort, "sepsis"):
        values = at_peak(one, "sepsis")
        assert values["respiratory_rate"] >= 22
        assert values["sbp"] <= 100
        assert values["lactate"] > 2
        assert any(answer.finding == "infection_suspected" and answer.present for answer in one.answers)


def test_every_patient_labelled_tumour_lysis_meets_cairo_bishop_for_adults(cohort):
    for one in having(cohort, "tls"):
        values = at_peak(one, "tls")
        assert values["potassium"] >= 6
        assert values["urate"] >= 8
        assert values["phosphate"] / Fraction("3.097") >= Fraction("1.45")
        assert values["calcium"] / Fraction("4.008") <= Fraction("1.75")


def test_times_are_in_order(cohort):
    for one in cohort:
        assert one.admitted < one.first_dose <= one.discharged
        for label in one.labels:
            assert label.onset <= label.peak <= one.discharged
            assert one.death is None or label.peak < one.death
        for result in one.results:
            assert one.admitted <= (result.time or one.first_dose) <= one.discharged
            assert result.time is None or result.known_at >= result.time
        stated = (*one.results, *one.answers, *one.categories, *one.doses, *one.history)
        assert all(each.time is None or each.time.hour or each.time.minute for each in stated)
        assert one.death is None or all(each.time <= one.death for each in one.doses)
        assert all(dose.stop is None or dose.time < dose.stop <= one.discharged for dose in one.doses)


def test_everyone_is_an_adult(cohort):
    assert {(one.first_dose.date() - one.birth).days // 366 >= 18 for one in cohort} == {True}


def test_no_neutrophil_count_exceeds_the_white_cells_of_its_sample(cohort):
    for one in cohort[:300]:
        samples: defaultdict[datetime | None, dict[str, Fraction]] = defaultdict(dict)
        for result in one.results:
            if not result.dirt and result.value[0].isdecimal():
                samples[result.time][result.analyte] = canonical(result.analyte, result.value, result.unit)
        for sample in samples.values():
            if {"wbc", "neutrophils"} <= sample.keys():
                assert sample["neutrophils"] <= sample["wbc"] + Fraction("0.06")  # rounding of the print


def test_the_parts_of_a_panel_share_one_draw_time(cohort):
    for one in cohort[:300]:
        times = defaultdict(set)
        for result in one.results:
            if result.time is not None:
                times[result.analyte].add(result.time)
        whole = times["wbc"] | times["haemoglobin"] | times["platelets"] | times["neutrophils"]
        assert len(times["haemoglobin"]) >= 0.8 * len(whole)


def test_ferritin_fibrinogen_and_triglycerides_are_asked_for_more_often_when_ill(cohort):
    asked: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for one in cohort:
        # The draw at the peak itself is left out: what it holds is settled beforehand.
        for result in (each for each in one.results if each.time is not None):
            away = [abs(result.time - label.peak) for label in one.labels]
            if not away or timedelta(0) < min(away) < timedelta(hours=12):
                asked[bool(away)][result.analyte] += 1
    for analyte in ("ferritin", "fibrinogen", "triglycerides"):
        share = {near: asked[near][analyte] / asked[near]["haemoglobin"] for near in asked}
        assert share[True] > 2 * share[False]


def test_some_patients_have_a_gap_of_days_without_any_draw(cohort):
    def longest(one):
        times = sorted({result.time for result in one.results if result.time is not None})
        return max((b - a).days for a, b in pairwise(times))

    gaps = [longest(one) for one in cohort[:400]]
    assert sum(gap >= 5 for gap in gaps) > 100
    assert min(gaps) <= 3


def test_units_are_mixed_and_constant_within_a_site(cohort):
    printed = defaultdict(set)
    for one in cohort:
        for result in one.results:
            if result.dirt not in ("misspelt_unit", "missing_unit"):
                printed[result.analyte, one.site].add(result.unit)
    assert all(len(units) == 1 for units in printed.values())
    assert len({unit for (analyte, _), units in printed.items() if analyte == "haemoglobin" for unit in units}) == 3


def test_some_values_are_censored_and_none_beyond_its_bound_is_printed(cohort):
    north = [r for one in cohort if one.site == "north" for r in one.results if r.analyte == "ferritin" and not r.dirt]
    assert any(r.value == "> 40000" for r in north)
    assert all(Fraction(r.value) <= 40000 for r in north if r.value[0].isdecimal())


@pytest.mark.parametrize("fault", ["misspelt_unit", "missing_unit", "missing_time", "implausible", "no_number"])
def test_every_fault_occurs_and_has_the_reason_the_reader_gives(cohort, fault):
    found = [result for one in cohort for result in one.results if result.dirt == fault]
    assert len(found) > 300
    if fault == "missing_time":
        assert all(result.time is None and reason(result) == "no time" for result in found)
        return
    for result in found:
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the message is compared
            analytes.measure(analytes.analyte(result.analyte), result.value, result.unit)
        assert str(refusal.value) == reason(result)


def test_a_duplicate_stands_beside_what_it_repeats(cohort):
    for one in cohort[:300]:
        for result in one.results:
            if result.dirt == "duplicate":
                same = [
                    r
                    for r in one.results
                    if (r.analyte, r.time, r.value) == (result.analyte, result.time, result.value)
                ]
                assert len(same) > 1


def test_no_fault_touches_a_draw_that_decides_a_label(cohort):
    for one in cohort:
        peaks = {label.peak for label in one.labels}
        assert not any(result.dirt and result.time in peaks for result in one.results)


def test_infusions_follow_the_steps_of_the_label(cohort):
    for one in cohort:
        rates = [(dose.amount, dose.unit) for dose in one.doses if dose.drug == "blinatumomab"]
        assert bool(rates) == (one.arm == "blinatumomab")
        assert set(rates) <= {("9", "mcg/day"), ("28", "mcg/day")}
        assert not rates or rates[0][0] == "9"


def test_arms_differ_in_what_they_give(cohort):
    cells = {"tisagenlecleucel", "axicabtagene_ciloleucel", "brexucabtagene_autoleucel", "obecabtagene_autoleucel"}
    for one in cohort:
        assert sum(dose.drug in cells for dose in one.doses) == (one.arm == "car_t")
    assert {one.arm for one in cohort} == {"blinatumomab", "car_t", "none"}
    assert {one.sex for one in cohort} == {"female", "male"}
