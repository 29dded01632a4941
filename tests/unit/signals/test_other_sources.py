"""openFDA downloads, and line listings through a column map."""

import json
import zipfile

import duckdb
import pytest

from stormwatch.errors import InputError, UsageError
from stormwatch.signals.build import build
from stormwatch.signals.sources.listing_map import listing_map
from stormwatch.signals.sources.reading import accounts, read_sources
from stormwatch.signals.store import Store

REPORT = {
    "safetyreportid": "10003300",
    "safetyreportversion": "2",
    "receiptdate": "20140312",
    "receivedate": "20140306",
    "occurcountry": "US",
    "companynumb": "X-1",
    "seriousnessdeath": "1",
    "primarysource": {"qualification": "3", "reportercountry": "US"},
    "patient": {
        "patientonsetage": "18",
        "patientonsetageunit": "802",
        "patientsex": "2",
        "patientweight": "11.5",
        "drug": [
            {
                "drugcharacterization": "1",
                "medicinalproduct": "BLINCYTO",
                "activesubstance": {"activesubstancename": "BLINATUMOMAB"},
                "drugindication": "Acute lymphocytic leukaemia",
                "drugstartdate": "20140301",
                "drugrecurreadministration": "3",
            },
            {"drugcharacterization": "2", "medicinalproduct": "DEXAMETHASONE"},
        ],
        "reaction": [
            {"reactionmeddrapt": "Cytokine release syndrome", "reactionmeddraversionpt": "17.0"},
            {"reactionmeddrapt": "Pyrexia", "reactionmeddraversionpt": "17.0"},
        ],
    },
}


def table(raw, name):
    found = duckdb.connect().execute(f"SELECT * FROM read_parquet('{raw}/source=*/{name}.parquet')")
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def download(tmp_path):
    held = {
        "meta": {"note": 'a "results" that is none'},
        "results": [REPORT, {"patient": {}}, {**REPORT, "safetyreportid": "7"}],
    }
    file = tmp_path / "drug-event-0001-of-0030.json.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("drug-event-0001-of-0030.json", json.dumps(held, indent=2))
    return file


def test_an_openfda_download_becomes_the_same_tables(download, tmp_path):
    [account] = read_sources([download], tmp_path / "raw")
    assert account.meddra == ("17.0",)
    reports = account.files[0]
    assert (reports.lines, reports.used, dict(reports.rejected)) == (3, 2, {"no report number": 1})
    first = next(row for row in table(tmp_path / "raw", "reports") if row["report"] == "10003300")
    assert (first["age"], first["age_unit"], first["sex"], first["reporter"]) == ("18", "MON", "F", "OT")
    drugs = [row for row in table(tmp_path / "raw", "drugs") if row["report"] == "10003300"]
    assert [(row["role"], row["name"], row["ingredient"]) for row in drugs] == [
        ("S", "BLINCYTO", "BLINATUMOMAB"),
        ("C", "DEXAMETHASONE", None),
    ]
    assert {row["outcome"] for row in table(tmp_path / "raw", "outcomes")} == {"DE"}


def test_an_openfda_database_can_be_analysed_and_names_its_meddra(download, tmp_path):
    from stormwatch.signals.pair import pair
    from stormwatch.signals.store import Store

    build([download], tmp_path / "db")
    with Store(tmp_path / "db") as store:
        found = pair(store, "Blincyto", "crs", empirical_bayes=False)
        assert found["measures"]["crude"]["n"] == 2
        assert found["measures"]["crude"]["meddra"] == "17.0"
        assert store.rows("SELECT DISTINCT age FROM reports") == [(1.5,)]


@pytest.mark.parametrize("text", ['{"results": [{"safetyreportid": "1"', '{"meta": {}}', "[1, 2]", '{"results": [3]}'])
def test_a_cut_or_foreign_json_is_refused(text, tmp_path):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match="no whole openFDA download"):
        read_sources([tmp_path / "x.json"], tmp_path / "raw")


def test_reports_larger_than_a_piece_are_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("stormwatch.signals.sources.openfda._CHUNK", 7)
    (tmp_path / "x.json").write_text(json.dumps({"results": [REPORT, REPORT]}))
    [account] = read_sources([tmp_path / "x.json"], tmp_path / "raw")
    assert account.files[0].used == 2


# --- Line listings

EV_COLUMNS = (
    "EU Local Number", "Report Type", "EV Gateway Receipt Date", "Primary Source Qualification",
    "Primary Source Country for Regulatory Purposes", "Literature Reference", "Patient Age Group",
    "Patient Age Group (as per reporter)", "Parent Child Report", "Patient Sex",
    "Reaction List PT (Duration – Outcome - Seriousness Criteria)",
    "Suspect/interacting Drug List (Drug Char - Indication PT - Action taken - [Duration - Dose - Route])",
    "Concomitant/Not Administered Drug List (Drug Char - Indication PT - Action taken - [Duration - Dose - Route])",
    "ICSR Form",
)  # fmt: skip
EV_ROW = (
    "EU-EC-100", "Spontaneous", "2021-03-04 10:00:00", "Healthcare Professional", "European Economic Area", "",
    "18-64 Years", "Adult", "No", "Female",
    "Cytokine release syndrome (n/a - Recovered/Resolved - Life Threatening),<BR><BR>Pyrexia (2d - Unknown - )",
    "<BR><BR>".join([
        "BLINCYTO [BLINATUMOMAB] (S - B-cell leukaemia - Drug withdrawn - [n/a - 28ug - Intravenous]),",
        "[VINCRISTINE] (I - n/a - Unknown - [n/a - n/a - n/a])",
    ]),
    "Paracetamol (C - n/a - n/a - [n/a - n/a - n/a])",
    "ICSR",
)  # fmt: skip


