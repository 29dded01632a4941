"""Expectedness by document, seriousness of a case, and the clocks that follow. Rows: section 26 of the definitions."""

from datetime import date

import pytest

from stormwatch.errors import UnknownName
from stormwatch.logic.truth import Truth
from stormwatch.safety.case import Group
from stormwatch.safety.clocks import clocks, serious, unexpected
from stormwatch.safety.expectedness import expectedness


def test_hlh_is_a_term_of_its_own_in_the_eu_and_only_within_crs_in_the_us():
    us, eu = expectedness("blinatumomab", "mas_hlh")[:2]
    assert (us.jurisdiction, us.section.split(";")[0], us.listed, us.expected) == (
        "US",
        "5.1",
        "within_crs",
        Truth.UNKNOWN,
    )
    assert (eu.jurisdiction, eu.section, eu.listed, eu.expected) == ("EU", "4.8", "own_term", Truth.MET)


def test_choosing_one_document_never_hides_the_other():
    chosen = expectedness("blinatumomab", "mas_hlh", ["blinatumomab-eu"])
    assert [one.document for one in chosen] == ["blinatumomab-eu", "blinatumomab-us"]


def test_a_document_without_a_row_gives_no_answer():
    assert {one.expected for one in expectedness("blinatumomab", "")} == {Truth.UNKNOWN}
    assert {one.listed for one in expectedness("blinatumomab", "")} == {"no row"}
    assert expectedness("paracetamol", "mas_hlh") == ()


def test_an_unknown_document_is_refused():
    with pytest.raises(UnknownName):
        expectedness("blinatumomab", "mas_hlh", ["no-such-label"])


# --- clocks


def a_case(*, expected="no", criterion="E.i.3.2c", reporter=True, study="") -> Group:
    case = Group("case").set("D.5", "2").set("C.1.4", "20240226")
    if study:
        case.set("C.5.4", study)
    if reporter:
        case.add("C.2.r").set("C.2.r.4", "1")
    case.add("E.i", id="r").set("E.i.1.1a", "rash").set(criterion, "true")
    drug = case.add("G.k", id="d").set("G.k.1", "1").set("G.k.2.2", "a drug")
    held = drug.add("G.k.9.i").add("SW.expected", id="label")
    if expected:
        held.set("SW.expected.answer", expected)
    return case


def test_a_serious_unexpected_reaction_to_a_marketed_drug_is_due_in_15_calendar_days():
    # 26 February 2024 and 15 days over the leap day is 12 March
    (clock,) = clocks(a_case())
    assert (clock.days, clock.due, clock.applies) == (15, date(2024, 3, 12), Truth.MET)


def test_in_a_trial_a_fatal_one_is_due_in_7_days_and_8_more():
    seven, more, other = clocks(a_case(criterion="E.i.3.2a", study="1"))
    assert [one.due for one in (seven, more, other)] == [date(2024, 3, 4), date(2024, 3, 12), date(2024, 3, 12)]
    assert seven.applies is Truth.MET
    assert more.due == date(2024, 3, 4 + 8)


def test_in_a_trial_one_that_is_not_known_to_be_fatal_leaves_the_7_days_open():
    seven, _, other = clocks(a_case(study="1"))
    assert (seven.applies, other.applies) == (Truth.UNKNOWN, Truth.MET)


def test_an_open_answer_leaves_the_clock_open_and_an_expected_one_stops_it():
    assert clocks(a_case(expected=""))[0].applies is Truth.UNKNOWN
    assert clocks(a_case(expected="yes"))[0].applies is Truth.NOT_MET


def test_one_document_that_does_not_expect_it_is_enough():
    case = a_case(expected="yes")
    case.each("G.k")[0].each("G.k.9.i")[0].add("SW.expected", id="other").set("SW.expected.answer", "no")
    assert unexpected(case)[0] is Truth.MET
    assert clocks(case)[0].applies is Truth.MET


def test_without_the_four_minimum_elements_no_clock_runs():
    clock = clocks(a_case(reporter=False))[0]
    assert clock.applies is Truth.NOT_MET
    assert "reporter" in clock.why


@pytest.mark.parametrize("day", [None, "2024", "202402"])
def test_without_day_zero_to_the_day_there_is_no_clock(day):
    case = a_case()
    case.set("C.1.4", day)
    assert clocks(case) == ()


def test_nothing_stated_is_not_non_serious():
    assert serious(Group("case")) is Truth.UNKNOWN


def test_the_example_patient_is_expected_by_one_and_open_by_the_other(drafted):
    link = next(one for one in drafted.case.each("G.k")[0].each("G.k.9.i") if one.id == "mas_hlh")
    answers = {one.get("SW.expected.jurisdiction"): one.get("SW.expected.answer") for one in link.each("SW.expected")}
    assert answers == {"US": None, "EU": "yes"}
    assert clocks(drafted.case)[0].due == date(2024, 3, 16)
