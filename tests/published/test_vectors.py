"""The 48 published test vectors, read in place, run through the instruments.

Each input key of the file is translated by a table to an answer of ours, in the unit the vector means. What a vector
does not give stays unanswered, except where its kind says otherwise (see ``VOUCHED`` and ``naranjo_answers``).
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

import stormwatch
from stormwatch.errors import UsageError
from stormwatch.explain.payload import bands
from stormwatch.facts import Interval, Timeline, in_order
from stormwatch.guidance import document, dose_for_weight, restart_after
from stormwatch.sources import answers_timeline

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)

# How many vectors the file has for each of its instruments.
COUNTS = {
    "hscore": 9,
    "ms_score": 2,
    "mas2016": 2,
    "ohi": 2,
    "easix": 5,
    "m_easix": 1,
    "car_hematotox": 3,
    "isth_dic": 2,
    "naranjo": 2,
    "hlh2004": 2,
    "crs_astct": 5,
    "icans_astct": 3,
    "ctcae_v5_AST_xULN_normal_baseline": 4,
    "ctcae_anc": 1,
    "ctcae_platelets": 1,
    "tocilizumab_crs_mg": 3,
    "blincyto_adult": 1,
}
DOSING = {"tocilizumab_crs_mg", "blincyto_adult"}

OURS = {
    "hscore": "hscore",
    "ms_score": "ms-score",
    "mas2016": "mas-sjia-2016",
    "ohi": "ohi",
    "easix": "easix",
    "m_easix": "m-easix",
    "car_hematotox": "car-hematotox",
    "isth_dic": "isth-dic",
    "naranjo": "naranjo",
    "hlh2004": "hlh-2004",
    "crs_astct": "crs-astct",
    "icans_astct": "icans-astct",
}

# A scale that grades what is seen is given by these vectors as a whole: what they do not name was not there.
VOUCHED = {"crs_astct": ("exposures", "findings"), "icans_astct": ("findings",)}

# Input key: our name and the unit that the vector means.
NUMBERS = {
    "hscore": {
        "temp": ("temperature", "Cel"),
        "hb": ("haemoglobin", "g/dL"),
        "wbc": ("wbc", "10*9/L"),
        "plt": ("platelets", "10*9/L"),
        "ferritin": ("ferritin", "ng/mL"),
        "tg": ("triglycerides", "mmol/L"),
        "fib": ("fibrinogen", "g/L"),
        "ast": ("ast", "U/L"),
    },
    "ms_score": {
        "plt": ("platelets", "10*9/L"),
        "ldh": ("ldh", "U/L"),
        "fib": ("fibrinogen", "mg/dL"),
        "ferritin": ("ferritin", "ng/mL"),
    },
    "mas2016": {
        "ferritin": ("ferritin", "ng/mL"),
        "plt": ("platelets", "10*9/L"),
        "ast": ("ast", "U/L"),
        "tg": ("triglycerides", "mg/dL"),
        "fib": ("fibrinogen", "mg/dL"),
    },
    "ohi": {"scd25": ("sil2r", "U/mL"), "ferritin": ("ferritin", "ng/mL")},
    "easix": {"ldh": ("ldh", "U/L"), "cr": ("creatinine", "mg/dL"), "plt": ("platelets", "10*9/L")},
    "m_easix": {"ldh": ("ldh", "U/L"), "crp_mg_dl": ("crp", "mg/dL"), "plt": ("platelets", "10*9/L")},
    "car_hematotox": {
        "plt": ("platelets", "10*9/L"),
        "anc": ("neutrophils", "10*9/L"),
        "hb": ("haemoglobin", "g/dL"),
        "crp": ("crp", "mg/dL"),
        "ferritin": ("ferritin", "ng/mL"),
    },
    "isth_dic": {
        "plt": ("platelets", "10*9/L"),
        "pt": ("pt_prolongation", "s"),
        "fib": ("fibrinogen", "g/L"),
    },
    "hlh2004": {
        "hb": ("haemoglobin", "g/L"),
        "plt": ("platelets", "10*9/L"),
        "anc": ("neutrophils", "10*9/L"),
        "tg_mmol": ("triglycerides", "mmol/L"),
        "fib": ("fibrinogen", "g/L"),
        "ferritin": ("ferritin", "ug/L"),
        "scd25": ("sil2r", "U/mL"),
    },
    "crs_astct": {"temp": ("temperature", "Cel")},
    "icans_astct": {"ice": ("ice_score", "")},
}
FINDINGS = {
    "hscore": {"immunosuppression": "immunosuppression", "marrow": "haemophagocytosis"},
    "ms_score": {"cns": "cns_dysfunction", "hem": "haemorrhage", "arth": "arthritis"},
    "mas2016": {"fever": "fever", "sjia": "systemic_jia"},
    "hlh2004": {"fever": "fever", "spleen": "splenomegaly", "nk": "nk_activity_low"},
    "crs_astct": {"hypotension": "hypotension"},
    "icans_astct": {"global_aphasia": "global_aphasia"},
}
WORDS: dict[tuple[str, str], dict[object, dict[str, bool]]] = {
    ("hscore", "organs"): {
        "none": {"hepatomegaly": False, "splenomegaly": False},
        "both": {"hepatomegaly": True, "splenomegaly": True},
    },
    ("isth_dic", "marker"): {
        "strong": {"fibrin_marker_strong": True},
        "moderate": {"fibrin_marker_strong": False, "fibrin_marker_moderate": True},
    },
    ("crs_astct", "pressor"): {
        False: {},
        True: {"drug:norepinephrine": True},
        "one_plus_vasopressin": {"drug:norepinephrine": True, "drug:vasopressin": True},
        "two": {"drug:norepinephrine": True, "drug:phenylephrine": True},
    },
    ("crs_astct", "oxygen"): {
        "none": {},
        None: {},
        "nc4": {"low_flow_oxygen": True},
        "bipap": {"positive_pressure_ventilation": True},
    },
    ("icans_astct", "awake"): {True: {"awakens_spontaneously": True}, False: {"unarousable": True}},
    # Longer than five minutes.
    ("icans_astct", "seizure_min"): {6: {"seizure": True, "seizure_prolonged": True}},
}


@pytest.fixture(scope="module")
def vectors(shared_clinical):
    text = (shared_clinical / "definitions.json").read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)["test_vectors"]


def vector(vectors, name, place):
    """The vector of this instrument at this place among its own."""
    return [one for one in vectors if one["instrument"] == name][place]


def cases(*names):
    return [pytest.param(name, place, id=f"{name}-{place + 1}") for name in names for place in range(COUNTS[name])]


def translated(name, inputs):
    answers: dict[str, str | bool] = {}
    for key, value in inputs.items():
        if (name, key) in WORDS:
            answers |= WORDS[name, key][value]
        elif value is None:
            continue
        elif key in FINDINGS.get(name, {}):
            answers[FINDINGS[name][key]] = bool(value)
        else:
            ours, unit = NUMBERS[name][key]
            answers[ours] = f"{value} {unit}".strip()
    return answers


def band(assessment):
    """The published stretches that the score may lie in, written as the vectors write them."""
    words = bands(assessment.instrument, assessment.score)
    return " or ".join(word.removesuffix("%").replace(" ", "").replace("–", "-") for word in words)


VERDICTS = {True: "met", False: "not met", "indeterminate": "unknown"}


def check(assessment, key, expected):
    score, verdict = assessment.score, assessment.verdict
    if key in {"score", "grade"}:
        assert (score.low, score.high) == (Fraction(expected), Fraction(expected))
    elif key == "met":  # criteria certainly met; unanswered ones are still open
        assert score.low == expected
    elif key in {"pct", "category"}:
        assert band(assessment) == expected
    else:
        assert key in {"mas", "positive", "high", "overt", "diagnosis"}
        assert verdict.value == VERDICTS[expected]


def test_no_vector_is_dropped(vectors):
    assert Counter(one["instrument"] for one in vectors) == COUNTS
    assert len(vectors) == sum(COUNTS.values()) == 48
    run = [*OURS, *CTCAE, "ctcae_v5_AST_xULN_normal_baseline"]
    assert sorted([*run, *DOSING]) == sorted(COUNTS)
    assert sum(COUNTS[name] for name in run) == 44


@pytest.mark.parametrize(("name", "place"), cases(*OURS))
def test_vector(vectors, naranjo_answers, name, place):
    one = vector(vectors, name, place)
    if name == "naranjo":
        answers = naranjo_answers({int(key.removeprefix("Q")): points for key, points in one["input"].items()})
    else:
        answers = translated(name, one["input"])
    timeline = answers_timeline(answers, complete=VOUCHED.get(name, ()))
    assessment = stormwatch.assess(timeline, OURS[name])
    for key, expected in one["expected"].items():
        check(assessment, key, expected)


def ctcae_grade(answers, version, term, earlier=()):
    now = answers_timeline(answers, NOW, ("exposures", "findings"))
    timeline = Timeline(now.patient, in_order([*earlier, *now.facts]), complete=now.complete)
    items = stormwatch.assess(timeline, version).items
    return next(item.value for item in items if getattr(item.node, "id", "") == term)


@pytest.mark.parametrize(("name", "place"), cases("ctcae_v5_AST_xULN_normal_baseline"))
def test_vector_of_ast_after_a_normal_baseline(vectors, name, place):
    one = vector(vectors, name, place)
    limit = 40
    before = answers_timeline({"ast": "20 U/L", "ast_uln": f"{limit} U/L"}, NOW - timedelta(days=3))
    dose = answers_timeline({"drug:blinatumomab": True}, NOW - timedelta(days=2))
    answers = {"ast": f"{one['input']['x'] * limit} U/L", "ast_uln": f"{limit} U/L"}
    found = ctcae_grade(answers, "ctcae-v5", "ast", (*before.facts, *dose.facts))
    assert found == Interval.point(one["expected"]["grade"])


# Analyte with its lower limit, and the name of the term in each version.
CTCAE = {
    "ctcae_anc": ("neutrophils", "1.8 10*9/L", {"v5": "neutrophils", "v6": "neutrophils"}),
    "ctcae_platelets": ("platelets", "150 10*9/L", {"v5": "platelets", "v6": "thrombocytopenia"}),
}


@pytest.mark.parametrize(("name", "place"), cases(*CTCAE))
def test_vector_of_the_two_versions_of_ctcae(vectors, name, place):
    one = vector(vectors, name, place)
    analyte, limit, terms = CTCAE[name]
    answers = {analyte: f"{one['input']['value']} 10*9/L", f"{analyte}_lln": limit}
    assert set(one["expected"]) == set(terms)
    for version, expected in one["expected"].items():
        assert ctcae_grade(answers, f"ctcae-{version}", terms[version]) == Interval.point(expected)


@pytest.mark.parametrize(("name", "place"), cases("tocilizumab_crs_mg"))
def test_vector_of_the_dose_of_tocilizumab(vectors, name, place):
    one = vector(vectors, name, place)
    assert dose_for_weight(document("tocilizumab-us"), one["input"]["kg"]).mg == one["expected"]["mg"]


@pytest.mark.parametrize(("name", "place"), cases("blincyto_adult"))
def test_vector_of_restarting_blinatumomab(vectors, name, place):
    one = vector(vectors, name, place)
    toxicity, _, grade = one["input"]["event"].partition(" G")
    days = one["input"]["interruption_days"]
    found = restart_after(document("blinatumomab-us"), toxicity.lower(), int(grade), kg=70, interruption_days=days)
    restart, escalate = found.row.restart, found.row.escalate
    assert restart is not None
    assert escalate is not None
    assert restart.unit == escalate.unit == "mcg/day"
    assert one["expected"] == {
        "restart_mcg_d": restart.value,
        "escalate_after_d": found.row.escalate_after_days,
        "escalate_to": escalate.value,
        "same_cycle": found.same_cycle,
    }


def test_a_label_answers_only_what_it_was_seen_to_say():
    label = document("blinatumomab-us")
    assert restart_after(label, "crs", 4, kg=70).row.action == "discontinue"
    assert restart_after(label, "crs", 3, kg=70).same_cycle is None
    assert restart_after(label, "crs", 3, kg=70, interruption_days=7).same_cycle is True
    assert restart_after(label, "crs", 3, kg=70, interruption_days=8).same_cycle is False
    with pytest.raises(UsageError, match="no confirmed row"):
        restart_after(label, "neurotoxicity", 3, kg=30)
    with pytest.raises(UsageError, match="above 0 kg"):
        dose_for_weight(document("tocilizumab-us"), 0)