@pytest.fixture
def eudravigilance(tmp_path):
    import csv

    file = tmp_path / "listing.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerows([EV_COLUMNS, EV_ROW, ("", *EV_ROW[1:]), ("EU-EC-101", *EV_ROW[1:2], "soon", *EV_ROW[3:])])
    return file


def test_a_eudravigilance_listing_is_read_by_its_map(eudravigilance, tmp_path):
    [account] = read_sources([eudravigilance], tmp_path / "raw", listing_map("eudravigilance"))
    assert (account.files[0].lines, account.files[0].used) == (3, 2)
    assert dict(account.files[0].rejected) == {"no report number": 1}
    assert dict(account.files[0].mended) == {"a date not in the format the map names": 1}
    drugs = [row for row in table(tmp_path / "raw", "drugs") if row["report"] == "EU-EC-100"]
    assert sorted((row["role"], row["name"] or "", row["ingredient"] or "") for row in drugs) == [
        ("C", "Paracetamol", ""), ("I", "", "VINCRISTINE"), ("S", "BLINCYTO", "BLINATUMOMAB"),
    ]  # fmt: skip
    assert len({row["drug"] for row in drugs}) == 3
    terms = {row["term"] for row in table(tmp_path / "raw", "reactions")}
    assert terms == {"Cytokine release syndrome", "Pyrexia"}
    [first] = [row for row in table(tmp_path / "raw", "reports") if row["report"] == "EU-EC-100"]
    assert (first["receipt_date"], first["sex"]) == ("20210304", "F")


LONG_MAP = """
name = "ours"
scheme = "ours"
meddra = "27.0"

[reports]
key = "id"
columns = { case = "id", sex = "sex" }

[[drugs]]
key = "id"
columns = { name = "drug" }
fixed = { role = "PS" }

[[reactions]]
key = "id"
columns = { term = "event" }
"""


def test_a_long_csv_of_report_drug_and_event_needs_a_few_lines_of_map(tmp_path):
    (tmp_path / "ours.toml").write_text(LONG_MAP)
    (tmp_path / "long.csv").write_text("id,sex,drug,event\n1,F,a,x\n1,F,b,x\n1,F,a,y\n1,F,b,y\n2,M,a,x\n")
    flow = build([tmp_path / "long.csv"], tmp_path / "db", listing=listing_map(tmp_path / "ours.toml"))
    assert flow.left == 2
    [account] = accounts(tmp_path / "db" / "raw")
    assert account.meddra == ("27.0",)
    assert len(table(tmp_path / "db/raw", "drugs")) == 3


TABLES_MAP = """
name = "made-up extract"
scheme = "made-up"
delimiter = "|"

[reports]
file = "people*"
key = "ReportId"
columns = { case = "ReportId", sex = "Gender", receipt_date = "FirstDate" }
values = { sex = { "1" = "M", "2" = "F" } }

[[drugs]]
file = "drugs*"
key = "ReportId"
columns = { name = "Substance", role = "Basis" }
values = { role = { "1" = "S", "2" = "C", "3" = "I" } }

[[reactions]]
file = "reactions*"
key = "ReportId"
columns = { term = "Term" }
"""


def test_an_extract_of_linked_tables_is_read_by_file_names_and_codes(tmp_path):
    """As VigiBase extracts are built: people, drugs and reactions apart, coded, joined by the number of the report."""
    (tmp_path / "extract.toml").write_text(TABLES_MAP)
    raw = tmp_path / "extract"
    raw.mkdir()
    (raw / "people.csv").write_text("ReportId|Gender|FirstDate\n1|2|20240131\n2|1|20240229\n")
    (raw / "drugs.csv").write_text("ReportId|Substance|Basis\n1|blinatumomab|1\n1|aspirin|2\n2|aspirin|3\n")
    (raw / "reactions.csv").write_text("ReportId|Term\n1|Pyrexia\n1|Rash\n2|Rash\n")
    assert build([raw], tmp_path / "db", listing=listing_map(tmp_path / "extract.toml")).left == 2
    with Store(tmp_path / "db") as store:
        assert store.rows("SELECT sex, count(*) FROM reports GROUP BY 1 ORDER BY 1") == [("F", 1), ("M", 1)]
        assert store.rows("SELECT substance, role FROM drugs ORDER BY ALL") == [
            ("aspirin", "C"), ("aspirin", "I"), ("blinatumomab", "S"),
        ]  # fmt: skip
        assert store.rows("SELECT term, count(*) FROM reactions GROUP BY 1 ORDER BY 1") == [("pyrexia", 1), ("rash", 2)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('name = "drug"', 'colour = "drug"'), "drugs has no column colour"),
        (('key = "id"', 'key = "id"\ncell = "x"'), "needs a pattern"),
        (('name = "ours"', 'nome = "ours"'), "name: Field required"),
    ],
)
def test_a_map_that_does_not_say_what_it_must_is_refused(change, message, tmp_path):
    (tmp_path / "bad.toml").write_text(LONG_MAP.replace(change[0], change[1], 1))
    with pytest.raises(UsageError, match=message):
        listing_map(tmp_path / "bad.toml")


def test_a_table_without_a_mapped_column_is_refused(tmp_path):
    (tmp_path / "ours.toml").write_text(LONG_MAP)
    (tmp_path / "long.csv").write_text("id,sex,drug\n1,F,a\n")
    with pytest.raises(InputError, match=r"long.csv: the table has no column event"):
        read_sources([tmp_path / "long.csv"], tmp_path / "raw", listing_map(tmp_path / "ours.toml"))
