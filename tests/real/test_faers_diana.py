"""1,000 real FAERS reports cleaned by DiAna, read through a listing map; counts and times against pandas."""

import pandas as pd
import pytest

from stormwatch.signals.build import build
from stormwatch.signals.onset import onset
from stormwatch.signals.selection import Selection
from stormwatch.signals.sources.listing_map import listing_map
from stormwatch.signals.store import Store

pytestmark = pytest.mark.real

MAP = """
name = "DiAna sample"
scheme = "fda"

[reports]
file = "sample_Demo.csv.gz"
key = "primaryid"
[reports.columns]
sex = "sex"
age = "age_in_days"
weight = "wt_in_kgs"
event_date = "event_dt"
receipt_date = "fda_dt"
reporter = "occp_cod"
reporter_country = "reporter_country"
event_country = "occr_country"
[reports.fixed]
age_unit = "DY"
weight_unit = "KG"

[[drugs]]
file = "sample_Drug.csv.gz"
key = "primaryid"
columns = { drug = "drug_seq", ingredient = "substance", role = "role_cod" }

[[reactions]]
file = "sample_Reac.csv.gz"
key = "primaryid"
columns = { term = "pt" }

[[outcomes]]
file = "sample_Outc.csv.gz"
key = "primaryid"
columns = { outcome = "outc_cod" }

[[therapies]]
file = "sample_Ther.csv.gz"
key = "primaryid"
columns = { drug = "drug_seq", start_date = "start_dt" }
date_formats = { start_date = ["%Y%m%d.0", "%Y%m.0", "%Y.0"] }

[[indications]]
file = "sample_Indi.csv.gz"
key = "primaryid"
columns = { drug = "drug_seq", term = "indi_pt" }
"""


@pytest.fixture(scope="module")
def frames(shared_data):
    folder = shared_data / "faers_diana_1000"
    names = ("Demo", "Drug", "Reac", "Outc", "Ther", "Indi")
    return {name: pd.read_csv(folder / f"sample_{name}.csv.gz", dtype=str, keep_default_na=False) for name in names}


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("diana")
    (folder / "map.toml").write_text(MAP)
    build([shared_data / "faers_diana_1000"], folder / "db", listing=listing_map(folder / "map.toml"))
    with Store(folder / "db") as opened:
        yield opened


def test_the_thousand_reports_of_the_provenance_are_read(frames, store):
    assert len(frames["Demo"]) == 1000
    assert store.rows("SELECT count(*), count(DISTINCT report) FROM reports") == [(1000, 1000)]
    [source] = store.manifest["sources"]
    accounts = {file["table"]: file for file in source["files"]}
    for name, table in (("Demo", "reports"), ("Drug", "drugs"), ("Reac", "reactions"), ("Outc", "outcomes")):
        assert accounts[table]["lines"] == len(frames[name])
        assert accounts[table]["used"] == len(frames[name].drop_duplicates())


def test_counts_of_drugs_and_events_are_those_of_pandas(frames, store):
    suspect = frames["Drug"][frames["Drug"]["role_cod"].isin(["PS", "SS", "I"])]
    cases = {report for (report,) in store.rows("SELECT report FROM reports WHERE status = 'case'")}
    suspect = suspect[suspect["primaryid"].isin(cases)]
    for substance in ("adalimumab", "levothyroxine", "etanercept"):
        wanted = suspect[suspect["substance"] == substance]["primaryid"].nunique()
        query = "SELECT count(DISTINCT n) FROM drugs WHERE role IN ('PS', 'SS', 'I') AND substance = ?"
        assert store.rows(query, [substance]) == [(wanted,)]
    events = frames["Reac"][frames["Reac"]["primaryid"].isin(cases)]
    wanted = events.groupby("pt")["primaryid"].nunique().to_dict()
    assert dict(store.rows("SELECT term, count(DISTINCT n) FROM reactions GROUP BY 1")) == wanted


def test_ages_in_days_become_years(frames, store):
    ages = (
        frames["Demo"][frames["Demo"]["age_in_days"] != ""].set_index("primaryid")["age_in_days"].astype(float) / 365.25
    )
    held = dict(store.rows("SELECT report, age FROM reports WHERE age IS NOT NULL"))
    assert held == pytest.approx(ages[ages.between(0, 120)].to_dict())


