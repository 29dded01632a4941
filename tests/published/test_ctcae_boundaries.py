"""Every boundary of every CTCAE term, on it, just below and just above.

The grades are those of the tables of the National Cancer Institute, versions 5.0 and 6.0, typed in here from public
copies of them and not from the instrument files. A range "A to B" includes B: AST of exactly 3.0 times its limit is
grade 1. A grade written as two numbers is a range: something that decides between them is not recorded.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import stormwatch
from stormwatch.facts import Interval, Timeline, When, in_order
from stormwatch.logic.nodes import NumberItem
from stormwatch.sources import answers_timeline

V5, V6 = "ctcae-v5", "ctcae-v6"
BOTH = (V5, V6)
NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
VOUCHED = ("exposures", "findings")


def grade(version, term, answers, *, before=None, days=3, complete=VOUCHED):
    """The grade of one term now. ``before`` was recorded so many days ago, the T-cell engager given two days ago."""
    now = answers_timeline(answers, NOW, complete)
    facts = list(now.facts)
    if before is not None:
        dose = answers_timeline({"drug:blinatumomab": True}, NOW - timedelta(days=2))
        facts += [*answers_timeline(before, NOW - timedelta(days=days)).facts, *dose.facts]
    timeline = Timeline(now.patient, in_order(facts), complete=now.complete)
    return terms(timeline, version)[term]


def terms(timeline, version):
    items = stormwatch.assess(timeline, version).items
    return {item.node.id: item.value for item in items if isinstance(item.node, NumberItem)}


def expected(grades):
    low, high = grades if isinstance(grades, tuple) else (grades, grades)
    return Interval(low, high)


def cases(*tables):
    """One test for each value of each table: (versions, term, analyte, unit, limits, {value: grade})."""
    return [
        (version, term, {analyte: f"{value} {unit}".strip(), **limits}, grades)
        for versions, term, analyte, unit, limits, table in tables
        for version in versions
        for value, grades in table.items()
    ]


G_L = "10*9/L"

ABSOLUTE = cases(
    (
        *(BOTH, "white_cells", "wbc", G_L, {"wbc_lln": "4.0 10*9/L"}),
        {"4.0": 0, "3.99": 1, "3.0": 1, "2.99": 2, "2.0": 2, "1.99": 3, "1.0": 3, "0.99": 4, "0": 4},
    ),
    (
        *((V5,), "neutrophils", "neutrophils", G_L, {"neutrophils_lln": "1.8 10*9/L"}),
        {"1.8": 0, "1.79": 1, "1.5": 1, "1.49": 2, "1.0": 2, "0.99": 3, "0.5": 3, "0.49": 4, "0.4": 4, "0.1": 4},
    ),
    (
        *((V6,), "neutrophils", "neutrophils", G_L, {}),
        {"1.5": 0, "1.49": 1, "1.0": 1, "0.99": 2, "0.5": 2, "0.49": 3, "0.4": 3, "0.1": 3, "0.09": 4},
    ),
    (
        *((V5,), "lymphocytes", "lymphocytes", G_L, {"lymphocytes_lln": "1.0 10*9/L"}),
        {"1.0": 0, "0.99": 1, "0.8": 1, "0.79": 2, "0.5": 2, "0.49": 3, "0.2": 3, "0.19": 4},
    ),
    (
        *((V6,), "lymphopenia", "lymphocytes", G_L, {"lymphocytes_lln": "1.0 10*9/L"}),
        {"1.0": 0, "0.99": 1, "0.1": 1},
    ),
    (
        *((V5,), "platelets", "platelets", G_L, {"platelets_lln": "150 10*9/L"}),
        {"150": 0, "149": 1, "75": 1, "74": 2, "50": 2, "49": 3, "25": 3, "24": 4, "20": 4, "9": 4},
    ),
    (
        *((V6,), "thrombocytopenia", "platelets", G_L, {"platelets_lln": "150 10*9/L"}),
        {"150": 0, "149": 1, "75": 1, "74": 2, "50": 2, "49": 3, "25": 3, "24": 3, "20": 3, "10": 3, "9": 4},
    ),
    (
        *(BOTH, "anaemia", "haemoglobin", "g/dL", {"haemoglobin_lln": "12.0 g/dL"}),
        {"12.0": 0, "11.9": 1, "10.0": 1, "9.9": 2, "8.0": 2, "7.9": 3, "4.0": 3},
    ),
    (BOTH, "anaemia", "haemoglobin", "g/L", {"haemoglobin_lln": "120 g/L"}, {"100": 1, "99": 2, "80": 2, "79": 3}),
    (BOTH, "ldh", "ldh", "U/L", {"ldh_uln": "250 U/L"}, {"250": 0, "250.1": 1, "25000": 1}),
    (BOTH, "inr", "inr", "", {}, {"1.2": 0, "1.21": 1, "1.5": 1, "1.51": 2, "2.5": 2, "2.51": 3}),
    (
        *(BOTH, "aptt", "aptt", "s", {"aptt_uln": "36 s"}),
        {"36": 0, "36.1": 1, "54": 1, "54.1": 2, "90": 2, "90.1": 3},
    ),
    (
        *(BOTH, "triglycerides", "triglycerides", "mg/dL", {}),
        {"149.9": 0, "150": 1, "300": 1, "300.1": 2, "500": 2, "500.1": 3, "1000": 3, "1000.1": 4},
    ),
    (
        *((V5,), "hyponatraemia", "sodium", "mmol/L", {"sodium_lln": "135 mmol/L"}),
        {"135": 0, "134": 1, "130": 1, "129": 2, "125": 2, "124": 3, "120": 3, "119": 4},
    ),
    (
        *((V5,), "hyponatraemia", "sodium", "mmol/L", {"sodium_lln": "135 mmol/L"}),
        {"129.5": (1, 2), "124.5": (2, 3)},  # the table is written for whole numbers
    ),
    (
        *((V6,), "hyponatraemia", "sodium", "mmol/L", {"sodium_lln": "135 mmol/L"}),
        {"135": 0, "134": 1, "130": 1, "129.9": 2, "125": 2, "124.9": 3, "120": 3, "119.9": 4},
    ),
    (
        *(BOTH, "hypoalbuminaemia", "albumin", "g/dL", {"albumin_lln": "3.5 g/dL"}),
        {"3.5": 0, "3.49": 1, "3.0": 1, "2.99": 2, "2.0": 2, "1.99": 3},
    ),
    (
        *(BOTH, "fever", "temperature", "Cel", {}),
        {"37.9": 0, "38.0": 1, "39.0": 1, "39.1": 2, "40.0": 2, "40.1": 3},
    ),
    ((V5,), "hypoxia", "pao2", "mm[Hg]", {}, {"56": 0, "55.1": 0, "55": 3, "54.9": 3}),
    ((V6,), "hypoxia", "pao2", "mm[Hg]", {}, {"56": (0, 1), "55.1": (0, 1), "55": 3, "54.9": 3}),
    ((V5,), "hypoxia", "spo2", "%", {"spo2_lln": "95 %"}, {"98": 0, "90": 0, "88": 0, "87.9": 3}),
    ((V6,), "hypoxia", "spo2", "%", {"spo2_lln": "95 %"}, {"95": 0, "94.9": 1, "88": 1, "87.9": 3}),
)


@pytest.mark.parametrize(("version", "term", "answers", "grades"), ABSOLUTE)
def test_value_against_the_numbers_of_the_table(version, term, answers, grades):
    assert grade(version, term, answers) == expected(grades)


# Multiples: of the limit when the baseline was normal, of the baseline when it was above the limit.
NORMAL_BASELINE = {
    "ast": {"1": 0, "1.01": 1, "3": 1, "3.01": 2, "5": 2, "5.01": 3, "20": 3, "20.1": 4},
    "alp": {"1": 0, "1.01": 1, "2.5": 1, "2.51": 2, "5": 2, "5.01": 3, "20": 3, "20.1": 4},
    "bilirubin": {"1": 0, "1.01": 1, "1.5": 1, "1.51": 2, "3": 2, "3.01": 3, "10": 3, "10.1": 4},
}
RAISED_BASELINE = {
    (V5, "ast"): {"1.49": 0, "1.5": 1, "3": 1, "3.01": 2, "5": 2, "5.01": 3, "20": 3, "20.1": 4},
    (V5, "alp"): {"1.99": 0, "2": 1, "2.5": 1, "2.51": 2, "5": 2, "5.01": 3, "20": 3, "20.1": 4},
    (V5, "bilirubin"): {"1": 0, "1.01": 1, "1.5": 1, "1.51": 2, "3": 2, "3.01": 3, "10": 3, "10.1": 4},
    (V6, "ast"): {"0.99": 0, "1": 1, "1.5": 1, "1.51": 2, "2": 2, "2.01": 3, "4": 3, "4.01": 4},
    (V6, "ggt"): {"0.99": 0, "1": 1, "1.5": 1, "1.51": 2, "3": 2, "3.01": 3, "10": 3, "10.1": 4},
    (V6, "bilirubin"): {"0.99": 0, "1": 1, "1.5": 1, "1.51": 2, "2.5": 2, "2.51": 3, "10": 3, "10.1": 4},
}
SAME_TABLE = {"alt": "ast", "ggt": "alp"}
LIVER = {
    "ast": ("ast", "U/L", 40),
    "alt": ("alt", "U/L", 40),
    "alp": ("alp", "U/L", 100),
    "ggt": ("ggt", "U/L", 40),
    "bilirubin": ("bilirubin_total", "mg/dL", 1),
}


def columns(table):
    for version in BOTH:
        for term in LIVER:
            for key in ((version, term), (version, SAME_TABLE.get(term)), term, SAME_TABLE.get(term)):
                if key in table and not (version == V6 and term == "alp"):
                    yield from ((version, term, float(times), grades) for times, grades in table[key].items())
                    break


def of_liver(term, amount):
    analyte, unit, limit = LIVER[term]
    return {analyte: f"{amount:.4f} {unit}", f"{analyte}_uln": f"{limit} {unit}"}


@pytest.mark.parametrize(("version", "term", "times", "grades"), [*columns(NORMAL_BASELINE)])
def test_multiple_of_the_limit_after_a_normal_baseline(version, term, times, grades):
    limit = LIVER[term][2]
    for baseline in (limit, limit * 0.5):
        before = of_liver(term, baseline)
        assert grade(version, term, of_liver(term, times * limit), before=before) == expected(grades)


@pytest.mark.parametrize(("version", "term", "times", "grades"), [*columns(RAISED_BASELINE)])
def test_multiple_of_a_baseline_above_the_limit(version, term, times, grades):
    baseline = LIVER[term][2] * 2
    assert grade(version, term, of_liver(term, times * baseline), before=of_liver(term, baseline)) == expected(grades)


# A multiple of a raised baseline is smaller than the multiple of the limit, and may be as small as one likes.
NO_BASELINE = {
    (V5, "ast"): {"1": 0, "1.2": (0, 1), "3": (0, 1), "3.01": (0, 2), "5": (0, 2), "20": (0, 3), "20.1": (0, 4)},
    (V5, "alp"): {"1": 0, "1.2": (0, 1), "2.5": (0, 1), "2.51": (0, 2), "5": (0, 2), "20": (0, 3), "20.1": (0, 4)},
    (V5, "bilirubin"): {
        "1": 0,
        "1.2": (0, 1),
        "1.5": (0, 1),
        "1.51": (0, 2),
        "3": (0, 2),
        "10": (0, 3),
        "10.1": (0, 4),
    },
    (V6, "ast"): {"1": 0, "1.2": (0, 1), "1.5": (0, 1), "1.51": (0, 2), "2": (0, 2), "4": (0, 3), "4.01": (0, 4)},
    (V6, "ggt"): {"1": 0, "1.2": (0, 1), "1.5": (0, 1), "1.51": (0, 2), "3": (0, 2), "10": (0, 3), "10.1": (0, 4)},
    (V6, "bilirubin"): {
        "1": 0,
        "1.5": (0, 1),
        "1.51": (0, 2),
        "2.5": (0, 2),
        "2.51": (0, 3),
        "10": (0, 3),
        "10.1": (0, 4),
    },
}


@pytest.mark.parametrize(
    ("version", "term", "times", "grades"),
    [*columns(NO_BASELINE), (V6, "alp", 1.0, 0), (V6, "alp", 1.1, (0, 1))],
)
def test_without_a_baseline_the_grade_is_every_grade_that_a_baseline_could_give(version, term, times, grades):
    assert grade(version, term, of_liver(term, times * LIVER[term][2])) == expected(grades)


def test_a_value_from_after_the_first_dose_or_from_over_30_days_before_it_is_no_baseline():
    now, before = of_liver("ast", 130), of_liver("ast", 80)
    assert grade(V5, "ast", now, before=before, days=32) == expected(1)
    assert grade(V5, "ast", now, before=before, days=33) == expected((0, 2))
    assert grade(V5, "ast", now, before=before, days=1) == expected((0, 2))


def test_a_baseline_without_its_limit_leaves_both_columns_open():
    assert grade(V5, "ast", of_liver("ast", 160), before={"ast": "80 U/L"}) == expected((1, 2))


@pytest.mark.parametrize("term", ["ast", "alt"])
@pytest.mark.parametrize(("times", "grades"), [(1.5, 1), (1.6, 2), (2.0, 2), (2.1, (2, 3)), (4.0, (2, 3)), (4.1, 4)])
def test_version_6_does_not_define_grade_3_for_a_baseline_above_5_times_its_limit(term, times, grades):
    assert grade(V6, term, of_liver(term, 201 * times), before=of_liver(term, 201)) == expected(grades)


@pytest.mark.parametrize("term", ["ast", "alt"])
def test_version_6_defines_grade_3_for_a_baseline_of_5_times_its_limit(term):
    assert grade(V6, term, of_liver(term, 200 * 2.1), before=of_liver(term, 200)) == expected(3)


@pytest.mark.parametrize(
    ("baseline", "now", "grades"),
    [(80, "100", 0), (80, "100.1", 1), (80, "5000", 1), (200, "200", 0), (200, "200.1", 1), (200, "150", 0)],
)
def test_alkaline_phosphatase_of_version_6_has_one_grade(baseline, now, grades):
    assert grade(V6, "alp", of_liver("alp", float(now)), before=of_liver("alp", baseline)) == expected(grades)


def fibrinogen(amount, limit):
    return {"fibrinogen": f"{amount} mg/dL", "fibrinogen_lln": f"{limit} mg/dL"}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("limit", "baseline", "table"),
    [
        (400, 600, {400: 0, 399: 1, 300: 1, 299: 2, 200: 2, 199: 3, 100: 3, 99: 4}),
        (400, 400, {400: 0, 399: 1, 300: 1, 200: 2}),
        (400, 320, {320: 0, 319: 1, 241: 1, 240: 2, 161: 2, 160: 3, 81: 3, 80: 4, 79: 4}),
        (160, 200, {50: 3, 49.9: 4}),
        (200, None, {200: 0, 199: (0, 1), 150: (0, 1), 149: (0, 2), 100: (0, 2), 99: (0, 3), 50: (0, 3), 49.9: 4}),
    ],
)
def test_fibrinogen_by_its_limit_or_by_its_fall(version, limit, baseline, table):
    before = None if baseline is None else fibrinogen(baseline, limit)
    found = {amount: grade(version, "fibrinogen", fibrinogen(amount, limit), before=before) for amount in table}
    assert found == {amount: expected(grades) for amount, grades in table.items()}


def creatinine(amount):
    return {"creatinine": f"{amount} mg/dL", "creatinine_uln": "1.0 mg/dL", "creatinine_lln": "0.5 mg/dL"}


@pytest.mark.parametrize(
    ("version", "baseline", "table"),
    [
        (V5, "1.0", {"1.0": 0, "1.01": 1, "1.5": 1, "1.51": 2, "3.0": 2, "3.01": 3, "6.0": 3, "6.01": 4}),
        (V5, "0.6", {"0.9": 0, "0.91": 2, "1.8": 2, "1.81": 3, "6.0": 3, "6.01": 4}),
        (V5, None, {"0.9": (0, 3), "1.01": (1, 3), "3.01": 3, "6.01": 4}),
        (V6, "0.5", {"1.0": 0, "1.01": 1, "1.5": 1, "1.51": 2, "3.0": 2, "3.01": 3, "6.0": 3, "6.01": 4}),
        (V6, "0.4", {"0.6": 0, "0.61": 2, "1.2": 2, "1.21": 3, "6.0": 3, "6.01": 4}),
        (V6, None, {"0.9": (0, 3), "1.01": (1, 3), "3.01": 3, "6.01": 4}),
    ],
)
def test_creatinine_by_its_limit_and_by_its_baseline(version, baseline, table):
    before = None if baseline is None else creatinine(baseline)
    found = {amount: grade(version, "creatinine", creatinine(amount), before=before) for amount in table}
    assert found == {amount: expected(grades) for amount, grades in table.items()}


@pytest.mark.parametrize("version", BOTH)
def test_inr_on_an_anticoagulant_is_graded_by_the_worse_of_value_and_multiple(version):
    def graded(inr, baseline, *stated):
        return grade(version, "inr", {"inr": inr, **dict.fromkeys(stated, "yes")}, before={"inr": baseline})

    assert graded("1.0", "1.0", "anticoagulation") == expected(0)
    assert graded("1.1", "1.0", "anticoagulation") == expected(1)
    assert graded("1.1", "1.0") == expected(0)
    assert graded("0.6", "0.4", "anticoagulation") == expected(1)
    assert graded("0.7", "0.4", "anticoagulation") == expected(2)
    assert graded("1.0", "0.4", "anticoagulation") == expected(2)
    assert graded("1.1", "0.4", "anticoagulation") == expected(3)
    assert graded("2.6", "2.6", "anticoagulation") == expected(3)
    assert graded("1.2", "1.0", "haemorrhage") == expected(0)
    assert graded("1.3", "1.0", "haemorrhage") == expected(3)


@pytest.mark.parametrize(
    ("version", "term", "answers", "grades"),
    [
        (V5, "white_cells", {"wbc": "3.5 10*9/L"}, (0, 1)),
        (V5, "neutrophils", {"neutrophils": "1.6 10*9/L"}, (0, 1)),
        (V6, "neutrophils", {"neutrophils": "1.6 10*9/L"}, 0),
        (V5, "platelets", {"platelets": "74 10*9/L"}, 2),
        (V5, "ast", {"ast": "30 U/L"}, (0, 4)),
        (V5, "aptt", {"aptt": "30 s"}, (0, 3)),
        (V5, "ldh", {"ldh": "200 U/L"}, (0, 1)),
        (V5, "hypoalbuminaemia", {"albumin": "3.2 g/dL"}, (0, 1)),
    ],
)
def test_without_its_reference_limit_a_value_is_not_taken_for_normal(version, term, answers, grades):
    assert grade(version, term, answers) == expected(grades)


ANAEMIA = {"haemoglobin": "11.0 g/dL", "haemoglobin_lln": "12 g/dL"}
PLATELETS = {"platelets": "80 10*9/L", "platelets_lln": "150 10*9/L"}
NORMAL_PLATELETS = {"platelets": "150 10*9/L", "platelets_lln": "150 10*9/L"}
SODIUM = {"sodium": "127 mmol/L", "sodium_lln": "135 mmol/L"}
ALBUMIN = {"albumin": "2.5 g/dL", "albumin_lln": "3.5 g/dL"}
NEUTROPENIC = {"neutrophils": "0.99 10*9/L"}
FEBRILE_NEUTROPENIC = {**NEUTROPENIC, "temperature": "38.4 Cel"}

# What somebody states: (versions, term, measured, stated present, grade with all else denied).
STATED = [
    (BOTH, "anaemia", ANAEMIA, "", 1),
    (BOTH, "anaemia", ANAEMIA, "red_cell_transfusion_indicated", 3),
    (BOTH, "anaemia", ANAEMIA, "transfusion_red_cells", 3),
    (BOTH, "anaemia", ANAEMIA, "anaemia_life_threatening", 4),
    (BOTH, "anaemia", {**ANAEMIA, "haemoglobin": "12.0 g/dL"}, "anaemia_life_threatening transfusion_red_cells", 0),
    ((V5,), "platelets", PLATELETS, "platelet_transfusion_indicated", 1),
    ((V6,), "thrombocytopenia", PLATELETS, "platelet_transfusion_indicated", 3),
    ((V6,), "thrombocytopenia", PLATELETS, "transfusion_platelets", 3),
    ((V6,), "thrombocytopenia", PLATELETS, "thrombocytopenia_life_threatening", 4),
    ((V6,), "thrombocytopenia", NORMAL_PLATELETS, "thrombocytopenia_life_threatening transfusion_platelets", 0),
    (BOTH, "triglycerides", {"triglycerides": "150 mg/dL"}, "hypertriglyceridaemia_life_threatening", 4),
    (BOTH, "triglycerides", {"triglycerides": "149 mg/dL"}, "hypertriglyceridaemia_life_threatening", 0),
    (BOTH, "hyponatraemia", SODIUM, "hyponatraemia_symptomatic", 3),
    (BOTH, "hyponatraemia", {**SODIUM, "sodium": "130 mmol/L"}, "hyponatraemia_symptomatic", 1),
    ((V5,), "hyponatraemia", {**SODIUM, "sodium": "129.5 mmol/L"}, "hyponatraemia_symptomatic", (1, 3)),
    ((V6,), "hyponatraemia", {**SODIUM, "sodium": "129.5 mmol/L"}, "hyponatraemia_symptomatic", 3),
    (BOTH, "hyponatraemia", {**SODIUM, "sodium": "129 mmol/L"}, "hyponatraemia_symptomatic", 3),
    (BOTH, "hyponatraemia", SODIUM, "hyponatraemia_life_threatening", 4),
    (BOTH, "hyponatraemia", {**SODIUM, "sodium": "135 mmol/L"}, "hyponatraemia_life_threatening", 0),
    (BOTH, "hypoalbuminaemia", ALBUMIN, "hypoalbuminaemia_life_threatening", 4),
    (BOTH, "hypoalbuminaemia", {**ALBUMIN, "albumin": "3.5 g/dL"}, "hypoalbuminaemia_life_threatening", 0),
    (BOTH, "aptt", {"aptt": "37 s", "aptt_uln": "36 s"}, "haemorrhage", 3),
    (BOTH, "aptt", {"aptt": "36 s", "aptt_uln": "36 s"}, "haemorrhage", 0),
    (BOTH, "fever", {"temperature": "40.1 Cel"}, "fever_above_40_over_24h", 4),
    (BOTH, "fever", {"temperature": "40.0 Cel"}, "fever_above_40_over_24h", 2),
    (BOTH, "fever", {}, "fever", (1, 3)),
    (BOTH, "febrile_neutropenia", FEBRILE_NEUTROPENIC, "", 3),
    (BOTH, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "38.3 Cel"}, "", 0),
    (BOTH, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "38.3 Cel"}, "fever_sustained_1h", 3),
    (BOTH, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "38.0 Cel"}, "fever_sustained_1h", 3),
    (BOTH, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "37.9 Cel"}, "fever_sustained_1h", 0),
    (BOTH, "febrile_neutropenia", {"neutrophils": "1.0 10*9/L", "temperature": "39 Cel"}, "", 0),
    (BOTH, "febrile_neutropenia", FEBRILE_NEUTROPENIC, "febrile_neutropenia_life_threatening", 4),
    (BOTH, "infusion_reaction", {}, "", 0),
    (BOTH, "infusion_reaction", {}, "infusion_reaction", 1),
    (BOTH, "infusion_reaction", {}, "infusion_reaction infusion_reaction_interrupting", 2),
    (BOTH, "infusion_reaction", {}, "infusion_reaction infusion_reaction_prolonged", 3),
    (BOTH, "infusion_reaction", {}, "infusion_reaction infusion_reaction_life_threatening", 4),
    (BOTH, "encephalopathy", {}, "", 0),
    (BOTH, "encephalopathy", {}, "encephalopathy", 1),
    (BOTH, "encephalopathy", {}, "encephalopathy encephalopathy_limits_instrumental_adl", 2),
    (BOTH, "encephalopathy", {}, "encephalopathy encephalopathy_limits_self_care", 3),
    (BOTH, "encephalopathy", {}, "encephalopathy encephalopathy_life_threatening", 4),
    (BOTH, "hypotension", {}, "", 0),
    (BOTH, "hypotension", {}, "hypotension", 1),
    (BOTH, "hypotension", {}, "hypotension hypotension_treated", 2),
    (BOTH, "hypotension", {}, "hypotension hypotension_hospital_care", 3),
    (BOTH, "hypotension", {}, "hypotension hypotension_life_threatening", 4),
    (BOTH, "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %"}, "intermittent_oxygen", 2),
    (BOTH, "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %"}, "desaturation_on_exercise", 2),
    ((V5,), "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %"}, "continuous_oxygen", 0),
    ((V6,), "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %"}, "continuous_oxygen", 3),
    (BOTH, "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %", "pao2": "55 mm[Hg]"}, "", 3),
    (BOTH, "hypoxia", {"spo2": "87 %", "spo2_lln": "95 %", "pao2": "60 mm[Hg]"}, "", 3),
    (BOTH, "hypoxia", {"spo2": "96 %", "spo2_lln": "95 %"}, "airway_compromise_life_threatening", 4),
    (BOTH, "seizure", {}, "", 0),
    (BOTH, "seizure", {}, "seizure", 1),
    (BOTH, "seizure", {}, "seizure seizure_generalised_brief", 2),
    ((V5,), "seizure", {}, "seizure seizure_controlled", 1),
    ((V6,), "seizure", {}, "seizure seizure_controlled", 2),
    ((V6,), "seizure", {}, "seizure seizure_focal_infrequent", 2),
    (BOTH, "seizure", {}, "seizure seizure_new_onset", 3),
    (BOTH, "seizure", {}, "seizure seizure_despite_treatment", 3),
    ((V5,), "seizure", {}, "seizure seizure_prolonged seizure_repetitive", 4),
    ((V6,), "seizure", {}, "seizure seizure_prolonged seizure_repetitive", 1),
    ((V6,), "seizure", {}, "seizure seizure_prolonged seizure_repetitive seizure_generalised", 4),
    (BOTH, "seizure", {}, "seizure seizure_life_threatening", 4),
    (BOTH, "crs", {}, "", 0),
    (BOTH, "crs", {}, "crs", 1),
    (BOTH, "crs", {}, "hypotension low_flow_oxygen", 0),
    (BOTH, "crs", {}, "crs hypotension", 2),
    (BOTH, "crs", {}, "crs low_flow_oxygen", 2),
    (BOTH, "crs", {}, "crs vasopressor", 3),
    (BOTH, "crs", {"drug:norepinephrine": True}, "crs", 3),
    (BOTH, "crs", {"drug:norepinephrine": True, "drug:phenylephrine": True}, "crs", 3),
    ((V5,), "crs", {}, "crs high_flow_oxygen", 2),
    ((V6,), "crs", {}, "crs high_flow_oxygen", 3),
    ((V5,), "crs", {"fio2": "39 %"}, "crs high_flow_oxygen", 2),
    ((V5,), "crs", {"fio2": "40 %"}, "crs high_flow_oxygen", 3),
    ((V5,), "crs", {}, "crs high_flow_oxygen oxygen_40_percent", 3),
    ((V5,), "crs", {}, "crs positive_pressure_ventilation", 2),
    ((V6,), "crs", {}, "crs positive_pressure_ventilation", 3),
    (BOTH, "crs", {}, "crs crs_life_threatening", 4),
    (BOTH, "death", {}, "death_from_adverse_event", 0),
]


@pytest.mark.parametrize(
    ("version", "term", "measured", "stated", "grades"),
    [(version, *case) for versions, *case in STATED for version in versions],
)
def test_what_somebody_states_decides_when_all_else_is_denied(version, term, measured, stated, grades):
    answers = {"weight": "70 kg", **measured, **dict.fromkeys(stated.split(), "yes")}
    assert grade(version, term, answers) == expected(grades)


@pytest.mark.parametrize(
    ("version", "term", "answers", "grades"),
    [
        (V5, "anaemia", ANAEMIA, (1, 4)),
        (V5, "anaemia", {**ANAEMIA, "haemoglobin": "13 g/dL"}, 0),
        (V6, "thrombocytopenia", PLATELETS, (1, 4)),
        (V5, "fever", {"temperature": "40.1 Cel"}, (3, 4)),
        (V5, "fever", {"temperature": "39.5 Cel"}, 2),
        (V5, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "38.2 Cel"}, (0, 4)),
        (V5, "febrile_neutropenia", FEBRILE_NEUTROPENIC, (3, 4)),
        (V5, "febrile_neutropenia", {**NEUTROPENIC, "temperature": "37.9 Cel"}, 0),
        (V5, "hyponatraemia", SODIUM, (2, 4)),
        (V5, "crs", {"crs": "yes"}, (1, 4)),
        (V5, "crs", {"temperature": "39 Cel"}, (0, 4)),
        (V5, "crs", {"crs": "no"}, 0),
        (V5, "encephalopathy", {"encephalopathy": "yes"}, (1, 4)),
        (V5, "hypotension", {"hypotension": "no"}, 0),
    ],
)
def test_what_nobody_states_leaves_a_range(version, term, answers, grades):
    assert grade(version, term, answers, complete=()) == expected(grades)


def test_a_blood_count_grades_one_lower_in_version_6():
    count = {"neutrophils": "0.4 10*9/L"}, {"platelets": "20 10*9/L", "platelets_lln": "150 10*9/L"}
    assert grade(V5, "neutrophils", count[0]) == expected(4)
    assert grade(V6, "neutrophils", count[0]) == expected(3)
    assert grade(V5, "platelets", count[1]) == expected(4)
    assert grade(V6, "thrombocytopenia", count[1]) == expected(3)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("stated", "complete", "grades"),
    [
        ({"death_from_adverse_event": "yes"}, (), 5),
        ({"death_from_adverse_event": "no"}, (), 0),
        ({}, (), (0, 5)),
        ({}, VOUCHED, 0),
    ],
)
def test_grade_5_is_a_death_that_somebody_puts_down_to_an_adverse_event(version, stated, complete, grades):
    timeline = answers_timeline({"temperature": "37 Cel", **stated}, NOW, complete)
    died = replace(timeline, patient=replace(timeline.patient, death=When.at(NOW)))
    assert terms(died, version)["death"] == expected(grades)
    assert terms(timeline, version)["death"] == expected(0)


@pytest.mark.parametrize("version", BOTH)
def test_the_score_is_the_worst_grade_of_all_terms(version):
    timeline = answers_timeline({"neutrophils": "0.05 10*9/L", "temperature": "37 Cel"}, complete=VOUCHED)
    assert stormwatch.assess(timeline, version).score == expected(4)


def test_version_5_and_6_grade_the_same_number_of_terms():
    for version in BOTH:
        assert len(terms(answers_timeline({"temperature": "37 Cel"}), version)) == 27
