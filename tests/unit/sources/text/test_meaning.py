"""What is told apart: qualifiers, times, persons, actions, and what contradicts itself."""

from __future__ import annotations

import pytest

from stormwatch.sources.text import Kind, Qualifier, Reading, read_prose
from stormwatch.sources.text.challenge import CONFOUNDED
from stormwatch.sources.text.contradictions import DEATH, PERSON, PRESENCE, WORD_AND_NUMBER
from stormwatch.sources.text.passes.times import times


def qualifiers(text: str, name: str) -> set[str]:
    (mention,) = {m.start: m for m in read_prose(text).mentions if m.name == name}.values()
    return {q.value for q in mention.qualifiers}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("She denied headache or cough.", "cough", {"negated"}),
        ("Fever, no rash, and splenomegaly were noted.", "splenomegaly", set()),
        ("Splenomegaly was not detected.", "splenomegaly", {"negated"}),
        ("Fever persisted, but rash was absent.", "fever", set()),
        ("Not only fever but also rash occurred.", "fever", set()),
        ("Sepsis could not be ruled out.", "sepsis", {"uncertain"}),
        ("HLH was confirmed.", "hlh", set()),
        ("There was suspicion of HLH.", "hlh", {"uncertain"}),
        ("Call if fever occurs.", "fever", {"hypothetical"}),
        ("Levetiracetam was given to prevent seizures.", "seizure", {"hypothetical"}),
        ("Her sister had seizures.", "seizure", {"family"}),
        ("There was no family history of HLH.", "hlh", {"family", "negated"}),
        ("He had a history of seizures.", "seizure", {"past"}),
        ("A three-day history of cough brought him in.", "cough", set()),
        ("HLH has been reported after CAR-T infusion.", "hlh", {"literature"}),
        ("Cases of MAS have been described.", "macrophage_activation_syndrome", {"literature"}),
        ("The patient developed MAS.", "macrophage_activation_syndrome", set()),
        ("We report severe HLH in a young man.", "hlh", set()),
        ("It followed the onset and resolution of MAS.", "macrophage_activation_syndrome", set()),
        ("The picture resembled sepsis.", "sepsis", {"uncertain"}),
    ],
)
def test_qualifiers(text: str, name: str, expected: set[str]) -> None:
    assert qualifiers(text, name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on day 3 of cycle 2", "cycle 2 day 3"),
        ("C2D3", "cycle 2 day 3"),
        ("cycle 1, day 8", "cycle 1 day 8"),
        ("during the second cycle", "cycle 2"),
        ("48 hours later", "+48 h"),
        ("two weeks later", "+14 d"),
        ("the following day", "+1 d"),
        ("on hospital day 4", "hospital day 4"),
        ("on the third day", "day 3"),
        ("thirty-six hours after starting blinatumomab", "+36 h after blinatumomab"),
        ("five days after vaccination", "+5 d after vaccination"),
        ("one week before admission", "-7 d before admission"),
        ("on 12 March 2021", "2021-03-12"),
        ("at discharge", "discharge"),
    ],
)
def test_times_in_a_plain_form(text: str, expected: str) -> None:
    assert [time.plain for time in times(text)] == [expected]


def test_how_long_something_lasted_is_no_time() -> None:
    assert times("a 10-day history of fever") == []


def placed(text: str) -> list[tuple[str, str]]:
    return [(str(m.value), m.time) for m in read_prose(text).mentions if m.kind is Kind.LAB]


def test_each_value_has_its_own_time() -> None:
    assert placed("Ferritin was 500 ng/mL on day 1 and 9,000 ng/mL on day 4.") == [("500", "day 1"), ("9000", "day 4")]
    assert placed("On admission ferritin was 500 ng/mL; two days later it was 900 ng/mL.") == [
        ("500", "admission"),
        ("900", "+2 d"),
    ]


# --- persons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("A 37-year-old woman.", "years", "37"),
        ("A 63M with fever.", "years", "63"),
        ("A thirty-year-old man.", "years", "30"),
        ("A man in his late 60s.", "years", "67 to 69"),
        ("An 8-month-old girl.", "months", "8"),
        ("Aged 45, she was well.", "years", "45"),
    ],
)
def test_ages(text: str, name: str, value: str) -> None:
    (age,) = [m for m in read_prose(text).mentions if m.kind is Kind.AGE]
    assert (age.name, str(age.value)) == (name, value)


@pytest.mark.parametrize("text", ["Platelets rose to 104 F.", "Fever of 103.4F.", "Day 5 M."])
def test_what_is_no_age(text: str) -> None:
    assert [m for m in read_prose(text).mentions if m.kind is Kind.AGE] == []


def test_sex_from_a_pronoun_but_not_from_a_relative() -> None:
    reading = read_prose("The patient was ill. She had fever. Her brother gave his stem cells.")
    sexes = [m.name for m in reading.of(Kind.SEX)]
    assert set(sexes) == {"female"}


def test_patients_of_one_report_are_kept_apart() -> None:
    first = "Case 1: a 60-year-old man had a ferritin of 12,000 ng/mL."
    text = f"{first} Case 2: a 33-year-old woman had a ferritin of 48,000 ng/mL."
    reading = read_prose(text)
    assert reading.patients == ("1", "2")
    assert [(m.patient, str(m.value)) for m in reading.of(Kind.LAB)] == [("1", "12000"), ("2", "48000")]


def test_another_age_is_another_patient() -> None:
    reading = read_prose("A 20-year-old woman had fever. A 70-year-old man had a rash.")
    assert [(m.name, m.patient) for m in reading.of(Kind.FINDING)] == [("fever", "1"), ("rash", "2")]


