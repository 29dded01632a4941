"""De-identification: no date finer than a year, no identifier, and a list that says so without showing them."""

import re
from copy import deepcopy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.safety.case import Field, Group
from stormwatch.safety.casefile import cases
from stormwatch.safety.completion import completed
from stormwatch.safety.e2b.elements import elements
from stormwatch.safety.exporting import export
from stormwatch.safety.paths import fields, place
from stormwatch.safety.redaction import redacted
from stormwatch.safety.scrub import scrub

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
FORMATS = (
    lambda d: d.isoformat(),
    lambda d: f"{d.isoformat()}T06:45:00+01:00",
    lambda d: d.strftime("%Y%m%d"),
    lambda d: d.strftime("%Y%m%d") + "0645",
    lambda d: f"{d.day:02}-{MONTHS[d.month - 1][:3].upper()}-{d.year}",
    lambda d: f"{d.day:02}-{MONTHS[d.month - 1][:3].upper()}-{d.year} 06:45",
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day}{'st' if d.day == 1 else 'th'} of {MONTHS[d.month - 1]}, {d.year}",
    lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    lambda d: f"{d.month}/{d.day}/{d.year % 100:02}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day} {MONTHS[d.month - 1][:3]}",
    lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
)
DAYS = st.dates(date(1930, 1, 1), date(2049, 12, 31))
WORDS = st.sampled_from(["She was seen on ", "Onset ", "(", "until ", "given: ", "from 10 mg on "])


@given(DAYS, st.sampled_from(FORMATS), WORDS, st.sampled_from([".", " and later.", ") she felt well", ", then"]))
def test_a_date_in_any_common_form_is_removed_from_free_text(day, form, before, after):
    made = scrub(before + form(day) + after)
    assert form(day) not in made.text
    assert not re.search(r"\b(?:0?[1-9]|[12]\d|3[01])[-/. ]+(?:\d{1,2}|[A-Z][a-z]{2,8})[-/. ]+\d{2,4}", made.text)
    assert "06:45" not in made.text
    assert made.removed["date"] >= 1


@given(DAYS, st.sampled_from(FORMATS[:9]))
def test_a_whole_date_can_become_a_day_since_another(day, form):
    made = scrub(f"Seen {form(day)}.", dated=lambda one: f"day {(one - date(2000, 1, 1)).days}")
    assert made.text == f"Seen day {(day - date(2000, 1, 1)).days}."


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Seen by Dr. Mary O'Brien-Smith today", "Brien"),
        ("Mrs Jones came", "Jones"),
        ("write to a.b@hospital.example", "hospital.example"),
        ("call +44 20 7946 0958 now", "7946"),
        ("call (555) 010-0200 now", "0200"),
        ("MRN: 00-1234-A was read", "1234"),
        ("patient no. = 77", "77"),
        ("NHS number: 943", "943"),
        ("number 123456789 given", "123456789"),
        ("see https://example.org/p/1", "example.org"),
        ("a 44-year-old woman", "44"),
        ("aged 97", "97"),
        ("at 06:45 she", "06:45"),
    ],
)
def test_identifiers_are_removed(text, gone):
    assert gone not in scrub(text).text


@pytest.mark.parametrize(
    "text",
    [
        "Ferritin >40000 ng/mL, CRP 156 mg/L, 10*9/L, ratio 3/4.",
        "Blinatumomab was given at 9 ug a day for 28 days; grade 1 of 4.",
        "Temperature 39.6 Cel; platelets 52 10*9/L; LDH 1240 U/L.",
        "Dexamethasone 10 mg, 12 doses; 8 mg, 2 doses.",
        "The patient may 'improve' in March when seen.",
    ],
)
def test_results_and_doses_stay(text):
    assert scrub(text).text == text


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=3, max_size=12))
def test_names_that_stand_in_fields_are_removed_from_text(name):
    case = Group("case").set("H.1", f"Then {name} said so.")
    case.add("C.2.r").set("C.2.r.1.4", name)
    made, removed = redacted(case)
    assert f" {name} " not in (made.get("H.1") or "")
    assert made.each("C.2.r")[0].null("C.2.r.1.4") == "MSK"
    assert all(name not in f"{one.path} {one.kind}" for one in removed)


