"""Dose rates of vasopressors: only what is stated per kilogram and minute."""

from dataclasses import replace
from fractions import Fraction

import pytest

from stormwatch.facts import Given, Interval
from stormwatch.sources.derived import with_derived
from stormwatch.testing.records import given, measured, record


def infusion(rate, drug="norepinephrine"):
    return replace(given(drug, 0, until=10), rate=rate)


def doses(*facts):
    found = with_derived(record(facts)).measurements
    return [m.value for name in ("norepinephrine_rate", "dopamine_rate") for m in found.get(name, ())]


@pytest.mark.parametrize("rate", ["0.1 ug/kg/min", "0.1 mcg/kg/min", "0.1ug/kg/min", "0.0001 mg/kg/min"])
def test_a_rate_per_kilogram_and_minute_is_a_dose(rate):
    assert doses(infusion(rate)) == [Interval.point(Fraction(1, 10))]


def test_dopamine_has_its_own():
    assert doses(infusion("6 ug/kg/min", "dopamine")) == [Interval.point(6)]


@pytest.mark.parametrize("rate", ["", "5 mL/h", "8 ug/min", "fast", "0.1", "1 2 ug/kg/min"])
def test_a_rate_that_needs_more_to_be_known_is_left_out(rate):
    assert doses(infusion(rate)) == []


def test_what_was_not_given_has_no_dose():
    assert doses(replace(infusion("0.1 ug/kg/min"), given=Given.ORDERED)) == []


def test_a_measured_dose_rate_wins():
    facts = (infusion("0.1 ug/kg/min"), measured("norepinephrine_rate", Fraction(1, 5), 0))
    assert doses(*facts) == [Interval.point(Fraction(1, 5))]
