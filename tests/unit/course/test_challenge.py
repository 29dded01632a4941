"""Dechallenge and rechallenge on small records of fever under blinatumomab (CRS by ASTCT looks back seven days)."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.course.builders import bag, dose, normal, temperatures

from stormwatch.course.challenge import coded, window
from stormwatch.course.dechallenge import is_premedication
from stormwatch.course.follow import follow
from stormwatch.errors import UnknownName
from stormwatch.facts import Patient
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import given, hour, record, stated

FEVER = temperatures({-2: 36.8, 90: 39.1, 98: 39.3, 110: 38.5})
HELD = [*FEVER, *normal(130, 390), bag(0, 100, status="stopped")]
AGAIN = [*HELD, dose("dexamethasone", 399, "20 mg"), bag(400, None, 9, "in-progress")]


def followed(facts, *, until=None, death=None):
    patient = None if death is None else Patient("test", death=hour(death))
    return follow(record(facts, patient=patient), at=None if until is None else hour(until).latest)


def dechallenge(facts, **others):
    return next(d for d in followed(facts, **others).dechallenges if d.episode.instrument == "crs-astct")


def rechallenge(facts, **others):
    return next(r for r in followed(facts, **others).rechallenges if r.episode.instrument == "crs-astct")


# --- dechallenge --------------------------------------------------------------------------------------------------


def test_an_event_that_is_over_while_the_drug_is_off_is_positive():
    found = dechallenge(HELD)
    assert (found.outcome, found.improved) == ("positive", Truth.MET)
    assert (found.action.element, found.action.code) == ("G.k.8", "1")
    assert found.hold is not None
    assert found.treatments == ()


def test_treatment_within_the_window_confounds_it_and_is_named():
    found = dechallenge([*HELD, given("tocilizumab", 105), dose("dexamethasone", 106, "10 mg")])
    assert found.outcome == "confounded"
    assert [t.drug for t in found.treatments] == ["tocilizumab", "dexamethasone"]
    assert "tocilizumab (" not in found.why
    assert "tocilizumab, dexamethasone" in found.why


@pytest.mark.parametrize(("at", "outcome"), [(27.9, "positive"), (28.1, "confounded"), (277, "confounded")])
def test_treatment_counts_from_72_h_before_the_stop_until_the_event_is_over(at, outcome):
    assert dechallenge([*HELD, given("tocilizumab", at)]).outcome == outcome


def test_treatment_after_the_event_is_over_does_not_confound_it():
    assert dechallenge([*HELD, given("tocilizumab", 330)]).outcome == "positive"


def test_premedication_of_the_restart_is_no_treatment_of_the_event():
    assert dechallenge(AGAIN).outcome == "positive"


def test_a_drug_against_fever_is_no_treatment_of_the_event():
    assert dechallenge([*HELD, dose("paracetamol", 104, "1000 mg")]).outcome == "positive"


def test_a_drug_only_ordered_does_not_confound_it():
    ordered = replace(given("tocilizumab", 105), given=type(given("tocilizumab", 0).given).ORDERED)
    assert dechallenge([*HELD, ordered]).outcome == "positive"


def test_an_event_that_goes_on_is_negative():
    facts = [*FEVER, *temperatures({float(at): 39.0 for at in range(122, 300, 12)}), bag(0, 100, status="stopped")]
    found = dechallenge(facts)
    assert (found.outcome, found.improved) == ("negative", Truth.NOT_MET)
    treated = dechallenge([*facts, given("tocilizumab", 105)])
    assert treated.outcome == "negative"
    assert "tocilizumab" in treated.why


def test_old_facts_alone_do_not_make_it_negative():
    """The criteria still hold a day later, but only because the fever is still within their look-back."""
    found = dechallenge([*FEVER, bag(0, 115, status="stopped"), stated("cough", 150)])
    assert (found.outcome, found.improved) == ("not assessable", Truth.UNKNOWN)


def test_too_little_seen_is_not_assessable():
    found = dechallenge(HELD, until=112)
    assert (found.outcome, found.improved) == ("not assessable", Truth.UNKNOWN)
    assert "less than 24 h" in found.why


def test_death_before_improvement_is_not_assessable():
    found = dechallenge([*FEVER, *temperatures({125: 39}), bag(0, 100, status="stopped")], death=126)
    assert found.outcome == "not assessable"
    assert "died" in found.why


def test_death_with_the_drug_running_is_not_applicable():
    found = dechallenge([*FEVER, bag(0, 120)], death=120)
    assert (found.outcome, found.action.code) == ("not assessable", "9")


def test_a_drug_that_goes_on_is_dose_not_changed():
    found = dechallenge([*FEVER, *normal(130, 600), bag(0, 650)])
    assert (found.outcome, found.action.code, found.hold) == ("not assessable", "4", None)


def test_a_reduced_dose_is_a_dechallenge():
    found = dechallenge([*FEVER, *normal(130, 600), bag(0, 100, 28), bag(100, 650, 9)])
    assert (found.outcome, found.action.code, found.hold) == ("positive", "2", None)


def test_a_raised_dose_is_none():
    found = dechallenge([*FEVER, *normal(130, 600), bag(0, 100, 9), bag(100, 650, 28)])
    assert (found.outcome, found.action.code) == ("not assessable", "3")


def test_an_end_that_is_not_recorded_is_unknown():
    assert dechallenge([*FEVER, *normal(130, 300), bag(0, None)]).action.code == "0"


def test_cells_cannot_be_stopped():
    found = dechallenge([*FEVER, *normal(130, 300), given("tisagenlecleucel", 0)])
    assert (found.outcome, found.action.code) == ("not assessable", "9")


def test_single_doses_are_compared_by_dose():
    def action(second):
        doses = [dose("glofitamab", 0, "2.5 mg"), dose("glofitamab", 168, second)]
        return dechallenge([*FEVER, *normal(130, 400), *doses]).action.code

    assert [action(second) for second in ("2.5 mg", "10 mg", "1 mg", "")] == ["4", "3", "2", "0"]


def test_a_drug_long_off_when_the_event_begins_was_not_stopped_for_it():
    late = temperatures({300: 39.0, 310: 39.2})
    found = dechallenge([*late, bag(0, 200, status="stopped")])
    assert (found.outcome, found.action.code, found.hold) == ("not assessable", "9", None)


def test_a_stop_within_a_day_before_the_results_counts_with_the_event():
    late = temperatures({-2: 36.8, 120: 39.0, 130: 39.2})
    assert dechallenge([*late, *normal(150, 400), bag(0, 100, status="stopped")]).outcome == "positive"


def test_two_drugs_at_once_each_have_their_dechallenge():
    found = followed([*HELD, dose("teclistamab", 20, "0.06 mg/kg")])
    pairs = {(d.drug, d.action.code) for d in found.dechallenges if d.episode.instrument == "crs-astct"}
    assert pairs == {("blinatumomab", "1"), ("teclistamab", "0")}


def test_a_drug_begun_after_the_event_has_none():
    found = followed([*FEVER, *normal(130, 600), bag(300, 400)])
    assert not found.dechallenges


# --- rechallenge --------------------------------------------------------------------------------------------------


def test_no_recurrence_holds_for_the_time_looked_at():
    found = rechallenge([*AGAIN, *normal(410, 500)], until=1000)
    assert (found.outcome, found.recurred.code) == ("did not recur", "2")
    assert found.after == timedelta(hours=300)
    assert found.mcg_per_day == 9
    assert found.observed == timedelta(hours=94)
    assert [(p.drug, p.dose) for p in found.premedication] == [("dexamethasone", "20 mg")]


def test_an_event_after_the_restart_is_a_recurrence():
    found = rechallenge([*AGAIN, *temperatures({412: 39.0, 420: 39.2})])
    assert (found.outcome, found.recurred.code) == ("recurred", "1")
    assert found.recurrence is not None
    assert found.observed == timedelta(hours=12)


def test_when_nobody_looked_it_cannot_be_told():
    found = rechallenge(AGAIN, until=500)
    assert (found.outcome, found.recurred.code, found.observed) == ("cannot tell", "3", timedelta())


def test_an_event_still_there_at_the_restart_cannot_recur():
    early = [*FEVER, *normal(130, 600), bag(0, 100, status="stopped"), bag(130, 600, 9)]
    assert rechallenge(early).outcome == "cannot tell"


def test_without_a_restart_there_is_no_rechallenge_and_the_code_says_so():
    assert not followed(HELD).rechallenges
    code = dechallenge(HELD).not_given_again
    assert code is not None
    assert (code.element, code.code) == ("G.k.9.i.4", "4")
    assert dechallenge(AGAIN).not_given_again is None


@pytest.mark.parametrize(("before", "seen"), [(0, 1), (12, 1), (12.1, 0), (-0.1, 0)])
def test_premedication_is_what_was_given_in_the_twelve_hours_before(before, seen):
    facts = [*HELD, dose("dexamethasone", 400 - before, "20 mg"), bag(400, 600, 9)]
    assert len(rechallenge(facts).premedication) == seen


def test_a_steroid_soon_after_the_hold_is_treatment_even_if_the_restart_follows():
    drugs = followed([bag(0, 100, status="stopped"), bag(110, 300)]).drugs
    assert not is_premedication(dose("dexamethasone", 105, "10 mg"), drugs)
    drugs = followed([bag(0, 100, status="stopped"), bag(130, 300)]).drugs
    assert is_premedication(dose("dexamethasone", 129, "10 mg"), drugs)


# --- codes and windows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("element", "codes"), [("G.k.8", "123409"), ("G.k.9.i.4", "1234")])
def test_the_codes_are_those_of_the_ich_table(shared_data, element, codes):
    path = shared_data / "e2b_r3_fda_instances" / "icsr_data_elements.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) > 6 and row[2].strip() == element]
    (allowed,) = {row[6] for row in rows}
    printed = dict(line.strip().split("=", 1) for line in allowed.replace("\r", "").splitlines() if "=" in line)
    assert set(printed) == set(codes)
    for code, text in printed.items():
        ours = coded(element, code).text
        assert _letters(ours) == _letters(text)


def _letters(text):
    """Letters only; the table misspells two words."""
    plain = text.replace("reccurred", "recurred").replace("recurrance", "recurrence")
    return [letter for letter in plain.casefold() if letter.isalpha()]


def test_an_unknown_code_is_refused():
    with pytest.raises(UnknownName, match="no code 7"):
        coded("G.k.8", "7")


def test_every_window_is_marked_as_ours_and_lists_what_it_counts():
    assert {"tocilizumab", "anakinra", "ruxolitinib", "etoposide", "dexamethasone", "ciclosporin"} <= window(
        "treatment"
    ).drugs
    assert "paracetamol" not in window("treatment").drugs
    assert [window(name).span / timedelta(hours=1) for name in ("treatment", "premedication", "observation")] == [
        72,
        12,
        24,
    ]
