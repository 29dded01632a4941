"""The files: format, names, evidence, and what must not be in them."""

import pytest

from stormwatch import terms
from stormwatch.errors import InstrumentError, UnknownName
from stormwatch.guidance import document, documents, load
from stormwatch.instruments.catalogue import shipped

HEAD = """
format = 1
id = "mine"
title = "My label"
kind = "label"
revision = "1"
seen = "2024-01-01"
population = "Anyone."
"""
ROW = """
[[rows]]
kind = "monitoring"
id = "one"
section = "1"
text = "Watch."
evidence = "primary"
source = "a page"
"""


@pytest.mark.parametrize("name", documents())
def test_every_document_is_valid_and_its_names_are_known(name):
    one = document(name)
    assert one.id == name
    assert set(one.grading.values()) <= {*shipped(), "none"}
    assert not one.drug or one.drug in terms.tables.drugs()
    known = {*terms.tables.drugs(), *terms.tables.classes()}
    assert {*one.covers, *one.excludes} <= known
    for row in one.rows:
        drug = getattr(row, "drug", "")
        assert not drug or drug in terms.tables.drugs(), row.id


@pytest.mark.parametrize("name", documents())
def test_every_row_names_its_source_and_section_and_speaks_in_sentences(name):
    for row in document(name).rows:
        assert row.source
        assert row.section
        assert row.text.endswith(".")
        assert "you should" not in row.text.lower()


def test_a_wrong_name_is_answered_with_near_ones():
    with pytest.raises(UnknownName, match="blinatumomab-us"):
        document("blinatumomab")


def test_what_the_knowledge_sheet_leaves_out_is_not_in_the_documents():
    text = " ".join(path.read_text(encoding="utf-8") for path in documents().values())
    assert "linvoseltamab" not in text
    for name in documents():
        for row in document(name).rows:
            assert getattr(row, "drug", "") != "ruxolitinib"


def test_unconfirmed_facts_stay_marked():
    marked = {(name, row.id) for name in documents() for row in document(name).rows if row.evidence == "unconfirmed"}
    assert marked == {
        ("blinatumomab-us", "consolidation-45"),
        ("blinatumomab-us", "consolidation-below-45"),
        ("blinatumomab-us", "neurotoxicity-3-below-45"),
        ("hlh-94", "dexamethasone-taper"),
        ("iec-hs-first-agent", "digest"),
        ("iec-hs-first-agent", "notes"),
        ("tocilizumab-guideline", "two-per-event"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + ROW + "advice = true\n", "advice"),
        (HEAD + ROW.replace("monitoring", "opinion"), "rows"),
        (HEAD + ROW + ROW, "two rows have one id"),
        (HEAD + ROW + 'topic = "a question"\n', "a topic needs an answer"),
        (HEAD.replace("format = 1", "format = 2") + ROW, "format"),
        (HEAD + ROW.replace('"primary"', '"hearsay"'), "evidence"),
        ("format = ", "not valid TOML"),
    ],
)
def test_a_file_outside_the_format_is_refused_and_the_place_is_named(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError, match=message):
        load(path)


def test_a_file_of_the_format_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + ROW, encoding="utf-8")
    assert [row.id for row in load(path).rows] == ["one"]
