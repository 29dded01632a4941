"""Real quarters of FDA: 100 reports of 2004Q1 (legacy AERS) and 100 of 2017Q2 (FAERS), against pandas."""

import zipfile

import pandas as pd
import pytest

from stormwatch.signals.build import build
from stormwatch.signals.pair import pair
from stormwatch.signals.selection import SUSPECT, Selection
from stormwatch.signals.store import Store

pytestmark = pytest.mark.real

KEYS = {"2004Q1": "isr", "2017Q2": "primaryid"}
FILES = {
    "DEMO": "reports", "DRUG": "drugs", "REAC": "reactions", "OUTC": "outcomes", "RPSR": "report_sources",
    "THER": "therapies", "INDI": "indications",
}  # fmt: skip
YEARS = {"YR": 1, "DEC": 10, "MON": 1 / 12, "WK": 7 / 365.25, "DY": 1 / 365.25}
KILOGRAMS = {"LBS": 0.45359237, "KG": 1}


@pytest.fixture(scope="module")
def frames(shared_data):
    """Every file of both quarters as pandas reads it."""
    found = {}
    for file in sorted((shared_data / "faers_ascii_100x2").glob("*.zip")):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                stem = name.rpartition("/")[2].upper()
                if stem[:4] in FILES:
                    with archive.open(name) as stream:
                        frame = pd.read_csv(stream, sep="$", dtype=str, quoting=3, keep_default_na=False)
                    found[f"20{stem[4:8]}", stem[:4]] = frame
    return found


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faers") / "db"
    build([shared_data / "faers_ascii_100x2"], folder)
    with Store(folder) as opened:
        yield opened


def test_every_line_of_all_fourteen_files_is_used(frames, store):
    accounts = {(s["source"], f["table"]): f for s in store.manifest["sources"] for f in s["files"]}
    assert len(accounts) == len(frames) == 14
    for (quarter, prefix), frame in frames.items():
        one = accounts[quarter, FILES[prefix]]
        assert (one["lines"], one["used"], one["rejected"], one["mended"]) == (len(frame), len(frame), {}, {})


def test_each_quarter_has_the_hundred_reports_of_its_provenance(store):
    rows = store.rows("SELECT source, count(*), count(DISTINCT case_number) FROM reports GROUP BY 1 ORDER BY 1")
    assert rows == [("2004Q1", 100, 100), ("2017Q2", 100, 100)]
    assert [step["left"] for step in store.manifest["flow"]["steps"]] == [200] * 6


def test_demographics_are_those_of_the_files(frames, store):
    for quarter, key in KEYS.items():
        demo = frames[quarter, "DEMO"].set_index(key)
        query = "SELECT report, sex, age, weight, event_first, event_last, received FROM reports WHERE source = ?"
        rows = store.rows(query, [quarter])
        assert {row[0] for row in rows} == set(demo.index)
        for report, sex, age, weight, first, last, received in rows:
            held = demo.loc[report]
            assert received.strftime("%Y%m%d") == held["fda_dt"]
            stated = held["gndr_cod" if quarter == "2004Q1" else "sex"]
            assert sex == (stated if stated in ("M", "F") else None)
            assert age == (pytest.approx(float(held["age"]) * YEARS[held["age_cod"]]) if held["age"] else None)
            assert weight == (pytest.approx(float(held["wt"]) * KILOGRAMS[held["wt_cod"]]) if held["wt"] else None)
            assert (first == last and first is not None) == (len(held["event_dt"]) == 8)


def test_reactions_and_drugs_are_those_of_the_files(frames, store):
    for quarter, key in KEYS.items():
        reactions = frames[quarter, "REAC"]
        wanted = set(zip(reactions[key], reactions["pt"].str.lower(), strict=True))
        rows = store.rows("SELECT report, term FROM reactions JOIN reports USING (n) WHERE source = ?", [quarter])
        assert set(rows) == wanted
        drugs = frames[quarter, "DRUG"]
        held = store.rows(
            "SELECT DISTINCT report, drug, role FROM drugs JOIN reports USING (n) WHERE source = ?", [quarter]
        )
        assert set(held) == set(zip(drugs[key], drugs["drug_seq"], drugs["role_cod"], strict=True))


def test_ingredients_are_those_fda_gives_where_it_gives_them(frames, store):
    drugs = frames["2017Q2", "DRUG"]
    with_ingredient = int((drugs["prod_ai"] != "").sum())
    assert store.manifest["names"]["ingredient given"] == with_ingredient
    assert sum(store.manifest["names"].values()) == len(drugs) + len(frames["2004Q1", "DRUG"])
    prednisone = drugs[drugs["prod_ai"].str.contains("PREDNISONE")]["primaryid"].nunique()
    query = "SELECT count(DISTINCT n) FROM drugs JOIN reports USING (n) WHERE substance = 'prednisone' AND source = ?"
    assert store.rows(query, ["2017Q2"]) == [(prednisone,)]


def test_a_pair_is_the_one_pandas_counts(frames, store):
    """Risperidone and gynaecomastia: suspect or interacting in the 2017 quarter; 2004 has neither together."""
    found = pair(
        store, "risperidone", "gynaecomastia", selection=Selection(deduplication="versions"), empirical_bayes=False
    )
    drugs, reactions = frames["2017Q2", "DRUG"], frames["2017Q2", "REAC"]
    old_reactions = frames["2004Q1", "REAC"]
    suspect = drugs[drugs["role_cod"].isin(SUSPECT) & drugs["prod_ai"].str.upper().eq("RISPERIDONE")]
    with_drug = set(suspect["primaryid"])
    with_event = set(reactions[reactions["pt"].str.lower() == "gynaecomastia"]["primaryid"])
    old_event = set(old_reactions[old_reactions["pt"].str.lower() == "gynaecomastia"]["isr"])
    table = found["measures"]["crude"]["table"]
    assert table["a"] == len(with_drug & with_event)
    assert table["a"] + table["c"] == len(with_event) + len(old_event)
    assert sum(table.values()) == 200


def test_outcomes_of_a_pair_are_those_of_the_files(frames, store):
    found = pair(
        store, "risperidone", "gynaecomastia", selection=Selection(deduplication="versions"), empirical_bayes=False
    )
    reports = {row[0] for row in store.rows("SELECT n, report FROM reports") if row[0] in found["cases"]}
    numbers = {report for n, report in store.rows("SELECT n, report FROM reports") if n in reports}
    outcomes = frames["2017Q2", "OUTC"]
    wanted = outcomes[outcomes["primaryid"].isin(numbers)].drop_duplicates().groupby("outc_cod").size().to_dict()
    assert {row["code"]: row["reports"] for row in found["description"]["outcomes"]} == wanted
