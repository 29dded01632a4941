"""Case reports as records: `stormwatch.read` takes them as it takes any other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import stormwatch
from stormwatch.errors import InputError, UnknownName
from stormwatch.sources import iterate
from stormwatch.sources.text import Correction, read_prose, read_text, reading_json, timeline_of

Save = Callable[..., Path]
FEVER = "A case\n\nA 40-year-old man had fever. AST was elevated."
TWO = "Case 1: a 60-year-old man had fever. Case 2: a 33-year-old woman had rash."
RIS = f"TY  - JOUR\nTI  - One\nAB  - A man had cough.\nER  - \nTY  - JOUR\nTI  - Two\nAB  - {TWO}\nER  - \n"


@pytest.fixture
def file(tmp_path: Path) -> Save:
    def save(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return save


def test_a_report_is_read_as_its_timeline(file: Save) -> None:
    path = file("report.txt", FEVER)
    assert stormwatch.patients(path) == ["1"]
    assert stormwatch.read(path).facts == timeline_of(read_text(path)).facts
    assert set(stormwatch.read(path).levels) == {"ast"}


def test_one_of_several_patients_is_named(file: Save) -> None:
    path = file("two.txt", TWO)
    assert stormwatch.patients(path) == ["1", "2"]
    assert set(stormwatch.read(path, patient="2").findings) == {"rash"}
    assert [set(one.findings) for one in iterate(path)] == [{"fever"}, {"rash"}]
    with pytest.raises(InputError, match="several patients"):
        stormwatch.read(path)


def test_one_of_several_documents_is_named(file: Save) -> None:
    path = file("export.ris", RIS)
    assert stormwatch.patients(path) == ["1", "2.1", "2.2"]
    assert [one.patient.id for one in iterate(path)] == ["1", "2.1", "2.2"]
    second = stormwatch.read(path, patient="2.2")
    assert (second.patient.id, set(second.findings)) == ("2.2", {"rash"})
    assert set(stormwatch.read(path, patient="1").findings) == {"cough"}


@pytest.mark.parametrize(
    ("patient", "error", "words"),
    [
        (None, InputError, "2 documents"),
        ("2", InputError, "name one of 2.1, 2.2"),
        ("3", UnknownName, "it holds 2"),
        ("first", UnknownName, "it holds 2"),
        ("2.3", UnknownName, "no patient of this number"),
    ],
)
def test_what_is_not_named_rightly_is_refused(file: Save, patient: str | None, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        stormwatch.read(file("export.ris", RIS), patient=patient)


def test_a_saved_reading_is_read_with_its_corrections(file: Save) -> None:
    reading = read_prose(FEVER)
    fever = next(i for i, m in enumerate(reading.mentions) if m.name == "fever")
    saved = json.dumps(reading_json(reading, [Correction(action="remove", mention=fever)]))
    path = file("reading.json", saved)
    assert stormwatch.patients(path) == ["1"]
    assert stormwatch.read(path).findings == {}
    assert [one.findings for one in iterate(path)] == [{}]


def test_a_long_table_may_still_be_called_txt(file: Save) -> None:
    path = file("labs.txt", "patient_id\ttime\tname\tvalue\tunit\na\t2024-01-02\tferritin\t900\tng/mL\n")
    assert stormwatch.patients(path) == ["a"]
    assert set(stormwatch.read(path).measurements) == {"ferritin"}


def test_an_empty_report_is_an_input_error(file: Save) -> None:
    with pytest.raises(InputError, match="empty"):
        stormwatch.read(file("report.txt", ""))


def test_the_course_of_a_report_prints_its_levels(file: Save) -> None:
    from stormwatch.course.payload import payload

    path = file("report.txt", "A case\n\nBlinatumomab was given. AST and ALT were elevated and ferritin was raised.")
    assert "× ULN (words)" in json.dumps(payload(stormwatch.follow(stormwatch.read(path))), ensure_ascii=False)
