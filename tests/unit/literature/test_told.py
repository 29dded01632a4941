"""Cases of publications that were read before: used when they would be read the same, and never otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import stormwatch
from stormwatch.literature import told
from stormwatch.literature.case import Case, case_of_report
from stormwatch.literature.library import Library, library
from stormwatch.literature.precedents import pair_of, precedents
from stormwatch.sources.text import Document, Section, document_of, read_document, read_prose

CASE = "A 40-year-old woman received blinatumomab. She had fever and cough. AST was elevated. MAS was diagnosed."
TWO = (
    "Case 1: a 60-year-old man received teclistamab. He had fever and no cough. HLH was diagnosed. "
    "Case 2: a 33-year-old woman received teclistamab. She had rash. HLH was diagnosed."
)


def published(text: str, title: str, **marks: str) -> Document:
    whole = f"{title}\n\n{text}"
    sections = (Section("title", 0, len(title)), Section("abstract", len(title) + 2, len(whole)))
    return Document(whole, sections, (), title, year=2020, **marks)  # type: ignore[arg-type]


@pytest.fixture
def held():
    with library(None) as one:
        one.add([published(CASE, "The first of these", doi="10.9999/1"), published(TWO, "The second of these")])
        yield one


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The titles of the documents that were read, in their order."""
    titles: list[str] = []

    def reading(document: Document):
        titles.append(document.title)
        return read_document(document)

    monkeypatch.setattr(told, "read_document", reading)
    return titles


def cases(held: Library, number: int) -> tuple[Case, ...]:
    with told.Told(held) as reports:
        return reports.cases(number)


def answer(held: Library):
    case = case_of_report(read_prose(CASE))
    return precedents(held, case, pair_of(case), 2024)


def test_the_second_time_nothing_is_read_and_the_answer_is_the_same(held: Library, read: list[str]) -> None:
    first = answer(held)
    assert len(first.earlier) == 3
    assert len(read) == 2
    assert answer(held) == first
    assert len(read) == 2


def test_what_is_kept_is_what_was_read(held: Library) -> None:
    for number, patients in ((1, ["1"]), (2, ["1", "2"])):
        fresh = cases(held, number)
        assert cases(held, number) == fresh == tuple(told.read_cases(held.document(number)))
        assert [case.patient for case in fresh] == patients


def test_another_reader_reads_anew(held: Library, read: list[str], monkeypatch) -> None:
    right = cases(held, 1)
    held.base.execute("UPDATE told SET cases = '[]'")  # what the older reader had made of it
    assert cases(held, 1) == ()
    monkeypatch.setattr(told, "reader", lambda: "a newer one")
    assert cases(held, 1) == right
    assert len(read) == 2
    assert cases(held, 1) == right
    assert len(read) == 2


def test_another_text_is_read_anew(held: Library, read: list[str]) -> None:
    cases(held, 1)
    longer = f"{CASE} Splenomegaly was found on examination."
    held.add([published(longer, "The first of these", doi="10.9999/1")])
    (case,) = cases(held, 1)
    assert ("finding", "splenomegaly") in case.facts
    assert len(read) == 2


def test_an_entry_that_is_given_up_takes_its_cases_with_it(held: Library) -> None:
    held.add([published(CASE, "The third of these", pmid="7")])
    cases(held, 3)
    held.add([published(CASE, "The third of these", pmid="7", doi="10.9999/1")])
    assert held.numbers() == [1, 2]
    assert held.base.execute("SELECT document FROM told").fetchall() == []


@pytest.mark.parametrize("part", ["sources/text/data/cues.toml", "terms/drugs.toml", "sources/text/passes/labs.py"])
def test_a_changed_rule_or_table_is_another_reader(part: str, tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "stormwatch"
    shutil.copytree(Path(stormwatch.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(told, "files", lambda _: package)
    before = told.reader.__wrapped__()
    assert told.reader.__wrapped__() == before
    with (package / part).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert told.reader.__wrapped__() != before


def test_another_version_is_another_reader(monkeypatch) -> None:
    before = told.reader.__wrapped__()
    monkeypatch.setattr(told, "version", lambda: "999")
    assert told.reader.__wrapped__() != before


def test_a_library_that_cannot_be_written_is_read_all_the_same(held: Library, read: list[str]) -> None:
    held.base.execute("PRAGMA query_only = ON")
    first = answer(held)
    assert answer(held) == first
    assert len(read) == 4


def test_a_library_made_before_takes_the_table_on(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with library(path) as one:
        one.add([document_of(f"A case\n\n{CASE}")])
        assert one.base.execute("SELECT name FROM sqlite_master WHERE name = 'told'").fetchone() is None
        answer(one)
    with library(path, create=False) as one:
        assert one.base.execute("SELECT count(*) FROM told").fetchone() == (1,)
