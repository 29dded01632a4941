"""The optional reader with a language model, against a stand-in server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from stormwatch.errors import InputError, UsageError
from stormwatch.facts import Interval
from stormwatch.sources.text import Qualifier
from stormwatch.sources.text.llm import Cache, ChatClient, ModelReader

TEXT = "On hospital day 4 ferritin was 12,450 ng/mL. There was no rash. Tocilizumab 8 mg/kg was given."
TRUE = [
    {"kind": "lab", "name": "ferritin", "quote": "ferritin was 12,450 ng/mL", "time": "On hospital day 4"},
    {"kind": "finding", "name": "rash", "quote": "no rash", "qualifiers": ["negated"]},
    {"kind": "drug", "name": "tocilizumab", "quote": "Tocilizumab  8 mg/kg"},
]
INVENTED = [
    {"kind": "lab", "name": "AST", "quote": "AST was 300 U/L"},
    {"kind": "finding", "name": "fever", "quote": "high fever"},
    {"kind": "lab", "name": "ferritin", "quote": "was given"},
    {"kind": "finding", "name": "splenomegaly", "quote": "There was"},
    {"kind": "opinion", "name": "rash", "quote": "no rash"},
    "not a row",
]


class _StandIn(BaseHTTPRequestHandler):
    answer = ""
    status = 200
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append({"path": self.path, "key": self.headers["Authorization"], **json.loads(body)})
        content = json.dumps({"choices": [{"message": {"content": self.answer}}]}).encode()
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[_StandIn]]]:
    handler = type("Handler", (_StandIn,), {"asked": [], "answer": json.dumps([*TRUE, *INVENTED])})
    with HTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/v1", handler
        running.shutdown()
        thread.join()


def test_only_quotes_that_are_in_the_text_and_say_it_are_kept(server) -> None:
    address, handler = server
    reading = ModelReader(ChatClient(address, "stand-in", key="k")).read_prose(TEXT)
    assert [(m.name, m.value, m.word, m.time) for m in reading.mentions] == [
        ("ferritin", Interval.point(12450), "", "hospital day 4"),
        ("rash", None, "", ""),
        ("tocilizumab", None, "8 mg/kg", ""),
    ]
    assert reading.mentions[1].qualifiers == {Qualifier.NEGATED}
    (asked,) = handler.asked
    assert (asked["path"], asked["key"], asked["model"]) == ("/v1/chat/completions", "Bearer k", "stand-in")
    for mention in reading.mentions:
        assert TEXT[mention.start : mention.end].split() == mention.text.split()


def test_an_answer_is_asked_for_once(server, tmp_path: Path) -> None:
    address, handler = server
    reader = ModelReader(ChatClient(address, "stand-in"), Cache(tmp_path / "answers"))
    assert reader.read_prose(TEXT) == reader.read_prose(TEXT)
    assert len(handler.asked) == 1


def test_a_fence_of_code_is_taken_off(server) -> None:
    address, handler = server
    handler.answer = f"```json\n{json.dumps(TRUE)}\n```"
    assert len(ModelReader(ChatClient(address, "stand-in")).read_prose(TEXT).mentions) == 3


def test_an_answer_in_prose_is_an_error_without_the_text(server) -> None:
    address, handler = server
    handler.answer = "The ferritin was high."
    with pytest.raises(InputError) as problem:
        ModelReader(ChatClient(address, "stand-in")).read_prose(TEXT)
    assert "ferritin" not in str(problem.value)


def test_a_refusal_is_an_error_without_the_key(server) -> None:
    address, handler = server
    handler.status = 401
    with pytest.raises(InputError, match="401") as problem:
        ChatClient(address, "stand-in", key="secret").answer("", "")
    assert "secret" not in str(problem.value)


def test_a_server_cannot_send_the_report_on(server) -> None:
    address, handler = server
    handler.status = 307
    with pytest.raises(InputError, match="307"):
        ChatClient(address, "stand-in").answer("", "")


def test_no_server_and_no_address() -> None:
    with pytest.raises(InputError, match="reached"):
        ChatClient("http://127.0.0.1:9", "stand-in", seconds=1).answer("", "")
    with pytest.raises(UsageError):
        ChatClient("file:///etc/passwd", "stand-in").answer("", "")
