"""What the report counts, against small records counted by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch import sources
from stormwatch.errors import UnknownName
from stormwatch.facts import Accounting, Interval, Origin, Patient, Timeline
from stormwatch.sources.derived import with_derived
from stormwatch.sources.quality import quality
from stormwatch.sources.quality.unmapped import likeliest
from stormwatch.testing.records import given as dose
from stormwatch.testing.records import measured, record, stated

TABLE = """patient_id,time,name,value,unit,source_id
a,2024-01-01T06:00Z,ferritin,>40000,ng/mL,lab-1
a,2024-01-01T06:00Z,ferritin,>40000,ng/mL,chart-1
a,2024-01-03T06:00Z,ferritin,2000,pmol/L,lab-2
a,2024-01-03T06:00Z,platelets,-1,10*9/L,lab-4
a,2024-01-03T06:00Z,wbc,172600,10*9/L,lab-5
a,2024-01-03T06:00Z,Ferritine serum,100,ng/mL,lab-6
b,2024-01-03T06:00Z,Ferritine serum,100,ng/mL,lab-7
b,2024-01-03T06:00Z,220050,100,,lab-9
b,2024-01-03T06:00Z,temperature,101.3,degF,lab-10
b,2024-01-03T06:00Z,haemoglobin,9,furlong,lab-11
,2024-01-03T06:00Z,triglycerides,3.0,mmol/L,lab-12
"""


@pytest.fixture
def payload(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(TABLE)
    timelines = (sources.read(path, patient=one) for one in sources.patients(path))
    return quality(timelines, {"mine": ["ferritin", "splenomegaly", "vasopressor"]})


def row(payload, analyte):
    return next(one for one in payload["analytes"] if one["analyte"] == analyte)


def test_the_account_closes_and_a_row_of_nobody_counts_once(payload):
    account = payload["accounting"]
    assert (account["read"], account["used"], account["rejected"], account["not_needed"]) == (11, 4, 4, 3)
    assert account["other_patients"] == 0
    assert {one["reason"]: one["rows"] for one in account["reasons"]}["no patient id"] == 1


def test_rows_patients_units_conversions_censored_and_repeated(payload):
    ferritin = row(payload, "ferritin")
    assert (ferritin["rows"], ferritin["patients"], ferritin["censored"]) == (3, 1, 2)
    assert (ferritin["duplicates"], ferritin["results"]) == (1, 2)
    assert [(one["unit"], one["rows"], one["conversion"]) for one in ferritin["units"]] == [
        ("ng/mL", 2, "as it is"),
        ("pmol/L", 1, "÷ 2.247"),
    ]
    assert ferritin["gap_hours"] == {"gaps": 1, "median": 48, "p90": 48}
    assert row(payload, "temperature")["units"][0]["conversion"] == "(value − 32) × 5/9"


def test_analytes_of_which_every_value_was_rejected_are_listed_with_the_reason(payload):
    assert row(payload, "platelets")["rejected"] == [{"reason": "negative platelets, which cannot be", "rows": 1}]
    assert row(payload, "wbc")["rejected"] == [{"reason": "outside the plausible range of wbc", "rows": 1}]
    assert row(payload, "haemoglobin")["rejected"][0]["rows"] == 1
    assert row(payload, "wbc")["rows"] == 0


def test_names_not_read_by_frequency_with_the_likeliest_analyte(payload):
    listed = [(one["label"], one["rows"], one["suggestion"]) for one in payload["unmapped"]["listed"]]
    assert listed == [("Ferritine serum", 2, "ferritin"), ("220050", 1, "")]


@pytest.mark.parametrize(
    ("label", "analyte"),
    [
        ("Observation 2276-4 Ferritin [Mass/volume] in Serum", "ferritin"),
        ("Lactate dehydrogenase, CSF", "ldh"),
        ("Sedimentation rate westergren", "esr"),
        ("Neutrophils auto %", "neutrophils_percent"),
        ("Absolute Neutrophil Count auto", "neutrophils"),
        ("entered in error", ""),
        ("", ""),
    ],
)
def test_likeliest_analyte(label, analyte):
    assert likeliest(label) == analyte


def test_what_is_lacking_is_said_in_words(payload):
    (mine,) = payload["needs"]
    assert [one["text"] for one in mine["needs"]] == [
        "Splenomegaly never stated in 2 of 2",
        "Vasopressor running never recorded in 2 of 2",
        "ferritin never measured in 1 of 2",
    ]
    assert mine["patients_with_all"] == 0


def test_a_drug_of_the_class_or_the_finding_of_its_name_answers():
    timelines = [record([dose("norepinephrine", 0)]), record([stated("vasopressor", 0, present=False)]), record([])]
    (mine,) = quality(timelines, {"mine": ["vasopressor"]})["needs"]
    assert (mine["patients_with_all"], mine["needs"][0]["lacking"]) == (2, 1)


def test_a_derived_value_answers_and_is_counted_apart():
    timeline = with_derived(record([measured("wbc", 5, 0), measured("neutrophils_percent", 50, 0)]))
    payload = quality([timeline], {"mine": ["neutrophils"]})
    assert (row(payload, "neutrophils")["rows"], row(payload, "neutrophils")["derived"]) == (0, 1)
    assert row(payload, "neutrophils")["patients"] == 0
    assert payload["needs"][0]["patients_with_all"] == 1


def test_an_unknown_need_is_refused():
    with pytest.raises(UnknownName, match="ferritine"):
        quality([], {"mine": ["ferritine"]})


def test_no_timelines_give_an_empty_report():
    payload = quality([])
    assert (payload["patients"], payload["accounting"]["read"], payload["analytes"]) == (0, 0, [])


def test_one_patient_of_many_leaves_the_others_rows_as_such(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(TABLE)
    account = quality([sources.read(path, patient="a")])["accounting"]
    assert (account["read"], account["used"], account["rejected"], account["not_needed"]) == (11, 3, 3, 1)
    assert account["other_patients"] == 4


def test_records_apart_add_up_even_where_their_lines_have_the_same_numbers(tmp_path):
    timelines = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"patient_id,time,name,value,unit\n{name},2024-01-01T06:00Z,platelets,-1,10*9/L\n")
        timelines.append(sources.read(path))
    account = quality(timelines)["accounting"]
    assert (account["read"], account["rejected"]) == (2, 2)


def test_entries_of_a_bundle_that_are_about_nobody_count_once(tmp_path):
    entries = ",".join(
        f'{{"resource": {{"resourceType": "{kind}", "id": "{name}"}}}}'
        for kind, name in [("Patient", "a"), ("Patient", "b"), ("Organization", "o"), ("Practitioner", "p")]
    )
    path = tmp_path / "bundle.json"
    path.write_text(f'{{"resourceType": "Bundle", "type": "collection", "entry": [{entries}]}}')
    account = quality(sources.read(path, patient=one) for one in ("a", "b"))["accounting"]
    assert (account["read"], account["used"], account["not_needed"], account["other_patients"]) == (4, 2, 2, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 3)), max_size=4))
def test_the_account_always_closes(patients):
    """Patients of one record: each reading sees its own rows, and those of the others as of another patient."""
    own = [sum(counts) for counts in patients]
    timelines = []
    for number, (used, rejected, outside, _) in enumerate(patients):
        account = Accounting(used=used)
        for line in range(rejected):
            account.reject(f"line {number}-{line}", "no value")
        account.outside.update({"a code": outside, "another patient": sum(own) - used - rejected - outside})
        timelines.append(Timeline(Patient(str(number)), (), accounting=account))
    account = quality(timelines)["accounting"]
    parts = ("used", "rejected", "not_needed", "other_patients")
    assert account["read"] == sum(account[part] for part in parts) == sum(own)
    assert [account[part] for part in parts[:3]] == [sum(p[i] for p in patients) for i in range(3)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 200), st.integers(0, 3)), min_size=1, max_size=30))
def test_gaps_and_repeats_agree_with_pandas(drawn):
    """Values of two patients, each under an origin of its own."""
    facts = [
        (who, replace(measured("ferritin", value, hours), origin=Origin("test", str(number))))
        for number, (who, hours, value) in enumerate(drawn)
    ]
    payload = quality(record([fact for whose, fact in facts if whose == who]) for who in "ab")
    frame = pd.DataFrame(drawn, columns=["who", "hours", "value"])
    moments = frame.drop_duplicates(["who", "hours"]).sort_values("hours")
    gaps = moments.groupby("who")["hours"].diff().dropna()
    found = row(payload, "ferritin")
    assert found["duplicates"] == int(frame.duplicated().sum())
    assert found["rows"] == len(frame)
    if gaps.empty:
        assert found["gap_hours"] is None
    else:
        assert found["gap_hours"]["gaps"] == len(gaps)
        assert found["gap_hours"]["median"] == pytest.approx(gaps.median(), abs=0.006)
        assert found["gap_hours"]["p90"] == pytest.approx(gaps.quantile(0.9), abs=0.006)


def test_a_text_that_is_no_unit_is_not_repeated():
    odd = replace(measured("ferritin", Interval.point(Fraction(5)), 0), recorded="5 as told by Mrs Smith")
    assert [one["unit"] for one in row(quality([record([odd])]), "ferritin")["units"]] == ["as in the unit code"]
