"""Fetching from a FHIR server that behaves, and from one that does not."""

from __future__ import annotations

import json
import sys
from email.utils import formatdate

import pytest
from tests.unit.sources.fhir_store.conftest import Reply, bundle, outcome

from stormwatch.errors import InputError, StormwatchError, UnknownName, UsageError
from stormwatch.sources.fhir_store import fetch, read_bulk

EVERYTHING = "/fhir/Patient/p/$everything"
TOKEN = "secret-token-77"


def person(**members):
    return {"resourceType": "Patient", "id": "p", **members}


@pytest.fixture
def lab(ferritin):
    """Ferritin results by number, each with a version."""

    def lab(number, version="1", **members):
        quantity = {"value": 100 * number, "unit": "ng/mL"}
        return ferritin(**{"id": f"f{number}", "meta": {"versionId": version}, "valueQuantity": quantity, **members})

    return lab


def pages(server, *resources_of_pages):
    """Serves pages of ``$everything``, each linked to the next."""
    last = len(resources_of_pages) - 1
    for number, resources in enumerate(resources_of_pages):
        following = f"{server.base}/page/{number + 1}" if number < last else ""
        path = f"/fhir/page/{number}" if number else EVERYTHING
        server.answers[path] = bundle(*resources, following=following)


def values(folder):
    return sorted(fact.recorded for fact in read_bulk(folder, "p").facts)


def files(folder):
    return "".join(path.read_text() for path in sorted(folder.iterdir()))


# A server that behaves


def test_all_pages_are_fetched_and_read(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)], [lab(3)])
    told: list[int] = []
    fetched = fetch(server.base, "p", into=tmp_path, progress=told.append)
    assert (fetched.received, fetched.repeated, fetched.not_offered) == (4, 0, ())
    assert told == [2, 3, 4]
    timeline = read_bulk(tmp_path, "p")
    assert sorted(f.recorded for f in timeline.facts) == ["100 ng/mL", "200 ng/mL", "300 ng/mL"]
    assert (timeline.accounting.used, timeline.notes) == (4, ())
    assert {f.origin.file for f in timeline.facts} == {"everything.ndjson"}


def test_a_next_link_may_be_relative(server, lab, tmp_path):
    server.answers[EVERYTHING] = bundle(person(), following="../../next?page=2")
    server.answers["/fhir/next"] = lambda request: Reply(bundle(lab(int(request.query["page"]))))
    assert fetch(f"{server.base}/", "p", into=tmp_path).received == 2


