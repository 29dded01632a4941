"""The documents held against the example patient; every expected value is worked out by hand from the record.

Infusion stopped 2023-12-28 14:30, restarted 2024-01-10 10:00: 12 days and 19.5 hours, 307.5 hours. Weight 68 kg on
2023-12-18. AST 236 U/L with an upper limit of 35: 6.74 times. Fever without hypotension or oxygen: grade 1.
"""

import pytest
from tests.unit.guidance.conftest import row

from stormwatch.guidance import contradictions, says
from stormwatch.logic.truth import Truth

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


@pytest.fixture(scope="module")
def said(example):
    return says(example)


def test_an_interruption_of_more_than_seven_days_is_a_new_cycle(said):
    new = row(said, "blinatumomab-us", "interruption-new-cycle")
    assert new.applies is MET
    assert new.values["hours"] == 307.5
    assert new.values["limit_reached"] == "2024-01-04T14:30+01:00"
    assert row(said, "blinatumomab-us", "interruption-same-cycle").applies is NOT_MET
    assert {str(origin) for origin in new.origins} >= {
        "blinatumomab-mas.json#MedicationAdministration/med-003",
        "blinatumomab-mas.json#MedicationAdministration/med-004",
    }


def test_japan_ends_treatment_only_after_fourteen_days(said):
    assert row(said, "blinatumomab-jp", "interruption-discontinue").applies is NOT_MET


def test_crs_rows_go_by_the_grade_and_name_the_grading(said):
    grade_3 = row(said, "blinatumomab-us", "crs-3-45")
    assert grade_3.applies is NOT_MET
    assert grade_3.values == {"grade": [1.0, 1.0], "graded_by": "crs-ctcae-v5"}
    assert "For this patient" not in grade_3.text
    assert row(said, "blinatumomab-us", "crs-4").applies is NOT_MET
    assert row(said, "blinatumomab-crs-tables", "crs-1").applies is MET


def test_a_liver_value_of_grade_3_dates_the_step_seven_days_after_the_restart(said):
    other = row(said, "blinatumomab-us", "other-3", "Raised AST")
    assert other.applies is MET
    assert other.values["restart"] == {"low": 9.0, "high": 9.0, "unit": "mcg/day"}
    assert other.values["escalate"] == {"low": 28.0, "high": 28.0, "unit": "mcg/day"}
    assert other.values["restarted"] == "2024-01-10T10:00+01:00"
    assert other.values["earliest_step"] == "2024-01-17T10:00+01:00"
    assert other.values["recurred"] is False
    assert other.values["discontinue_when_longer"] == {"days": 14, "applies": "not met"}


def test_mas_has_no_grade_so_its_rows_cannot_be_told(said):
    for name in ("other-3", "other-4"):
        one = row(said, "blinatumomab-us", name, "HLH or MAS")
        assert one.applies is UNKNOWN
        assert any("CTCAE version 5 has no term" in missing for missing in one.missing)


def test_the_liver_limit_was_passed_when_the_drug_no_longer_ran(said):
    liver = row(said, "blinatumomab-us", "liver")
    assert liver.applies is MET
    assert liver.values["ast"] == {"first_above": "2023-12-28T18:00+01:00", "times_uln": 6.7}
    assert "blinatumomab was not running then" in liver.text


def test_both_indications_are_shown_and_neither_is_assumed(said):
    for name in ("rr-45", "mrd-45", "premedication-rr-adult", "premedication-mrd-adult", "hospital-rr", "hospital-mrd"):
        one = row(said, "blinatumomab-us", name)
        assert one.applies is UNKNOWN
        assert any("relapsed or refractory disease, residual disease" in missing for missing in one.missing)
    assert row(said, "blinatumomab-us", "rr-below-45").applies is NOT_MET


