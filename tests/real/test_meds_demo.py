"""The MIMIC-IV demo in MEDS against the long table made from it: the same measurements for the same 100 people.

Where they differ, and why: the long table left out the events without a value, and one that stood there twice. Both
hold values of the same 37 items; all other codes are outside. The expected counts are made with pandas.
"""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pytest

from stormwatch.sources import read
from stormwatch.sources.derived import with_derived
from stormwatch.sources.meds import iterate_meds, patients_of_meds, read_meds

pytestmark = pytest.mark.real
CODES = Path(__file__).parents[1] / "unit/sources/meds/mimic_demo_codes.csv"


@pytest.fixture(scope="module")
def path(shared_data):
    return shared_data / "mimic_iv_demo_meds/mimic_iv_demo_meds_events.parquet"


@pytest.fixture(scope="module")
def frame(path):
    events = pd.read_parquet(path)
    items = pd.read_csv(CODES)["code"].str.split("//").str[1]
    return events.assign(mapped=events["code"].str.split("//").str[1].isin(items))


@pytest.fixture(scope="module")
def meds(path):
    return {t.patient.id: t for t in iterate_meds(path, code_map=CODES, zone="UTC")}


@pytest.fixture(scope="module")
def table(shared_data, tmp_path_factory):
    """The long table, one file and one timeline for each person."""
    folder, rows = tmp_path_factory.mktemp("long"), defaultdict(list)
    with gzip.open(shared_data / "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz", "rt", encoding="utf-8") as file:
        header = next(file)
        for line in file:
            rows[line.partition(",")[0]].append(line)
    for one, lines in rows.items():
        (folder / f"{one}.csv").write_text(header + "".join(lines), encoding="utf-8")
    return {one: read(folder / f"{one}.csv", zone="UTC", derive=False) for one in rows}


def readings(timeline):
    return Counter((m.analyte, m.value, m.time.latest) for ms in timeline.measurements.values() for m in ms)


def test_every_event_is_accounted_for(frame, meds):
    assert len(meds) == frame["subject_id"].nunique() == 100
    assert sum(t.accounting.read for t in meds.values()) == len(frame) == 916_166
    outside = sum(t.accounting.outside.total() for t in meds.values())
    about = frame["code"].isin(["MEDS_BIRTH", "MEDS_DEATH"]) | frame["code"].str.startswith("GENDER//")
    assert outside == int((~frame["mapped"] & ~about).sum())


def test_both_forms_give_the_same_measurements(meds, table):
    assert meds.keys() == table.keys()
    for one in table:
        assert readings(meds[one]).keys() == readings(table[one]).keys(), one


def test_both_forms_give_the_same_derived_values(meds, table):
    for one in table:
        ours, theirs = (readings(with_derived(form[one])) for form in (meds, table))
        assert ours.keys() == theirs.keys(), one


def test_the_long_table_lacks_only_a_duplicate_and_the_events_without_a_value(frame, meds, table):
    mapped = frame[frame["mapped"]]
    filled = mapped[mapped["value"].notna()]
    twice = len(filled) - len(filled.drop_duplicates(["subject_id", "time", "code", "value"]))
    more: Counter[object] = Counter()
    for one in table:
        assert not readings(table[one]) - readings(meds[one])
        more += readings(meds[one]) - readings(table[one])
    assert more.total() == twice == 1
    reasons: dict[str, Counter[str]] = {name: Counter() for name in ("meds", "table")}
    for name, timelines in (("meds", meds), ("table", table)):
        for timeline in timelines.values():
            reasons[name].update(dict(timeline.accounting.reasons()))
    assert reasons["meds"].pop("no value") == int(mapped["value"].isna().sum()) == 76
    assert reasons["meds"] == reasons["table"]


def test_birth_death_and_sex_are_those_of_the_events(frame, meds):
    codes = frame["code"].value_counts()
    people = [t.patient for t in meds.values()]
    assert sum(p.birth is not None for p in people) == codes["MEDS_BIRTH"] == 100
    assert sum(p.death is not None for p in people) == codes["MEDS_DEATH"] == 31
    assert Counter(p.sex for p in people) == {"female": codes["GENDER//F"], "male": codes["GENDER//M"]}


def test_one_patient_alone_is_read_as_in_the_stream(path, meds):
    ids = patients_of_meds(path)
    assert ids == list(meds)
    for one in (ids[0], ids[-1]):
        alone = read_meds(path, code_map=CODES, patient=one, zone="UTC")
        assert alone == meds[one]
        assert alone.accounting.read == 916_166
