"""A pair, a scan and the cases against pandas and plain counting, in every background and role."""

import itertools
import json
import random

import numpy as np
import pandas as pd
import pytest

from stormwatch.errors import UnknownName, UsageError
from stormwatch.signals.flow import Flow
from stormwatch.signals.pair import pair
from stormwatch.signals.scan import scan
from stormwatch.signals.selection import Selection
from stormwatch.signals.series import series

DRUGS = ["BLINATUMOMAB", "KYMRIAH", "IMATINIB", "ASPIRIN", "DIGOXIN", "METFORMIN"]
EVENTS = ["Cytokine release syndrome", "Cytokine storm", "Nausea", "Rash", "Pyrexia", "Headache", "Death"]
ROLES = ["PS", "SS", "C", "I"]
INDICATIONS = ["Acute lymphocytic leukaemia", "B-cell lymphoma", "Headache", "Product used for unknown indication"]


@pytest.fixture(scope="module")
def rows():
    """Made-up reports as plain rows: (case, drug, role), (case, event), and demographics."""
    chance = random.Random(11)
    reports = []
    for case in range(1, 401):
        drugs = [(name, chance.choice(ROLES)) for name in chance.sample(DRUGS, chance.randint(1, 3))]
        events = chance.sample(EVENTS, chance.randint(1, 3))
        if any(name == "BLINATUMOMAB" for name, _ in drugs) and chance.random() < 0.5 and EVENTS[0] not in events:
            events.append(EVENTS[0])
        reports.append(
            {
                "case": case, "drugs": drugs, "events": events, "sex": chance.choice(["F", "M", ""]),
                "age": chance.choice(["", "1", "10", "30", "70"]), "day": f"2017{chance.randint(1, 6):02d}15",
                "indication": chance.choice(INDICATIONS),
                "outcomes": chance.sample(["DE", "HO", "OT"], chance.randint(0, 2)),
            }
        )  # fmt: skip
    return reports


@pytest.fixture(scope="module")
def store(rows, quarter_type, tmp_path_factory):
    from stormwatch.signals.build import build
    from stormwatch.signals.store import Store

    one = quarter_type()
    for row in rows:
        demo = {"sex": row["sex"], "age": row["age"], "age_cod": "YR", "fda_dt": row["day"], "occp_cod": "MD"}
        both = one.report(row["case"], drugs=row["drugs"], events=row["events"], **demo)
        one.add("INDI", **both, indi_drug_seq=1, indi_pt=row["indication"])
        for outcome in row["outcomes"]:
            one.add("OUTC", **both, outc_cod=outcome)
    folder = tmp_path_factory.mktemp("pair")
    build([one.write(folder / "q")], folder / "db")
    with Store(folder / "db") as opened:
        yield opened


VERSIONS = Selection(deduplication="versions")


def table(rows, drug, events, roles=("PS", "SS", "I"), inside=lambda row: True):
    """The four cells by plain counting."""
    cells = {"a": 0, "b": 0, "c": 0, "d": 0}
    for row in filter(inside, rows):
        has_drug = any(name == drug and role in roles for name, role in row["drugs"])
        has_event = bool(set(events) & set(row["events"]))
        cells["abcd"[(not has_drug) * 2 + (not has_event)]] += 1
    return cells


def test_the_table_of_a_group_counts_a_report_once(rows, store):
    found = pair(store, "blinatumomab", "crs", selection=VERSIONS, empirical_bayes=False)
    expected = table(rows, "BLINATUMOMAB", EVENTS[:2])
    assert found["measures"]["crude"]["table"] == expected
    a, b, c, d = expected.values()
    crude = found["measures"]["crude"]
    assert crude["prr"] == pytest.approx((a / (a + b)) / (c / (c + d)))
    assert crude["ror"] == pytest.approx(a * d / (b * c))
    assert crude["expected"] == pytest.approx((a + b) * (a + c) / 400)
    assert crude["ic"] == pytest.approx(np.log2((a + 0.5) / (crude["expected"] + 0.5)))
    half = 1.959963984540054 * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert crude["ror025"] == pytest.approx(np.exp(np.log(crude["ror"]) - half))


@pytest.mark.parametrize("roles", [("PS",), ("C",), ("PS", "C"), ("I",)])
def test_only_the_roles_asked_for_count(roles, rows, store):
    found = pair(store, "imatinib", "rash", selection=Selection(roles, "versions"), empirical_bayes=False)
    assert found["measures"]["crude"]["table"] == table(rows, "IMATINIB", ["Rash"], roles)


