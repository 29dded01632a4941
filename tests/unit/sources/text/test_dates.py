"""Calendar dates in prose, and tables as pages flatten them. Expected days are counted by hand beside each test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stormwatch.facts import Interval, Timeline
from stormwatch.sources.text import read_prose, timeline_of
from stormwatch.sources.text.clock import DAY_ZERO, NOT_PLACED
from stormwatch.sources.text.dates import EITHER, NO_YEAR
from stormwatch.sources.text.passes.drugs import short_forms
from stormwatch.sources.text.passes.times import times


def record(text: str) -> Timeline:
    return timeline_of(read_prose(text))


def day(timeline: Timeline, analyte: str, at: int = 0) -> str:
    return timeline.measurements[analyte][at].time.earliest.date().isoformat()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("on 12 March 2021", "2021-03-12"),
        ("on 12th of March, 2021", "2021-03-12"),
        ("on March 3rd", "--03-03"),
        ("on Sept. 9, 2020", "2020-09-09"),
        ("on 2021/3/4", "2021-03-04"),
        ("on 25/03/2021", "2021-03-25"),
        ("on 03/25/2021", "2021-03-25"),
        ("on 03/04/2021", "2021-03-04 or 2021-04-03"),
        ("on 04/04/2021", "2021-04-04"),
    ],
)
def test_dates_in_a_plain_form(text: str, plain: str) -> None:
    assert [time.plain for time in times(f"Ferritin was low {text}.")] == [plain]


@pytest.mark.parametrize(
    "text", ["She may 10 take it.", "On 30 February 2021.", "March 5 mg.", "Received: 12 July 2022.", "In May 2021."]
)
def test_what_is_no_date(text: str) -> None:
    assert times(text) == []


def test_a_dated_presentation_is_day_zero_and_the_record_has_real_dates() -> None:
    timeline = record(
        "She presented on 3 March 2021 with fever. On March 5th ferritin was 900 ng/mL. "
        "Two days later AST was 80 U/L. On hospital day 10 ALT was 50 U/L."
    )
    assert day(timeline, "ferritin") == "2021-03-05"
    assert day(timeline, "ast") == "2021-03-07"
    assert day(timeline, "alt") == "2021-03-12"  # the third of March is hospital day 1
    assert "dates of the text" in timeline.labels[0]


def test_a_date_without_its_year_is_the_closest_to_the_one_before() -> None:
    assert day(record("He was admitted on 30 December 2020. On January 4 LDH was 900 U/L."), "ldh") == "2021-01-04"


def test_dates_without_any_year_are_days_from_the_first() -> None:
    timeline = record("He was admitted on March 3 with fever. On March 7 ferritin was 900 ng/mL.")
    assert (timeline.measurements["ferritin"][0].time.earliest - DAY_ZERO).days == 4
    assert "no date" in timeline.labels[0]


def test_the_end_of_february_without_a_year_is_not_placed() -> None:
    timeline = record("He was admitted on February 27 with fever. On March 2 ferritin was 900 ng/mL.")
    assert [reason for reason, _ in timeline.accounting.reasons()] == [NO_YEAR]


def test_a_date_with_day_or_month_first_is_never_decided() -> None:
    timeline = record("He was admitted on 2021-01-05. On 03/04/2021 LDH was 500 U/L.")
    assert "ldh" not in timeline.measurements
    assert [reason for reason, _ in timeline.accounting.reasons()] == [EITHER]


def test_the_stay_cannot_be_placed_when_only_other_days_are_dated() -> None:
    timeline = record("On 1 March 2021 ferritin was 800 ng/mL. On hospital day 3 AST was 50 U/L.")
    assert day(timeline, "ferritin") == "2021-03-01"
    assert [reason for reason, _ in timeline.accounting.reasons()] == [NOT_PLACED]


def test_the_age_is_that_of_the_dated_presentation() -> None:
    timeline = record("A 40-year-old woman presented on 3 March 2021 with fever.")
    assert timeline.patient.age_years(datetime(2021, 3, 3, tzinfo=UTC)) == (40, 40)


def test_prose_without_dates_keeps_its_artificial_day_zero() -> None:
    assert record("She presented with fever.").findings["fever"][0].time.earliest == DAY_ZERO


def test_a_value_is_not_given_to_another_test_because_its_unit_is_odd() -> None:
    names = [m.name for m in read_prose("Creatinine 1.9 mg/dL; lactate dehydrogenase, 950 mg/dL.").mentions]
    assert names == ["creatinine"]


def test_a_number_like_a_year_is_a_value_and_an_edition_is_none() -> None:
    mentions = read_prose("Ferritin 2004 ng/mL. HLH 2004 criteria.").mentions
    found = [(m.name, m.value) for m in mentions if m.value is not None]
    assert found == [("ferritin", Interval.point(2004))]


def test_a_short_form_given_to_two_drugs_is_nobodys() -> None:
    assert short_forms(["Prednisolone (PL) and paclitaxel (PL) were given."]) == {}
    assert short_forms(["Tocilizumab (Roche) and anakinra (IL) were given."]) == {}
