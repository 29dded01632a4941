"""The draft of the example patient. Expected values are read by hand from examples/make_blinatumomab_mas.py."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import stormwatch as sw
from stormwatch.errors import UnknownName, UsageError
from stormwatch.facts import Interval, Level, Limit, Origin, Patient, Stay, When
from stormwatch.safety.details import Reporter
from stormwatch.safety.draft import draft
from stormwatch.safety.minimum import minimum
from stormwatch.safety.paths import field_at, fields
from stormwatch.testing.records import given, hour, measured, record, stated

MAS = "E.i[mas_hlh]"
DRUG = "G.k[blinatumomab]"


def value(made, path):
    held = field_at(made.case, path)
    return None if held is None else held.value


def null(made, path):
    held = field_at(made.case, path)
    return None if held is None else held.null


# --- the example patient


def test_the_patient_is_a_woman_of_44_years_and_68_kg(drafted):
    # born 14 May 1979, first reaction 27 December 2023; weighed 68 kg on 18 December, 67 kg only in January
    assert [value(drafted, one) for one in ("D.5", "D.2.2a", "D.2.2b", "D.3", "D.2.1")] == [
        "2",
        "44",
        "a",
        "68",
        "19790514",
    ]
    assert (value(drafted, "D.1"), null(drafted, "D.1")) == (None, "MSK")


def test_the_stated_diagnosis_is_a_reaction_with_onset_end_duration_and_outcome(drafted):
    # stated from 28 December 15:45 to 5 January 10:00, local winter time: 7 days 18 h 15 min = 7.76 d
    assert value(drafted, f"{MAS}/E.i.1.1a") == "Macrophage activation syndrome"
    assert value(drafted, f"{MAS}/SW.stated") == "yes"
    assert value(drafted, f"{MAS}/E.i.4") == "202312281545+0100"
    assert value(drafted, f"{MAS}/E.i.5") == "202401051000+0100"
    assert (value(drafted, f"{MAS}/E.i.6a"), value(drafted, f"{MAS}/E.i.6b")) == ("7.8", "d")
    assert value(drafted, f"{MAS}/E.i.7") == "1"


def test_a_reaction_by_criteria_alone_says_so(drafted):
    # fever of 38.6 at 22:10 is the first criterion of CRS; the record has no diagnosis of it
    assert value(drafted, "E.i[crs]/SW.stated") == "no"
    assert value(drafted, "E.i[crs]/E.i.4") == "202312272210+0100"
    assert "no diagnosis" in drafted.basis["E.i[crs]/E.i.1.1a"].why


def test_only_hospitalisation_is_shown_and_the_other_criteria_stay_unknown(drafted):
    # admitted on 28 December at 01:00 (enc-004), eleven hours before the first criteria of MAS at 12:00
    assert value(drafted, f"{MAS}/E.i.3.2c") == "true"
    assert [one.record for one in drafted.basis[f"{MAS}/E.i.3.2c"].sources] == ["Encounter/enc-004"]
    others = [f"{MAS}/E.i.3.2{letter}" for letter in "abdef"]
    assert [null(drafted, one) for one in others] == ["NI"] * 5


def test_the_suspect_drug_has_four_infusions_with_their_rates_and_times(drafted):
    doses = [drafted.case.each("G.k")[0].each("G.k.4.r")[place] for place in range(4)]
    rates = [
        (one.get("G.k.4.r.1a"), one.get("G.k.4.r.1b"), one.get("G.k.4.r.2"), one.get("G.k.4.r.3")) for one in doses
    ]
    assert rates == [("9", "ug", "1", "d"), ("28", "ug", "1", "d"), ("28", "ug", "1", "d"), ("9", "ug", "1", "d")]
    assert [one.get("G.k.4.r.4") for one in doses] == [
        "202311061000+0100",
        "202311131000+0100",
        "202312181000+0100",
        "202401101000+0100",
    ]
    assert doses[2].get("G.k.4.r.5") == "202312281430+0100"
    assert doses[3].get("G.k.4.r.5") is None  # still running
    assert {one.get("G.k.4.r.10.2b") for one in doses} == {"ROA-20045000"}


def test_the_dose_until_the_first_reaction_is_the_sum_of_rate_times_time(drafted):
    # 7 d x 9 + 21 d x 28 + (27 December 22:10 - 18 December 10:00 = 9 d 12 h 10 min) x 28
    expected = 7 * 9 + 21 * 28 + (9 + 12 / 24 + 10 / 1440) * 28
    assert float(value(drafted, f"{DRUG}/G.k.5a")) == pytest.approx(expected, abs=0.05)
    assert value(drafted, f"{DRUG}/G.k.5b") == "ug"


def test_the_drug_was_withdrawn_and_the_reaction_did_not_come_back(drafted):
    link = f"{DRUG}/G.k.9.i[mas_hlh]"
    assert value(drafted, f"{DRUG}/G.k.8") == "1"
    assert value(drafted, f"{link}/SW.dechallenge") == "confounded"
    assert value(drafted, f"{link}/SW.dechallenge.date") == "202312281430+0100"
    assert value(drafted, f"{link}/G.k.9.i.4") == "2"
    assert value(drafted, f"{link}/SW.rechallenge.dosage") == "9 ug / 1 d"
    # 6 November 10:00 to 28 December 15:45 is 52 d 5 h 45 min
    assert (value(drafted, f"{link}/G.k.9.i.3.1a"), value(drafted, f"{link}/G.k.9.i.3.1b")) == ("52.2", "d")
    # stopped at 14:30, stated from 15:45: 1 h 15 min
    assert float(value(drafted, f"{link}/G.k.9.i.3.2a")) == pytest.approx(1.25, abs=0.06)


def test_premedication_is_concomitant_and_treatment_of_the_event_is_not(drafted):
    roles = {one.id: one.get("G.k.1") for one in drafted.case.each("G.k")}
    assert roles == {"blinatumomab": "1", "dexamethasone": "2"}
    # 20 mg before each cycle: 6 November, 18 December, 10 January
    (doses,) = drafted.case.each("G.k")[1].each("G.k.4.r")
    assert (doses.get("G.k.4.r.1a"), doses.get("G.k.4.r.8")) == ("20", "20 mg, 3 doses")
    treatment = {one.id: one.get("SW.treatment.doses") for one in drafted.case.each("SW.treatment")}
    # dexamethasone: 22 doses in all, less the three of premedication
    assert treatment == {"paracetamol": "4", "tocilizumab": "1", "dexamethasone": "19"}


def test_a_censored_result_stays_censored(drafted):
    ferritin = [one for one in drafted.case.each("F.r") if one.get("F.r.2.1") == "Ferritin"]
    assert [one.get("F.r.3.2") for one in ferritin] == ["388", ">40000", "395"]
    assert {one.get("F.r.3.3") for one in ferritin} == {"ng/mL"}
    assert ferritin[1].get("F.r.1") == "202312281800+0100"


def test_history_signs_and_indication_are_what_the_record_states(drafted):
    assert {one.id for one in drafted.case.each("SW.history")} == {"b_all", "remission", "mrd_negative"}
    assert {one.id for one in drafted.case.each("SW.sign")} == {"cough", "weakness", "splenomegaly"}
    assert value(drafted, f"{DRUG}/G.k.7.r[1]/G.k.7.r.1") == "B-cell acute lymphoblastic leukaemia"
    assert "inferred" in drafted.basis[f"{DRUG}/G.k.7.r[1]/G.k.7.r.1"].why


def test_every_drafted_field_says_what_it_rests_on(drafted):
    paths = {path for path, _ in fields(drafted.case)}
    assert paths == set(drafted.basis)
    assert all(one.why for one in drafted.basis.values())


def test_every_source_is_a_fact_of_the_record(course, drafted):
    records = {one.origin.record for one in course.timeline.facts} | {one.record for one in course.timeline.stays}
    named = {one.record for basis in drafted.basis.values() for one in basis.sources}
    assert named - records == {"Patient/example-blinatumomab-mas"}


def test_drafting_twice_is_identical(course, drafted, details):
    again = draft(course, suspect="blinatumomab", details=details)
    assert again == drafted


# --- what is missing stays missing


def test_without_a_reporter_the_case_is_not_valid_yet(course):
    made = draft(course)
    assert [one.name for one in minimum(made.case) if not one.present] == ["identifiable reporter"]
    assert value(made, "C.1.3") == "4"
    assert value(made, "C.1.1") is None
    assert value(made, "C.1.4") is None


def test_an_empty_record_drafts_a_case_that_lacks_everything():
    made = draft(sw.follow(record([])))
    assert [one.present for one in minimum(made.case)] == [False] * 4
    assert null(made, "D.5") == "UNK"


def test_a_suspect_the_course_does_not_follow_is_refused(course):
    with pytest.raises(UsageError, match="follow"):
        draft(course, suspect="tocilizumab")
    with pytest.raises(UnknownName):
        draft(course, suspect="no such drug")
    with pytest.raises(UnknownName):
        draft(course, reactions=["no such finding"])


BAG = [given("blinatumomab", 0, until=48)]
MAS_STATED = stated("macrophage_activation_syndrome", 24)


def followed(*facts, **more):
    return draft(sw.follow(replace(record([*BAG, *facts]), **more)))


def test_a_death_that_nobody_laid_to_the_reaction_is_neither_its_outcome_nor_a_criterion():
    died = Patient("test", death=hour(60))
    made = followed(MAS_STATED, patient=died)
    assert value(made, f"{MAS}/E.i.7") == "0"
    assert null(made, f"{MAS}/E.i.3.2a") == "NI"
    assert "judge" in made.basis[f"{MAS}/E.i.3.2a"].why
    assert value(made, "D.9.1") is not None


def test_a_stated_death_from_crs_is_fatal_for_crs_alone():
    crs, death = stated("crs", 20), stated("death_from_crs", 60)
    made = followed(MAS_STATED, crs, death)
    assert value(made, "E.i[crs]/E.i.7") == "5"
    assert value(made, "E.i[crs]/E.i.3.2a") == "true"
    assert value(made, f"{MAS}/E.i.7") == "0"
    assert null(made, f"{MAS}/E.i.3.2a") == "NI"


@pytest.mark.parametrize("starts", [0, 23, 30])
def test_a_stay_that_began_from_a_day_before_the_diagnosis_counts(starts):
    # the diagnosis is stated at hour 24
    stay = Stay("inpatient", hour(starts), hour(200), "stay-1")
    assert value(followed(MAS_STATED, measured("heart_rate", 80, 100), stays=(stay,)), f"{MAS}/E.i.3.2c") == "true"


@pytest.mark.parametrize("starts", [-0.01, -100])
def test_a_stay_that_began_earlier_may_have_been_prolonged_and_nobody_knows(starts):
    stay = Stay("inpatient", hour(starts), hour(200), "stay-1")
    made = followed(MAS_STATED, stays=(stay,))
    assert null(made, f"{MAS}/E.i.3.2c") == "NI"
    assert "already" in made.basis[f"{MAS}/E.i.3.2c"].why


def test_an_emergency_visit_is_no_hospitalisation():
    stay = Stay("emergency", hour(23), hour(26), "stay-1")
    assert null(followed(MAS_STATED, stays=(stay,)), f"{MAS}/E.i.3.2c") == "NI"


def test_the_draft_knows_nothing_that_became_known_later():
    timeline = record([*BAG, MAS_STATED, measured("ferritin", 5000, 30)])
    early = draft(sw.follow(timeline, at="2024-01-01T12:00:00+00:00"))
    assert early.case.each("E.i") == []
    assert early.case.each("F.r") == []


def test_a_finding_asked_for_becomes_a_reaction():
    made = draft(sw.follow(record([*BAG, stated("rash", 30)])), reactions=["rash"])
    assert [one.id for one in made.case.each("E.i")] == ["rash"]


def test_a_date_known_to_the_month_stays_a_month():
    vague = replace(MAS_STATED, time=When.parse("2024-01"), known_at=When.parse("2024-01"))
    made = followed(vague)
    assert value(made, f"{MAS}/E.i.4") == "202401"
    assert value(made, f"{MAS}/E.i.6a") is None


def test_details_given_beside_a_file_count_before_it(course, details):
    made = draft(course, details=details, reporter=Reporter(qualification="3"), day_zero=date(2024, 4, 1))
    assert value(made, "C.2.r[1]/C.2.r.4") == "3"
    assert value(made, "C.1.4") == "20240401"


def test_several_suspects_are_all_suspect_unless_one_is_named():
    timeline = record([given("blinatumomab", 0, until=48), given("teclistamab", 10), MAS_STATED])
    course = sw.follow(timeline)
    roles = {one.id: one.get("G.k.1") for one in draft(course).case.each("G.k")}
    assert roles == {"blinatumomab": "1", "teclistamab": "1"}
    named = draft(course, suspect="teclistamab")
    assert {one.id: one.get("G.k.1") for one in named.case.each("G.k")} == {"teclistamab": "1", "blinatumomab": "2"}


def test_a_case_group_is_never_shared_between_drafts(course):
    one, other = draft(course), draft(course)
    one.case.set("D.5", "1")
    assert other.case.get("D.5") == "2"


# --- times that are not exact, or on no calendar


def test_a_record_on_a_clock_of_its_own_has_no_date_at_all():
    def placed(fact):
        vague = When(fact.time.earliest, fact.time.latest + timedelta(hours=23), "hospital day 2")
        return replace(fact, time=vague, known_at=vague)

    facts = [placed(one) for one in (*BAG, MAS_STATED, measured("ferritin", 5000, 30), stated("b_all", 0))]
    made = draft(sw.follow(record([replace(one, stop=None) if hasattr(one, "stop") else one for one in facts])))
    dated = [path for path, held in fields(made.case) if held.value and re.search(r"20\d\d", held.value)]
    assert dated == [path for path in dated if "SW.expected" in path]
    assert value(made, f"{MAS}/E.i.1.1a") is not None
    assert null(made, "F.r[1]/F.r.1") == "UNK"
    assert value(made, f"{DRUG}/G.k.5a") is None


def test_days_known_to_the_day_give_whole_days_between():
    bag = replace(BAG[0], time=When.parse("2024-03-01"), known_at=When.parse("2024-03-01"), stop=None)
    said = replace(MAS_STATED, time=When.parse("2024-03-10"), known_at=When.parse("2024-03-10"))
    made = draft(sw.follow(record([bag, said])))
    link = f"{DRUG}/G.k.9.i[mas_hlh]"
    assert (value(made, f"{link}/G.k.9.i.3.1a"), value(made, f"{link}/G.k.9.i.3.1b")) == ("9", "d")
    assert value(made, f"{MAS}/E.i.4") == "20240310"


def test_typed_answers_have_no_dates():
    made = draft(sw.follow(sw.answers({"drug:blinatumomab": True, "temperature": "39.1 Cel", "weight": "68 kg"})))
    assert not [path for path, held in fields(made.case) if held.value and held.value.startswith("2000")]
    assert made.case.each("E.i")[0].get("E.i.4") is None


def test_a_value_in_words_is_told_in_words_and_not_as_a_number():
    words = replace(measured("wbc", 1, 30), recorded="severe leukopenia")
    level = Level("ast", Limit.ULN, Interval.above(1), "elevated AST", hour(30), hour(30), Origin("test", "level"))
    made = followed(MAS_STATED, words, level)
    told = {one.get("F.r.2.1"): (one.get("F.r.3.2"), one.get("F.r.3.4")) for one in made.case.each("F.r")}
    assert told["White blood cells"] == (None, "severe leukopenia")
    assert told["Aspartate aminotransferase"] == (None, "elevated AST (> 1 times the upper reference limit)")


def test_a_reaction_seen_for_less_than_a_day_has_no_outcome_yet():
    # the criteria are still met at the end of the record, 6 h and 30 h after the onset
    for hours, expected in ((6, "0"), (30, "3")):
        facts = [measured("temperature", 39, 20 + step) for step in range(0, hours + 1, 2)]
        made = draft(sw.follow(record([given("blinatumomab", 0, running=True), *facts])))
        assert value(made, "E.i[crs]/E.i.7") == expected


def test_a_dose_without_a_time_is_treatment_and_never_called_premedication():
    """The restated report gives dexamethasone against the reaction, and no times: hours before a dose are not known."""
    report = Path(__file__).resolve().parents[3] / "examples" / "case-report.txt"
    made = draft(sw.follow(sw.read(report), suspect="blinatumomab"), suspect="blinatumomab")
    assert [one.id for one in made.case.each("SW.treatment")] == ["tocilizumab", "dexamethasone"]
    assert [one.id for one in made.case.each("G.k")] == ["blinatumomab"]
    assert not [held.value for _, held in fields(made.case) if "Premedication" in (held.value or "")]
