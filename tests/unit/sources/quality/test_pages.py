"""The report as text and as a page, and the command that prints it."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from stormwatch import sources
from stormwatch.cli.sources import app
from stormwatch.errors import UsageError
from stormwatch.sources.quality import quality, quality_html, quality_text

PATIENT, VALUE = "zebra-4711", "40123.457"
TABLE = f"""patient_id,time,name,value,unit
{PATIENT},2024-01-01T06:00Z,ferritin,{VALUE},ng/mL
{PATIENT},2024-01-02T06:00Z,haemoglobin,-{VALUE},g/dL
{PATIENT},2024-01-02T06:00Z,<script>x</script>,{VALUE},g/dL
"""
NEEDS = {"first": ["ferritin", "splenomegaly"], "second": ["ferritin"]}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def payload(path):
    return quality([sources.read(path)], NEEDS)


class Page(HTMLParser):
    """What a screen reader and a browser would find."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.captioned, self.open = [], 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        self.captioned += tag == "caption" and self.open[-2] == "table"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_stands_alone_and_every_table_can_be_read_aloud(payload):
    page = Page(quality_html(payload))
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert page.captioned == len(page.all("table")) == 5
    assert all(head.get("scope") in {"col", "row"} for head in page.all("th"))
    assert not page.all("script")
    assert not [attrs for _, attrs in page.tags if {"src", "href"} & set(attrs)]
    assert "@page" in quality_html(payload)


def test_a_name_from_the_record_is_escaped(payload):
    assert "&lt;script&gt;x&lt;/script&gt;" in quality_html(payload)


def test_neither_a_patient_nor_a_value_is_printed(payload):
    for form in (json.dumps(payload), quality_text(payload), quality_html(payload)):
        assert PATIENT not in form
        assert VALUE not in form


def test_the_text_says_the_account_and_what_is_lacking(payload):
    text = quality_text(payload)
    assert "3 rows read = 1 used + 1 rejected + 1 not needed" in text
    assert "rejected 1: negative haemoglobin, which cannot be" in text
    assert "Never stated: Splenomegaly." in text
    assert "first: everything in 0 of 1; 1 of 2 questions answered in nobody." in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_report_without_needs_has_no_word_of_instruments(path):
    plain = quality([sources.read(path)])
    assert plain["needs"] == []
    assert "instrument" not in quality_text(plain) + quality_html(plain)


def run(*arguments):
    return CliRunner().invoke(app, ["inspect", *map(str, arguments)])


def test_the_command_prints_text_or_json_and_writes_the_page(path, tmp_path):
    assert "3 rows read" in run(path).stdout
    page = tmp_path / "quality.html"
    result = run(path, "--json", "--html", page)
    printed = json.loads(result.stdout)
    assert printed["patients"] == 1
    hscore = next(one for one in printed["needs"] if one["instrument"] == "hscore")
    assert {"ferritin", "splenomegaly", "temperature"} <= {need["need"] for need in hscore["needs"]}
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "1 patients read" in result.stderr


def test_a_page_that_cannot_be_written_is_a_usage_error(path, tmp_path):
    result = run(path, "--html", tmp_path / "nowhere" / "quality.html")
    assert isinstance(result.exception, UsageError)
