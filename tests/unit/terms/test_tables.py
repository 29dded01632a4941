"""The tables themselves: what they hold, and what they must never hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from stormwatch import terms
from stormwatch.terms import Scale, Term
from stormwatch.terms.tables import SYSTEMS, fold

# fmt: off
FINDINGS = [
    "fever", "splenomegaly", "hepatomegaly", "haemophagocytosis", "immunosuppression", "molecular_hlh",
    "nk_activity_low", "hypotension", "low_flow_oxygen", "high_flow_oxygen", "positive_pressure_ventilation",
    "death_from_crs", "malignancy_haematological", "b_all", "remission", "mrd_negative", "cough", "weakness",
    "seizure", "seizure_prolonged", "seizure_repetitive", "nonconvulsive_seizure", "awakens_spontaneously",
    "awakens_to_voice", "awakens_to_touch", "unarousable", "motor_weakness_deep", "cerebral_oedema_focal",
    "cerebral_oedema_diffuse", "posturing", "papilloedema", "cushing_triad", "cranial_nerve_vi_palsy",
    "global_aphasia", "cns_dysfunction", "haemorrhage", "arthritis", "systemic_jia", "macrophage_activation_syndrome",
    "hlh", "crs", "icans", "tumour_lysis_syndrome", "dic", "infection_suspected", "encephalopathy",
    "altered_mentation", "mechanical_ventilation", "transfusion_platelets", "transfusion_red_cells", "arrhythmia",
    "disease_progression", "anticoagulation", "death", "rash", "headache", "vasopressor",
]
# fmt: on

# The Verhoeff scheme, which gives SNOMED CT identifiers their last digit: a permutation, and the turns of a pentagon.
VERHOEFF_TURN = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

CHECKS = {
    "icd10": re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
    "loinc": re.compile(r"\d{1,7}-\d"),
    "rxnorm": re.compile(r"[1-9]\d{1,6}"),
    "atc": re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
    "omop": re.compile(r"[1-9]\d{4,7}"),
}


def pentagon(first: int, then: int) -> int:
    """Two turns of a pentagon in a row: 0 to 4 are rotations, 5 to 9 reflections."""
    turned = (first + then) % 5 if first < 5 else (first - then) % 5
    return turned + 5 * ((first < 5) != (then < 5))


def verhoeff_holds(digits: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = VERHOEFF_TURN[value]
        check = pentagon(check, value)
    return check == 0


def everything() -> list[Term | Scale]:
    return [*terms.findings().values(), *terms.scales().values(), *terms.drugs().values()]


def repeated(things: Iterable[object]) -> list[object]:
    return [thing for thing, count in Counter(things).items() if count > 1]


def test_the_findings_that_instruments_need_are_there():
    assert set(terms.findings()) >= set(FINDINGS)


def test_tables_cannot_be_changed_by_a_caller():
    with pytest.raises(TypeError):
        terms.drugs()["aspirin"] = terms.drugs()["dexamethasone"]  # type: ignore[index]


@pytest.mark.parametrize(
    "tables",
    [(terms.findings, terms.scales), (terms.drugs,)],
    ids=["findings and scales", "drugs"],
)
def test_no_name_and_no_code_stands_for_two_things(tables):
    entries = [term for table in tables for term in table().values()]
    assert repeated(fold(name) for term in entries for name in term.names) == []
    assert repeated((system, code) for term in entries for system in SYSTEMS for code in term.codes[system]) == []


def test_every_entry_has_a_name_a_title_and_a_source():
    assert [term.id for term in everything() if not (term.names and term.title and term.source)] == []


def test_verhoeff_check_knows_its_own_published_example():
    # 236 takes check digit 3: J. Verhoeff, Error Detecting Decimal Codes, 1969, as worked in textbooks.
    assert verhoeff_holds("2363")
    assert [d for d in range(10) if verhoeff_holds(f"236{d}")] == [3]


def test_snomed_codes_have_their_check_digit():
    codes = [code for term in everything() for code in term.codes["snomed"]]
    assert len(codes) > 30
    assert [code for code in codes if not verhoeff_holds(code)] == []


@pytest.mark.parametrize("system", CHECKS)
def test_codes_look_like_codes_of_their_system(system):
    codes = [code for term in everything() for code in term.codes[system]]
    assert [code for code in codes if not CHECKS[system].fullmatch(code)] == []


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("atc", "L01FX31"),  # zolbetuximab, listed by some as talquetamab
        ("atc", "L01XE18"),  # former code of ruxolitinib
        ("loinc", "8121-6"),  # CD25 on cells, in per cent: not soluble CD25
        ("loinc", "3150-6"),  # no such code: fails its own check digit
    ],
)
def test_codes_known_to_be_wrong_are_not_listed(system, code):
    assert [term.id for term in everything() if code in term.codes[system]] == []


def test_glofitamab_and_not_teclistamab_has_l01fx28():
    assert terms.drugs()["teclistamab"].codes["atc"] == ("L01FX24",)
    assert terms.drugs()["glofitamab"].codes["atc"] == ("L01FX28",)


def test_autoinflammatory_syndromes_are_not_macrophage_activation():
    assert [term.id for term in everything() for code in term.codes["icd10"] if code.startswith("M04")] == []


def test_emapalumab_has_no_unconfirmed_rxnorm_code():
    assert terms.drugs()["emapalumab"].codes["rxnorm"] == ()


def test_classes_are_a_closed_list_and_each_is_used():
    used = {name for drug in terms.drugs().values() for name in drug.classes}
    assert used == set(terms.classes())
    assert all(terms.classes().values())


def test_every_drug_has_a_class():
    assert [drug.id for drug in terms.drugs().values() if not drug.classes] == []


def test_t_cell_therapy_is_every_engager_and_every_car_t_product_and_nothing_else():
    engagers, car_t = terms.drugs_in_class("t_cell_engager"), terms.drugs_in_class("car_t")
    assert terms.drugs_in_class("t_cell_therapy") == engagers | car_t
    assert not engagers & car_t


def test_drug_and_class_names_do_not_contradict_each_other():
    shared = set(terms.drugs()) & set(terms.classes())
    assert {name for name in shared if terms.drugs_in_class(name) != {name}} == set()


def test_scales_decide_findings_that_exist_and_values_stay_within_them():
    for scale in terms.scales().values():
        assert set(scale.sets) <= set(terms.findings())
        assert {name for present in scale.values.values() for name in present} <= set(scale.sets)


def test_a_level_of_consciousness_is_exactly_one_level():
    assert {len(present) for present in terms.scales()["consciousness"].values.values()} == {1}


def test_no_term_can_be_mistaken_for_a_measurement():
    analytes = pytest.importorskip("stormwatch.analytes")
    named: list[Term | Scale] = [*terms.findings().values(), *terms.scales().values()]
    assert [name for term in named for name in term.names if analytes.by_name(name)] == []
