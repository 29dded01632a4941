"""Whatever is done to a record: no error but ours, no value in a message, and every record accounted for."""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import StormwatchError
from stormwatch.facts import Exposure, Finding, Measurement
from stormwatch.sources import answers_timeline, patients, read

SECRET = "41234"
LOINC = "http://loinc.org"
P = {"reference": "Patient/p"}
T = "2024-03-02T06:00:00Z"

RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-03-02"},
    {
        "resourceType": "Observation",
        "id": "o1",
        "meta": {"versionId": "1", "lastUpdated": T},
        "status": "final",
        "subject": P,
        "code": {"coding": [{"system": LOINC, "code": "2276-4"}], "text": "Ferritin"},
        "effectivePeriod": {"start": T, "end": T},
        "issued": T,
        "valueQuantity": {"value": 41234, "comparator": ">", "unit": "ng/mL", "code": "ng/mL"},
        "referenceRange": [{"low": {"value": 10, "unit": "ng/mL"}, "type": {"coding": [{"code": "normal"}]}}],
    },
    {
        "resourceType": "Observation",
        "id": "o2",
        "status": "final",
        "subject": P,
        "code": {"text": "pressure"},
        "effectiveDateTime": T,
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": "8480-6"}]},
                "valueQuantity": {"value": 107, "unit": "mmHg"},
            },
            {"code": {"text": "Splenomegaly"}, "valueCodeableConcept": {"text": "present"}},
            {"code": {"text": "O2 device"}, "valueString": "nasal cannula"},
        ],
    },
    {
        "resourceType": "Condition",
        "id": "c",
        "subject": P,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "16294009"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "onsetDateTime": "2024-03",
        "abatementDateTime": "2024-04",
        "recordedDate": "2024-03-05",
    },
    {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "subject": P,
        "status": "in-progress",
        "medicationReference": {"reference": "Medication/d"},
        "effectivePeriod": {"start": T},
        "dosage": {"dose": {"value": 28, "unit": "ug"}, "rateRatio": {"numerator": {"value": 1}}},
    },
    {"resourceType": "Medication", "id": "d", "code": {"text": "blinatumomab"}},
    {
        "resourceType": "MedicationRequest",
        "id": "r",
        "subject": P,
        "status": "active",
        "medicationCodeableConcept": {"text": "tocilizumab"},
        "authoredOn": "2024-03-02",
    },
    {"resourceType": "Procedure", "id": "x", "subject": P, "status": "completed", "performedDateTime": T},
    {"resourceType": "Encounter", "id": "e", "subject": P, "class": {"code": "IMP"}, "period": {"start": T}},
    {"resourceType": "Claim", "id": "k"},
]
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in RESOURCES],
}
ROWS = [
    ["patient_id", "time", "code", "name", "value", "unit", "low", "high", "known_at", "stop", "source_id", "ward"],
    ["p", T, "2276-4", "", "> 41234", "ng/mL", "10", "300", T, "", "L1", "x"],
    ["p", T, "", "splenomegaly", "present", "", "", "", "", "", "", "x"],
    ["p", "2024-03-02", "", "blinatumomab", "28", "ug", "", "", "", "2024-03-03", "", "x"],
    ["p", T, "", "o2 device", "nasal cannula", "", "", "", "", "", "", "x"],
    ["q", T, "1920-8", "AST", "90", "U/L", "", "", "", "", "", "x"],
]

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([T, "p", "final"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def read_bytes(content: bytes, name: str, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            patients(path)
            return read(path, **options)
        except StormwatchError as error:
            problem = str(error)
        assert SECRET not in problem
        return None


def check(timeline, records: int | None = None) -> None:
    account = timeline.accounting
    assert account.read == account.used + len(account.rejected) + account.outside.total()
    assert records is None or account.read == records
    assert not any(SECRET in r.reason for r in account.rejected)
    assert all(len(label) <= 40 for label in account.outside)
    assert list(timeline.facts) == sorted(timeline.facts, key=lambda f: f.time.latest)
    for fact in timeline.facts:
        assert isinstance(fact, Measurement | Finding | Exposure)


def steps(node, path=()):
    """Every place in a document."""
    yield path
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in members:
        yield from steps(inner, (*path, key))


PLACES = [path for path in steps(BUNDLE) if path]


def changed(document, path, change):
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        try:
            inner = inner[key]
        except (KeyError, IndexError, TypeError):
            return document
    with contextlib.suppress(KeyError, IndexError, TypeError):
        if isinstance(inner, dict | list):
            change(inner, path[-1])
    return document


def repeat(inner, key):
    if isinstance(inner, list):
        inner.insert(key, copy.deepcopy(inner[key]))


def expected_records(document) -> int | None:
    """How many records a bundle has, counted apart from the reader; None where that depends on inner bundles."""
    entries = document.get("entry", []) if isinstance(document, dict) else None
    if not isinstance(entries, list) or document.get("resourceType") != "Bundle":
        return None
    count = 0
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        count += 1
        if isinstance(resource, dict) and resource.get("resourceType") == "Observation":
            parts = resource.get("component", [])
            count += len(parts) if isinstance(parts, list) else 1
    return count


@st.composite
def mutated_bundles(draw):
    document = BUNDLE
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(PLACES))
        kind = draw(st.sampled_from(["replace", "delete", "repeat", "swap"]))
        if kind == "replace":
            value = draw(junk)
            document = changed(document, path, lambda inner, key, value=value: inner.__setitem__(key, value))
        elif kind == "delete":
            document = changed(document, path, lambda inner, key: inner.__delitem__(key))
        elif kind == "repeat":
            document = changed(document, path, repeat)
        else:
            other = draw(st.sampled_from(RESOURCES))
            document = changed(document, path, lambda inner, key, other=other: inner.__setitem__(key, other))
    return document


def test_the_bundle_is_read_in_full_before_it_is_mutated():
    timeline = read_bytes(json.dumps(BUNDLE).encode(), "b.json")
    check(timeline, 13)
    assert len(timeline.facts) == 1 + 1 + 1 + 3 + 2 + 1 + 1
    assert timeline.accounting.rejected == []


@given(mutated_bundles())
def test_a_mutated_bundle_is_read_or_refused(document):
    timeline = read_bytes(json.dumps(document).encode(), "b.json", patient="p")
    if timeline is not None:
        check(timeline, expected_records(document))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_bundle_with_flipped_bytes_is_read_or_refused(flips):
    content = bytearray(json.dumps(BUNDLE).encode())
    for position, value in flips:
        content[position % len(content)] = value
    timeline = read_bytes(bytes(content), "b.json")
    if timeline is not None:
        check(timeline)


@given(st.integers(0, 10**6), st.integers(0, 400))
def test_a_bundle_with_a_part_missing_is_read_or_refused(start, length):
    content = json.dumps(BUNDLE).encode()
    start %= len(content)
    timeline = read_bytes(content[:start] + content[start + length :], "b.json")
    if timeline is not None:
        check(timeline)


cells = st.text(max_size=12) | st.sampled_from(
    ["p", "q", T, "ferritin", "2276-4", "5", ">5", "ng/mL", "present", "\x00"]
)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 11), cells), max_size=4),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([None, "p"]),
)
def test_a_table_with_changed_cells_is_read_or_refused(changes, delimiter, patient):
    rows = copy.deepcopy(ROWS)
    for row, column, value in changes:
        rows[row][column] = value
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    content = text.getvalue().encode("utf-8", "surrogatepass")
    timeline = read_bytes(content, "t.csv", patient=patient)
    if timeline is not None:
        check(timeline, 5)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_table_with_flipped_bytes_is_read_or_refused(flips):
    content = bytearray("\n".join(",".join(row) for row in ROWS).encode())
    for position, value in flips:
        content[position % len(content)] = value
    timeline = read_bytes(bytes(content), "t.csv", patient="p")
    if timeline is not None:
        check(timeline)


