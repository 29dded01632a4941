"""``stormwatch read``: what it shows, in which forms, and how corrections are kept apart."""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

import stormwatch
from stormwatch.cli import read as module
from stormwatch.cli.read import read
from stormwatch.errors import InputError, UsageError
from stormwatch.sources.text import Saved, load_reading, read_text

app = typer.Typer()
app.command()(read)
REPORT = "A case of fever\n\nA 40-year-old woman had fever <39 Cel & AST was elevated. She had no rash.\n"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def editor(monkeypatch, tmp_path: Path, body: str) -> None:
    """An editor that is a small program: it gets the file's content as ``held``."""
    script = tmp_path / "editor.py"
    lines = ("import json, sys", "path = sys.argv[-1]", "held = json.load(open(path))", body)
    script.write_text("\n".join((*lines, "json.dump(held, open(path, 'w'))")), encoding="utf-8")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")


def test_the_text_is_shown_whole_with_its_facts_marked(report: Path) -> None:
    done = run(report, "--instrument", "hys-law")
    assert done.exit_code == 0
    assert "[fever]" in done.stdout
    assert "level         aspartate aminotransferase: high (> 1 × ULN)" in done.stdout
    assert "[negated]" in done.stdout
    assert "hys-law" in done.stdout
    assert "\x1b[" not in done.stdout  # no colour where there is no terminal


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.titles: list[str] = []
        self.report = ""
        self._inside = 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self._inside += tag == "div" and found.get("class") == "report"
        if tag == "mark":
            self.titles.append(found["title"])

    def handle_endtag(self, tag):
        self._inside -= tag == "div" and self._inside > 0

    def handle_data(self, data):
        self.report += data if self._inside else ""


def test_the_page_holds_the_text_unchanged_and_no_script(report: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert run(report, "--format", "html", "-o", out, "--instrument", "hys-law").exit_code == 0
    page = _Page()
    page.feed(out.read_text("utf-8"))
    assert page.report == REPORT
    assert "script" not in page.tags
    assert "http" not in out.read_text("utf-8")
    assert any("aspartate aminotransferase: high" in title for title in page.titles)


def test_json_is_a_reading_that_gives_the_same_timeline(report: Path, tmp_path: Path) -> None:
    out = tmp_path / "reading.json"
    run(report, "--format", "json", "-o", out)
    assert load_reading(out.read_text("utf-8")).reading == read_text(report)
    assert stormwatch.read(out).facts == stormwatch.read(report).facts
    assert run(out, "--instrument", "hys-law").stdout == run(report, "--instrument", "hys-law").stdout


def test_corrections_are_kept_apart_and_count(report: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "reading.json"
    fever = next(i for i, m in enumerate(read_text(report).mentions) if m.name == "fever")
    editor(monkeypatch, tmp_path, f"held['corrections'].append({{'action': 'remove', 'mention': {fever}}})")
    done = run(report, "--edit", "-o", out)
    assert done.exit_code == 0
    assert "1 corrections kept" in done.stderr
    saved = load_reading(out.read_text("utf-8"))
    assert saved.reading == read_text(report)
    assert len(saved.corrections) == 1
    assert len(stormwatch.read(report).findings["fever"]) - len(stormwatch.read(out).findings.get("fever", ())) == 1
    assert "with 1 corrections" in run(out, "--instrument", "hys-law").stdout


def test_a_fact_that_a_person_changed_or_added_says_so(report: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "reading.json"
    fever = next(i for i, m in enumerate(read_text(report).mentions) if m.name == "fever")
    change = {"action": "change", "mention": fever, "to": {"name": "cough"}}
    start = REPORT.index("had")
    add = {"action": "add", "to": {"kind": "finding", "name": "chills", "start": start, "end": start + 3}}
    editor(monkeypatch, tmp_path, f"held['corrections'] += {[change, add]!r}")
    run(report, "--edit", "-o", out)
    lines = run(out, "--instrument", "hys-law").stdout.splitlines()
    assert any("cough" in line and line.endswith("[corrected by a person]") for line in lines)
    assert any("chills" in line and line.endswith("[added by a person]") for line in lines)


def test_what_was_typed_at_a_terminal_is_offered_again(report: Path, tmp_path: Path, monkeypatch) -> None:
    out, seen = tmp_path / "reading.json", []

    def typed(text: str) -> str:
        seen.append(text)
        return "{" if len(seen) == 1 else json.dumps({"corrections": []})

    monkeypatch.setattr(module, "_in_editor", typed)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(typer, "confirm", lambda *words, **more: True)
    module._edit(Saved(read_text(report)), out)
    assert seen[1] == "{"
    assert load_reading(out.read_text("utf-8")).corrections == ()


def test_a_saved_reading_keeps_its_own_corrections(report: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "reading.json"
    run(report, "--format", "json", "-o", out)
    editor(monkeypatch, tmp_path, "held['corrections'].append({'action': 'remove', 'mention': 0})")
    run(out, "--edit")
    editor(monkeypatch, tmp_path, "held['corrections'].append({'action': 'remove', 'mention': 1})")
    run(out, "--edit")
    assert [one.mention for one in load_reading(out.read_text("utf-8")).corrections] == [0, 1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("held['corrections'] = [{'action': 'burn'}]", "look at corrections.0.action"),
        ("held['corrections'] = [{'action': 'remove', 'mention': 999}]", "names no mention"),
        ("del held['corrections']", "no list called corrections"),
        ("open(path, 'w').write('{'); sys.exit()", "not valid JSON at line 1"),
    ],
)
def test_what_is_no_correction_changes_nothing(report, tmp_path, monkeypatch, body: str, words: str) -> None:
    out = tmp_path / "reading.json"
    editor(monkeypatch, tmp_path, body)
    done = run(report, "--edit", "-o", out)
    assert isinstance(done.exception, InputError)
    assert words in str(done.exception)
    assert not out.exists()


def test_editing_needs_a_file_to_keep_it_and_an_editor(report: Path, tmp_path: Path, monkeypatch) -> None:
    assert isinstance(run(report, "--edit").exception, UsageError)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert "set EDITOR" in str(run(report, "--edit", "-o", tmp_path / "x.json").exception)
    monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
    assert "cannot be started" in str(run(report, "--edit", "-o", tmp_path / "x.json").exception)


def test_one_of_several_documents_and_patients(tmp_path: Path) -> None:
    path = tmp_path / "two.ris"
    several = "Case 1: a 60-year-old man had fever. Case 2: a 33-year-old woman had rash."
    path.write_text(f"TY  - JOUR\nAB  - A man had cough.\nER  - \nTY  - JOUR\nAB  - {several}\nER  - \n", "utf-8")
    assert isinstance(run(path).exception, InputError)
    both = run(path, "--record", 2, "--instrument", "ohi").stdout
    assert "Patient 1:" in both
    assert "Patient 2:" in both
    assert "Patient 1:" not in run(path, "--record", 2, "--patient", 2, "--instrument", "ohi").stdout


def test_a_text_without_facts_is_shown_too(tmp_path: Path) -> None:
    path = tmp_path / "nothing.txt"
    path.write_text("Nothing is told here.", "utf-8")
    assert "Nothing in it can be assessed." in run(path).stdout


def test_a_page_of_a_text_with_markup_in_it_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("She had fever. <script>alert(1)</script>", "utf-8")
    shown = run(path, "--format", "html", "--instrument", "ohi").stdout
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>" not in shown
    assert json.loads(run(path, "--format", "json").stdout)["document"]["text"].endswith("</script>")
