"""What makes the reading of MEDS quick: cuts that the statistics of a file tell, and float32 without a detour."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from stormwatch.cohort.feeds.meds import stretches
from stormwatch.cohort.feeds.meds.float32 import written
from stormwatch.cohort.feeds.meds.quick import _as_written
from stormwatch.cohort.feeds.meds.ranges import told_starts
from stormwatch.cohort.feeds.rows import Rows, assembled
from stormwatch.engines.columnar.facts import CANONICAL
from stormwatch.engines.columnar.gather import people_of
from stormwatch.errors import InputError
from stormwatch.facts import Patient, Timeline
from stormwatch.sources.mapped.values import shortest_float32


def store(path, subjects, group, **how):
    table = pa.table({"subject_id": pa.array(subjects, pa.int64())})
    parquet.write_table(table, path, row_group_size=group, **how)
    return path, path.name


def cuts_by_reading(path, name):
    starts, _, edges, rows = stretches._patients(path, name)
    return stretches._cuts(starts, edges, rows)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(1, 25), st.integers(2, 60))
@settings(max_examples=150)
def test_cuts_by_statistics_are_those_found_by_reading(tmp_path_factory, lengths, group, rows):
    """Whole patients, who may begin in one row group and fill several others."""
    path = tmp_path_factory.mktemp("ranges") / "0.parquet"
    shard = store(path, np.repeat(np.arange(len(lengths)), lengths), group)
    told = told_starts([shard], 2 * rows)
    if group > 2 * rows:
        assert told is None or sum(lengths) <= 2 * rows
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "ROWS", rows)
        by_reading = cuts_by_reading(*shard)
        assert told is not None
        (starts, count), *_ = told
        merged = stretches._merged(starts, count)
    # reading may cut within what is much too long, which statistics cannot tell
    assert set(merged) <= set(by_reading)
    extra = sorted(set(by_reading) - set(merged))
    assert all(any(b - a > 2 * rows and a < cut < b for a, b in itertools.pairwise(merged)) for cut in extra)


@pytest.mark.parametrize(
    ("groups", "how"),
    [
        ([[1, 1, 5], [3, 4]], {}),  # ranges overlap
        ([[1, None], [3, 4]], {}),  # a row without a subject
        ([[1, 1], [3, 4]], {"write_statistics": False}),
    ],
)
def test_statistics_that_do_not_suffice_say_so(tmp_path, groups, how):
    shard = store(tmp_path / "0.parquet", list(itertools.chain(*groups)), len(groups[0]), **how)
    assert told_starts([shard], 100) is None


def test_shards_whose_subjects_overlap_are_read(tmp_path):
    (tmp_path / "data").mkdir()
    first, second = (tmp_path / "data" / name for name in ("0.parquet", "1.parquet"))
    one, other = store(first, [1, 5], 2), store(second, [3, 4], 2)
    assert told_starts([one, other], 100) is None
    store(second, [5, 6], 2)
    with pytest.raises(InputError, match="stand apart"):
        stretches.stretches(tmp_path)


@given(st.one_of(st.floats(width=32), st.decimals(0, 10**6, places=3, allow_nan=False).map(float)))
@settings(max_examples=400)
def test_float32_is_the_decimal_that_was_written(number):
    stored = np.float32(number)
    expected = float(shortest_float32(float(stored)))
    assert written(np.array([stored])).tolist() == pytest.approx([expected], rel=0, abs=0, nan_ok=True)
    quick = _as_written(stored) if np.isfinite(stored) else np.nan
    assert np.isnan(quick) or quick == expected
    if np.isfinite(stored) and expected == float(f"{expected:.6g}") and 1e-3 <= abs(expected) < 1e6:
        assert quick == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=40), st.integers(1, 120), st.randoms())
@settings(max_examples=200)
def test_rows_come_in_the_order_in_which_the_reader_has_them(rows, first, random):
    """By patient, time, and place written as a text; from one part that stands in order, or from two that do not."""
    rows = sorted(rows)
    numbered = [(patient, time, first + place) for place, (patient, time) in enumerate(rows)]
    expected = sorted(numbered, key=lambda row: (row[0], row[1], str(row[2])))
    split = random.randint(0, len(numbered))
    mixed = random.sample(numbered, len(numbered))
    people = people_of([Timeline(Patient(""), ())] * 3)
    for parts in ([numbered], [numbered[split:], numbered[:split]], [mixed[split:], mixed[:split]]):
        facts = assembled(map(part_of, parts), people)
        found = zip(facts.patient.tolist(), facts.usable.tolist(), facts.low.tolist(), strict=True)
        assert list(found) == expected


def part_of(rows):
    patient, usable, source = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    columns = {"patient": patient, "usable": usable, "low": source.astype(float), "code": 0 * patient}
    return Rows((("measurement", "ferritin"),), (CANONICAL,), source, columns)