@given(st.binary(max_size=300), st.sampled_from(["b.json", "t.csv", "t.tsv", "t.csv.gz", "record"]))
def test_any_bytes_are_refused_or_read(content, name):
    timeline = read_bytes(content, name)
    if timeline is not None:
        check(timeline)


@given(
    st.dictionaries(st.sampled_from(["ferritin", "age", "sex", "fever", "ast_uln", "drug:x", "x"]), cells, max_size=4)
)
def test_any_answers_are_refused_or_read(answers):
    with contextlib.suppress(StormwatchError):
        check(answers_timeline(answers))


# The same facts in either format

TESTS = [("2276-4", "ng/mL"), ("2276-4", "ug/L"), ("1920-8", "U/L"), ("777-3", "10*9/L"), ("8867-4", "/min")]


@st.composite
def results(draw):
    code, unit = draw(st.sampled_from(TESTS))
    value = draw(st.decimals(1, 250, places=2))
    limits = draw(st.none() | st.tuples(st.integers(1, 20), st.integers(21, 99)))
    hour, wait = draw(st.integers(0, 23)), draw(st.none() | st.integers(0, 59))
    return {
        "code": code,
        "unit": unit,
        "value": str(value),
        "comparator": draw(st.sampled_from(["", ">", "<", ">=", "<="])),
        "time": f"2024-03-02T{hour:02}:00:00+01:00",
        "known": "" if wait is None else f"2024-03-02T{hour:02}:{wait:02}:00+01:00",
        "limits": limits,
    }


def as_observation(result):
    quantity = {"value": "VALUE", "unit": result["unit"]}
    if result["comparator"]:
        quantity["comparator"] = result["comparator"]
    observation = {
        "resourceType": "Observation",
        "subject": P,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": result["code"]}]},
        "effectiveDateTime": result["time"],
        "valueQuantity": quantity,
    }
    if result["known"]:
        observation["issued"] = result["known"]
    if result["limits"]:
        low, high = ({"value": limit, "unit": result["unit"]} for limit in result["limits"])
        observation["referenceRange"] = [{"low": low, "high": high}]
    return json.dumps({"resource": observation}).replace('"VALUE"', result["value"])


def as_row(result):
    low, high = result["limits"] or ("", "")
    value = result["comparator"] + result["value"]
    return f"p,{result['time']},{result['code']},{value},{result['unit']},{low},{high},{result['known']}"


def told(timeline):
    return {(f.analyte, f.value, f.time, f.known_at, f.low, f.high) for f in timeline.facts}


@given(st.lists(results(), min_size=1, max_size=8))
def test_a_table_and_a_bundle_tell_the_same(found):
    bundle = f'{{"resourceType": "Bundle", "entry": [{", ".join(map(as_observation, found))}]}}'
    table = "\n".join(["patient_id,time,code,value,unit,low,high,known_at", *map(as_row, found)])
    from_bundle = read_bytes(bundle.encode(), "b.json")
    from_table = read_bytes(table.encode(), "t.csv")
    assert from_bundle is not None
    assert from_table is not None

    assert told(from_bundle) == told(from_table)
    assert len(from_bundle.facts) == len(from_table.facts) == len(found)
