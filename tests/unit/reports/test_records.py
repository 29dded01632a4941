"""Records as they come: empty, tiny, huge, out of order, several drugs at once, and patients who die."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st
from tests.unit.reports import pages

import stormwatch as sw
from stormwatch import terms
from stormwatch.facts import Interval, Patient, Timeline
from stormwatch.reports.charts import specification
from stormwatch.reports.html import html
from stormwatch.reports.markdown import markdown
from stormwatch.reports.report import report
from stormwatch.testing.records import given, hour, measured, record, stated


def bag(drug, at, until=None, rate="28 ug / 1 d", **more):
    return replace(given(drug, at, until=until, **more), rate=rate)


def of(*facts, **more):
    return pages.made(sw.follow(record(facts, **more)))


def test_an_empty_record_says_so():
    found, page = of()
    assert found["pictures"] == []
    assert found["verdicts"] == []
    assert "The record holds no fact that can be used." in page
    assert "Intended use" in page
    assert "The record holds no fact" in markdown(found)


@pytest.mark.parametrize(
    "fact",
    [
        measured("ferritin", 700, 0),
        stated("splenomegaly", 0),
        given("blinatumomab", 0),
        bag("blinatumomab", 0, running=True),
        given("dexamethasone", 0),
    ],
    ids=["a value", "a finding", "a dose", "an infusion that runs", "another drug"],
)
def test_one_fact(fact):
    found, _ = of(fact)
    assert len(found["pictures"]) == 1
    assert markdown(found).startswith("# ")


def test_only_findings_have_strips_and_no_panels():
    found, _ = of(stated("splenomegaly", 0), stated("fever", 5), stated("seizure", 9, present=False))
    (figure,) = found["pictures"]
    assert figure["picture"]["panels"] == []
    assert figure["picture"]["strips"]


def test_times_out_of_order_make_the_same_report():
    facts = [measured("ferritin", value, at) for at, value in enumerate((700, 9000, 400))]
    ordered, shuffled = (sw.follow(record(given_in)) for given_in in (facts, facts[::-1]))
    assert report(ordered) == report(shuffled)


def test_known_before_it_is_about():
    of(measured("ferritin", 700, 10, known=2), measured("temperature", 39.0, 4, known=90))


def test_two_engagers_at_once_have_a_row_each():
    found, page = of(
        bag("blinatumomab", 0, 96),
        given("teclistamab", 12),
        given("teclistamab", 84),
        measured("temperature", 39.2, 90),
    )
    drawn = found["pictures"][0]["picture"]
    assert {row["drug"] for row in drawn["infusions"]} == {"blinatumomab", "teclistamab"}
    captions = [caption.text for caption in pages.parsed(page).iter("caption")]
    assert {"Infusions and doses of blinatumomab", "Infusions and doses of teclistamab"} <= set(captions)


def test_a_hold_without_a_restart_goes_on_to_the_end_and_says_so():
    stopped = replace(bag("blinatumomab", 0, 48), status="stopped")
    found, page = of(stopped, measured("temperature", 39.2, 47), measured("temperature", 36.8, 240))
    (hold,) = found["pictures"][0]["picture"]["holds"]
    assert hold["label"] == "held, no restart recorded"
    assert (hold["from"], hold["to"]) == (2, 10)
    assert "the record has no restart" in page


def test_death_stands_in_the_head_and_ends_the_episode():
    died = Patient("p", death=hour(100))
    found, page = of(measured("temperature", 39.2, 90), measured("temperature", 39.4, 99), patient=died)
    assert "Died: 2024-01-05 04:00" in page
    assert "until death" in " ".join(found["story"])


def test_no_suspect_drug_at_all():
    found, page = of(measured("ferritin", 12000, 0), measured("temperature", 39.5, 1), given("dexamethasone", 2))
    assert "no suspect drug is recorded" in found["pictures"][0]["picture"]["axis"]
    assert "No T-cell engager" in page


@pytest.mark.parametrize("value", [0, Interval(0, 5), Interval(0, 0), Interval.above(40000), Interval(2, 9)])
def test_zero_and_censored_values_stand_on_a_logarithmic_axis(value):
    found, page = of(measured("crp", value, 0), measured("crp", 200, 5), measured("crp", value, 9))
    (panel,) = found["pictures"][0]["picture"]["panels"]
    assert panel["log"]
    assert len(panel["lines"][0]["points"]) == 3
    assert "NaN" not in page


def test_only_zeros():
    _, page = of(measured("crp", 0, 0), measured("crp", 0, 9), measured("wbc", 0, 9), measured("temperature", 37, 9))
    assert "NaN" not in page


def test_a_record_that_spans_decades():
    years = 24 * 365
    facts = [measured("ferritin", 100 + year, year * years) for year in range(-30, 31)]
    found, _ = of(*facts, measured("temperature", 39.3, 5), measured("temperature", 36.6, 400))
    whole, closer = (figure["picture"] for figure in found["pictures"])
    assert whole["to"] - whole["from"] > 60 * 365
    assert closer["to"] - closer["from"] == pytest.approx(12, abs=0.1)


def test_decades_before_the_first_dose_are_left_out_of_the_picture():
    facts = [measured("ferritin", 100, -24 * 365 * year) for year in range(1, 31)]
    found, _ = of(*facts, bag("blinatumomab", 0, 48), measured("temperature", 36.9, 48))
    assert found["pictures"][0]["picture"]["from"] > -31


def test_every_drug_of_interest_at_once():
    found, _ = of(*(given(name, place) for place, name in enumerate(terms.drugs())), measured("temperature", 38.4, 3))
    assert len({row["row"] for row in found["pictures"][0]["picture"]["given"]}) <= 10


ANALYTES = ("temperature", "ferritin", "platelets", "ast", "fibrinogen", "crp")
VALUES = st.one_of(st.integers(0, 10**5), st.integers(0, 500).map(Interval.above), st.just(Interval(0, 5)))
FACTS = st.one_of(
    st.builds(measured, st.sampled_from(ANALYTES), VALUES, st.integers(-500, 500)),
    st.builds(stated, st.sampled_from(("splenomegaly", "fever", "seizure")), st.integers(-500, 500)),
    st.builds(given, st.sampled_from(("blinatumomab", "teclistamab", "tocilizumab")), st.integers(-500, 500)),
    st.builds(bag, st.just("blinatumomab"), st.integers(-500, 0), st.integers(1, 500)),
)


@pytest.mark.slow
@settings(max_examples=30)
@cases(st.lists(FACTS, max_size=12))
def test_any_small_record_makes_a_report(facts):
    found, _ = of(*facts)
    assert markdown(found)


def huge(count=50_000):
    """Six values an hour for a year, as a monitor writes them."""
    analytes = ("temperature", "ferritin", "platelets", "ast", "ldh", "crp")
    values = {"temperature": 37, "ferritin": 900, "platelets": 90, "ast": 60, "ldh": 300, "crp": 40}
    facts = [measured(analytes[n % 6], values[analytes[n % 6]] + n % 7, n // 6) for n in range(count)]
    return sw.follow(Timeline(Patient("huge"), tuple(facts)))


@pytest.mark.slow
def test_fifty_thousand_facts():
    found = report(huge())
    pages.check_page(html(found))
    assert all(len(line["points"]) <= 400 for p in found["pictures"][0]["picture"]["panels"] for line in p["lines"])


def test_a_drawing_holds_its_rows_by_name(example):
    drawing = specification(example["pictures"][0]["picture"])
    named = set(re.findall(r'"data": {"name": "([^"]+)"}', json.dumps(drawing["vconcat"])))
    assert named == set(drawing["datasets"])
    assert "values" not in {key for panel in drawing["vconcat"] for key in panel.get("data", {})}
