"""The page of the example patient: whole, self-contained, readable by a screen reader, never fooled by the record."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.unit.reports import pages

import stormwatch as sw
from stormwatch.errors import UsageError
from stormwatch.facts import Patient
from stormwatch.reports.html import html
from stormwatch.reports.report import SCHEMA, report
from stormwatch.testing.records import given, measured, record

HOSTILE = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize("form", ["page", "paper"])
def test_the_page_is_well_formed_self_contained_and_accessible(form, request):
    pages.check_page(request.getfixturevalue(form))


def test_the_checks_of_a_page_can_fail(page):
    for broken in (
        page.replace("</main>", "", 1),
        page.replace("<h2", "<h4", 1).replace("</h2>", "</h4>", 1),
        page.replace('id="story"', 'id="verdicts"'),
        page.replace('scope="col"', "", 1),
        page.replace("</main>", '<img src="https://example.org/a.png"/></main>'),
        page.replace('lang="en"', "", 1),
    ):
        with pytest.raises(AssertionError):
            pages.check_page(broken)


def test_page_one_has_the_picture_and_the_parts_follow_in_order(page):
    heads = [head.text for head in pages.parsed(page).iter("h2")]
    assert heads[0] == "The whole course"
    wanted = ["In short", "Verdicts", "Exposure", "Episodes", "Stopping and giving again", "Trajectories"]
    wanted += ["Differential: what speaks for and against", "What labels and guidelines say", "Data quality"]
    wanted += ["Sources and versions", "Intended use"]
    assert [head for head in heads if head in wanted] == wanted


def test_what_the_record_says_of_itself_stands_at_the_top(page):
    label = pages.parsed(page).xpath("//header//p[@class='label']")[0]
    assert "Fictitious patient" in label.text


def test_text_of_the_record_is_never_markup(example_course):
    first = example_course.timeline.facts[0]
    false = replace(first, recorded=HOSTILE, origin=replace(first.origin, record=HOSTILE, file=HOSTILE))
    hostile = replace(
        example_course.timeline,
        patient=replace(example_course.timeline.patient, id=HOSTILE, sex=""),
        labels=(HOSTILE,),
        facts=(false, *example_course.timeline.facts[1:]),
    )
    _, page = pages.made(sw.follow(hostile))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_free_text_of_a_dose_is_never_markup():
    dose = replace(given("blinatumomab", 0, until=24), dose=HOSTILE, rate=HOSTILE, status=HOSTILE)
    other = replace(given("dexamethasone", 2), dose=HOSTILE)
    course = sw.follow(record([dose, other, measured("ferritin", 700, 3)], patient=Patient("p", sex=HOSTILE)))
    _, page = pages.made(course)
    assert "<script" not in page


def test_the_report_in_json_is_the_payload_and_names_versions(example):
    assert json.loads(json.dumps(example, allow_nan=False)) == example
    assert example["schema"] == SCHEMA
    assert example["software"].startswith("stormwatch ")
    assert all(len(one["instrument"]["sha256"]) == 64 for one in example["verdicts"])
    assert {one["instrument"]["id"] for one in example["verdicts"]} == set(sw.catalogue())


def test_every_verdict_of_the_payload_stands_on_the_page(example, page):
    text = " ".join(pages.parsed(page).itertext())
    for one in example["verdicts"]:
        assert one["instrument"]["title"] in text
        assert one["instrument"]["sha256"][:16] in text
    for diagnosis in example["course"]["differential"]:
        assert diagnosis["title"] in text
    for row in example["guidance"]["rows"]:
        assert f"{row['document']}, {row['section']}" in text


def test_instruments_outside_their_population_stand_apart(example, page):
    tables = pages.parsed(page).xpath("//table[@class='verdicts']")
    inside, elsewhere = ({th.text.strip() for th in table.xpath("./tbody/tr/th")} for table in tables)
    titles = {one["instrument"]["id"]: one["instrument"]["title"] for one in example["verdicts"]}
    # An adult with leukaemia: no juvenile arthritis, no CAR-T cells, not under 18.
    assert {titles["ms-score"], titles["mas-sjia-2016"], titles["hlh-2004"], titles["cartox-hlh"]} <= elsewhere
    assert {titles["hscore"], titles["ohi"], titles["crs-astct"]} <= inside
    assert len(inside) + len(elsewhere) == len(titles)


def test_paper_leaves_out_what_only_a_screen_can_fold_and_says_so(page, paper):
    assert len(paper) < len(page) / 2
    assert "stand in the HTML and JSON forms" in paper
    assert "stand in the HTML and JSON forms" not in page
    assert len(pages.parsed(paper).xpath("//figure//svg[@role='img']")) == 2
    assert len(pages.parsed(page).xpath("//figure//svg[@role='img']")) == 4


def test_no_language_without_a_catalogue(example, example_course):
    for call in (lambda: html(example, language="tlh"), lambda: report(example_course, language="tlh")):
        with pytest.raises(UsageError, match="there are: en"):
            call()
