"""A FHIR server that does as it is told, faults included: standard library, on this machine only."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass
class Request:
    """What the server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Reply:
    """An answer; ``cut`` bytes of its body are announced and not sent."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass
class FhirServer:
    """``answers`` maps a path to a reply, a list of replies in turn (the last one stays), or a function."""

    address: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.address}/fhir"

    def reply(self, request: Request) -> Reply:
        self.asked.append(request)
        answer = self.answers.get(request.path, Reply(outcome("not-found"), 404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]


def outcome(code: str, severity: str = "error") -> dict[str, Any]:
    """An OperationOutcome whose wording holds what no message may repeat."""
    issue = {"severity": severity, "code": code, "diagnostics": "Donald Duck, ferritin 98765"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def bundle(*resources: dict[str, Any], following: str = "") -> dict[str, Any]:
    link = [{"relation": "self", "url": "ignored"}] + ([{"relation": "next", "url": following}] if following else [])
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": link,
        "entry": [{"resource": resource} for resource in resources],
    }


@pytest.fixture
def server() -> Iterator[FhirServer]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler())
    httpd.daemon_threads = True
    httpd.fhir = FhirServer(f"http://127.0.0.1:{httpd.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield httpd.fhir  # type: ignore[attr-defined]
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def waits(monkeypatch) -> list[float]:
    """Nobody waits in a test; how long they would have is told."""
    told: list[float] = []
    monkeypatch.setattr("stormwatch.sources.fhir_store.client.sleep", told.append)
    return told


def _handler() -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", {})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer("POST", _single(sent))

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, method: str, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            request = Request(method, parts.path, _single(parts.query), dict(self.headers), form)
            reply = self.server.fhir.reply(request)  # type: ignore[attr-defined]
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            for name, value in {"Content-Type": "application/fhir+json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - reply.cut])
            self.close_connection = True

    return Handler


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
