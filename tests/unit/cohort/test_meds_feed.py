"""The direct MEDS feed against the reader: the same facts, in the same order, and the same account of every row."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.meds import sorting, stretches
from stormwatch.cohort.feeds.meds.feed import MedsFeed
from stormwatch.cohort.feeds.meds.float32 import written
from stormwatch.cohort.feeds.meds.sorting import SortedFeed
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.timelines import TimelineFeed
from stormwatch.cohort.run import run
from stormwatch.engines.columnar.exact import canonical
from stormwatch.engines.columnar.facts import check
from stormwatch.errors import InputError
from stormwatch.instruments.catalogue import instrument
from stormwatch.sources.mapped.values import shortest_float32


def portions(feed):
    return [chunk.portion() for chunk in feed.chunks(frozenset())]


def facts(found):
    """The facts of all portions by patient and name, in order, exactly."""
    told = defaultdict(list)
    for portion in found:
        check(portion.facts)
        f = portion.facts
        n = len(f)
        high = f.low if f.high is None else f.high
        flags = [np.zeros(n, bool) if c is None else c for c in (f.low_open, f.high_open)]
        line = np.zeros(n, int) if f.line is None else f.line
        spans = [f.usable if c is None else c for c in (f.earliest, f.stop)]
        for row in range(n):
            kind, name = f.names[f.code[row]]
            ends = [canonical(float(c[row]), f.lines[line[row]]) if c[row] == c[row] else None for c in (f.low, high)]
            span = [int(c[row]) for c in spans] if kind == "exposure" else []
            one = (int(f.usable[row]), *ends, *(bool(c[row]) for c in flags), *span)
            told[portion.ids[f.patient[row]], kind, name].append(one)
    return dict(told)


def people(found):
    columns = ("born_first", "born_last", "sex", "death", "findings_complete", "exposures_complete")
    return {
        one: tuple(getattr(portion.facts.people, name)[place].item() for name in columns)
        for portion in found
        for place, one in enumerate(portion.ids)
    }


def account(found):
    used = sum(portion.account.used for portion in found)
    outside: Counter[str] = sum((portion.account.outside for portion in found), Counter())
    rejected = Counter(pair for p in found for pair in zip(p.account.places, p.account.reasons, strict=True))
    return used, outside, rejected


def assert_same(source):
    reader = portions(TimelineFeed(source))
    for fast in (False, True):
        assert_alike(portions(feed_of(replace(source, fast=fast))), reader)


def assert_alike(direct, reader):
    assert [one for p in direct for one in p.ids] == [one for p in reader for one in p.ids]
    assert people(direct) == people(reader)
    assert account(direct) == account(reader)
    assert facts(direct) == facts(reader)


@pytest.mark.parametrize(("zone", "complete"), [("UTC", ()), ("Europe/Berlin", ("exposures", "findings")), (None, ())])
def test_the_feed_gives_what_the_reader_gives(meds, zone, complete):
    source = replace(meds, zone=zone, complete=complete)
    assert isinstance(feed_of(source), MedsFeed)
    assert_same(source)


def test_chunks_do_not_matter(meds, monkeypatch):
    monkeypatch.setattr(stretches, "ROWS", 1000)
    assert len(list(feed_of(meds).chunks(frozenset()))) > 5
    assert_same(meds)


def test_without_derived_values(meds):
    assert_same(replace(meds, derive=False))


# --- awkward events ----------------------------------------------------------------------------------------------

CODES = """code,analyte,drug,finding,scale,unit,cap,says
TEMP,temperature,,,,Cel,,
TEMPF,temperature,,,,[degF],,
FER,ferritin,,,,ug/L,50000,
FER//{unit},ferritin,,,,,,
SBP,sbp,,,,mm[Hg],,
DBP,dbp,,,,mm[Hg],,
MAP,map,,,,mm[Hg],,
WBC//{unit},wbc,,,,,,
NEUT%,neutrophils_percent,,,,%,,
NEUT,neutrophils,,,,10*9/L,,
EYE,gcs_eye,,,,{score},,
VERBAL,gcs_verbal,,,,{score},,
MOTOR,gcs_motor,,,,{score},,
FEVER,,,fever,,,,
SPLEEN,,,splenomegaly,,,,present
BLINA,,blinatumomab,,,,,given
NOREPI,,norepinephrine,,,,,
"""
WORDS = [
    *("TEMP", "TEMPF", "FER", "FER//ng/mL", "FER//furlong", "SBP", "SBP", "SBP", "DBP", "DBP", "DBP", "MAP"),
    *("WBC//10*9/L", "WBC//K/uL", "WBC///uL", "NEUT%", "NEUT%", "NEUT", "EYE", "VERBAL", "MOTOR"),
    *(
        "FEVER",
        "SPLEEN",
        "BLINA",
        "NOREPI",
        "NOREPI//x",
        "OTHER//thing",
        "MEDS_BIRTH",
        "MEDS_DEATH",
        "GENDER//F",
        "GENDER//M",
        "GENDER//?",
    ),
]
NUMBERS = [None, 0.0, 1.0, 4.0, 39.4, 38.5, 50000.0, 132.7, 120.0, 80.0, 65.5, 1e-5, 123456.7, 3e7, -1.0, float("inf")]
TEXTS = [
    None,
    None,
    None,
    None,
    "present",
    "absent",
    "> 2000",
    "GREATER THAN 2000",
    "remark",
    "given",
    "not given",
    "5 mg",
]
AUTUMN, SPRING = datetime(2024, 10, 27, 2, 30), datetime(2024, 3, 31, 2, 30)
TIMES = [None, AUTUMN, SPRING, datetime(2024, 10, 27), *(datetime(2051, 10, 29, hour) for hour in range(6))]
events = st.lists(
    st.tuples(st.sampled_from(TIMES), st.sampled_from(WORDS), st.sampled_from(NUMBERS), st.sampled_from(TEXTS)),
    max_size=25,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("awkward")
    (folder / "codes.csv").write_text(CODES)
    return folder


def write(path, patients, number=None):
    rows = [(subject, *event) for subject, found in patients.items() for event in found]
    kinds = {
        "subject_id": pa.int64(),
        "time": pa.timestamp("us"),
        "code": pa.string(),
        "numeric_value": number or pa.float32(),
    }
    kinds["text_value"] = pa.large_string()
    columns = list(zip(*rows, strict=True)) or [()] * 5
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds.values(), strict=True)]
    parquet.write_table(pa.table(dict(zip(kinds, arrays, strict=True))), path, row_group_size=7)
    return path


@given(st.dictionaries(st.integers(-3, 10**6), events.filter(bool), min_size=1, max_size=3), st.booleans())
@settings(max_examples=30)
def test_awkward_events_are_read_as_the_reader_reads_them(place, patients, narrow):
    path = write(place / "events.parquet", patients, pa.float32() if narrow else pa.float64())
    for zone, complete in (("Europe/Berlin", ()), ("UTC", ("exposures",))):
        assert_same(Source(str(path), zone=zone, map=str(place / "codes.csv"), complete=complete))


@given(st.dictionaries(st.integers(0, 50), events.filter(bool), min_size=1, max_size=4), st.randoms())
@settings(max_examples=15)
def test_a_shuffled_record_is_sorted_first(place, patients, chance):
    rows = [(subject, event) for subject, found in sorted(patients.items()) for event in found]
    rows = [row for row in rows if not row[1][1].startswith(("MEDS", "GENDER"))]  # of two that differ, the first counts
    if not rows:
        return
    rows.sort(key=lambda row: (row[0], row[1][0] or datetime.min))
    ordered = write(place / "ordered.parquet", _apart(rows))
    chance.shuffle(rows)
    shuffled = write(place / "shuffled.parquet", _apart(rows))
    source = Source(str(ordered), zone="UTC", map=str(place / "codes.csv"))
    expected, feed = portions(MedsFeed(source)), feed_of(replace(source, path=str(shuffled), sort=True))
    assert isinstance(feed, SortedFeed)
    found = portions(feed)
    assert _values(facts(found)) == _values(facts(expected))
    assert account(found)[0] == account(expected)[0]
    assert Counter(account(found)[2].values()) == Counter(account(expected)[2].values())


class _apart(dict[str, object]):  # noqa: N801
    """Rows in the order given, whoever they are about."""

    def __init__(self, rows):
        super().__init__()
        self._rows = rows

    def items(self):
        return [(subject, [event]) for subject, event in self._rows]


def _values(told):
    return {key: sorted(map(repr, rows)) for key, rows in told.items()}


def test_sorted_chunks_are_cut_at_patients(meds, tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "ROWS", 1500)
    direct = portions(MedsFeed(meds))
    found = portions(SortedFeed(replace(meds, sort=True)))
    assert len(found) > 3
    assert facts(found) == facts(direct)


# --- numbers -----------------------------------------------------------------------------------------------------


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
@settings(max_examples=200)
def test_every_float32_becomes_the_decimal_that_was_written(value):
    (found,) = written(np.array([value], np.float32)).tolist()
    assert found == float(shortest_float32(value))


@given(st.integers(0, 999_999), st.integers(0, 9))
def test_decimals_of_six_figures_survive_32_bits(figures, places):
    text = f"{figures}e-{places}"
    assert written(np.array([float(text)], np.float32)).tolist() == [float(text)]


def test_a_stored_cut_off_is_the_cut_off():
    """39.4 is stored as 39.400002, which lies above a cut-off of 39.4; HScore gives 16 points more there."""
    stored = np.array([39.4, 132.7], np.float32)
    assert stored.astype(float).tolist() != [39.4, 132.7]
    assert written(stored).tolist() == [39.4, 132.7]


# --- faults ------------------------------------------------------------------------------------------------------


def test_a_broken_row_group_is_an_input_error(meds, tmp_path):
    shard = next(Path(meds.path).rglob("data/**/*.parquet"))
    content = bytearray(shard.read_bytes())
    content[4:4000] = b"\xff" * 3996
    (tmp_path / "broken.parquet").write_bytes(content)
    with pytest.raises(InputError, match="broken"):
        portions(feed_of(replace(meds, path=str(tmp_path / "broken.parquet"))))


def test_a_record_without_rows_is_said_to_have_none(place, tmp_path):
    path = write(place / "none.parquet", _apart([]))
    with pytest.raises(InputError, match="no rows"):
        run(Source(str(path), zone="UTC", map=str(place / "codes.csv")), [instrument("ohi")], tmp_path / "out")


def test_a_patient_whose_rows_stand_apart_is_refused(place):
    fever = (datetime(2024, 1, 1), "FEVER", None, "present")
    path = write(place / "apart.parquet", _apart([(1, fever), (2, fever), (1, fever)]))
    with pytest.raises(InputError, match=r"stand apart \(1 times\)"):
        portions(feed_of(Source(str(path), zone="UTC", map=str(place / "codes.csv"))))


def test_facts_out_of_order_within_a_patient_are_put_in_order(place):
    late, early = datetime(2024, 1, 2), datetime(2024, 1, 1)
    rows = {7: [(late, "TEMP", 39.0, None), (early, "TEMP", 37.0, None)]}
    path = write(place / "backwards.parquet", rows)
    assert_same(Source(str(path), zone="UTC", map=str(place / "codes.csv")))


def test_a_time_outside_the_calendar_is_an_input_error(place):
    table = pa.table(
        {
            "subject_id": pa.array([1]),
            "time": pa.array([10**18], pa.int64()).cast(pa.timestamp("us")),
            "code": ["TEMP"],
            "numeric_value": pa.array([39.0], pa.float32()),
        }
    )
    parquet.write_table(table, place / "far.parquet")
    with pytest.raises(InputError, match="outside the calendar"):
        portions(feed_of(Source(str(place / "far.parquet"), zone="UTC", map=str(place / "codes.csv"))))


def test_a_row_without_a_code_is_an_input_error(place):
    path = write(place / "codeless.parquet", {1: [(datetime(2024, 1, 1), None, 1.0, None)]})
    with pytest.raises(InputError, match="have no code"):
        portions(feed_of(Source(str(path), zone="UTC", map=str(place / "codes.csv"))))


def test_microseconds_are_kept(place):
    at = datetime(2024, 1, 1) + timedelta(microseconds=290_000)
    path = write(place / "micro.parquet", {1: [(at, "TEMP", 39.0, None)]})
    assert_same(Source(str(path), zone="UTC", map=str(place / "codes.csv")))


def test_one_patient_with_very_many_facts_is_one_chunk(place, tmp_path, monkeypatch):
    """A quarter of a million values of one person between two others: nothing is cut, and nothing is lost."""
    count = 250_000
    subject = np.repeat([1, 2, 3], [2, count, 2])
    minutes = np.arange(len(subject)) * 60_000_000
    value = np.full(len(subject), 37.0, np.float32)
    value[count // 2] = 39.4
    table = pa.table(
        {
            "subject_id": subject,
            "time": pa.array(minutes).cast(pa.timestamp("us")),
            "code": pa.DictionaryArray.from_arrays(np.zeros(len(subject), np.int32), ["TEMP"]).cast(pa.string()),
            "numeric_value": value,
        }
    )
    parquet.write_table(table, tmp_path / "giant.parquet", row_group_size=20_000)
    monkeypatch.setattr(stretches, "ROWS", 1000)
    found = portions(feed_of(Source(str(tmp_path / "giant.parquet"), zone="UTC", map=str(place / "codes.csv"))))
    assert [one for p in found for one in p.ids] == ["1", "2", "3"]
    assert sum(len(p.facts) for p in found) == len(subject)
    (giant,) = [p for p in found if "2" in p.ids]
    check(giant.facts)
    assert giant.facts.low.max() == 39.4
