"""The example patient: made by its script, coded with our terms, and telling the story its README promises."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stormwatch import terms

EXAMPLES = Path(__file__).parents[3] / "examples"
FILE = EXAMPLES / "blinatumomab-mas.json"
SYSTEMS = {"http://snomed.info/sct": "snomed", "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm"}
STORM = datetime.fromisoformat("2023-12-27T18:00:00+01:00")

Resource = dict[str, Any]


@pytest.fixture(scope="module")
def bundle() -> Resource:
    read: Resource = json.loads(FILE.read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def script() -> Resource:
    return runpy.run_path(str(EXAMPLES / "make_blinatumomab_mas.py"))


def resources(bundle: Resource, kind: str) -> list[Resource]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def walk(part: Any) -> Iterator[Resource]:
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from walk(inner)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def results(bundle: Resource, key: str, known_by: str, script: Resource) -> list[tuple[float, str]]:
    """Values of one test since the storm began, with their comparator, as far as released by a moment."""
    code = script["TESTS"][key][1]
    found = [
        (o["valueQuantity"]["value"], o["valueQuantity"].get("comparator", ""))
        for o in resources(bundle, "Observation")
        if any(c["code"] == code for c in o["code"].get("coding", ()))
        and moment(o["effectiveDateTime"]) >= STORM
        and moment(o["issued"]) <= moment(known_by)
    ]
    return [(float(value), sign) for value, sign in found]


def latest(bundle: Resource, key: str, known_by: str, script: Resource) -> float | None:
    found = results(bundle, key, known_by, script)
    return found[-1][0] if found else None


def banded(value: float | None, edges: tuple[float, float], points: tuple[int, int, int]) -> tuple[int, int]:
    """Lowest and highest points of a three-level item: below, between (edges included), above."""
    if value is None:
        return points[0], points[2]
    exact = points[0] if value < edges[0] else points[1] if value <= edges[1] else points[2]
    return exact, exact


def hscore(bundle: Resource, at: str, script: Resource) -> tuple[int, int]:
    """The HScore range by hand (Fardet 2014): spleen seen and liver not, marrow and immunosuppression not known."""
    known = {key: latest(bundle, key, at, script) for key in script["TESTS"]}
    values = {key: value for key, value in known.items() if value is not None}
    low_counts = [values["hb"] <= 9.2, values["wbc"] <= 5.0, values["plt"] <= 110]
    fibrinogen = (0, 30) if "fib" not in values else (30, 30) if values["fib"] <= 250 else (0, 0)
    triglycerides = values["tg"] / 88.57 if "tg" in values else None
    items = [
        banded(known["temp"], (38.4, 39.4), (0, 33, 49)),
        (23, 23) if moment(at) >= moment("2023-12-28T11:00:00+01:00") else (0, 38),
        2 * ({0: 0, 1: 0, 2: 24, 3: 34}[sum(low_counts)],),
        banded(known["ferritin"], (2000, 6000), (0, 35, 50)),
        banded(triglycerides, (1.5, 4.0), (0, 44, 64)),
        fibrinogen,
        (19, 19) if values["ast"] >= 30 else (0, 0),
        (0, 35),
        (0, 18),
    ]
    return sum(low for low, _ in items), sum(high for _, high in items)


def test_script_writes_the_file_byte_for_byte(script):
    assert script["text"]().encode("utf-8") == FILE.read_bytes()


def test_bundle_says_that_it_is_fictitious(bundle):
    said = " ".join(tag["display"] for tag in bundle["meta"]["tag"])
    [patient] = resources(bundle, "Patient")
    for text in (said, patient["text"]["div"]):
        assert "Fictitious patient" in text
        assert "values, dates and ages here are illustrative" in text
    assert "identifier" not in patient
    assert "name" not in patient


def test_bundle_is_of_the_promised_size(bundle):
    assert 250 <= len(bundle["entry"]) <= 400
    assert FILE.stat().st_size < 400_000


def test_ids_are_unique_and_all_resources_are_about_the_one_patient(bundle):
    ids = [(e["resource"]["resourceType"], e["resource"]["id"]) for e in bundle["entry"]]
    assert len(set(ids)) == len(ids)
    subjects = {e["resource"].get("subject", {}).get("reference") for e in bundle["entry"]} - {None}
    assert subjects == {"Patient/example-blinatumomab-mas"}


def test_every_condition_and_drug_is_one_of_ours(bundle):
    for condition in resources(bundle, "Condition"):
        coding = condition["code"]["coding"][0]
        assert terms.finding_by_code(SYSTEMS[coding["system"]], coding["code"]) is not None
    for given in resources(bundle, "MedicationAdministration"):
        what = given["medicationCodeableConcept"]
        coding = what["coding"][0]
        drug = terms.drug_by_code(SYSTEMS[coding["system"]], coding["code"])
        assert drug is not None
        assert drug == terms.drug_by_name(what["text"])


def test_no_result_is_released_before_it_was_drawn_and_all_happens_in_one_winter(bundle):
    for observation in resources(bundle, "Observation"):
        assert moment(observation["issued"]) >= moment(observation["effectiveDateTime"])
    times = [v for part in walk(bundle) for v in part.values() if isinstance(v, str) and v.endswith("+01:00")]
    assert len(times) > 700
    assert min(times) > "2023-11-01"
    assert max(times) < "2024-03-01"


def test_infusions_do_not_overlap_and_the_last_one_still_runs(bundle):
    bags = [m for m in resources(bundle, "MedicationAdministration") if "rateRatio" in m["dosage"]]
    periods = [bag["effectivePeriod"] for bag in bags]
    assert [bag["dosage"]["rateRatio"]["numerator"]["value"] for bag in bags] == [9, 28, 28, 9]
    assert all(moment(one["end"]) <= moment(two["start"]) for one, two in pairwise(periods))
    assert [bag["status"] for bag in bags] == ["completed", "completed", "stopped", "in-progress"]
    assert "end" not in periods[-1]


def test_tocilizumab_dose_is_8_mg_per_kg(bundle):
    [dose] = [
        m["dosage"]["dose"]["value"]
        for m in resources(bundle, "MedicationAdministration")
        if m["medicationCodeableConcept"]["text"] == "Tocilizumab"
    ]
    assert dose == 8 * 68


@pytest.mark.parametrize("at", ["2023-12-28T11:00:00+01:00", "2023-12-28T12:00:00+01:00", "2023-12-28T14:00:00+01:00"])
def test_hscore_is_open_while_fibrinogen_and_triglycerides_are_pending(bundle, script, at):
    low, high = hscore(bundle, at, script)
    assert low <= 169 < high


@pytest.mark.parametrize(
    "at",
    [
        "2023-12-28T14:05:00+01:00",  # fibrinogen
        "2023-12-28T15:30:00+01:00",  # triglycerides
        "2023-12-28T20:00:00+01:00",
        "2023-12-29T01:00:00+01:00",  # censored ferritin
    ],
)
def test_hscore_is_above_the_cutoff_once_they_are_back(bundle, script, at):
    assert hscore(bundle, at, script)[0] > 169


def test_hscore_is_below_the_cutoff_before_the_restart_and_two_weeks_after(bundle, script):
    for at in ("2024-01-10T14:00:00+01:00", "2024-01-24T16:00:00+01:00"):
        low, high = hscore(bundle, at, script)
        assert high <= 169, (low, high)


def test_one_ferritin_is_censored(bundle, script):
    censored = [pair for pair in results(bundle, "ferritin", "2024-02-01T00:00:00+01:00", script) if pair[1]]
    assert censored == [(40000.0, ">")]


def test_acute_values_are_normal_before_the_restart(bundle, script):
    acute = set(script["PANEL"]) | {"fib", "tg"}
    for observation in resources(bundle, "Observation"):
        if observation["effectiveDateTime"].startswith("2024-01-10T07:30") and observation["code"].get("coding"):
            code = observation["code"]["coding"][0]["code"]
            key = next(key for key, test in script["TESTS"].items() if test[1] == code)
            _, _, _, low, high, _ = script["TESTS"][key]
            value = observation["valueQuantity"]["value"]
            assert key not in acute or (low or 0) <= value <= high, key


def test_marrow_and_nk_cells_are_not_recorded(bundle):
    said = {code.get("text", "").casefold() for code in (o["code"] for o in resources(bundle, "Observation"))}
    assert not any("phagocyt" in text or "nk" in text.split() for text in said)