def test_reports_with_the_same_person_drug_and_reaction_are_among_the_matches(frames, store):
    """DiAna flags reports that equal another in event date, sex, country, age, weight, events and drugs.

    Of those flags in which age or date is stated, those whose partner is in the sample must be marked here.
    """
    marked = dict(store.rows("SELECT r.report, o.report FROM duplicates JOIN reports AS r USING (n) "
                             "JOIN reports AS o ON o.n = duplicate_of"))  # fmt: skip
    keys = ["event_dt", "sex", "reporter_country", "age_in_days", "wt_in_kgs"]
    demo = frames["Demo"].copy()
    demo["events"] = demo["primaryid"].map(
        frames["Reac"].groupby("primaryid")["pt"].agg(lambda one: ";".join(sorted(one)))
    )
    demo["drugs"] = demo["primaryid"].map(
        frames["Drug"].groupby("primaryid")["substance"].agg(lambda one: ";".join(sorted(one)))
    )
    stated = demo[(demo["age_in_days"] != "") | (demo["event_dt"].str.len() == 8)]
    groups = stated[stated.duplicated([*keys, "events", "drugs"], keep=False)].groupby([*keys, "events", "drugs"])
    found = [any(one in marked or one in marked.values() for one in group["primaryid"]) for _, group in groups]
    assert all(found)


def whole_days(texts):
    """Dates of eight digits. (pandas takes 201012 for the second of January 2010.)"""
    return pd.to_datetime(texts.where(texts.str.len() == 8), format="%Y%m%d", errors="coerce")


def test_times_to_onset_are_the_differences_of_the_whole_dates(frames, store):
    """All drugs at once: the last start on or before the event, by pandas."""
    substances = tuple(sorted({name for (name,) in store.rows("SELECT DISTINCT substance FROM drugs")}))
    chosen = Selection(("PS", "SS", "S", "I", "C"), "versions")
    found = onset(store, chosen, substances, "SELECT n FROM reports WHERE status = 'case'")
    cases = {report for (report,) in store.rows("SELECT report FROM reports WHERE status = 'case'")}
    demo = frames["Demo"][frames["Demo"]["primaryid"].isin(cases)]
    event = whole_days(demo.set_index("primaryid")["event_dt"]).dropna()
    received = pd.to_datetime(demo.set_index("primaryid")["fda_dt"], format="%Y%m%d", errors="coerce")
    event = event[event <= received.reindex(event.index)]
    named = frames["Drug"][frames["Drug"]["substance"] != ""][["primaryid", "drug_seq"]].drop_duplicates()
    starts = frames["Ther"].merge(named, on=["primaryid", "drug_seq"])
    starts["start"] = whole_days(starts["start_dt"].str.removesuffix(".0"))
    starts = starts.dropna(subset="start")
    joined = starts[starts["primaryid"].isin(event.index)]
    before = joined[joined["start"] <= joined["primaryid"].map(event)]
    days = (before.groupby("primaryid")["start"].max().rsub(event)).dropna().dt.days
    assert sorted(found.days) == sorted(days.tolist())
    assert found.reports == len(found.days) + sum(found.unusable.values())


def test_partial_dates_of_therapy_keep_their_precision(frames, store):
    texts = frames["Ther"]["start_dt"].str.removesuffix(".0")
    wanted = texts[texts != ""].str.len().value_counts().to_dict()
    raw = store.folder / "raw/source=DiAna sample/therapies.parquet"
    query = "SELECT length(start_date), count(*) FROM read_parquet(?) WHERE start_date IS NOT NULL GROUP BY 1"
    distinct = frames["Ther"].drop_duplicates(subset=["primaryid", "drug_seq", "start_dt"])
    held = distinct["start_dt"].str.removesuffix(".0")
    assert dict(store.rows(query, [str(raw)])) == held[held != ""].str.len().value_counts().to_dict()
    assert set(wanted) == {4, 6, 8}