def test_only_the_kinds_that_are_read_are_asked_for(server, tmp_path):
    pages(server, [person()])
    fetch(server.base, "p", into=tmp_path)
    assert "Observation" in server.asked[0].query["_type"].split(",")
    assert "DocumentReference" not in server.asked[0].query["_type"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_without_the_operation_each_kind_is_searched(server, lab, tmp_path, status):
    server.answers |= {
        EVERYTHING: Reply(outcome("not-supported"), status),
        "/fhir/Patient": bundle(person()),
        "/fhir/Observation": bundle(lab(1), outcome("informational", "information")),
        "/fhir/AdverseEvent": Reply(outcome("not-supported"), 404),
    }
    for kind in ("Condition", "Procedure", "Encounter", "DiagnosticReport"):
        server.answers[f"/fhir/{kind}"] = bundle()
    for kind in ("MedicationAdministration", "MedicationRequest", "MedicationStatement"):
        server.answers[f"/fhir/{kind}"] = bundle()
    fetched = fetch(server.base, "p", into=tmp_path)
    assert (fetched.received, fetched.not_offered) == (2, ("AdverseEvent",))
    asked = {request.path: request.query for request in server.asked}
    assert asked["/fhir/Patient"] == {"_id": "p"}
    assert asked["/fhir/Observation"]["patient"] == "Patient/p"
    assert asked["/fhir/AdverseEvent"]["subject"] == "Patient/p"
    assert asked["/fhir/MedicationRequest"]["_include"] == "MedicationRequest:medication"
    assert values(tmp_path) == ["100 ng/mL"]


def test_a_patient_the_server_does_not_have(server, tmp_path):
    server.answers["/fhir/Patient"] = bundle()
    with pytest.raises(UnknownName):
        fetch(server.base, "p", into=tmp_path)
    server.answers["/fhir/Patient/q/$everything"] = bundle()
    with pytest.raises(UnknownName):
        fetch(server.base, "q", into=tmp_path)


@pytest.mark.parametrize("number", ["5.10", "1E+3", "-0.0", "12345678901234567890.123456789", "5000"])
def test_numbers_are_kept_as_they_came(server, lab, tmp_path, number):
    page = json.dumps(bundle(person(), lab(1)), indent=2).replace('"value": 100', f'"value": {number}')
    server.answers[EVERYTHING] = page.encode()
    fetch(server.base, "p", into=tmp_path)
    assert f'"value":{number},' in (tmp_path / "everything.ndjson").read_text()


# Increments


def test_an_increment_brings_what_changed_since(server, lab, tmp_path):
    dated = {"Date": "Sat, 02 Mar 2024 06:00:10 GMT"}
    server.answers[EVERYTHING] = Reply(bundle(person(), lab(1)), headers=dated)
    until = fetch(server.base, "p", into=tmp_path).until
    server.answers[EVERYTHING] = bundle(lab(1, version="2", status="entered-in-error"), lab(2))
    fetched = fetch(server.base, "p", into=tmp_path, since="2024-03-02T06:00:00+00:00")
    assert server.asked[-1].query["_since"] == "2024-03-02T06:00:00+00:00"
    assert until.startswith("2024-03-02T06:00:")
    assert fetched.received == 2
    assert values(tmp_path) == ["200 ng/mL"]


def test_searches_are_limited_by_last_updated(server, tmp_path):
    server.answers |= {"/fhir/Patient": bundle(person()), "/fhir/Observation": bundle()}
    fetch(server.base, "p", into=tmp_path, since="2024-03-02T06:00:00Z")
    asked = {request.path: request.query for request in server.asked}
    assert asked["/fhir/Observation"]["_lastUpdated"] == "ge2024-03-02T06:00:00Z"
    assert "_lastUpdated" not in asked["/fhir/Patient"]


def test_fetching_again_counts_nothing_twice(server, lab, tmp_path):
    unversioned = lab(2, meta=None)
    pages(server, [person(), lab(1)], [unversioned])
    fetch(server.base, "p", into=tmp_path)
    again = fetch(server.base, "p", into=tmp_path)
    assert (again.received, again.repeated) == (0, 3)
    assert read_bulk(tmp_path, "p").accounting.read == 3


@pytest.mark.parametrize("since", ["2024-03-02", "2024-03-02T06:00:00", "yesterday", ""])
def test_since_must_be_a_moment(server, tmp_path, since):
    with pytest.raises(UsageError):
        fetch(server.base, "p", into=tmp_path, since=since)
    assert server.asked == []


# Faults that pass


def test_too_many_requests_are_asked_again_when_the_server_says(server, tmp_path, waits):
    busy = Reply(outcome("throttled"), 429, {"Retry-After": "7"})
    server.answers[EVERYTHING] = [busy, busy, bundle(person())]
    assert fetch(server.base, "p", into=tmp_path).received == 1
    assert waits == [7, 7]


def test_retry_after_may_be_a_date(server, tmp_path, waits):
    past = formatdate(0, usegmt=True)
    server.answers[EVERYTHING] = [Reply(status=503, headers={"Retry-After": past}), bundle(person())]
    fetch(server.base, "p", into=tmp_path)
    assert waits == [0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_without_a_word_the_waits_grow(server, tmp_path, waits, status):
    server.answers[EVERYTHING] = [*[Reply(b"<html>", status)] * 3, bundle(person())]
    fetch(server.base, "p", into=tmp_path)
    assert waits == [1, 2, 4]


def test_an_answer_that_stops_half_way_is_asked_again(server, lab, tmp_path):
    server.answers[EVERYTHING] = [Reply(bundle(person(), lab(1)), cut=40), bundle(person(), lab(1))]
    assert fetch(server.base, "p", into=tmp_path).received == 2


# Faults that stay


def stopped(server, folder, **options):
    with pytest.raises(InputError) as told:
        fetch(server.base, "p", into=folder, **options)
    assert "Donald" not in str(told.value)
    assert "98765" not in str(told.value)
    return str(told.value)


def test_a_server_that_keeps_failing_is_left_after_five_tries(server, lab, tmp_path, waits):
    pages(server, [person(), lab(1)], [])
    server.answers["/fhir/page/1"] = Reply(outcome("exception"), 500)
    message = stopped(server, tmp_path)
    assert "status 500 (exception), 5 times. 2 resources were received" in message
    assert (server.paths().count("/fhir/page/1"), waits) == (5, [1, 2, 4, 8])


def test_an_interrupted_download_goes_on_and_counts_nothing_twice(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2), lab(3)], [lab(4)])
    whole, server.answers["/fhir/page/1"] = server.answers["/fhir/page/1"], Reply(bundle(lab(2)), cut=30)
    assert "RemoteProtocolError" in stopped(server, tmp_path)
    assert "not finished" in read_bulk(tmp_path, "p").notes[0]
    server.answers["/fhir/page/1"] = whole
    server.asked.clear()
    fetched = fetch(server.base, "p", into=tmp_path)
    assert server.paths() == ["/fhir/page/1", "/fhir/page/2"]
    assert (fetched.received, fetched.repeated) == (3, 0)
    timeline = read_bulk(tmp_path, "p")
    assert (len(timeline.facts), timeline.accounting.read, timeline.notes) == (4, 5, ())


