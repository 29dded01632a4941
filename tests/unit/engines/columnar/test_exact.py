"""Comparing float64 with the smallest float above a cut-off compares the recorded decimal with the exact cut-off."""

from decimal import Decimal
from fractions import Fraction
from math import inf, nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch import analytes
from stormwatch.engines.columnar import columns as c
from stormwatch.engines.columnar.cells import Cells, Ends, regions
from stormwatch.engines.columnar.exact import decimal, smallest_above, thresholds, whole
from stormwatch.facts import Interval
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.logic.inputs import LabInput

recorded = st.decimals(
    min_value=Decimal("-1e6"), max_value=Decimal("1e6"), allow_nan=False, allow_infinity=False, places=6
)


def cutoffs():
    """Every cut of every shipped instrument, with the analyte it is of."""
    found = set()
    for name in shipped():
        roots = [root for root in (instrument(name).score, instrument(name).verdict) if root is not None]
        for root in roots:
            for which, cuts in root.cuts.items():
                if isinstance(which, LabInput) and which.relative_to is None:
                    found |= {(which.analyte, cut) for cut in cuts}
    return sorted(found, key=str)


def units_of(analyte):
    dimensions = [analyte.dimension, *([analyte.also.dimension] if analyte.also else [])]
    return {unit.code for dimension in dimensions for unit in analytes.units()[dimension].values()}


@given(recorded)
def test_a_float_is_read_as_the_decimal_it_was_written_as(value):
    assert decimal(float(value)) == Fraction(value)


@given(st.fractions(min_value=0, max_value=10**6, max_denominator=10**4), st.booleans())
def test_the_smallest_float_above_a_cutoff_is_just_that(cutoff, strictly):
    found = smallest_above(cutoff, strictly=strictly)
    below = nextafter(found, -inf)
    assert decimal(found) > cutoff or (decimal(found) == cutoff and not strictly)
    assert decimal(below) < cutoff or (decimal(below) == cutoff and strictly)


@pytest.mark.parametrize(("analyte", "cut"), cutoffs(), ids=lambda one: str(one)[:40])
def test_every_cutoff_in_every_unit_of_its_analyte(analyte, cut):
    """Numbers as laboratories write them, next to the cut-off in each unit: one more or less in the last place."""
    known = analytes.analyte(analyte)
    for unit in sorted(units_of(known)):
        slope, offset = analytes.from_canonical(known, unit)
        line = (1 / slope, -offset / slope)
        near = slope * Fraction(cut[0]) + offset
        for places in range(5):
            step = Fraction(1, 10**places)
            around = [(near // step + k) * step for k in (-1, 0, 1, 2)]
            mark = thresholds((cut,), line).closed[0]
            for value in around:
                canonical = line[0] * value + line[1]
                expected = canonical > cut[0] or (canonical == cut[0] and cut[1])
                assert (float(value) >= mark) is expected, (unit, places)


ends = st.sampled_from([0, 1, 2, 3, Fraction(5, 2), 7])


@st.composite
def intervals(draw):
    low, high = sorted((draw(ends), draw(ends)))
    if low == high:
        return Interval.point(low)
    return Interval(low, draw(st.sampled_from([high, inf])), draw(st.booleans()), draw(st.booleans()))


@given(st.lists(intervals(), min_size=1, max_size=5))
def test_regions_of_columns_are_those_of_intervals(values):
    cuts = ((1, True), (1, False), (Fraction(5, 2), True), (3, False))
    column = Ends(
        np.array([float(v.low) for v in values]),
        np.array([float(v.high) for v in values]),
        np.array([not v.low_closed for v in values]),
        np.array([not v.high_closed for v in values]),
        None,
    )
    low, high = regions(column, cuts, [(Fraction(1), Fraction(0))])
    cells = Cells(cuts, Interval(0, inf, True, False))
    assert high is not None
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [cells.regions(value) for value in values]


@given(st.sampled_from(range(5)), st.sampled_from(range(5)))
def test_what_stands_for_a_cell_lies_in_it(low, high):
    cells = Cells(((1, True), (1, False), (Fraction(5, 2), True), (3, False)), Interval(0, inf, True, False))
    if low <= high:
        value, recorded_ = cells.worth(cells.state_of_regions(low, high))
        assert recorded_
        assert isinstance(value, Interval)
        assert cells.regions(value) == (low, high)


# --- formulas ----------------------------------------------------------------------------------------------------


def test_whole_numbers_over_a_power_of_ten():
    numbers, scale = whole(np.array([0.1, 2.0, 3.25, inf]))
    assert (numbers.tolist(), scale) == ([10.0, 200.0, 325.0, inf], 100)


def test_what_has_no_short_decimal_is_not_a_number():
    numbers, _ = whole(np.array([1 / 3, 2.0]))
    assert np.isnan(numbers[0])
    assert numbers[1] > 0


points = st.decimals(min_value=0, max_value=9999, allow_nan=False, places=2).map(Fraction)
above_zero = points.filter(bool)


@given(points, points, above_zero)
def test_a_quotient_is_the_float_nearest_to_the_fraction(ldh, creatinine, platelets):
    top = c.product([c.of_intervals([Interval.point(value)]) for value in (ldh, creatinine)])
    found = c.divided(top, c.of_intervals([Interval.point(platelets)]))
    assert c.nearest(found.low)[0] == c.nearest(found.high)[0] == float(ldh * creatinine / platelets)


@given(st.lists(points, min_size=4, max_size=4))
def test_a_linear_formula_is_the_float_nearest_to_the_fraction(values):
    by = [Fraction(text) for text in ("-0.003", "0.001", "-0.004", "0.0001")]  # the MS score's
    terms = [(k, c.of_intervals([Interval.point(value)])) for k, value in zip(by, values, strict=True)]
    exact = sum(k * value for k, value in zip(by, values, strict=True))
    assert c.nearest(c.quotients(c.linear(terms, 0)).low)[0] == float(exact)


def test_numbers_too_large_to_be_exact_are_marked():
    big = c.of_intervals([Interval.point(2**52)])
    assert np.isnan(c.product([big, big]).low[0])
