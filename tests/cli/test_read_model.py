"""``stormwatch read`` and the benchmark with a language model: a stand-in server on this machine answers for one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import stormwatch
from stormwatch.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
REPORT = (
    "A case of fever\n\n"
    "A 40-year-old woman had fever. There was no rash. Ferritin was 12,450 ng/mL. "
    "At her admission, which was on a Sunday, the CRP, drawn twice and confirmed by hand, came back as 210 mg/L. "
    "Tocilizumab 8 mg/kg was given.\n"
)
CRP = "CRP, drawn twice and confirmed by hand, came back as 210 mg/L"
FACTS: list[Any] = [
    {"kind": "lab", "name": "ferritin", "quote": "Ferritin was 12,450 ng/mL"},
    {"kind": "finding", "name": "rash", "quote": "no rash", "qualifiers": ["negated"]},
    {"kind": "drug", "name": "tocilizumab", "quote": "Tocilizumab 8 mg/kg"},
]
INVENTED: list[Any] = [
    {"kind": "lab", "name": "LDH", "quote": "LDH was 900 U/L"},
    {"kind": "finding", "name": "cough", "quote": "a dry cough"},
    {"kind": "lab", "name": "ferritin", "quote": "450 ng/mL"},  # part of a number is no quote
    {"kind": "finding", "name": "splenomegaly", "quote": "was given"},  # in the text, and does not say it
]


class Server:
    """What the stand-in answers, and what it was asked."""

    def __init__(self) -> None:
        self.content: object = json.dumps([*FACTS, *INVENTED])
        self.body: bytes | None = None
        self.status = 200
        self.headers: dict[str, str] = {}
        self.wait = 0.0
        self.address = ""
        self.asked: list[dict[str, Any]] = []


class Listening(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append({"path": self.path, "key": self.headers["Authorization"], **asked})
            time.sleep(state.wait)
            answer = json.dumps({"choices": [{"message": {"content": state.content}}]}).encode()
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer if state.body is None else state.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    with Listening(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        state.address = f"http://127.0.0.1:{running.server_port}/v1"
        yield state
        running.shutdown()
        thread.join()


@pytest.fixture
def run(server: Server, monkeypatch, capsys):
    """The command as a person calls it: exit code, standard output, standard error."""

    def called(*words: object, asking: bool = True) -> tuple[int, str, str]:
        ask = ("--model-server", server.address, "--model", "stand-in") if asking else ()
        monkeypatch.setattr(sys, "argv", ["stormwatch", "read", *map(str, words), *ask])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.run()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return called


def line_of(output: str, words: str) -> str:
    return next(line for line in output.splitlines() if words in line)


def test_no_model_is_asked_unless_it_is_named(run, server: Server, monkeypatch) -> None:
    monkeypatch.setenv("STORMWATCH_MODEL_KEY", "secret")
    code, out, _ = run("report.txt", "--instrument", "ohi", asking=False)
    assert (code, server.asked) == (0, [])
    assert "read by" not in out
    assert not Path("model-answers").exists()


def test_each_fact_says_who_read_it_and_none_stands_twice(run, server: Server) -> None:
    server.content = json.dumps([*FACTS, {"kind": "lab", "name": "CRP", "quote": CRP}, *INVENTED])
    before = run("report.txt", "--instrument", "ohi", asking=False)[1]
    code, out, err = run("report.txt", "--instrument", "ohi")
    assert (code, err) == (0, "")
    assert line_of(out, "ferritin: 12450 ng/mL").endswith("[read by the rules and stand-in]")
    assert line_of(out, "finding       rash").endswith("[negated; read by the rules and stand-in]")
    assert out.count("ferritin: 12450") == 1
    assert "read by" not in line_of(out, "finding       fever")
    assert "Facts the model stated: 8; thrown away because their quote is not in the text: 3, because the" in out
    assert "quote does not say them: 1." in out
    alone = int("c-reactive protein" not in before.casefold())
    assert f"Facts read by the rules and by a language model: {4 - alone}; by the model alone: {alone}." in out


def test_the_key_is_sent_from_the_environment_and_shown_nowhere(run, server: Server, monkeypatch) -> None:
    monkeypatch.setenv("STORMWATCH_MODEL_KEY", "secret")
    _, out, err = run("report.txt", "--format", "json")
    (asked,) = server.asked
    assert (asked["path"], asked["key"], asked["model"]) == ("/v1/chat/completions", "Bearer secret", "stand-in")
    assert asked["messages"][1]["content"] == REPORT
    kept = "".join(path.read_text("utf-8") for path in Path("model-answers").iterdir())
    assert "secret" not in out + err + kept
    assert json.loads(out)["mentions"]
    assert "Facts the model stated: 7" in err


def test_a_proxy_of_the_environment_is_not_used(run, server: Server, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert run("report.txt", "--format", "json")[0] == 0
    assert len(server.asked) == 1


def test_the_second_time_nothing_is_asked(run, server: Server) -> None:
    first = run("report.txt", "--instrument", "ohi")
    assert run("report.txt", "--instrument", "ohi") == first
    assert len(server.asked) == 1
    (kept,) = Path("model-answers").iterdir()
    kept.write_text('{"answer', encoding="utf-8")  # a damaged answer is asked for again
    assert run("report.txt", "--instrument", "ohi") == first
    assert len(server.asked) == 2


def test_a_fact_of_the_model_keeps_its_mark_in_the_saved_reading(run, server: Server) -> None:
    server.content = json.dumps([{"kind": "finding", "name": "fever", "quote": "fever"}])
    run("report.txt", "--format", "json", "-o", "reading.json")
    again = run("reading.json", "--instrument", "ohi", asking=False)[1]
    assert "[read by the rules and stand-in]" in again
    assert stormwatch.read("reading.json").facts
    code, _, err = run("reading.json")
    assert (code, err.count("\n")) == (2, 1)
    assert "a saved reading is not read again" in err


def test_the_page_says_who_read_what(run, server: Server) -> None:
    code, out, err = run("report.txt", "--format", "html", "--instrument", "ohi")
    assert (code, err) == (0, "")
    assert "read by the rules and stand-in" in out
    assert "<p>Facts read by the rules and by a language model: 3; by the model alone: 0." in out


def test_what_the_model_found_can_be_corrected_at_once(run, server: Server, monkeypatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} -c pass")
    code, out, err = run("report.txt", "--edit", "-o", "reading.json")
    assert (code, out) == (0, "")
    assert "Facts the model stated: 7" in err
    saved = json.loads(Path("reading.json").read_text("utf-8"))
    assert [m["details"]["read_by"] for m in saved["mentions"] if "read_by" in m.get("details", {})] == [
        "the rules and stand-in"
    ] * 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 500}, "refused with status 500"),
        ({"status": 401}, "refused with status 401"),
        ({"status": 307, "headers": {"Location": "/elsewhere"}}, "wants the report sent elsewhere"),
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, "wants the report sent elsewhere"),
        ({"body": b"<html>"}, "does not answer in JSON"),
        ({"body": b"[" * 100_000}, "does not answer in JSON"),
        ({"body": b'{"error": "none"}'}, "has no content"),
        ({"body": b'{"choices": [', "headers": {"Content-Length": "99999"}}, "does not answer in JSON"),
        ({"content": "The ferritin was high."}, "did not answer with JSON"),
        ({"content": '{"facts": []}'}, "did not answer with a list"),
        ({"content": None}, "did not answer with JSON"),
        ({"wait": 1.0}, "did not answer within 0.2 seconds"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_is_not_kept(run, server: Server, change, words: str) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    code, out, err = run("report.txt", "--model-timeout", 0.2)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert words in err
    assert "erritin" not in err
    assert len(server.asked) == 1
    assert not Path("model-answers").exists()
    for name in change:
        setattr(server, name, getattr(Server(), name))
    assert run("report.txt", "--format", "json")[0] == 0


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("http://127.0.0.1:9/v1", 3, "cannot be reached"),
        ("http://127.0.0.1:port/v1", 3, "check"),
        ("http://[::1", 3, "check both"),
        ("http://", 3, "cannot be reached"),
        ("file:///etc/hostname", 2, "begins with http"),
        ("", 2, "needs both"),
    ],
)
def test_no_server_at_an_address(run, server: Server, address: str, code: int, words: str) -> None:
    server.address = address
    ended, out, err = run("report.txt")
    assert (ended, out, err.count("\n")) == (code, "", 1)
    assert words in err


def test_a_server_that_speaks_something_else(run, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            talk, _ = listening.accept()
            with talk:
                talk.recv(65_536)
                talk.sendall(b"SSH-2.0-stand-in\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        server.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        code, _, err = run("report.txt")
        thread.join()
    assert (code, err.count("\n")) == (3, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes everywhere")
def test_answers_that_cannot_be_kept_are_an_error(run, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    code, _, err = run("report.txt", "--model-cache", tmp_path / "closed" / "answers")
    assert code == 2
    assert "answers cannot be kept here" in err


def test_answers_are_not_kept_where_a_file_is(run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, _, err = run("report.txt", "--model-cache", tmp_path / "taken")
    assert code == 2
    assert "answers cannot be kept here" in err


def test_odd_rows_are_thrown_away_and_counted(run, server: Server) -> None:
    odd = [
        "words", 3, None, [], {}, {"quote": ["fever"]}, {"kind": ["finding"], "quote": "fever"},
        {"kind": "finding", "quote": "fever", "qualifiers": 5, "time": 7},
        {"kind": "finding", "quote": "fever", "qualifiers": [["x"], {}, None], "time": ["on day 1"]},
    ]  # fmt: skip
    server.content = json.dumps(odd)
    code, out, _ = run("report.txt", "--instrument", "ohi")
    assert code == 0
    assert "Facts the model stated: 9; thrown away because their quote is not in the text: 6" in out


def test_the_benchmark_has_columns_for_rules_model_and_both(server: Server, tmp_path: Path) -> None:
    server.content = "[]"
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "text.py")]
    asking = ["--model-server", server.address, "--model", "stand-in", "--model-cache", str(tmp_path / "answers")]
    done = subprocess.run([*command, *asking], capture_output=True, text=True, check=True)
    heads, names, labs, *_ = done.stdout.splitlines()[1:]
    assert heads.split() == ["rules", "model", "both"]
    assert names.split().count("F1") == 3
    figures = labs.split()[-9:]
    assert figures[3:6] == ["1.000", "0.000", "0.000"]  # nothing stated: nothing wrong, everything missed
    assert figures[6:] == figures[:3]
    assert line_of(done.stdout, "age").split()[-6:-3] == ["–", "–", "–"]
    texts = int(done.stdout.split()[2])
    assert 0 < len(server.asked) <= texts
    asked = len(server.asked)
    assert subprocess.run([*command, *asking], capture_output=True, text=True, check=True).stdout.count("model") == (
        done.stdout.count("model")
    )
    assert len(server.asked) == asked
    server.status = 500
    refused = subprocess.run(
        [*command, *asking[:-1], str(tmp_path / "more")], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 3
    assert refused.stderr.count("\n") == 1