def test_a_page_that_was_half_written_is_fetched_again(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)])
    whole, server.answers["/fhir/page/1"] = server.answers["/fhir/page/1"], Reply(status=500)
    stopped(server, tmp_path)
    with open(tmp_path / "everything.ndjson", "a") as stream:
        stream.write('{"resourceType": "Observation", "id": "f2", "st')
    server.answers["/fhir/page/1"] = whole
    fetch(server.base, "p", into=tmp_path)
    account = read_bulk(tmp_path, "p").accounting
    assert (account.used, account.rejected) == (3, [])


def test_when_the_next_page_has_expired_the_query_begins_anew(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)])
    server.answers["/fhir/page/1"] = Reply(status=500)
    stopped(server, tmp_path)
    server.answers[EVERYTHING] = bundle(person(), lab(1), following=f"{server.base}/other")
    server.answers |= {"/fhir/page/1": Reply(outcome("expired"), 410), "/fhir/other": bundle(lab(2))}
    fetched = fetch(server.base, "p", into=tmp_path)
    assert (fetched.received, fetched.repeated) == (1, 2)
    assert read_bulk(tmp_path, "p").accounting.read == 3


def test_searches_go_on_where_they_stopped(server, lab, tmp_path):
    server.answers |= {"/fhir/Patient": bundle(person()), "/fhir/Observation": bundle(lab(1))}
    server.answers["/fhir/Condition"] = [*[Reply(status=500)] * 5, bundle()]
    assert stopped(server, tmp_path).startswith("Condition: ")
    server.asked.clear()
    fetch(server.base, "p", into=tmp_path)
    assert server.paths()[0] == "/fhir/Condition"
    assert values(tmp_path) == ["100 ng/mL"]


def test_a_page_that_comes_twice_counts_once(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)], [lab(2)], [lab(3)])
    fetched = fetch(server.base, "p", into=tmp_path)
    assert (fetched.received, fetched.repeated) == (4, 1)
    assert read_bulk(tmp_path, "p").accounting.read == 4


def test_a_next_link_that_leads_back_ends_the_download(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)])
    server.answers["/fhir/page/1"] = bundle(lab(2), following=f"{server.base}/page/1")
    assert "same pages again" in stopped(server, tmp_path)
    assert server.paths() == [EVERYTHING, "/fhir/page/1"]
    assert values(tmp_path) == ["100 ng/mL", "200 ng/mL"]


def test_one_page_under_ever_new_addresses_ends_the_download(server, lab, tmp_path):
    server.answers[EVERYTHING] = bundle(person(), following="../../more?n=1")
    server.answers["/fhir/more"] = lambda request: Reply(
        bundle(lab(1), following=f"more?n={int(request.query['n']) + 1}")
    )
    assert "same pages again" in stopped(server, tmp_path)
    assert len(server.asked) < 10


@pytest.mark.parametrize("host", ["http://localhost:{port}", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "//a.b"])
def test_a_next_page_elsewhere_is_not_called(server, tmp_path, host):
    port = server.address.rsplit(":", 1)[1]
    server.answers[EVERYTHING] = bundle(person(), following=host.format(port=port) + "/fhir/page/1")
    assert "was not called" in stopped(server, tmp_path)
    assert server.paths() == [EVERYTHING]


def test_a_redirect_is_not_followed(server, tmp_path):
    server.answers[EVERYTHING] = Reply(status=307, headers={"Location": f"{server.base}/elsewhere"})
    assert "redirects" in stopped(server, tmp_path)
    assert server.paths() == [EVERYTHING]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (outcome("processing"), "OperationOutcome (processing)"),
        (bundle(outcome("timeout")), "an error among the results (timeout)"),
        (Reply(outcome("Donald Duck"), 418), "status 418."),
        ({"resourceType": "Patient"}, "not a FHIR Bundle"),
        (b"<html>", "not valid JSON"),
        (b"", "not valid JSON"),
    ],
)
def test_an_answer_that_is_no_page_says_what_it_is(server, lab, tmp_path, answer, said):
    pages(server, [person(), lab(1)], [])
    server.answers["/fhir/page/1"] = answer
    message = stopped(server, tmp_path)
    assert said in message
    assert "2 resources were received and are kept" in message


def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(server, tmp_path, waits):
    server.answers[EVERYTHING] = Reply(status=429, headers={"Retry-After": "86400"})
    assert "wait 86400 s" in stopped(server, tmp_path)
    assert waits == []