def is_oncology(row):
    named = any(name in ("BLINATUMOMAB", "KYMRIAH", "IMATINIB") and role != "C" for name, role in row["drugs"])
    return named or row["indication"] in INDICATIONS[:2]


BACKGROUNDS = {
    "oncology": is_oncology,
    "class:t_cell_therapy": lambda row: any(n in ("BLINATUMOMAB", "KYMRIAH") and r != "C" for n, r in row["drugs"]),
    "indication:B-cell lymphoma;HEADACHE": lambda row: row["indication"] in ("B-cell lymphoma", "Headache"),
}


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_restricted_background_is_the_reports_it_says(name, rows, store):
    found = pair(store, "blinatumomab", "nausea", selection=VERSIONS, restricted=(name,), empirical_bayes=False)
    [restricted] = found["restricted"]
    assert restricted["table"] == table(rows, "BLINATUMOMAB", ["Nausea"], inside=BACKGROUNDS[name])
    assert restricted["background"] != "all reports"


def test_the_same_indication_is_what_the_drug_itself_was_given_for(rows, store):
    found = pair(
        store, "blinatumomab", "nausea", selection=VERSIONS, restricted=("same-indication",), empirical_bayes=False
    )
    # Indications stand at the first drug of a report.
    given = {
        row["indication"] for row in rows if row["drugs"][0][0] == "BLINATUMOMAB" and row["drugs"][0][1] != "C"
    } - {INDICATIONS[3]}  # fmt: skip
    expected = table(rows, "BLINATUMOMAB", ["Nausea"], inside=lambda row: row["indication"] in given)
    assert found["restricted"][0]["table"] == expected


def test_strata_are_those_of_pandas(rows, store):
    """The Mantel-Haenszel odds ratio over sex and age group, computed from a table of pandas."""
    found = pair(store, "blinatumomab", "crs", selection=VERSIONS, strata=("sex", "age"), empirical_bayes=False)
    frame = pd.DataFrame(
        {
            "stratum": (row["sex"], row["age"]),
            "drug": any(name == "BLINATUMOMAB" and role != "C" for name, role in row["drugs"]),
            "event": bool(set(EVENTS[:2]) & set(row["events"])),
        }
        for row in rows
    )
    above = below = expected = 0.0
    for _, part in frame.groupby("stratum"):
        n = len(part)
        a, b = (part.drug & part.event).sum(), (part.drug & ~part.event).sum()
        c, d = (~part.drug & part.event).sum(), (~part.drug & ~part.event).sum()
        above, below, expected = above + a * d / n, below + b * c / n, expected + (a + b) * (a + c) / n
    row = found["measures"]["stratified"]
    assert row["ror"] == pytest.approx(above / below)
    assert row["expected"] == pytest.approx(expected)
    assert row["ror_exact"] is None


def test_the_flow_goes_on_to_the_reports_of_the_pair(rows, store):
    found = pair(store, "blinatumomab", "crs", selection=VERSIONS, empirical_bayes=False)
    flow = Flow.from_json(found["flow"])
    named = sum(any(name == "BLINATUMOMAB" for name, _ in row["drugs"]) for row in rows)
    cells = table(rows, "BLINATUMOMAB", EVENTS[:2])
    assert [step.left for step in flow.steps][-3:] == [named, cells["a"] + cells["b"], cells["a"]]
    assert len(found["cases"]) == cells["a"]
    lefts = [flow.start, *(step.left for step in flow.steps)]
    assert all(before - step.out == after for before, step, after in zip(lefts, flow.steps, lefts[1:], strict=False))


def test_the_cases_are_the_reports_of_the_pair_with_what_they_say(rows, store):
    cases = series(store, "blinatumomab", "crs", selection=VERSIONS)
    wanted = {
        str(row["case"]): row
        for row in rows
        if any(n == "BLINATUMOMAB" and r != "C" for n, r in row["drugs"]) and set(EVENTS[:2]) & set(row["events"])
    }
    assert [case["case_number"] for case in cases] == sorted(wanted, key=lambda one: f"{one}1")
    for case in cases:
        row = wanted[case["case_number"]]
        assert case["reactions"] == sorted(event.lower() for event in row["events"])
        assert case["outcomes"] == sorted(row["outcomes"])
        assert {(one["name"], one["role"]) for one in case["drugs"]} == set(row["drugs"])