def test_premedication_differs_by_indication_and_is_no_contradiction(said):
    relapse = row(said, "blinatumomab-us", "premedication-rr-adult")
    residual = row(said, "blinatumomab-us", "premedication-mrd-adult")
    assert (relapse.values["dose"]["low"], residual.values["dose"]["low"]) == (20.0, 100.0)
    assert "20 mg at 2024-01-10T09:00+01:00" in relapse.text
    assert "dexamethasone 16 mg" in residual.text
    assert all("premedication" not in one.topic for one in contradictions(said))


def test_hospital_days_are_dated_by_cycle(said):
    periods = row(said, "blinatumomab-us", "hospital-rr").values["periods"]
    assert [(one["from"], one["until"]) for one in periods] == [
        ("2023-11-06T10:00+01:00", "2023-11-15T10:00+01:00"),
        ("2023-12-18T10:00+01:00", "2023-12-20T10:00+01:00"),
    ]


def test_tocilizumab_is_computed_and_said_to_be_outside_its_licence(said):
    dose = row(said, "tocilizumab-us", "from-30")
    assert dose.applies is NOT_MET
    assert dose.values["dose"] == {"low": 544.0, "high": 544.0, "unit": "mg"}
    assert "CRS after blinatumomab or another T-cell engager is outside the licence" in dose.text
    assert dose.values["recorded"] == [{"at": "2023-12-28T16:00+01:00", "as_recorded": "544 mg"}]
    assert row(said, "tocilizumab-us", "below-30").values == {}


def test_the_next_tocilizumab_is_eight_hours_after_the_last(said):
    assert row(said, "tocilizumab-us", "repeat").values["earliest_next"] == "2023-12-29T00:00+01:00"


def test_neurotoxicity_cannot_be_told_from_a_record_that_does_not_mention_it(said):
    assert row(said, "blinatumomab-us", "neurotoxicity-3-45").applies is UNKNOWN
    assert row(said, "blinatumomab-us", "seizure").applies is UNKNOWN


def test_protocols_made_for_other_patients_do_not_apply_and_compute_nothing_unasked(said):
    for document in ("hlh-94", "mas-review", "emapalumab-us", "asco-crs-steroids", "bispecific-consensus-2024"):
        mine = [one for one in said if one.document.id == document]
        assert mine
        assert {one.applies for one in mine} == {NOT_MET}
    assert row(said, "emapalumab-us", "still").values == {}


def test_the_two_labels_contradict_each_other_on_hlh(said):
    (one,) = contradictions(said)
    assert set(one.answers) == {"a term of its own", "only within cytokine release syndrome"}
    assert {side.document.id for side in one.sides} == {"blinatumomab-us", "blinatumomab-eu"}
    assert row(said, "blinatumomab-us", "hlh-in-crs").values["crs_at_that_time"] is True


def test_an_earlier_moment_knows_nothing_of_the_restart(example):
    said = says(example, ["blinatumomab-us"], "2023-12-30T12:00:00+01:00")
    assert row(said, "blinatumomab-us", "interruption-new-cycle").applies is UNKNOWN
    assert row(said, "blinatumomab-us", "other-3", "Raised AST").values["earliest_step"] is None
    later = says(example, ["blinatumomab-us"], "2024-01-05T12:00:00+01:00")
    assert row(later, "blinatumomab-us", "interruption-new-cycle").applies is MET


def test_unconfirmed_rows_come_only_on_request_and_never_apply(example):
    shown = says(example, ["blinatumomab-us"], unconfirmed=True)
    assert row(shown, "blinatumomab-us", "consolidation-45").applies is UNKNOWN
    assert not [one for one in says(example, ["blinatumomab-us"]) if one.evidence == "unconfirmed"]
    assert not [one for one in shown if one.evidence == "unconfirmed" and one.applies is MET]
    assert not [one for one in shown if one.evidence == "unconfirmed" and "schedule" in one.values]


def test_every_entry_that_applies_names_the_facts_it_rests_on(said):
    for one in said:
        if one.applies is MET:
            assert one.origins
            assert not one.missing or one.document.id == "hlh-94"
