"""``stormwatch case`` on drafted cases: new, edit, assess, narrate, codes, diff, export, store."""

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from stormwatch.cli.case_commands import register
from stormwatch.errors import CheckFailed, InputError, UsageError
from stormwatch.safety.e2b.reader import read

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "blinatumomab-mas.json"
DETAILS = """
[case]
number = "US-EXAMPLE-1"
language = "eng"
literature = ["Braun A, et al. Ann Hematol 2024."]
day_zero = 2024-03-01
[reporter]
qualification = "1"
country = "US"
family = "Otherperson"
[sender]
kind = "3"
organisation = "Example Hospital"
"""
AT = "2024-03-02T10:00:00"


@pytest.fixture(scope="module")
def app():
    made = typer.Typer()
    register(made)
    return made


@pytest.fixture
def run(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture(scope="module")
def written(app, tmp_path_factory):
    """The drafted example, written once."""
    folder = tmp_path_factory.mktemp("case")
    (folder / "details.toml").write_text(DETAILS)
    result = CliRunner().invoke(
        app,
        ["new", str(EXAMPLE), "--suspect", "blinatumomab", "--details", str(folder / "details.toml"), "-o",
         str(folder / "case.json")],
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return (folder / "case.json").read_bytes()


@pytest.fixture
def case(written, tmp_path):
    path = tmp_path / "case.json"
    path.write_bytes(written)
    return path


def test_a_draft_says_what_the_record_says_of_itself(run, tmp_path):
    result = run("new", EXAMPLE, "-o", "case.json")
    assert "Fictitious patient" in result.stderr
    assert result.stdout == ""
    assert json.loads((tmp_path / "case.json").read_text())["edited"] == {}


def test_drafting_again_keeps_the_edits_of_a_person(run, case):
    run("edit", case, "E.i[mas_hlh]/E.i.3.2f", "true", "--who", "Me", "--at", AT)
    result = run("new", EXAMPLE, "--suspect", "blinatumomab", "-o", case)
    assert "1 edits kept" in result.stderr
    held = json.loads(case.read_text())
    assert held["edited"]["E.i[mas_hlh]/E.i.3.2f"] == {
        "value": "true",
        "null": None,
        "who": "Me",
        "when": "2024-03-02T10:00:00+00:00",
        "why": "",
    }


def test_an_edit_of_a_message_or_with_two_answers_is_refused(run, case, shared_data):
    with pytest.raises(InputError):
        run("edit", shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml", "D.5", "1")
    with pytest.raises(UsageError):
        run("edit", case, "D.5", "1", "--null", "UNK")


def test_an_answer_a_causality_question_does_not_have_is_refused(run, case):
    before = case.read_bytes()
    with pytest.raises(UsageError, match="q5"):
        run("edit", case, "G.k[blinatumomab]/G.k.9.i[mas_hlh]/SW.naranjo.q5", "maybe")
    assert case.read_bytes() == before


def test_assess_shows_both_documents_and_the_ranges(run, case):
    shown = run("assess", case).stdout
    assert "EU summary of product characteristics" in shown
    assert "US prescribing information" in shown
    assert "Naranjo: possible to definite (1 to 10)" in shown
    assert "WHO-UMC: possible" in shown
    assert "2024-03-16" in shown


def test_correcting_answers_narrows_the_range(run, case):
    # 1 + 2 - 1 + 1 are proposed; q5 no +2, and not known to all the others: 5
    at = "G.k[blinatumomab]/G.k.9.i[mas_hlh]/SW.naranjo."
    run("edit", case, f"{at}q5", "no")
    for question in ("q3", "q6", "q7", "q8", "q9"):
        run("edit", case, f"{at}{question}", "not known")
    (payload,) = json.loads(run("assess", case, "--format", "json").stdout)
    relation = next(one for one in payload["relations"] if one["reaction"].startswith("Macrophage"))
    assert relation["naranjo"] == "probable (5)"
    assert next(one for one in relation["naranjo_answers"] if one["question"] == "q5")["why"].startswith("Corrected")


def test_narrate_names_the_fields_of_each_sentence(run, case):
    rows = json.loads(run("narrate", case, "--format", "json").stdout)
    assert {"text": "Treatment of the event: Tocilizumab (544 mg), from 28-DEC-2023 16:00."}.items() <= next(
        {"text": one["text"]}.items() for one in rows if "Tocilizumab" in one["text"]
    )
    assert all(one["fields"] for one in rows)


def test_a_message_can_be_narrated_and_assessed_too(run, shared_data):
    path = shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml"
    assert run("narrate", path).stdout.strip()
    assert "Minimum elements" in run("assess", path).stdout


@pytest.mark.parametrize("kind", ["e2b-r3", "cioms", "fhir", "csv"])
def test_an_export_is_redacted_by_default_and_lists_what_was_removed(run, case, tmp_path, kind):
    result = run("export", case, "--format", kind, "-o", "out", "--removed", "removed.csv", "--at", AT)
    made = (tmp_path / "out").read_bytes()
    assert b"Otherperson" not in made
    assert b"US-EXAMPLE-1" not in made
    assert b"20231228" not in made
    rows = list(csv.DictReader(io.StringIO((tmp_path / "removed.csv").read_text())))
    assert {"identifier", "exact date", "exact age"} <= {row["kind"] for row in rows}
    assert "Otherperson" not in (tmp_path / "removed.csv").read_text()
    assert "Removed" in result.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["case.json", "out", "removed.csv"]


def test_identified_is_asked_for_by_name(run, case, tmp_path):
    run("export", case, "--format", "e2b-r3", "-o", "out.xml", "--identified", "--at", AT)
    (message,) = read((tmp_path / "out.xml").read_bytes()).messages
    assert message.number == "US-EXAMPLE-1"
    assert message.case.each("C.2.r")[0].get("C.2.r.1.4") == "Otherperson"


def test_several_cases_make_one_series(run, case, tmp_path, shared_data):
    other = shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml"
    run("export", case, other, "--format", "csv", "-o", "series.csv")
    assert len((tmp_path / "series.csv").read_text().splitlines()) == 3


def test_missing_codes_are_a_finding(run, case):
    with pytest.raises(CheckFailed, match="no code"):
        run("codes", case)


def test_diff_shows_one_edit(run, case, tmp_path):
    other = tmp_path / "other.json"
    other.write_bytes(case.read_bytes())
    run("edit", other, "D.3", "70")
    assert run("diff", case, other).stdout == "changed  D.3: 68 -> 70\n"


def test_the_store_keeps_every_version(run, case, tmp_path):
    assert run("store", "save", case, "--who", "Me", "--at", AT).stdout == "US-EXAMPLE-1 version 1\n"
    first = case.read_bytes()
    run("edit", case, "D.3", "70", "--who", "Me")
    run("store", "save", case, "--who", "You", "--why", "weighed", "--after", "1", "--at", AT)
    shown = run("store", "history", "US-EXAMPLE-1").stdout
    assert "version 2, 2024-03-02T10:00:00+00:00, You: weighed\n  changed  D.3" in shown
    run("store", "get", "US-EXAMPLE-1", "--version", "1", "-o", "first.json")
    assert (tmp_path / "first.json").read_bytes() == first
    assert run("store", "verify").stdout.startswith("2 versions")
    with pytest.raises(UsageError, match="newer"):
        run("store", "save", case, "--who", "Me", "--after", "1")


@pytest.mark.parametrize(
    "text",
    ["[case]\nunknown = 1", "[other]", "[reporter]\nname = 'x'", "[case]\nday_zero = 'soon'", "not toml ["],
)
def test_details_that_are_not_understood_are_refused_with_what_is_known(run, tmp_path, text):
    (tmp_path / "d.toml").write_text(text)
    with pytest.raises(UsageError, match=r"d\.toml"):
        run("new", EXAMPLE, "--details", "d.toml", "-o", "case.json")
    assert not (tmp_path / "case.json").exists()


def test_a_reply_is_joined_to_the_case_that_was_sent(run, shared_data):
    folder = shared_data / "e2b_r3_fda_instances"
    sent = [folder / f"FAERS2022Scenario{number}.xml" for number in (1, 2)]
    number = read(sent[0]).messages[0].number
    good = run("reply", folder / "R3ack-positive.ack", "--to", sent[0], "--to", sent[1])
    assert good.exit_code == 0
    assert f"message accepted (CA), case {number}" in good.stdout
    unread = run("reply", folder / "R3ack-positive.ack")
    assert "not joined" in unread.stdout
    payload = json.loads(run("reply", folder / "R3ack-positive.ack", "--to", sent[0], "--format", "json").stdout)
    assert [(one["case"], one["accepted"]) for one in payload["replies"]] == [(number, True)]


def test_a_refusal_and_a_reply_to_something_else_end_with_5(run, shared_data):
    folder = shared_data / "e2b_r3_fda_instances"
    with pytest.raises(CheckFailed, match="1 messages were not accepted"):
        run("reply", folder / "R3ack-negative.ack", "--to", folder / "FAERS2022Scenario2.xml")
    with pytest.raises(CheckFailed, match="1 replies answer none"):
        run("reply", folder / "R3ack-positive.ack", "--to", folder / "FAERS2022Scenario2.xml")
    with pytest.raises(InputError):
        run("reply", folder / "FAERS2022Scenario1.xml")
