"""The narrative: standard order, every sentence tied to fields, no figure that is not in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.safety.case import Group
from stormwatch.safety.casefile import CaseFile, Edit, cases
from stormwatch.safety.completion import completed
from stormwatch.safety.dates import people
from stormwatch.safety.e2b.elements import codes, elements
from stormwatch.safety.narrative import narrative
from stormwatch.safety.paths import field_at

FIGURES = re.compile(r"\d+(?:\.\d+)?")
DATES = re.compile(r"\d{4}(?:\d\d){0,5}(?:[+-]\d{4})?")


def assert_tied(case: Group) -> None:
    """Every figure of a sentence stands in a field it names: as it is, as a date, or as what a code means."""
    for sentence in narrative(case):
        assert sentence.paths, "a sentence that restates nothing"
        known = set()
        for path in sentence.paths:
            held = field_at(case, path)
            assert held is not None
            known.update(FIGURES.findall(held.value or ""))
            if DATES.fullmatch(held.value or ""):
                known.update(FIGURES.findall(people(held.value)))
            element = elements().get(path.rpartition("/")[2])
            if element is not None and element.list:
                known.update(FIGURES.findall(codes(element.list).get(held.value or "", "")))
        assert set(FIGURES.findall(sentence.text)) <= known


def test_every_figure_of_the_example_stands_in_the_fields_named(drafted):
    case = completed(drafted.case)
    assert len(narrative(case)) > 30
    assert_tied(case)


def test_the_order_is_the_standard_one(drafted):
    told = [one.text for one in narrative(completed(drafted.case))]
    beginnings = [
        "This case was reported by a physician",
        "The patient was female and 44 years old",
        "Medical history:",
        "The suspect drug was Blinatumomab",
        "Blinatumomab was given at 9 ug a day, intravenous, from 06-NOV-2023 10:00 until 13-NOV-2023 10:00.",
        "Other drugs: Dexamethasone",
        "Macrophage activation syndrome began on 28-DEC-2023 15:45.",
        "Ferritin: 388 ng/mL",
        "Treatment of the event: Tocilizumab (544 mg), from 28-DEC-2023 16:00.",
        "Action taken with Blinatumomab: It was withdrawn.",
        "Macrophage activation syndrome: the patient recovered (05-JAN-2024 10:00).",
        "Macrophage activation syndrome was serious: it caused or prolonged hospitalisation.",
        "Macrophage activation syndrome, causality by Naranjo",
    ]
    places = [next(i for i, text in enumerate(told) if text.startswith(start)) for start in beginnings]
    assert places == sorted(places)


def test_the_confounded_dechallenge_is_told_as_what_it_is(drafted):
    told = " ".join(one.text for one in narrative(completed(drafted.case)))
    assert "Whether stopping it helped cannot be told, because treatment was given as well" in told
    assert "improved while it was off" not in told


def test_an_edit_changes_what_is_told(drafted):
    held = CaseFile(drafted).edited("E.i[mas_hlh]/E.i.7", Edit("5")).edited("D.3", Edit("71.5"))
    told = " ".join(one.text for one in narrative(completed(held.case)))
    assert "the outcome was fatal" in told
    assert "weighed 71.5 kg" in told
    assert_tied(completed(held.case))


def test_a_narrative_written_by_a_person_stays(drafted):
    held = CaseFile(drafted).edited("H.1", Edit("My own words."))
    assert completed(held.case).get("H.1") == "My own words."


@pytest.mark.parametrize("name", ["FAERS2022Scenario1.xml", "FAERS2022Scenario6.xml", "FAERS2022Scenario8.xml"])
def test_messages_that_were_read_are_told_by_the_same_rule(shared_data, name):
    for case in cases(shared_data / "e2b_r3_fda_instances" / name):
        assert narrative(case)
        assert_tied(case)


OWN = {
    "E.i": ("SW.stated", "SW.criteria"),
    "SW.sign": ("SW.sign.term", "SW.sign.start", "SW.sign.end"),
    "SW.treatment": ("SW.treatment.name", "SW.treatment.first", "SW.treatment.last", "SW.treatment.dosage"),
    "G.k.9.i": ("SW.dechallenge", "SW.dechallenge.date", "SW.rechallenge.dosage"),
    "SW.expected": ("SW.expected.cited", "SW.expected.says"),
}
HOMES = {
    one.number: one.home[3:] for one in elements().values() if len(one.home) > 2 and one.kind not in ("data", "part")
}
HOMES |= dict.fromkeys(OWN["G.k.9.i"], ("G.k", "G.k.9.i"))
HOMES |= dict.fromkeys(OWN["SW.expected"], ("G.k", "G.k.9.i", "SW.expected"))
HOMES |= {number: (group,) for group in ("E.i", "SW.sign", "SW.treatment") for number in OWN[group]}
TOLD = sorted(number for number in HOMES if number.startswith(("C.2", "C.4", "D.", "E.", "F.", "G.", "SW.")))
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["1", "2", "yes", "no", "confounded", "20240302", "r"]))


@given(st.lists(st.tuples(st.sampled_from(TOLD), VALUES), max_size=25))
def test_any_case_is_told_without_a_figure_of_its_own(filled):
    case = Group("case")
    for number, value in filled:
        group = case
        for level in HOMES[number]:
            group = (group.each(level) or [group.add(level, id="r")])[0]
        group.set(number, value)
    assert_tied(completed(case))
