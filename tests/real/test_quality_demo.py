"""The quality report of the 100 patients of the MIMIC-IV demo, against counts made independently with pandas."""

from __future__ import annotations

import pandas as pd
import pytest

from stormwatch.sources import patients, read
from stormwatch.sources.derived import with_derived
from stormwatch.sources.quality import quality

pytestmark = pytest.mark.real
FILE = "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz"
NEEDS = {"three": ["ferritin", "fibrinogen", "heart_rate"], "counts": ["neutrophils", "gcs"]}


@pytest.fixture(scope="module")
def path(shared_data):
    return shared_data / FILE


@pytest.fixture(scope="module")
def frame(path):
    return pd.read_csv(path, parse_dates=["time"])


@pytest.fixture(scope="module")
def timelines(path):
    return [with_derived(read(path, patient=one, zone="UTC")) for one in patients(path)]


@pytest.fixture(scope="module")
def payload(timelines):
    return quality(timelines, NEEDS)


def row(payload, analyte):
    return next(one for one in payload["analytes"] if one["analyte"] == analyte)


def need(payload, name):
    return next(one for asked in payload["needs"] for one in asked["needs"] if one["need"] == name)


def test_every_row_of_the_file_is_accounted_for_once(payload, frame):
    account = payload["accounting"]
    assert payload["patients"] == 100
    assert account["read"] == len(frame) == 94_373
    assert account["read"] == account["used"] + account["rejected"] + account["not_needed"]
    assert account["other_patients"] == 0


def test_how_many_were_never_measured(payload):
    assert need(payload, "ferritin")["text"] == "ferritin never measured in 68 of 100"
    assert need(payload, "fibrinogen")["text"] == "fibrinogen never measured in 53 of 100"
    assert need(payload, "heart_rate")["lacking"] == 0
    assert (row(payload, "ferritin")["patients"], row(payload, "fibrinogen")["patients"]) == (32, 47)


@pytest.mark.parametrize(
    ("analyte", "labels"),
    [
        ("fibrinogen", ["fibrinogen", "fibrinogen (charted)"]),
        ("ast", ["AST", "AST (charted)"]),
        ("platelets", ["platelets", "platelets (charted)"]),
        ("triglycerides", ["triglycerides", "triglycerides (charted)"]),
        ("sodium", ["sodium"]),
    ],
)
def test_rows_repeats_and_gaps(payload, frame, analyte, labels):
    usable = frame[frame["label"].isin(labels) & frame["unit"].ne("UNK")]
    found = row(payload, analyte)
    assert (found["rows"], found["patients"]) == (len(usable), usable["subject_id"].nunique())
    assert found["duplicates"] == usable.duplicated(["subject_id", "time", "value"]).sum()
    moments = usable.drop_duplicates(["subject_id", "time"]).sort_values("time")
    gaps = moments.groupby("subject_id")["time"].diff().dropna().dt.total_seconds() / 3600
    assert found["gap_hours"]["median"] == pytest.approx(gaps.median(), abs=0.006)
    assert found["gap_hours"]["p90"] == pytest.approx(gaps.quantile(0.9), abs=0.006)


def test_units_as_recorded(payload, frame):
    temperature = {one["unit"]: one["rows"] for one in row(payload, "temperature")["units"]}
    fahrenheit = frame["label"].eq("temperature F").sum()
    celsius = (frame["label"].eq("temperature C") & frame["value"].le(50)).sum()
    assert temperature == {"°F": fahrenheit, "°C": celsius}


def test_neutrophils_are_derived_wherever_one_count_has_one_time(timelines, frame):
    keys = ["subject_id", "time"]
    counts = frame[frame["label"].isin(["WBC", "WBC (alt item)"])]
    shares = frame[frame["label"].eq("neutrophils %")]
    clear = counts.groupby(keys)["value"].agg(["nunique", "first"]).query("nunique == 1")
    share = shares.groupby(keys)["value"].agg(["nunique", "first"]).query("nunique == 1")
    both = pd.concat([clear["first"], share["first"]], axis=1, join="inner", keys=["count", "share"])
    expected = (both["count"] * both["share"] / 100).sort_values()
    ours = sorted(float(m.value.low) for t in timelines for m in t.measurements.get("neutrophils", ()))
    assert len(ours) == len(expected) > 900
    assert ours == pytest.approx(list(expected))


def test_the_glasgow_total_is_the_sum_where_all_three_are_charted_together(timelines, frame):
    three = frame[frame["label"].str.startswith("GCS")]
    together = three.pivot_table(
        index=["subject_id", "time"], columns="label", values="value", aggfunc=["nunique", "first"]
    )
    clear = together[together["nunique"].eq(1).all(axis=1)]["first"].sum(axis=1)
    ours = {
        (int(t.patient.id), pd.Timestamp(m.time.latest).tz_localize(None)): float(m.value.low)
        for t in timelines
        for m in t.measurements.get("gcs", ())
    }
    assert len(clear) > 3000
    assert {key: ours.get(key) for key in clear.index} == clear.to_dict()
