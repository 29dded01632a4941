"""How fast a cohort run is, beside what others do on the same data; answers are checked equal before a time counts.

Workload A is HLH-2004 and HScore at every new fact, workload B every instrument. Peers answer only the part that all of
them can: when each patient first had three of five criteria on laboratory values and temperature, either on the latest
values of 72 h or on any value of 72 h. Stormwatch answers the same question as an instrument of its own, with unknown
kept apart, and its answers are the measure.

    python benchmarks/cohort.py CACHE [--patients 100000] [--seed 1] [--turns 3] [--only NAME ...] [--pandas 300]

CACHE is a folder outside the repository for the data (about 2 kB a patient), kept for the next time. Each measure runs
in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from columnar import SIGNALS, made
from pyarrow import parquet

from stormwatch import analytes
from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.outputs.assessments import assessments
from stormwatch.cohort.outputs.seen import seen
from stormwatch.cohort.outputs.standing import standing
from stormwatch.cohort.run import run
from stormwatch.engines.columnar.changes import batched
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.passes import NUMPY
from stormwatch.engines.columnar.plan import Plan
from stormwatch.instruments.catalogue import instrument, load, shipped

WITHIN = 72 * 3_600_000_000
LEAST = 3
CRITERIA = (
    ("temperature", ">=", 38.5, "Cel"),
    ("platelets", "<", 100.0, "10*9/L"),
    ("ferritin", ">=", 500.0, "ng/mL"),
    ("triglycerides", ">=", 265.0, "mg/dL"),
    ("fibrinogen", "<=", 150.0, "mg/dL"),
)
_EXTREME = {">=": "highest", "<": "lowest", "<=": "lowest"}
Answer = Callable[[Path, Path], int]


# --- data --------------------------------------------------------------------------------------------------------


def prepared(folder: Path, patients: int, seed: int) -> None:
    """The records, sorted and shuffled, with their codes."""
    if (folder / "ready").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sorted/data").mkdir(parents=True)
    (folder / "shuffled/data").mkdir(parents=True)
    facts = made(patients, seed)
    words = pa.array([code(name) for _, name in facts.names])
    table = pa.table(
        {
            "subject_id": facts.patient + 1,
            "time": pa.array(facts.usable).cast(pa.timestamp("us")),
            "code": pa.DictionaryArray.from_arrays(facts.code.astype(np.int32), words).cast(pa.string()),
            "numeric_value": facts.low.astype(np.float32),
        }
    )
    shards = max(1, patients // 50_000)
    edges = np.searchsorted(facts.patient, np.linspace(0, patients, shards + 1).astype(int))
    for number, (first, last) in enumerate(pairwise(edges.tolist())):
        parquet.write_table(
            table.slice(first, last - first),
            folder / f"sorted/data/{number:03}.parquet",
            compression="zstd",
            row_group_size=500_000,
        )
    order = np.random.default_rng(seed).permutation(len(table))
    parquet.write_table(
        table.take(order), folder / "shuffled/data/000.parquet", compression="zstd", row_group_size=500_000
    )
    lines = "".join(f"LAB//{name}//{{unit}},{name}\n" for name, *_ in SIGNALS)
    (folder / "codes.csv").write_text(f"code,analyte\n{lines}")
    for how in ("latest", "any"):
        (folder / f"{how}.toml").write_text(definition(how))
    (folder / "ready").touch()


def code(name: str) -> str:
    return f"LAB//{name}//{analytes.analyte(name).unit}"


def definition(how: str) -> str:
    """The five criteria as an instrument: on the latest value of 72 h, or on any."""
    items = "".join(
        f'''
[[items]]
id = "{name}"
title = "{name}"
published = "A benchmark, not a publication."
evidence = "primary"
analyte = "{name}"
take = "{"latest" if how == "latest" else _EXTREME[op]}"
when = {{ op = "{op}", value = {value}, unit = "{unit}" }}
'''
        for name, op, value, unit in CRITERIA
    )
    names = ", ".join(f'"{name}"' for name, *_ in CRITERIA)
    return f"""format = 1
id = "bench-{how}"
edition = "0"
title = "Five criteria, a benchmark"
kind = "criteria"
syndromes = ["HLH"]
purpose = "To compare speeds."