def test_a_server_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="ConnectError"):
        fetch("http://127.0.0.1:9/fhir", "p", into=tmp_path)


# Tokens


def test_a_token_is_sent_and_nowhere_kept(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [lab(2)])
    fetch(server.base, "p", into=tmp_path, token=f" {TOKEN}\n")
    assert {request.headers["Authorization"] for request in server.asked} == {f"Bearer {TOKEN}"}
    assert TOKEN not in files(tmp_path)


def test_an_expired_token_is_said_and_the_next_one_goes_on(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [])
    expired = Reply(outcome("login"), 401, {"WWW-Authenticate": f'Bearer error="{TOKEN}"'})
    server.answers["/fhir/page/1"] = [expired, bundle(lab(2))]
    message = stopped(server, tmp_path, token=TOKEN)
    assert "expired. 2 resources were received" in message
    assert TOKEN not in message + files(tmp_path)
    assert fetch(server.base, "p", into=tmp_path, token="another").received == 1


def test_a_token_in_the_next_link_is_not_stored(server, tmp_path):
    server.answers[EVERYTHING] = bundle(person(), following=f"{server.base}/page/1?access_token={TOKEN}")
    message = stopped(server, tmp_path, token=TOKEN)
    assert TOKEN not in message + files(tmp_path)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tökén"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(server, tmp_path, token):
    with pytest.raises(UsageError) as told:
        fetch(server.base, "p", into=tmp_path, token=token)
    assert token not in str(told.value)
    assert server.asked == []


# Arguments


@pytest.mark.parametrize(
    "address",
    [
        "",
        "fhir.example.org",
        "ftp://host/fhir",
        "http://",
        "http://host/fhir?x=1",
        "http://host:port/",
        "http://u:pw@h/",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(tmp_path, address):
    with pytest.raises(UsageError) as told:
        fetch(address, "p", into=tmp_path)
    assert "pw" not in str(told.value)


def test_a_token_is_not_sent_unencrypted(tmp_path):
    with pytest.raises(UsageError, match="https"):
        fetch("http://fhir.example.org/fhir", "p", into=tmp_path, token=TOKEN)


@pytest.mark.parametrize("patient", ["", "Patient/p", "..", "a b", "p?x", "x" * 65])
def test_what_is_no_id_is_refused(server, tmp_path, patient):
    with pytest.raises(UsageError):
        fetch(server.base, patient, into=tmp_path)
    assert server.asked == []


def test_a_folder_with_something_else_is_refused(server, lab, tmp_path):
    pages(server, [person(), lab(1)], [])
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "a.ndjson").write_text("{}\n")
    with pytest.raises(UsageError, match="something else"):
        fetch(server.base, "p", into=tmp_path / "export")
    server.answers["/fhir/page/1"] = Reply(status=500)
    stopped(server, tmp_path)
    with pytest.raises(UsageError, match="another patient"):
        fetch(server.base, "q", into=tmp_path)
    with pytest.raises(UsageError, match="unfinished"):
        fetch(server.base, "p", into=tmp_path, since="2024-03-02T06:00:00Z")


@pytest.mark.parametrize("state", ["", "[]", "{}", '{"parts": 1}', '{"base": "x", "patient": "p", "parts": {"a": 1}}'])
def test_a_state_that_is_broken_is_refused(server, tmp_path, state):
    (tmp_path / "state.json").write_text(state)
    with pytest.raises(InputError, match=r"state\.json"):
        fetch(server.base, "p", into=tmp_path)


def test_a_file_shorter_than_the_state_says_is_refused(server, lab, tmp_path):
    pages(server, [person(), lab(1)])
    fetch(server.base, "p", into=tmp_path)
    (tmp_path / "everything.ndjson").write_text("")
    with pytest.raises(InputError, match="shorter"):
        fetch(server.base, "p", into=tmp_path)


@pytest.mark.parametrize("package", ["httpx2", "joserfc"])
def test_without_the_extra_it_says_what_to_install(server, tmp_path, monkeypatch, package):
    from stormwatch.sources.fhir_store import Credentials

    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "key.pem").write_text("")
    credentials = Credentials("me", tmp_path / "key.pem", token_url=f"{server.base}/token")
    with pytest.raises(StormwatchError, match=r'pip install "stormwatch\[server\]"'):
        fetch(server.base, "p", into=tmp_path, credentials=credentials)


def test_a_file_changed_since_the_download_is_refused(server, lab, tmp_path):
    pages(server, [person(), lab(1)])
    fetch(server.base, "p", into=tmp_path)
    file = tmp_path / "everything.ndjson"
    file.write_text("x" * file.stat().st_size)
    with pytest.raises(InputError, match="changed"):
        fetch(server.base, "p", into=tmp_path)