def test_the_tables_of_the_cases_add_up(rows, store):
    held = pair(store, "blinatumomab", "crs", selection=VERSIONS, empirical_bayes=False)
    cases = [
        row for row in rows
        if any(n == "BLINATUMOMAB" and r != "C" for n, r in row["drugs"]) and set(EVENTS[:2]) & set(row["events"])
    ]  # fmt: skip
    description = held["description"]
    for name in ("sex", "age_group", "year", "reporter", "country", "dechallenge", "seriousness"):
        assert sum(row["reports"] for row in description[name]) == len(cases), name
    outcomes = {row["code"]: row["reports"] for row in description["outcomes"]}
    assert outcomes == {code: sum(code in row["outcomes"] for row in cases) for code in ("DE", "HO", "OT")}
    others = {row["value"]: row["reports"] for row in description["co_reported_events"]}
    assert others == {e.lower(): c for e in EVENTS[2:] if (c := sum(e in row["events"] for row in cases))}


def test_the_trend_ends_at_the_whole_and_grows_by_its_new_reports(rows, store):
    found = pair(store, "blinatumomab", "crs", selection=VERSIONS, empirical_bayes=False)
    trend = found["trend"]
    assert [row["quarter"] for row in trend] == ["2017Q1", "2017Q2"]
    assert list(itertools.accumulate(row["new"] for row in trend)) == [row["n"] for row in trend]
    crude = found["measures"]["crude"]
    for measure in ("n", "expected", "ic", "ic025", "ror", "ror975"):
        assert trend[-1][measure] == pytest.approx(crude[measure])


def test_a_scan_has_every_event_of_the_drug_with_its_own_table(rows, store):
    found = scan(store, "imatinib", selection=VERSIONS)
    assert {row["event"] for row in found["rows"]} == {event.lower() for event in EVENTS}
    for row in found["rows"]:
        original = next(event for event in EVENTS if event.lower() == row["event"])
        assert row["n"] == table(rows, "IMATINIB", [original])["a"]
    limits = [row["ic025"] for row in found["rows"]]
    assert limits == sorted(limits, reverse=True)


def test_the_false_discovery_rate_is_that_of_all_pairs(rows, store):
    """Benjamini-Hochberg written out over every drug and event, unreported pairs at 1."""
    found = scan(store, "aspirin", selection=VERSIONS, empirical_bayes=False)
    from scipy.stats import poisson

    chances, own = [], {}
    for drug, event in itertools.product(DRUGS, EVENTS):
        cells = table(rows, drug, [event])
        expected = (cells["a"] + cells["b"]) * (cells["a"] + cells["c"]) / 400
        chance = poisson.sf(cells["a"], expected) + poisson.pmf(cells["a"], expected) / 2 if cells["a"] else 1.0
        chances.append(chance)
        if drug == "ASPIRIN":
            own[event.lower()] = chance
    # The drug asked for stands in the table once more, as the group it could have been.
    every = sorted([*chances, *own.values()])
    tests = len(every)
    assert found["method"]["tests"] == pytest.approx(tests)
    for row in found["rows"]:
        adjusted = min(
            every[rank] * tests / (rank + 1) for rank in range(tests) if every[rank] >= own[row["event"]] - 1e-15
        )
        assert row["q"] == pytest.approx(min(adjusted, 1), rel=1e-6)


WORDS = ("likelihood", "counting_unit", "drug_roles", "deduplication", "background", "meddra")


def test_every_row_names_how_it_came_about_and_the_payload_is_plain_json(store):
    found = pair(store, "blinatumomab", "crs", strata=("sex",), restricted=("oncology",))
    listed = scan(store, "blinatumomab")
    for row in (*found["measures"].values(), *found["restricted"], *listed["rows"]):
        assert all(isinstance(row[word], str) and row[word] for word in WORDS)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert json.loads(json.dumps(listed, allow_nan=False)) == listed
    assert len(found["statements"]) == 3


def test_a_pair_that_nobody_reported_has_no_ratio_and_says_why(store):
    found = pair(store, "blinatumomab", "dic", empirical_bayes=False)["measures"]["crude"]
    assert found["table"]["a"] == 0
    assert found["prr"] is None
    assert any("no report has the drug, or none the event" in reason for reason in found["undefined"])


def test_an_unknown_background_or_stratum_is_refused(store):
    with pytest.raises(UnknownName, match="no background is called 'nowhere'"):
        pair(store, "blinatumomab", "crs", selection=Selection(background="nowhere"))
    with pytest.raises(UnknownName, match="no drug class"):
        pair(store, "blinatumomab", "crs", selection=Selection(background="class:nothing"))
    with pytest.raises(UsageError, match="no such stratum: weight"):
        pair(store, "blinatumomab", "crs", strata=("weight",))
