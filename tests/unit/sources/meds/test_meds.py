"""MEDS folders: shards, float32 values, births and deaths, broken files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from stormwatch import assess
from stormwatch.errors import InputError, UnknownName, UsageError
from stormwatch.facts import Given, Interval
from stormwatch.sources.mapped.values import shortest_float32
from stormwatch.sources.meds import iterate_meds, patients_of_meds, read_meds

T = datetime(2024, 3, 2, 6)
FLOAT32 = pa.float32()
CODES = """code,analyte,drug,finding,unit,says
TEMP,temperature,,,Cel,
FERR//{unit},ferritin,,,,
BLINA//START,,blinatumomab,,,given
ICD//R16.1,,,splenomegaly,,present
SPLEEN,,,splenomegaly,,
"""


@pytest.fixture
def code_map(save):
    return save(CODES, "codes.csv")


@pytest.fixture
def write(tmp_path):
    """Writes rows (subject, time, code, number, text) as a shard of a MEDS folder, as MEDS types them."""

    def write(*rows, shard="data/train/0.parquet", number=FLOAT32, row_group_size=1000):
        subjects, times, codes, numbers, texts = zip(*rows, strict=True)
        table = pa.table(
            {
                "subject_id": pa.array(subjects, pa.int64()),
                "time": pa.array(times, pa.timestamp("us")),
                "code": pa.array(codes, pa.string()),
                "numeric_value": pa.array(numbers, number),
                "text_value": pa.array(texts, pa.large_string()),
            }
        )
        path = tmp_path / "meds" / shard
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, path, row_group_size=row_group_size)
        return tmp_path / "meds"

    return write


def point(subject, code, number=None, text=None, time=T):
    return subject, time, code, number, text


def only(timeline):
    (fact,) = timeline.facts
    return fact


def test_float32_39_4_is_read_as_39_4_and_scores_33_points(write, code_map):
    stored = np.float32("39.4")
    assert float(stored) > 39.4  # which would score 49
    timeline = read_meds(write(point(1, "TEMP", stored)), code_map=code_map, zone="UTC")
    assert only(timeline).value == Interval.point(Fraction("39.4"))
    assert only(timeline).recorded == "39.4 Cel"
    score = assess(timeline, "hscore").score
    assert score is not None
    assert score.low == 33


def test_float64_is_read_as_it_prints(write, code_map):
    folder = write(point(1, "TEMP", 39.4), point(1, "FERR//ng/mL", 1234.5678901), number=pa.float64())
    timeline = read_meds(folder, code_map=code_map, zone="UTC")
    assert {fact.recorded for fact in timeline.facts} == {"39.4 Cel", "1234.5678901 ng/mL"}


@given(st.integers(1, 999_999), st.integers(-6, 6))
def test_a_decimal_of_up_to_six_figures_survives_float32(figures, exponent):
    written = Decimal(figures).scaleb(exponent)
    assert Decimal(shortest_float32(float(np.float32(str(written))))) == written


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_the_shortest_decimal_of_a_float32_is_stored_as_the_same_and_no_longer_than_that_of_numpy(value):
    text = shortest_float32(value)
    assert np.float32(text) == np.float32(value)
    assert len(Decimal(text).normalize().as_tuple().digits) <= len(
        Decimal(str(np.float32(value))).normalize().as_tuple().digits
    )


def test_a_text_beside_an_empty_number_is_a_bound(write, code_map):
    timeline = read_meds(write(point(1, "FERR//ng/mL", None, "GREATER THAN 2000")), code_map=code_map, zone="UTC")
    assert only(timeline).value == Interval.above(2000)


def test_no_number_and_no_text_is_no_value(write, code_map):
    folder = write(point(1, "FERR//ng/mL"), point(1, "FERR//ng/mL", float("nan")))
    timeline = read_meds(folder, code_map=code_map, zone="UTC")
    assert timeline.facts == ()
    assert timeline.accounting.reasons() == [("no value", 2)]


def test_codes_alone_state_what_the_map_says_they_state(write, code_map):
    folder = write(point(1, "BLINA//START"), point(1, "ICD//R16.1"), point(1, "SPLEEN"))
    timeline = read_meds(folder, code_map=code_map, zone="UTC")
    (exposure,) = timeline.exposures
    assert (exposure.drug, exposure.given, exposure.recorded) == ("blinatumomab", Given.GIVEN, "BLINA//START")
    (finding,) = timeline.findings["splenomegaly"]
    assert finding.present
    assert finding.origin.record == "row 2"
    assert timeline.accounting.reasons() == [("the value says neither present nor absent", 1)]


def test_birth_death_and_sex_describe_the_patient(write, code_map):
    folder = write(
        point(1, "MEDS_BIRTH", time=datetime(1980, 5, 6)),
        point(1, "MEDS_DEATH", time=datetime(2024, 3, 4)),
        point(1, "GENDER//F", time=None),
    )
    timeline = read_meds(folder, code_map=code_map, zone="UTC")
    patient = timeline.patient
    assert (patient.id, patient.sex) == ("1", "female")
    assert patient.age_years(datetime(2024, 5, 5, tzinfo=UTC)) == (43, 43)
    assert patient.death is not None
    # A date is not known before its day is over.
    assert patient.death.latest == datetime(2024, 3, 4, 23, 59, 59, 999999, tzinfo=UTC)
    assert timeline.accounting.used == 3


def test_a_death_with_a_clock_time_is_exact_and_a_second_one_is_rejected(write, code_map):
    folder = write(
        point(1, "MEDS_DEATH", time=datetime(2024, 3, 4, 17, 5)),
        point(1, "MEDS_DEATH", time=datetime(2024, 3, 5)),
        point(1, "GENDER//M", time=None),
        point(1, "GENDER//F", time=None),
    )
    timeline = read_meds(folder, code_map=code_map, zone="UTC")
    assert timeline.patient.death is not None
    assert timeline.patient.death.latest == datetime(2024, 3, 4, 17, 5, tzinfo=UTC)
    assert timeline.patient.sex == "male"
    assert len(timeline.accounting.rejected) == 2


def test_without_a_zone_clock_times_are_rejected(write, code_map):
    timeline = read_meds(write(point(1, "TEMP", 38.0)), code_map=code_map)
    ((reason, _),) = timeline.accounting.reasons()
    assert "zone" in reason


def test_a_mapped_event_of_no_moment_is_rejected(write, code_map):
    timeline = read_meds(write(point(1, "TEMP", 38.0, time=None)), code_map=code_map, zone="UTC")
    assert timeline.accounting.reasons() == [("no time", 1)]


def test_a_folder_is_read_shard_by_shard_with_places_a_person_can_find(write, code_map):
    write(point(7, "TEMP", 38.0), point(7, "OTHER", 1.0), point(8, "TEMP", 39.0))
    folder = write(point(9, "OTHER", 1.0), point(9, "TEMP", 37.5), shard="data/held_out/0.parquet")
    assert patients_of_meds(folder) == ["9", "7", "8"]
    each = {t.patient.id: t for t in iterate_meds(folder, code_map=code_map, zone="UTC")}
    assert list(each) == ["9", "7", "8"]
    assert str(only(each["9"]).origin) == "data/held_out/0.parquet#row 2"
    assert sum(t.accounting.read for t in each.values()) == 5
    for name, timeline in each.items():
        alone = read_meds(folder, code_map=code_map, patient=name, zone="UTC")
        assert alone == timeline
        assert alone.accounting.read == 5
        assert alone.accounting.outside["another patient"] == 5 - timeline.accounting.read


def test_a_patient_whose_events_stand_apart_is_read_alone_but_not_in_a_stream(write, code_map):
    folder = write(point(1, "TEMP", 38.0), point(2, "TEMP", 39.0), point(1, "TEMP", 37.5))
    assert len(read_meds(folder, code_map=code_map, patient="1", zone="UTC").facts) == 2
    with pytest.raises(InputError, match="stand apart"):
        list(iterate_meds(folder, code_map=code_map, zone="UTC"))


def test_row_groups_of_other_patients_are_not_read(write, code_map):
    folder = write(*(point(n, "TEMP", 38.0) for n in range(4)), row_group_size=1)
    path = folder / "data/train/0.parquet"
    column = parquet.read_metadata(path).row_group(3).column(2)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    assert len(read_meds(folder, code_map=code_map, patient="1", zone="UTC").facts) == 1
    with pytest.raises(InputError, match="broken"):
        read_meds(folder, code_map=code_map, patient="3", zone="UTC")


def test_no_more_than_one_batch_is_held(write, code_map, monkeypatch):
    monkeypatch.setattr("stormwatch.sources.meds.shards.BATCH", 2)
    folder = write(*(point(n // 3, "TEMP", 38.0) for n in range(9)))
    each = list(iterate_meds(folder, code_map=code_map, zone="UTC"))
    assert [t.accounting.used for t in each] == [3, 3, 3]
    records = [fact.origin.record for t in each for fact in t.facts]
    assert records == [f"row {n}" for n in range(1, 10)]


def test_several_patients_need_a_name_and_an_unknown_one_is_said_so(write, code_map):
    folder = write(point(1, "TEMP", 38.0), point(2, "TEMP", 39.0))
    with pytest.raises(InputError, match="2 patients"):
        read_meds(folder, code_map=code_map, zone="UTC")
    for unknown in ("3", "01", "x", ""):
        with pytest.raises(UnknownName):
            read_meds(folder, code_map=code_map, patient=unknown, zone="UTC")


@pytest.mark.parametrize("column", ["subject_id", "time", "code", "numeric_value"])
def test_a_missing_column_is_named(write, code_map, column):
    folder = write(point(1, "TEMP", 38.0))
    path = folder / "data/train/0.parquet"
    parquet.write_table(parquet.read_table(path).drop_columns([column]), path)
    with pytest.raises(InputError, match=f"data/train/0.parquet: no column {column}"):
        read_meds(folder, code_map=code_map, patient="1")


def test_a_row_without_a_subject_is_an_error(write, code_map):
    folder = write(point(1, "TEMP", 38.0), point(None, "TEMP", 38.0))
    with pytest.raises(InputError, match="row 2 has no subject_id"):
        list(iterate_meds(folder, code_map=code_map))
    with pytest.raises(InputError, match="no subject_id"):
        patients_of_meds(folder)


def test_truncated_missing_and_empty_records_are_clear_errors(write, code_map, tmp_path):
    folder = write(point(1, "TEMP", 38.0))
    path = folder / "data/train/0.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="broken or cut short"):
        read_meds(folder, code_map=code_map)
    with pytest.raises(InputError, match="no such file"):
        patients_of_meds(tmp_path / "none.parquet")
    with pytest.raises(InputError, match=r"no data/\*\*/\*\.parquet"):
        patients_of_meds(tmp_path / "meds" / "data")


def test_without_pyarrow_the_message_says_what_to_install(write, code_map, monkeypatch):
    folder = write(point(1, "TEMP", 38.0))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"stormwatch\[parquet\]"):
        patients_of_meds(folder)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["TEMP", "FERR//ng/mL", "FERR//?", "MEDS_DEATH", "GENDER//F", "OTHER"]),
            st.none() | st.floats(width=32),
            st.none() | st.text(max_size=5),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_event_is_used_rejected_or_outside(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("meds") / "events.parquet"
    codes, numbers, texts = zip(*rows, strict=True)
    columns = {
        "subject_id": pa.array([1] * len(rows), pa.int64()),
        "time": pa.array([T] * len(rows), pa.timestamp("us")),
        "code": pa.array(codes, pa.string()),
        "numeric_value": pa.array(numbers, pa.float32()),
        "text_value": pa.array(texts, pa.string()),
    }
    parquet.write_table(pa.table(columns), path)
    maps = path.with_name("codes.csv")
    maps.write_text(CODES, encoding="utf-8")
    timeline = read_meds(path, code_map=maps, zone="UTC")
    assert timeline.accounting.read == len(rows)


def test_subject_ids_that_are_texts_are_read_too(write, code_map):
    folder = write(point(1, "TEMP", 38.0), point(2, "TEMP", 39.0))
    path = folder / "data/train/0.parquet"
    table = parquet.read_table(path)
    parquet.write_table(table.set_column(0, "subject_id", table["subject_id"].cast(pa.string())), path)
    assert only(read_meds(folder, code_map=code_map, patient="2", zone="UTC")).recorded == "39 Cel"