[[citations]]
text = "None: this is a benchmark."

[population]
text = "Nobody."

[look_back]
take = "latest"
within = "72 h"
basis = "ours"
note = "A benchmark."
{items}
[result]
unit = "criteria"
count = [{names}]
met = {{ at_least = {LEAST}, items = [{names}] }}
verdict = "three of five"
evidence = "primary"
published = "A benchmark."
"""


# --- ours --------------------------------------------------------------------------------------------------------


def source(folder: Path, form: str = "sorted") -> Source:
    return Source(str(folder / form), zone="UTC", map=str(folder / "codes.csv"), sort=form == "shuffled")


def first_met(folder: Path, into: Path, how: str) -> int:
    """The common part: read, evaluate, and keep the first moment met of each patient."""
    chosen = [load(folder / f"{how}.toml")]
    plan, parts = Plan(chosen), []
    for chunk in feed_of(source(folder)).chunks(frozenset()):
        assert chunk is not None
        portion = chunk.portion()
        looked = seen(portion.facts)
        for found in batched(portion.facts, plan, until=looked.until):
            parts.append(standing(found, portion.ids, chosen, looked))
    stood = pa.concat_tables(parts)  # noqa: F841  the query names it
    query = "SELECT patient::BIGINT AS patient, epoch_us(first_met) AS since FROM stood WHERE first_met IS NOT NULL"
    parquet.write_table(duckdb.sql(query).to_arrow_table(), into / "answer.parquet")
    return sum(map(len, parts))


def whole_run(folder: Path, into: Path, names: list[str], form: str, workers: int) -> int:
    """Reading, evaluating and writing every table."""
    shutil.rmtree(into / "run", ignore_errors=True)
    finished = run(source(folder, form), [instrument(name) for name in names], into / "run", workers=workers)
    return int(finished.about["tables"]["assessments"])


def evaluated(folder: Path, into: Path, names: list[str], form: str, *, fast: bool, tables: bool = False) -> int:
    """Reading and evaluating; with ``tables`` the assessments are made as Arrow, and nothing is written."""
    instruments = [instrument(name) for name in names]
    plan, passes = Plan(instruments), compiled_passes() if fast else NUMPY
    rows = 0
    for chunk in feed_of(source(folder, form)).chunks(frozenset()):
        assert chunk is not None
        portion = chunk.portion()
        for found in batched(portion.facts, plan, passes=passes):
            rows += len(found)
            if tables:
                assessments(found, portion.ids, instruments)
    return rows


# --- peers -------------------------------------------------------------------------------------------------------


def scan(folder: Path, into: Path, form: str) -> int:
    """Reading every column of every row into Arrow."""
    return drained(f"SELECT * FROM '{folder}/{form}/data/*.parquet'")


def scan_and_sort(folder: Path, into: Path, form: str) -> int:
    return drained(f"SELECT * FROM '{folder}/{form}/data/*.parquet' ORDER BY subject_id, time")


def drained(query: str) -> int:
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        return sum(batch.num_rows for batch in connection.sql(query).to_arrow_reader(200_000))


def truths(folder: Path) -> str:
    """The rows of the five signals, with whether each meets its criterion. float32 is rounded as it was written."""
    cases = " ".join(f"WHEN '{code(name)}' THEN v {op} {value}" for name, op, value, _ in CRITERIA)
    codes = ", ".join(f"'{code(name)}'" for name, *_ in CRITERIA)
    return f"""
        SELECT subject_id AS patient, epoch_us(time) AS t, code, CASE code {cases} END AS yes
        FROM (SELECT *, round(numeric_value::DOUBLE, 2) AS v FROM '{folder}/sorted/data/*.parquet')
        WHERE code IN ({codes})
    """


def delta_sweep(folder: Path, into: Path) -> int:
    """Latest value of 72 h: one step up and one down for each stretch in which a criterion holds, and a running sum."""
    return answer(
        into,
        f"""
        WITH five AS ({truths(folder)}),
        held AS (
            SELECT *, least(t + {WITHIN}, coalesce(lead(t) OVER signal, t + {WITHIN})) AS till
            FROM five WINDOW signal AS (PARTITION BY patient, code ORDER BY t)
        ),
        steps AS (
            SELECT patient, t AS since, 1 AS step FROM held WHERE yes
            UNION ALL SELECT patient, till, -1 FROM held WHERE yes
        ),
        moments AS (SELECT patient, since, sum(step) AS step FROM steps GROUP BY ALL),
        counts AS (SELECT patient, since, sum(step) OVER (PARTITION BY patient ORDER BY since) AS met FROM moments)
        SELECT patient, min(since) AS since FROM counts WHERE met >= {LEAST} GROUP BY patient
        """,
    )


def self_join(folder: Path, into: Path) -> int:
    """Any value of 72 h, the way MIMIC-code writes it: every moment joined with what happened before it."""
    return answer(
        into,
        f"""
        WITH five AS ({truths(folder)}),
        moments AS (SELECT DISTINCT patient, t FROM five),
        counts AS (
            SELECT m.patient, m.t AS since, count(DISTINCT r.code) AS met
            FROM moments m JOIN five r ON r.patient = m.patient AND r.t <= m.t AND r.t > m.t - {WITHIN}
            WHERE r.yes GROUP BY ALL
        )
        SELECT patient, min(since) AS since FROM counts WHERE met >= {LEAST} GROUP BY patient
        """,
    )


def pandas_loop(folder: Path, into: Path, patients: int) -> int:
    """Latest value of 72 h: patient by patient and moment by moment, as a notebook would do it; some patients only."""
    import pandas as pd

    rows = duckdb.sql(f"{truths(folder)} AND subject_id <= {patients}").to_arrow_table().to_pandas()
    found = []
    for patient, facts in rows.groupby("patient"):
        for at in sorted(facts["t"].unique()):
            recent = facts[(facts["t"] <= at) & (facts["t"] > at - WITHIN)]
            if recent.sort_values("t").groupby("code")["yes"].last().sum() >= LEAST:
                found.append((patient, at))
                break
    parquet.write_table(
        pa.Table.from_pandas(pd.DataFrame(found, columns=["patient", "since"])), into / "answer.parquet"
    )
    return len(rows)


def answer(into: Path, query: str) -> int:
    """Keep an answer: patient and first moment."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.execute(f"COPY ({query}) TO '{into}/answer.parquet'")
        found = connection.execute(f"SELECT count(*) FROM '{into}/answer.parquet'").fetchall()
    return int(found[0][0])