# --- drugs and what was done with them ---------------------------------------------------------------------------


def doses(text: str) -> list[tuple[str, str]]:
    return [(m.name, m.word) for m in read_prose(text).mentions if m.kind is Kind.DRUG]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tocilizumab 8 mg/kg was given.", [("tocilizumab", "8 mg/kg")]),
        ("She got 10 mg of dexamethasone.", [("dexamethasone", "10 mg")]),
        ("Blinatumomab was restarted at 9 mcg/day.", [("blinatumomab", "9 ug/d")]),
        ("Blinatumomab 9 µg/day, then 28 µg/day.", [("blinatumomab", "9 ug/d"), ("blinatumomab", "28 ug/d")]),
        ("Etoposide 150 mg/m² was given.", [("etoposide", "150 mg/m2")]),
        ("Etoposide 150 mg per square metre was given.", [("etoposide", "150 mg/m2")]),
        ("Anakinra (2-4 mg/kg/day) was started.", [("anakinra", "2-4 mg/kg/d")]),
        ("Dexamethasone was given; creatinine was 1.2 mg/dL.", [("dexamethasone", "")]),
    ],
)
def test_doses(text: str, expected: list[tuple[str, str]]) -> None:
    assert doses(text) == expected


def test_route_frequency_and_duration() -> None:
    (drug,) = [m for m in read_prose("Dexamethasone 8 mg IV every 8 hours for 3 days.").mentions if m.kind is Kind.DRUG]
    assert (drug.detail("route"), drug.detail("frequency"), drug.detail("duration")) == (
        "IV",
        "every 8 hours",
        "3 days",
    )


def actions(text: str) -> list[tuple[str, str]]:
    return [(m.name, m.word) for m in read_prose(text).mentions if m.kind is Kind.INTERVENTION]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Blinatumomab was withheld, and tocilizumab was given.",
            [("withheld", "blinatumomab"), ("given", "tocilizumab")],
        ),
        ("Dexamethasone was tapered and then stopped.", [("tapered", "dexamethasone"), ("stopped", "dexamethasone")]),
        (
            "Discontinuation of blinatumomab and initiation of anakinra.",
            [("stopped", "blinatumomab"), ("started", "anakinra")],
        ),
        ("Ferritin was raised.", []),
    ],
)
def test_actions(text: str, expected: list[tuple[str, str]]) -> None:
    assert actions(text) == expected


def test_the_drug_is_the_only_suspect_and_said_to_be_assumed() -> None:
    reading = read_prose("Blinatumomab-induced storm\n\nThe drug was held.")
    (action,) = reading.of(Kind.INTERVENTION)
    assert (action.word, bool(action.flags)) == ("blinatumomab", True)
    assert actions("The drug was held.") == []


def test_dechallenge_and_rechallenge() -> None:
    reading = read_prose(
        "Blinatumomab was stopped and dexamethasone was given. Symptoms resolved. "
        "Blinatumomab was restarted, and fever recurred."
    )
    (dechallenge,) = reading.of(Kind.COURSE, "dechallenge")
    (rechallenge,) = reading.of(Kind.COURSE, "rechallenge")
    assert (dechallenge.word, dechallenge.flags) == ("positive", (CONFOUNDED,))
    assert (rechallenge.word, rechallenge.detail("drug")) == ("positive", "blinatumomab")


# --- contradictions ----------------------------------------------------------------------------------------------


def flagged(reading: Reading, flag: str) -> int:
    return sum(flag in m.flags for m in reading.mentions)


def test_a_fatal_case_that_went_home() -> None:
    assert flagged(read_prose("A fatal case of HLH\n\nA man had HLH. He was discharged."), DEATH) == 2


def test_present_and_absent_at_one_time() -> None:
    assert (
        flagged(read_prose("On admission there was splenomegaly. On admission splenomegaly was absent."), PRESENCE) == 2
    )
    assert flagged(read_prose("On day 1 there was no rash. On day 3 there was a rash."), PRESENCE) == 0


def test_a_word_and_a_number_that_disagree() -> None:
    assert flagged(read_prose("Severe leukopenia (WBC 7.7 x 10^9/L) was seen."), WORD_AND_NUMBER) == 2
    # Without a limit it is not known whether 7.7 is low.
    assert flagged(read_prose("Leukopenia (WBC 7.7 x 10^9/L) was seen."), WORD_AND_NUMBER) == 0
    assert flagged(read_prose("Leukopenia (WBC 7.7 x 10^9/L, normal 4-10) was seen."), WORD_AND_NUMBER) == 2


def test_two_sexes() -> None:
    assert flagged(read_prose("A 40-year-old man was ill. The woman recovered."), PERSON) == 2


def test_a_mention_of_the_literature_contradicts_nothing() -> None:
    reading = read_prose("HLH can be fatal. The patient recovered.")
    assert flagged(reading, DEATH) == 0
    assert all(Qualifier.LITERATURE in m.qualifiers for m in reading.of(Kind.DISEASE, "hlh"))


def test_a_unit_may_end_a_sentence():
    """A capital after a stroke or a figure is a unit, not an initial."""
    found = read_prose("On admission fibrinogen was 0.8 g/L. Three days later ferritin fell to 1,900 ng/mL.").mentions
    when = {m.name: m.time for m in found if m.kind is Kind.LAB}
    assert when["fibrinogen"] != when["ferritin"]
    assert "3" in str(when["ferritin"])


def test_a_second_name_in_brackets_does_not_part_a_test_from_its_level():
    found = read_prose("Ferritin and soluble IL-2 receptor (sCD25) levels were disproportionately raised.").mentions
    assert {m.name for m in found if m.kind is Kind.LEVEL} == {"ferritin", "sil2r"}
