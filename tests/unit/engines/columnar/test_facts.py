"""Columns that would give wrong rows are refused, with the row and never the value."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stormwatch.engines.columnar.changes import changes
from stormwatch.engines.columnar.facts import Facts, check
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.errors import InputError
from stormwatch.facts import Interval
from stormwatch.instruments.catalogue import instrument
from stormwatch.testing.records import given, measured, record, stated


def three(*, of=(1, 2, 3)):
    return facts_of([record([measured("ferritin", 900 + hours, hours, high=300) for hours in of])])


def test_good_columns_pass():
    check(three())


def test_single_precision_is_refused():
    """39.4 as float32 is 39.400001525878906, which is above 39.4 and would score 49 points for 33."""
    facts = facts_of([record([measured("temperature", Fraction("39.4"), 1)])])
    rounded = replace(facts, low=facts.low.astype(np.float32))
    assert float(rounded.low[0]) > 39.4
    with pytest.raises(InputError, match="column low is float32, not float64"):
        changes(rounded, [instrument("hscore")])


def test_double_precision_keeps_a_value_on_the_cutoff():
    facts = facts_of([record([measured("temperature", Fraction("39.4"), 1)])])
    assert changes(facts, [instrument("hscore")]).low[-1] == 33  # 38.4 to 39.4: 33 points (Fardet 2014)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("usable", [3, 2, 1], r"row 1 .*not sorted"),
        ("patient", [0, 0, 7], "patient indexes"),
        ("patient", [0, 0], "column patient|column usable"),
        ("low", [1.0, 2.0, float("nan")], r"row 2 .*not a number"),
        ("high", [0.5, 9.0, 9.0], r"row 0 .*lower end"),
        ("time", [9, 9, 9], r"row 0 .*before it happened"),
        ("code", [0.0, 0.0, 0.0], "column code is float64, not whole numbers"),
    ],
)
def test_columns_that_cannot_be_right_are_refused(column, values, message):
    facts = replace(three(), usable=np.array([1, 2, 3]), time=None, known=None, low=np.array([1.0, 2.0, 3.0]))
    wrong = replace(facts, **{column: np.array(values)})
    with pytest.raises(InputError, match=message):
        check(wrong)


def test_patients_out_of_order_are_refused():
    facts = facts_of([record([measured("crp", 1, 1)]), record([measured("crp", 2, 1)])])
    with pytest.raises(InputError, match="row 1"):
        check(replace(facts, patient=facts.patient[::-1]))


def test_nothing_at_all_gives_no_rows():
    assert len(changes(facts_of([]), [instrument("hscore")])) == 0
    assert len(changes(facts_of([record([])]), [instrument("hscore")])) == 0


def test_only_the_columns_that_say_something_are_made():
    plain = three()
    assert isinstance(plain, Facts)
    assert (plain.high, plain.low_open, plain.line, plain.lower, plain.time, plain.known) == (None,) * 6
    assert plain.upper is not None
    censored = facts_of([record([measured("ferritin", Interval.above(40000), 1, known=3)])])
    assert censored.low_open is not None
    assert censored.low_open.all()
    assert censored.time is not None


def test_a_number_that_is_no_decimal_keeps_its_exact_value():
    third = facts_of([record([measured("temperature", Fraction(113, 3), 1)])])
    assert third.line is not None
    slope, offset = third.lines[third.line[0]]
    assert slope * Fraction(third.low[0]) + offset == Fraction(113, 3)


def test_a_number_that_float64_cannot_hold_is_refused():
    with pytest.raises(InputError, match="more digits") as caught:
        facts_of([record([measured("ferritin", Fraction("123456789.123456789123"), 1)])])
    assert "123456789" not in str(caught.value)


def test_findings_and_drugs_are_rows_too():
    facts = facts_of([record([stated("fever", 1, present=False), given("tocilizumab", 2, running=True)])])
    assert facts.names == (("finding", "fever"), ("exposure", "tocilizumab"))
    assert facts.low.tolist() == [0.0, 1.0]