# --- measures ----------------------------------------------------------------------------------------------------

A, B = ["hlh-2004", "hscore"], list(shipped())


def measures(pandas_patients: int) -> dict[str, Callable[[Path, Path], int]]:
    """Everything that is measured, by name. Those that end in ``latest`` or ``any`` answer the common question."""
    return {
        "DuckDB: scan, sorted": lambda f, i: scan(f, i, "sorted"),
        "DuckDB: scan, shuffled": lambda f, i: scan(f, i, "shuffled"),
        "DuckDB: scan and sort, shuffled": lambda f, i: scan_and_sort(f, i, "shuffled"),
        "A: read and evaluate": lambda f, i: evaluated(f, i, A, "sorted", fast=False),
        "A: read and evaluate, compiled": lambda f, i: evaluated(f, i, A, "sorted", fast=True),
        "A: read and evaluate, shuffled, compiled": lambda f, i: evaluated(f, i, A, "shuffled", fast=True),
        "A: whole run, one process": lambda f, i: whole_run(f, i, A, "sorted", 1),
        "A: whole run, two processes": lambda f, i: whole_run(f, i, A, "sorted", 2),
        "A: whole run, shuffled": lambda f, i: whole_run(f, i, A, "shuffled", 1),
        "B: read and evaluate": lambda f, i: evaluated(f, i, B, "sorted", fast=False),
        "B: read and evaluate, compiled": lambda f, i: evaluated(f, i, B, "sorted", fast=True),
        "B: whole run, two processes": lambda f, i: whole_run(f, i, B, "sorted", 2),
        "Stormwatch, latest": lambda f, i: first_met(f, i, "latest"),
        "Stormwatch, any": lambda f, i: first_met(f, i, "any"),
        "DuckDB: delta sweep, latest": delta_sweep,
        "DuckDB: self join, any": self_join,
        f"pandas: loop over {pandas_patients}, latest": lambda f, i: pandas_loop(f, i, pandas_patients),
    }


