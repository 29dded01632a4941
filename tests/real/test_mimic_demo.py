"""All 100 patients of the MIMIC-IV demo through all instruments, against counts made independently with pandas.

No diagnosis is coded for these patients: a score is a score, and none of them is called ill here.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest

from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.logic.truth import Truth
from stormwatch.sources import patients, read

pytestmark = pytest.mark.real
FILE = "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz"
H72 = pd.Timedelta(hours=72)
H24 = pd.Timedelta(hours=24)


@pytest.fixture(scope="module")
def path(shared_data):
    return shared_data / FILE


@pytest.fixture(scope="module")
def frame(path):
    """The rows as pandas reads them, in one unit per signal, without the physically impossible temperatures."""
    rows = pd.read_csv(path, parse_dates=["time"])
    rows = rows[rows["unit"].ne("UNK") | rows["label"].isin(["INR", "GCS eye", "GCS motor", "GCS verbal"])]
    signal = rows["label"].str.replace(r" \((charted|alt item|alt)\)", "", regex=True)
    signal = signal.replace({"temperature C": "T", "temperature F": "T", "ABP systolic": "SBP", "NIBP systolic": "SBP"})
    fahrenheit = rows["label"].eq("temperature F")
    value = rows["value"].where(~fahrenheit, (rows["value"] - 32) * 5 / 9)
    rows = rows.assign(signal=signal, value=value.round(6))
    return rows[~(rows["signal"].eq("T") & rows["value"].gt(50))]


@pytest.fixture(scope="module")
def timelines(path):
    return {one: read(path, patient=one, zone="UTC") for one in patients(path)}


@pytest.fixture(scope="module")
def tracks(timelines):
    """Every instrument along every patient."""
    found = {}
    for one, timeline in timelines.items():
        readings = Readings(timeline)
        for name in shipped():
            found[one, name] = list(reference.changes(instrument(name), readings, timeline.end + timedelta(days=30)))
    return found


def with_signal(frame, *signals):
    groups = frame.groupby("subject_id")["signal"].agg(set)
    return sum(set(signals) <= have for have in groups)


def with_analyte(timelines, *analytes):
    return sum(all(a in t.measurements for a in analytes) for t in timelines.values())


def test_all_patients_and_rows_are_accounted_for(path, timelines):
    raw = pd.read_csv(path)
    assert len(timelines) == raw["subject_id"].nunique() == 100
    rows = raw.groupby("subject_id").size()
    for one, timeline in timelines.items():
        account = timeline.accounting
        assert account.read == len(raw)
        others = account.outside["another patient"]
        assert account.used + len(account.rejected) + account.outside.total() - others == rows[int(one)]


def test_rows_without_a_usable_unit_or_value_are_the_rejected_ones(path, timelines):
    raw = pd.read_csv(path)
    unusable = raw["unit"].eq("UNK") & ~raw["label"].isin(["INR", "GCS eye", "GCS motor", "GCS verbal"])
    unusable |= raw["label"].str.startswith("D-dimer") & raw["unit"].eq("ng/mL")  # FEU or DDU? it does not say
    impossible = raw["label"].eq("temperature C") & raw["value"].gt(50)
    reasons = Counter(r.reason for t in timelines.values() for r in t.accounting.rejected)
    assert reasons.total() == int((unusable | impossible).sum())
    assert len(reasons) == 5, reasons


def test_how_many_have_which_measurement(frame, timelines):
    assert with_signal(frame, "ferritin") == with_analyte(timelines, "ferritin") == 32
    assert with_signal(frame, "fibrinogen") == with_analyte(timelines, "fibrinogen") == 47
    six = ("T", "hemoglobin", "ferritin", "triglycerides", "fibrinogen", "AST")
    ours = ("temperature", "haemoglobin", "ferritin", "triglycerides", "fibrinogen", "ast")
    assert with_signal(frame, *six) == with_analyte(timelines, *ours) == 7


def windowed(rows, signal, window, how):
    """The highest or lowest value of a signal in the window before each moment of a patient."""
    values = rows[rows["signal"].eq(signal)]

    def at(moment):
        inside = values[(values["time"] <= moment) & (values["time"] > moment - window)]["value"]
        return None if inside.empty else getattr(inside, how)()

    return at


def hscore_points(rows):
    """The certain HScore points at any moment, written from the published table, for one patient."""
    high = {s: windowed(rows, s, H72, "max") for s in ("T", "ferritin", "triglycerides", "AST")}
    low = {s: windowed(rows, s, H72, "min") for s in ("hemoglobin", "WBC", "platelets", "fibrinogen")}

    def points(moment):
        temperature, ferritin = high["T"](moment) or 0, high["ferritin"](moment) or 0
        triglycerides, ast = (high["triglycerides"](moment) or 0) / 88.57, high["AST"](moment) or 0
        limits = {"hemoglobin": 9.2, "WBC": 5.0, "platelets": 110}
        lows = [low[s](moment) for s in limits]
        lineages = sum(v is not None and v <= limit for v, limit in zip(lows, limits.values(), strict=True))
        fibrinogen = low["fibrinogen"](moment)
        return (
            (49 if temperature > 39.4 else 33 if temperature >= 38.4 else 0)
            + (0, 0, 24, 34)[lineages]
            + (50 if ferritin > 6000 else 35 if ferritin >= 2000 else 0)
            + (64 if triglycerides > 4.0 else 44 if triglycerides >= 1.5 else 0)
            + (30 if fibrinogen is not None and fibrinogen <= 250 else 0)
            + (19 if ast >= 30 else 0)
        )

    return points


def test_the_highest_certain_hscore_of_every_patient(frame, tracks, timelines):
    for one in timelines:
        rows = frame[frame["subject_id"].eq(int(one))]
        points = hscore_points(rows)
        used = rows[
            rows["signal"].isin(
                ["T", "ferritin", "triglycerides", "AST", "hemoglobin", "WBC", "platelets", "fibrinogen"]
            )
        ]
        expected = max((points(moment) for moment in used["time"].unique()), default=0)
        assert max(m.score.low for m in tracks[one, "hscore"]) == expected, one


def absolute_neutrophils(rows):
    """White cells times their share of neutrophils, where both were drawn at once and neither has two values."""
    once = rows.groupby(["signal", "time"])["value"].agg(["min", "max"])
    once = once[once["min"].eq(once["max"])]["min"]
    known = once.index.get_level_values("signal")
    if not {"WBC", "neutrophils %"} <= set(known):
        return rows.iloc[:0]
    product = (once.loc["WBC"] * once.loc["neutrophils %"] / 100).dropna()
    return product.rename("value").reset_index().assign(signal="ANC")


def test_the_highest_certain_count_of_hlh_2004(frame, tracks, timelines):
    for one in timelines:
        rows = frame[frame["subject_id"].eq(int(one))]
        high = {s: windowed(rows, s, H72, "max") for s in ("T", "ferritin", "triglycerides")}
        low = {s: windowed(rows, s, H72, "min") for s in ("hemoglobin", "platelets", "fibrinogen")}

        neutrophils = windowed(absolute_neutrophils(rows), "ANC", H72, "min")

        def count(moment, high=high, low=low, neutrophils=neutrophils):
            hb, plt, fib = (low[s](moment) for s in ("hemoglobin", "platelets", "fibrinogen"))
            anc = neutrophils(moment)
            lineages = (hb is not None and hb < 9.0, plt is not None and plt < 100, anc is not None and anc < 1.0)
            criteria = (
                (high["T"](moment) or 0) >= 38.5,
                sum(lineages) >= 2,
                (high["triglycerides"](moment) or 0) >= 265 or (fib is not None and fib <= 150),
                (high["ferritin"](moment) or 0) >= 500,
            )
            return sum(map(bool, criteria))

        moments = rows[rows["signal"].isin([*high, *low, "WBC", "neutrophils %"])]["time"].unique()
        expected = max((count(moment) for moment in moments), default=0)
        assert max(m.score.low for m in tracks[one, "hlh-2004"]) == expected, one


def test_who_ever_has_a_certain_crs_grade(frame, tracks, timelines):
    fever = frame[frame["signal"].eq("T") & frame["value"].ge(38.0)]
    certain = {one for one in timelines if any(m.verdict is Truth.MET for m in tracks[one, "crs-astct"])}
    assert certain == {str(one) for one in fever["subject_id"].unique()}


def test_without_soluble_cd25_the_ohi_index_is_never_met(tracks, timelines):
    verdicts = {m.verdict for one in timelines for m in tracks[one, "ohi"]}
    assert Truth.MET not in verdicts
    assert Truth.NOT_MET in verdicts  # a ferritin of 1000 or less settles it
