"""Synthetic cohorts, each made once: with the dirt that records have."""

from __future__ import annotations

from pathlib import Path

import pytest

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.synth import synthesise


@pytest.fixture(scope="session")
def meds(tmp_path_factory) -> Source:
    """Forty patients as MEDS events."""
    folder = tmp_path_factory.mktemp("meds")
    synthesise(40, 11, folder / "made", "meds")
    return Source(str(folder / "made/synthetic-meds"), zone="UTC", map=str(folder / "made/synthetic-code-map.csv"))


@pytest.fixture(scope="session")
def omop(tmp_path_factory) -> Source:
    """Twelve patients as OMOP tables."""
    folder = tmp_path_factory.mktemp("omop")
    synthesise(12, 12, folder / "made", "omop-parquet")
    return Source(str(folder / "made/synthetic-omop"), zone="UTC")


@pytest.fixture(scope="session")
def table(tmp_path_factory) -> Source:
    """Eight patients as a long CSV table."""
    folder = tmp_path_factory.mktemp("table")
    synthesise(8, 13, folder / "made", "csv")
    return Source(str(folder / "made/synthetic-table.csv"))


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a run and what is in it."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}