# --- whole cases


FINE_DATE = re.compile(r"(?<![\d.])(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?(?!\d)|\d{2}-[A-Z]{3}-\d{4}")


def assert_without_identifiers(case: Group, secrets: tuple[str, ...]) -> None:
    for path, held in fields(case):
        value, element = held.value or "", path.rpartition("/")[2]
        known = elements().get(element)
        if known is not None and known.kind == "date":
            assert re.fullmatch(r"(?:\d{4})?|day -?\d+", value), path
        if known is None or known.kind == "text":
            assert not FINE_DATE.search(value), path
        assert not any(secret in value for secret in secrets), path


@pytest.mark.parametrize("dates", ["years", "offsets"])
def test_the_example_patient_without_identifiers(drafted, dates):
    made, removed = redacted(completed(drafted.case), dates=dates)
    secrets = ("Otherperson", "Thirdperson", "Example Hospital", "US-EXAMPLE-1", "0100", "19790514", "14-MAY")
    assert_without_identifiers(made, secrets)
    assert (made.get("D.2.2a"), made.get("D.2.2b")) == ("4", "10.a")
    assert {one.kind for one in removed} >= {"identifier", "exact date", "exact age", "date"}


def test_offsets_count_from_the_first_dose_of_the_suspect_drug(drafted):
    # first dose on 6 November; the diagnosis was stated on 28 December: 24 + 28 days later
    made, _ = redacted(drafted.case, dates="offsets")
    assert made.each("E.i")[1].get("E.i.4") == "day 52"
    assert made.each("G.k")[0].each("G.k.4.r")[0].get("G.k.4.r.4") == "day 0"


def test_the_fullest_official_message_without_identifiers(shared_data):
    (case,) = cases(shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario6.xml")
    personal = [held.value for path, held in fields(case) if held.value and "C.2.r.1." in path and len(held.value) > 3]
    made, removed = redacted(case)
    assert_without_identifiers(made, tuple(personal))
    assert made.each("C.1.9.1.r") == []
    assert removed
    assert case != made


def test_redacting_twice_removes_nothing_more(drafted):
    once, _ = redacted(completed(drafted.case))
    twice, removed = redacted(once)
    assert twice == once
    assert {one.kind for one in removed} <= {"exact date", "number of the case or name of the sender"}


def test_an_export_is_redacted_unless_it_is_told_not_to_be(drafted):
    hidden = export([drafted.case], "csv").content.decode()
    shown = export([drafted.case], "csv", identified=True)
    assert "US-EXAMPLE-1" not in hidden
    assert "20231228" not in hidden
    assert "US-EXAMPLE-1" in shown.content.decode()
    assert shown.removed == ()


def test_days_that_can_be_looked_up_are_never_offsets(drafted):
    """The day of the report and the date of a label are known: beside an offset they would give the others away."""
    case = completed(deepcopy(drafted.case))
    case.set("C.1.2", "20261124101010+0000").set("C.1.4", "20240301")
    last = (date(2024, 1, 24) - date(2023, 11, 6)).days  # the end of the example's record, from its first dose
    made, _ = redacted(case, dates="offsets")
    assert (made.get("C.1.2"), made.get("C.1.4")) == ("2026", "2024")
    told = [held.value or "" for _, held in fields(made)]
    offsets = [int(one) for text in told for one in re.findall(r"\bday (-?\d+)", text)]
    assert offsets
    assert max(offsets) <= last
    assert any("openFDA shows an update of 2026)" in text for text in told)


def test_the_date_of_a_label_within_the_course_is_a_year_too(drafted):
    case = deepcopy(drafted.case)
    at = next(path for path, _ in fields(case) if path.endswith("SW.expected.cited"))
    place(case, at, Field("Invented label of 2023-12-20"))
    case.set("H.1", "By the label of 20 December 2023 it was expected; it began on 2023-12-27.")
    made, _ = redacted(case, dates="offsets")
    assert made.get("H.1") == "By the label of 2023 it was expected; it began on day 51."
