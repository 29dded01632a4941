"""The question the benchmark asks its peers, and the comparison that decides whether a peer's time counts."""

from __future__ import annotations

import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

HOUR = 3_600_000_000
BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def hospital() -> Any:
    """The modules of the benchmark by name; they are scripts beside the package, not part of it."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield lambda name: import_module(f"hospital.{name}")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def folder(hospital: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("records")
    hospital("data").prepared(into, 60, 7, large=True)
    return into


@pytest.fixture(scope="module")
def ours(hospital: Any, folder: Path) -> Path:
    out = folder / "ours.parquet"
    hospital("ours").evaluated(folder, hospital("ours").A, "sorted", out, fast=False)
    return out


def asked(query: str) -> tuple[Any, ...]:
    """The one row of an answer."""
    with duckdb.connect(":memory:") as connection:
        (row,) = connection.sql(query).fetchall()
    return tuple(row)


@pytest.mark.parametrize(
    ("op", "cutoff", "decimals", "bound"),
    [
        (">=", "38.4", 1, "38.35"),
        (">", "39.4", 1, "39.45"),
        ("<", "9.0", 1, "8.95"),
        ("<=", "9.2", 1, "9.25"),
        (">=", "132.855", 0, "132.5"),  # 133 is the first whole number beyond
        (">", "354.28", 0, "354.5"),
        ("<", "1.0", 2, "0.995"),
    ],
)
def test_bound_lies_halfway_between_the_last_value_within_and_the_first_beyond(
    hospital: Any, op: str, cutoff: str, decimals: int, bound: str
) -> None:
    assert hospital("criteria").bound(op, cutoff, decimals) == Decimal(bound)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        # Nothing known: eight criteria open; every point: 49 + 34 + 50 + 64 + 30 + 19 measured, 18 + 38 + 35 not.
        (set(), (0, 8, 0, 337)),
        # 39.5 degrees: fever and 49 points for certain, and neither end moves above.
        ({"temperature_0", "temperature_1", "temperature_2", "temperature_3"}, (1, 8, 49, 337)),
        # A normal temperature takes one criterion and 49 points away.
        ({"temperature_0"}, (0, 7, 0, 288)),
        # Two lineages low by both instruments, the third unknown: a criterion, and 24 to 34 points.
        ({f"{name}_{k}" for name in ("haemoglobin", "platelets") for k in (0, 1, 2)}, (1, 8, 24, 337)),
        # Normal triglycerides leave the criterion to fibrinogen, and take 64 points away.
        ({"triglycerides_0"}, (0, 8, 0, 273)),
    ],
)
def test_both_ends_follow_from_what_is_known(hospital: Any, held: set[str], expected: tuple[int, ...]) -> None:
    texts = hospital("criteria").answers(lambda name, place: str(f"{name}_{place}" in held).upper())
    assert asked(f"SELECT {', '.join(texts.values())}") == expected
    assert hospital("pandas_loop")._answers(held) == expected


def test_every_peer_agrees_with_us_to_the_microsecond(hospital: Any, folder: Path, ours: Path) -> None:
    sql, equality = hospital("sql"), hospital("equality")
    for peer, compare in (
        (sql.delta_sweep, equality.changes_equal),
        (sql.mask_frames, equality.moments_equal),
        (sql.self_join, equality.moments_equal),
    ):
        theirs = folder / f"{peer.__name__}.parquet"
        peer(folder, theirs)
        assert compare(folder, ours, theirs).equal, peer.__name__
    theirs = folder / "pandas.parquet"
    hospital("pandas_loop").loop(folder, theirs, 5)
    assert equality.moments_equal(folder, ours, theirs, 5).equal


def test_shuffled_rows_give_the_same_rows(hospital: Any, folder: Path, ours: Path) -> None:
    out = folder / "shuffled.parquet"
    hospital("ours").evaluated(folder, hospital("ours").A, "shuffled", out, fast=False)
    assert hospital("equality").rows_equal(ours, out).equal


@pytest.mark.parametrize(
    "change",
    [
        "SELECT * REPLACE (hscore_low + (patient = 1)::SMALLINT AS hscore_low) FROM mask",
        "SELECT * FROM mask LIMIT (SELECT count(*) - 1 FROM mask)",
        "SELECT * REPLACE (moment + 1 AS moment) FROM mask",
    ],
    ids=["a point too many", "a moment missing", "a microsecond late"],
)
def test_another_answer_is_told_apart(hospital: Any, folder: Path, ours: Path, change: str) -> None:
    right, wrong = folder / "right.parquet", folder / "wrong.parquet"
    hospital("sql").mask_frames(folder, right)
    duckdb.sql(f"COPY (WITH mask AS (FROM '{right}') {change}) TO '{wrong}'")
    found = hospital("equality").moments_equal(folder, ours, wrong)
    assert not found.equal
    assert "does not count" in str(found)


def test_a_late_change_is_told_apart(hospital: Any, folder: Path, ours: Path) -> None:
    right, wrong = folder / "sweep.parquet", folder / "late.parquet"
    hospital("sql").delta_sweep(folder, right)
    duckdb.sql(f"COPY (SELECT * REPLACE (moment + {HOUR} AS moment) FROM '{right}') TO '{wrong}'")
    assert not hospital("equality").changes_equal(folder, ours, wrong).equal


def test_no_answer_is_not_an_equal_one(hospital: Any, folder: Path, ours: Path) -> None:
    empty = folder / "empty.parquet"
    duckdb.sql(f"COPY (FROM '{ours}' WHERE FALSE) TO '{empty}'")
    assert not hospital("equality").rows_equal(empty, empty).equal


def test_large_record_has_ten_times_the_patients_and_nobody_twice(folder: Path) -> None:
    counts = "SELECT count(*), count(DISTINCT subject_id), count(DISTINCT (subject_id, time, code))"
    rows, patients, different = asked(f"{counts} FROM '{folder}/sorted/data/*.parquet'")
    large, more, others = asked(f"{counts} FROM '{folder}/large/data/*.parquet'")
    assert (large, more, others) == (10 * rows, 10 * patients, 10 * different)


def test_figures_count_only_what_was_measured_and_equal(hospital: Any) -> None:
    figures = hospital("figures")
    ours = {"A, numba": {"per_row": 1.0}, "A, NumPy": {"per_row": 3.0}}
    verdicts = {
        case: {row.text: row.verdict for row in figures.rows(ours | {"ACES": found})}["ACES: rows/s, numba"]
        for case, found in {
            "quick": {"per_row": 13.0, "equal": True},
            "slow": {"per_row": 11.0, "equal": True},
            "different": {"per_row": 13.0, "equal": False},
            "absent": {"failed": "not here"},
        }.items()
    }
    assert verdicts == {"quick": "yes", "slow": "no", "different": "not measured", "absent": "not measured"}
