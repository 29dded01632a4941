"""``stormwatch sources``: inspect, draft-map, fetch; and ``assess`` on every kind of record."""

import json
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "blinatumomab-mas.json"


def stormwatch(*arguments):
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def verdicts(*arguments):
    result = stormwatch("assess", *arguments, "--format", "json")
    assert result.returncode == 0, result.stderr
    return {one["instrument"]["id"]: one["now"]["score"] for one in json.loads(result.stdout)}


@pytest.fixture
def bulk(tmp_path):
    """The example patient as a Bulk Data folder."""
    folder = tmp_path / "bulk"
    folder.mkdir()
    for entry in json.loads(EXAMPLE.read_text())["entry"]:
        with (folder / f"{entry['resource']['resourceType']}.ndjson").open("a") as file:
            file.write(json.dumps(entry["resource"]) + "\n")
    return folder


def test_a_bulk_folder_gives_the_same_answers_as_the_bundle(bulk):
    assert verdicts(bulk) == verdicts(EXAMPLE)


def test_inspect_prints_what_was_understood(tmp_path):
    page = tmp_path / "quality.html"
    result = stormwatch("sources", "inspect", EXAMPLE, "--html", page)
    assert result.returncode == 0, result.stderr
    assert "ferritin" in result.stdout.lower()
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_draft_map_asks_for_what_it_cannot_know_and_is_refused_until_answered(tmp_path):
    table = tmp_path / "labs.tsv"
    table.write_text("MRN\tDrawn\tFerritin (ng/mL)\tPlatelets\n7\t2024-01-02 06:00\t10749\t82\n")
    drafted = stormwatch("sources", "draft-map", table)
    assert drafted.returncode == 0, drafted.stderr
    assert '"?"' in drafted.stdout
    draft = tmp_path / "labs.toml"
    draft.write_text(drafted.stdout)
    refused = stormwatch("assess", table, "--map", draft)
    assert refused.returncode in (2, 3, 4)
    assert "?" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_of_nothing_known_is_exit_code_3(tmp_path):
    shutil.copy(REPOSITORY / "LICENSE", tmp_path)
    result = stormwatch("assess", tmp_path)
    assert result.returncode == 3
    assert "folder" in result.stderr


class _OnePatient(BaseHTTPRequestHandler):
    """A server that holds the example patient, and wants a token."""

    def do_GET(self):
        allowed = self.headers.get("Authorization") == "Bearer secret-token"
        body = EXAMPLE.read_bytes() if allowed else b'{"resourceType": "OperationOutcome", "issue": []}'
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def server():
    running = HTTPServer(("127.0.0.1", 0), _OnePatient)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def test_fetch_downloads_what_assess_then_reads(server, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret-token\n")
    arguments = ("sources", "fetch", server, "--patient", "example-blinatumomab-mas", "--into", tmp_path / "record")
    result = stormwatch(*arguments, "--token-file", token)
    assert result.returncode == 0, result.stderr
    assert verdicts(tmp_path / "record") == verdicts(EXAMPLE)


def test_a_server_that_refuses_is_one_message_without_the_token(server, tmp_path):
    token = tmp_path / "token"
    token.write_text("wrong-token")
    arguments = ("sources", "fetch", server, "--patient", "example-blinatumomab-mas", "--into", tmp_path / "record")
    result = stormwatch(*arguments, "--token-file", token)
    assert result.returncode == 3
    assert "wrong-token" not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr
