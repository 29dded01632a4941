"""From reports to cases: FDA's rule against a plain reading of it, and what a report says as values."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormwatch.errors import InputError
from stormwatch.signals.build import build
from stormwatch.signals.cases import settle
from stormwatch.signals.duck import connect, name
from stormwatch.signals.flow import Flow
from stormwatch.signals.people import MACROS, TEXTS
from stormwatch.signals.store import Store


def statuses(store):
    return {
        (source, report): status for source, report, status in store.rows("SELECT source, report, status FROM reports")
    }


def test_the_version_received_last_counts_and_ties_go_to_the_higher_number(quarter, database):
    first, second = quarter("17Q2"), quarter("17Q3")
    first.report(100, 1, fda_dt="20170401")
    second.report(100, 2, fda_dt="20170801")
    first.report(200, 9, fda_dt="20170501")
    first.report(200, 10, fda_dt="20170501")
    first.report(300, 2, fda_dt="20170601")
    second.report(300, 1, fda_dt="20170901")
    found = statuses(database(first, second))
    assert {report for (_, report), status in found.items() if status == "case"} == {"1002", "20010", "3001"}


def test_faers_wins_over_legacy_aers_whatever_the_dates_and_leading_zeros(quarter, legacy, database):
    new, old = quarter("17Q2"), legacy("04Q1")
    new.report(4061110, 1, fda_dt="20121001")
    old.add("DEMO", isr=88, case="04061110", fda_dt="20991231")
    old.add("DRUG", isr=88, drug_seq=1, role_cod="PS", drugname="TAVOR")
    old.add("REAC", isr=88, pt="RASH")
    assert statuses(database(new, old)) == {("2017Q2", "40611101"): "case", ("2004Q1", "88"): "superseded"}


def test_overlapping_quarters_count_a_report_once_and_its_drugs_once(quarter, database):
    first, second = quarter("17Q2"), quarter("17Q3")
    first.report(100, 1, drugs=("OLD",))
    second.report(100, 1, drugs=("NEW",))
    store = database(first, second)
    assert statuses(store) == {("2017Q2", "1001"): "repeated", ("2017Q3", "1001"): "case"}
    assert store.rows("SELECT substance FROM drugs") == [("new",)]
    assert [step["out"] for step in store.manifest["flow"]["steps"]] == [0, 1, 0, 0, 0, 0]


def test_withdrawn_cases_and_reports_without_drug_or_reaction_are_taken_out_and_kept_in_the_ledger(quarter, tmp_path):
    one = quarter()
    one.report(100)
    one.report(200)
    one.report(300, events=())
    one.report(400, drugs=())
    folder = one.write(tmp_path / "q")
    (folder / "DELETE17Q2.txt").write_text("200\n")
    flow = build([folder], tmp_path / "db")
    with Store(tmp_path / "db") as store:
        found = statuses(store)
        assert sorted(found.values()) == ["case", "incomplete", "incomplete", "withdrawn"]
        assert Flow.from_json(store.manifest["flow"]) == flow
    assert (flow.start, [step.out for step in flow.steps], flow.left) == (4, [0, 0, 0, 1, 2, 0], 1)


VERSIONS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 12), st.sampled_from(["20170101", "20170102", "201702", "", "2017"])),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[:2],
)


def last_day(text):
    """The last day a date text can mean; nothing is before everything."""
    return {"": datetime.date.min, "201702": datetime.date(2017, 2, 28), "2017": datetime.date(2017, 12, 31)}.get(
        text
    ) or datetime.datetime.strptime(text, "%Y%m%d").date()


@settings(max_examples=25)
@given(VERSIONS)
def test_one_report_a_case_is_left_and_it_is_the_one_fda_means(versions):
    rows = [(f"{case}{version}", case, day) for case, version, day in versions]
    expected = set()
    for case in {row[1] for row in rows}:
        expected.add(max((last_day(day), int(report)) for report, c, day in rows if c == case)[1])
    assert {int(report) for report, status in settled(rows) if status == "case"} == expected


CONNECTION = connect()


def settled(rows):
    """The status of reports (number, case, day of receipt), straight from the rule."""
    for macro in MACROS.split(";"):
        CONNECTION.execute(macro) if macro.strip() else None
    columns = ", ".join(f"NULL::VARCHAR AS {name(c)}" for c in TEXTS if c != "case")
    values = ", ".join(f"('q', '{report}', '{case}', '{day}')" for report, case, day in rows)
    held = f'(VALUES {values}) AS v(source, report, "case", receipt_date)'
    CONNECTION.execute(f"CREATE OR REPLACE TEMP VIEW raw_reports AS SELECT *, {columns} FROM {held}")
    CONNECTION.execute(
        "CREATE OR REPLACE TEMP VIEW sources AS SELECT 'q' AS source, 'fda' AS scheme, 1 AS era, 0 AS rank"
    )
    CONNECTION.execute('CREATE OR REPLACE TEMP VIEW withdrawn AS SELECT NULL::VARCHAR AS "case" WHERE false')
    CONNECTION.execute("CREATE OR REPLACE TEMP VIEW named_reports AS SELECT source, report FROM raw_reports")
    settle(CONNECTION)
    return CONNECTION.execute("SELECT report, status FROM reports").fetchall()


def test_the_same_files_give_the_same_database(quarter, database):
    def make():
        one = quarter()
        for case in range(50):
            one.report(case + 1, drugs=("A", "B"), events=("X", "Y"), age=str(case), age_cod="YR", sex="F")
        return one

    first, second = database(make(), folder="one"), database(make(), folder="two")
    for table in ("reports", "drugs", "reactions", "names", "duplicates"):
        assert first.rows(f"SELECT * FROM {table}") == second.rows(f"SELECT * FROM {table}")


# --- Values


DATES = {
    "20170228": ("2017-02-28", "2017-02-28"),
    "201702": ("2017-02-01", "2017-02-28"),
    "2017": ("2017-01-01", "2017-12-31"),
    "20170230": (None, None),
    "00010101": (None, None),
    "20280101": (None, None),
    "20170602": (None, None),
    "2017022": (None, None),
    "": (None, None),
}


def test_a_date_keeps_its_precision_and_an_impossible_one_is_unknown(quarter, database):
    one = quarter()
    for case, text in enumerate(DATES, start=1):
        one.report(case, event_dt=text, fda_dt="20170601")
    rows = database(one).rows("SELECT coalesce(event_text, ''), event_first, event_last FROM reports")
    assert {text: tuple(day and day.isoformat() for day in days) for text, *days in rows} == DATES


AGES = {
    ("40", "YR"): 40,
    ("4", "DEC"): 40,
    ("18", "MON"): 1.5,
    ("52", "WK"): 52 * 7 / 365.25,
    ("30", "DY"): 30 / 365.25,
    ("12", "HR"): 12 / 8766,
    ("120", "YR"): 120,
    ("121", "YR"): None,
    ("-1", "YR"): None,
    ("40", ""): None,
    ("40", "XX"): None,
    ("", "YR"): None,
    ("0", "YR"): 0,
}
WEIGHTS = {
    ("152", "LBS"): 152 * 0.45359237,
    ("71", "KG"): 71,
    ("3500", "GMS"): 3.5,
    ("71", ""): None,
    ("0", "KG"): None,
    ("701", "KG"): None,
}


def test_ages_become_years_weights_kilograms_and_without_a_unit_they_are_unknown(quarter, database):
    one = quarter()
    for case, (value, unit) in enumerate(AGES, start=100):
        one.report(case, age=value, age_cod=unit)
    for case, (value, unit) in enumerate(WEIGHTS, start=200):
        one.report(case, wt=value, wt_cod=unit)
    found = {int(case): values for case, *values in database(one).rows("SELECT case_number, age, weight FROM reports")}
    assert [found[case][0] for case in range(100, 100 + len(AGES))] == pytest.approx(list(AGES.values()))
    assert [found[case][1] for case in range(200, 200 + len(WEIGHTS))] == pytest.approx(list(WEIGHTS.values()))


def test_what_was_converted_or_lost_is_counted(quarter, database):
    one = quarter()
    one.report(1, age="18", age_cod="MON", event_dt="201702", wt="100", wt_cod="LBS")
    one.report(2, age="400", age_cod="YR", event_dt="21000101")
    rules = database(one).manifest["rules"]
    assert {rule.split(":")[0] + rule.split(":")[1][:9]: count for rule, count in rules.items() if count} == {
        "event date month on": 1, "event date impossib": 1, "age no known": 1, "age converte": 1, "weight converte": 1,
    }  # fmt: skip


def test_a_folder_that_holds_something_else_is_not_written_to(quarter, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not touch")
    one = quarter()
    one.report(1)
    with pytest.raises(InputError, match="something else than a signal database"):
        build([one.write(tmp_path / "q")], tmp_path / "mine")


def test_opening_what_is_no_database_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="signals build RAW"):
        Store(tmp_path)