def measured(name: str, folder: Path, pandas_patients: int, turns: int) -> dict[str, Any]:
    """The best of some turns, each in a process of its own, with its peak memory."""
    best: dict[str, Any] = {}
    for _ in range(1 if name.startswith("pandas") else turns):
        words = [sys.executable, __file__, str(folder), "--one", name, "--pandas", str(pandas_patients)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"failed": done.stderr.strip().splitlines()[-1][:100]}
        found = json.loads(done.stdout.splitlines()[-1])
        best = found if not best or found["seconds"] < best["seconds"] else best
    return best


def one(name: str, folder: Path, pandas_patients: int) -> None:
    """One measure, in this process."""
    into = place(folder, name)
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    ask = measures(pandas_patients)[name]
    for each in shipped():
        instrument(each)
    start = time.perf_counter()
    rows = ask(folder, into)
    seconds = time.perf_counter() - start
    workers = 2 if "two processes" in name else 0  # the largest child is told, and two are alike
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    peak += workers * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    shutil.rmtree(into / "run", ignore_errors=True)
    print(json.dumps({"seconds": seconds, "rows": rows, "peak": peak}))


def place(folder: Path, name: str) -> Path:
    return folder / "answers" / "".join(c if c.isalnum() else "-" for c in name)


def equal(folder: Path, name: str, pandas_patients: int) -> str:
    """Whether an answer to the common question is ours, patient by patient and to the microsecond."""
    how = "latest" if name.endswith("latest") else "any"
    ours, theirs = (place(folder, each) / "answer.parquet" for each in (f"Stormwatch, {how}", name))
    if not ours.exists() or not theirs.exists():
        return "not compared"
    some = f"WHERE patient <= {pandas_patients}" if name.startswith("pandas") else ""
    queries = [f"SELECT patient, since FROM '{each}' {some}" for each in (ours, theirs)]
    different = [duckdb.sql(f"{a} EXCEPT ALL {b}").fetchall() for a, b in (queries, queries[::-1])]
    return "equal" if not different[0] and not different[1] else "DIFFERENT: the time does not count"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("cache", type=Path)
    asked.add_argument("--patients", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--pandas", type=int, default=300)
    asked.add_argument("--only", nargs="*", default=[])
    asked.add_argument("--one", default="")
    asked.add_argument("--prepare", action="store_true")
    given = asked.parse_args()
    if given.one:
        one(given.one, given.cache, given.pandas)
        return
    folder = given.cache / f"cohort-{given.patients}-{given.seed}"
    if given.prepare:
        prepared(folder, given.patients, given.seed)
        return
    subprocess.run([sys.executable, *sys.argv, "--prepare"], check=True)  # memory of its own
    ((rows,),) = duckdb.sql(f"SELECT count(*) FROM '{folder}/sorted/data/*.parquet'").fetchall()
    print(f"{given.patients:,} patients, {rows:,} observations of {len(SIGNALS)} signals; best of {given.turns}")
    for name in measures(given.pandas):
        if not given.only or any(part in name for part in given.only):
            report(name, measured(name, folder, given.pandas, given.turns), folder, rows, given)


def report(name: str, found: dict[str, Any], folder: Path, rows: int, given: argparse.Namespace) -> None:
    if "failed" in found:
        print(f"  {name:44} failed: {found['failed']}")
        return
    done = found["rows"] if name.startswith("pandas") else rows
    rate = done / found["seconds"] / 1e6
    said = equal(folder, name, given.pandas) if name.endswith(("latest", "any")) else ""
    if name.startswith("pandas"):
        whole = found["seconds"] * given.patients / given.pandas
        said += f"; extrapolated to all patients: {whole:,.0f} s"
    print(f"  {name:44} {found['seconds']:8.2f} s  {rate:7.2f} M rows/s  {found['peak']:5.2f} GB  {said}", flush=True)


if __name__ == "__main__":
    main()
