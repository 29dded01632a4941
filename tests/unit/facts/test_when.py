"""Fractions of a second are read digit by digit."""

from hypothesis import given
from hypothesis import strategies as st

from stormwatch.facts import When


@given(st.integers(0, 999_999))
def test_every_microsecond_is_read_as_it_is_written(microseconds):
    read = When.parse(f"2024-03-02T06:00:00.{microseconds:06}Z").latest
    assert read.microsecond == microseconds


def test_a_fraction_that_a_float_would_shift():
    assert When.parse("2024-03-02T06:00:00.000249Z").latest.microsecond == 249


def test_a_short_fraction_is_filled_and_a_long_one_is_cut():
    assert When.parse("2024-03-02T06:00:00.5Z").latest.microsecond == 500_000
    assert When.parse("2024-03-02T06:00:00.123456789Z").latest.microsecond == 123_456
