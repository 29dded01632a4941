"""The report against plain counting of the rows it was made of."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from tests.unit.signals.report.conftest import DRUG, EVENT, STARTS, TERM

from stormwatch.errors import UnknownName
from stormwatch.signals.describe import OUTCOMES, REPORTERS
from stormwatch.signals.report.payload import signal_report
from stormwatch.signals.report.table import table


def reports(made, name):
    """The report numbers of a list; those of the rows end in their version, 1."""
    return [int(made["numbers"][str(n)]) // 10 for n in made["lists"][name]["reports"]]


def test_it_is_plain_data(made):
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_the_crude_analysis_counts_the_planted_cases_and_leads_to_them(made, cases):
    crude = made["analyses"][0]
    assert crude["n"] == crude["table"]["a"] == len(cases) > 10
    assert sorted(reports(made, crude["list"])) == sorted(row["case"] for row in cases)
    assert crude["judged"]["ic025"] == crude["judged"]["ror025"] == "above"


def test_the_other_rule_for_duplicates_counts_every_case(made, rows):
    other = made["analyses"][-1]
    everyone = [row for row in rows if "BLINATUMOMAB" in row["drugs"] and TERM in row["events"]]
    assert other["kind"] == "other de-duplication"
    assert other["n"] == len(everyone)
    assert other["reports"] == len(rows)
    assert sorted(reports(made, other["list"])) == sorted(row["case"] for row in everyone)


def test_every_background_and_the_strata_have_an_analysis(made):
    kinds = [one["kind"] for one in made["analyses"]]
    assert kinds == ["crude", "stratified", "restricted", "restricted", "other de-duplication"]
    named = {"likelihood", "counting_unit", "drug_roles", "deduplication", "background", "meddra"}
    assert all(named <= set(one) for one in made["analyses"])


def test_each_count_of_the_description_leads_to_that_many_cases(made):
    for rows in made["description"].values():
        for row in rows:
            assert len(made["lists"][row["list"]]["reports"]) == row["reports"] if row["reports"] else not row["list"]


@pytest.mark.parametrize(("name", "of"), [("outcomes", "outcomes"), ("reporter", "reporter")])
def test_cells_hold_the_cases_that_say_so(name, of, made, cases):
    named = {**OUTCOMES} if name == "outcomes" else {**REPORTERS, "": "not stated"}
    expected: dict[str, list[int]] = {}
    for row in cases:
        for code in row[of] if isinstance(row[of], list) else [row[of]]:
            expected.setdefault(named[code], []).append(row["case"])
    found = {row["value"]: sorted(reports(made, row["list"])) for row in made["description"][name]}
    assert found == {value: sorted(those) for value, those in expected.items()}


def test_dechallenge_leads_to_the_cases_that_answer(made, cases):
    found = {row["code"]: row["reports"] for row in made["description"]["dechallenge"]}
    assert found == Counter(row["dechallenge"] or "not stated" for row in cases)


def test_times_to_onset_are_those_of_the_dates(made, cases):
    expected = sorted(days for row in cases if (days := STARTS[row["start"]]) is not None)
    onset = made["onset"]
    assert onset["days"] == expected
    counted = {band: len(made["lists"][name]["reports"]) for band, name in onset["lists"].items()}
    assert counted == {band: count for band, count in onset["bands"].items() if count}


def test_quarters_add_up(made, cases):
    assert [row["new"] for row in made["trend"]] == [
        sum(row["day"][4:6] in months for row in cases) for months in (("04", "05", "06"), ("07", "08", "09"))
    ]
    assert sum(len(made["lists"][row["list"]]["reports"]) for row in made["trend"]) == len(cases)


def test_the_scan_leads_to_the_reports_of_each_event(made, rows, store):
    counted = {row["case"] for row in rows} - {
        int(case) for (case,) in store.rows("SELECT case_number FROM reports WHERE n IN (SELECT n FROM duplicates)")
    }
    ours = [row for row in rows if "BLINATUMOMAB" in row["drugs"] and row["case"] in counted]
    for line in (one for one in made["scan"]["rows"] if one["listed"]):
        expected = [row["case"] for row in ours if line["event"] in [term.lower() for term in row["events"]]]
        assert sorted(reports(made, line["list"])) == sorted(expected)
        assert line["n"] == len(expected)
    assert [one["event"] for one in made["scan"]["rows"] if one["asked"]] == [TERM.lower()]


def test_the_answer_says_the_counts(made, cases):
    assert made["answer"][0].startswith(f"{len(cases)} reports of ")
    deaths = sum("DE" in row["outcomes"] for row in cases)
    assert f"Death is among the outcomes in {deaths} report{'s' * (deaths != 1)}." in made["answer"]


def test_too_few_reports_are_never_called_a_signal(store, rows):
    """An event with one or two reports of the drug, far above its expected count."""
    ours = Counter(term for row in rows if "BLINATUMOMAB" in row["drugs"] for term in row["events"])
    rare = next(term for term, count in ours.items() if count in (1, 2) and "<" not in term)
    found = signal_report(store, DRUG, rare, empirical_bayes=False)
    assert set(found["analyses"][0]["judged"].values()) == {"too few reports"}
    assert any(sentence.startswith("No threshold calls this a signal") for sentence in found["answer"])
    assert not any("call it a signal" in sentence for sentence in found["answer"])


def test_the_table_has_a_line_for_each_analysis(made):
    import csv
    import io

    lines = list(csv.DictReader(io.StringIO(table(made))))
    assert [line["title"] for line in lines] == [one["title"] for one in made["analyses"]]
    assert float(lines[0]["ic025"]) == made["analyses"][0]["ic025"]
    assert lines[0]["threshold_ic025"] == "above"
    assert int(lines[0]["a"]) == made["analyses"][0]["n"]


def test_what_is_not_known_is_refused(store):
    with pytest.raises(UnknownName):
        signal_report(store, "nosuchdrug", EVENT)
    with pytest.raises(UnknownName):
        signal_report(store, DRUG, "no such event")
