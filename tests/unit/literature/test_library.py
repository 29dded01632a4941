"""The library: each publication once, by what two entries are known to be one, and what it refuses."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from stormwatch.errors import InputError, UnknownName, UsageError
from stormwatch.literature.library import library
from stormwatch.literature.matching import match_of
from stormwatch.literature.ris import ris
from stormwatch.literature.search import count, search
from stormwatch.sources.text import Document, Section, read_documents

TITLE = "Macrophage activation syndrome on a drug"


def document(title: str = TITLE, body: str = "She had fever.", **about) -> Document:
    text = f"{title}\n\n{body}"
    sections = (Section("title", 0, len(title)), Section("abstract", len(title) + 2, len(text)))
    return Document(text, sections, (), title, **about)


def test_a_publication_survives_the_file(tmp_path: Path) -> None:
    one = document(authors=("A B",), journal="J", year=2020, doi="10.1/x", pmid="123", keyphrases=("k",))
    with library(tmp_path / "new" / "library.sqlite") as held:
        held.add([one])
    with library(tmp_path / "new" / "library.sqlite", create=False) as held:
        assert held.document(1) == one
        with pytest.raises(UnknownName):
            held.document(2)


@pytest.mark.parametrize(
    ("first", "second", "by"),
    [
        ({"doi": "10.1/x"}, {"doi": "10.1/x", "title": "Another title altogether"}, "doi"),
        ({"pmid": "123"}, {"pmid": "123", "title": "Another title altogether"}, "pmid"),
        ({"year": 2020}, {"year": 2020, "title": TITLE.upper()}, "title and year"),
        ({"year": 2020, "doi": "10.1/x"}, {"year": 2020, "pmid": "9"}, "title and year"),
        ({"year": 2020}, {"year": 2021}, ""),
        ({"doi": "10.1/x", "year": 2020}, {"doi": "10.1/y", "year": 2020}, ""),
        ({"title": "Editorial", "year": 2020}, {"title": "Editorial", "year": 2020}, ""),  # too short to tell
    ],
)
def test_what_is_the_same_publication(first, second, by: str) -> None:
    with library(None) as held:
        added = held.add([document(**first), document(**second)])
        assert [one.by for one in added] == ["", by]
        assert len(held) == (1 if by else 2)


def test_the_longer_text_and_all_marks_are_kept() -> None:
    with library(None) as held:
        held.add([document(body="Short.", doi="10.1/x", year=2020), document(body="A longer text.", doi="10.1/x")])
        kept = held.document(1)
        assert (kept.year, "longer" in kept.text) == (2020, True)
        assert [hit.number for hit in search(held, match_of("longer"))] == [1]
        assert count(held, match_of("short")) == 0


def test_a_third_record_can_show_that_two_entries_are_one() -> None:
    with library(None) as held:
        held.add([document("First title of some length", doi="10.1/x"), document("Second title of length", pmid="7")])
        held.base.execute("INSERT INTO decision (query, document, relevant) VALUES ('q', 2, 1)")
        (added,) = held.add([document("Third title", doi="10.1/x", pmid="7")])
        assert (added.number, added.by, added.absorbed, held.numbers()) == (1, "doi", (2,), [1])
        assert held.base.execute("SELECT document FROM decision").fetchall() == [(1,)]
        assert len(search(held, match_of("first OR second OR third"))) == 1


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "two.ris"
    path.write_text(
        ris([(document(doi="10.1/x", year=2020, authors=("Ada B",), pmid="12345678"), "")]), encoding="utf-8"
    )
    with library(None) as held:
        held.add(read_documents(path))
        before = held.document(1)
        held.add(read_documents(path))
        assert (len(held), held.document(1)) == (1, before)
        assert before.pmid == "12345678"
        assert before.authors == ("Ada B",)


def test_all_documents_are_added_or_none() -> None:
    def broken():
        yield document()
        raise InputError("the second file cannot be read")

    with library(None) as held:
        with pytest.raises(InputError):
            held.add(broken())
        assert len(held) == 0


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no library here yet"), library(tmp_path / "none.sqlite", create=False):
        pass
    (tmp_path / "text.sqlite").write_text("this is no database at all, only text " * 20, encoding="utf-8")
    with pytest.raises(InputError, match="no library of Stormwatch"), library(tmp_path / "text.sqlite"):
        pass
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE something (id INTEGER)")
    other.close()
    with pytest.raises(InputError, match="no library of Stormwatch"), library(tmp_path / "other.sqlite"):
        pass
    with pytest.raises(UsageError), library(tmp_path):
        pass
