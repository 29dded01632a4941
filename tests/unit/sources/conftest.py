"""Small records, written where a test can read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stormwatch.facts import Timeline
from stormwatch.sources import read

Resource = dict[str, Any]


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def save(content: str | bytes, name: str = "record.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save


@pytest.fixture
def save_bundle(save) -> Callable[..., Any]:
    """A bundle of resources; an entry of its own is a tuple (fullUrl, resource)."""

    def save_bundle(*resources: Resource | tuple[str, Resource], kind: str = "collection") -> Any:
        entries = [{"fullUrl": r[0], "resource": r[1]} if isinstance(r, tuple) else {"resource": r} for r in resources]
        return save(json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}), "bundle.json")

    return save_bundle


@pytest.fixture
def read_bundle(save_bundle) -> Callable[..., Timeline]:
    """Reads resources about the patient ``p``."""

    def read_bundle(*resources: Resource, **options: Any) -> Timeline:
        return read(save_bundle({"resourceType": "Patient", "id": "p"}, *resources), **{"derive": False, **options})

    return read_bundle


@pytest.fixture
def ferritin() -> Callable[..., Resource]:
    """A ferritin result of 5000 ng/mL; members given are replaced, those given as None are left out."""

    def ferritin(**members: Any) -> Resource:
        resource = {
            "resourceType": "Observation",
            "id": "f1",
            "status": "final",
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "2276-4"}]},
            "effectiveDateTime": "2024-03-02T06:00:00Z",
            "valueQuantity": {"value": 5000, "unit": "ng/mL", "code": "ng/mL"},
        }
        return {key: value for key, value in {**resource, **members}.items() if value is not None}

    return ferritin
