"""The catalogue: every test that is needed, found by id, code and name, and nothing found twice."""

from collections import Counter

import pytest

from stormwatch import analytes
from stormwatch.analytes import Analyte, by_code, by_name, catalogue, units
from stormwatch.errors import UnknownName

# fmt: off
NEEDED = [
    "ferritin", "ast", "alt", "alp", "ggt", "ldh", "bilirubin_total", "bilirubin_direct", "triglycerides",
    "fibrinogen", "haemoglobin", "wbc", "neutrophils", "neutrophils_percent", "lymphocytes", "platelets",
    "creatinine", "urea", "bun", "albumin", "sodium", "potassium", "phosphate", "calcium", "urate", "crp", "esr",
    "procalcitonin", "il6", "ifn_gamma", "sil2r", "sil2r_pg", "d_dimer_feu", "d_dimer_ddu", "inr", "pt", "aptt",
    "lactate", "temperature", "heart_rate", "respiratory_rate", "spo2", "fio2", "pao2", "sbp", "dbp", "map",
    "weight", "height", "gcs", "gcs_eye", "gcs_verbal", "gcs_motor", "ice_score", "capd", "vasopressor_count",
    "oxygen_flow",
]
# fmt: on

CANONICAL = {
    "ferritin": "ng/mL",
    "ast": "U/L",
    "triglycerides": "mg/dL",
    "fibrinogen": "mg/dL",
    "haemoglobin": "g/dL",
    "wbc": "10*9/L",
    "neutrophils": "10*9/L",
    "platelets": "10*9/L",
    "bilirubin_total": "mg/dL",
    "creatinine": "mg/dL",
    "crp": "mg/L",
    "esr": "mm/h",
    "il6": "pg/mL",
    "sil2r": "U/mL",
    "sil2r_pg": "pg/mL",
    "inr": "{INR}",
    "pt": "s",
    "sodium": "mmol/L",
    "albumin": "g/dL",
    "temperature": "Cel",
    "spo2": "%",
    "fio2": "%",
    "sbp": "mm[Hg]",
    "weight": "kg",
    "height": "cm",
}

NAMES = {
    "hemoglobin": "haemoglobin",
    "Haemoglobin": "haemoglobin",
    "Hb": "haemoglobin",
    "HGB": "haemoglobin",
    "WBC": "wbc",
    "leukocytes": "wbc",
    "Leucocytes": "wbc",
    "ANC": "neutrophils",
    "Neutrophils, absolute": None,
    "neutrophils absolute": "neutrophils",
    "Neutrophils_Absolute": "neutrophils",
    "neutrophils %": "neutrophils_percent",
    "PLT": "platelets",
    "TG": "triglycerides",
    "AST (SGOT)": "ast",
    "AST - (SGOT)": "ast",
    "ABP systolic": "sbp",
    "NIBP systolic": "sbp",
    "temperature C": "temperature",
    "temperature F": "temperature",
    "SpO2": "spo2",
    "sIL-2R": "sil2r",
    "IL6": "il6",
    "IL-6": "il6",
    "respiratory rate": "respiratory_rate",
    "respiratory_rate": "respiratory_rate",
    "BUN": "bun",
    "urea": "urea",
    "uric acid": "urate",
    "ionized calcium": None,
    "": None,
}


def check_digit(number: str) -> int:
    """Modulus 10 (Luhn), as the LOINC manual prescribes: from the right, every first digit counts double."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(number)))
    return -sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10


def has_right_check_digit(code: str) -> bool:
    number, _, digit = code.partition("-")
    return check_digit(number) == int(digit)


EVERY = sorted(catalogue().values(), key=lambda each: each.id)
every_analyte = pytest.mark.parametrize("each", EVERY, ids=lambda each: each.id)


def test_has_every_needed_analyte() -> None:
    assert set(catalogue()) >= set(NEEDED)


@pytest.mark.parametrize(("id", "unit"), CANONICAL.items())
def test_canonical_unit(id: str, unit: str) -> None:
    assert analytes.analyte(id).unit == unit


@every_analyte
def test_canonical_unit_is_a_unit_code_of_the_dimension(each: Analyte) -> None:
    assert each.unit in {unit.code for unit in units()[each.dimension].values()}


@every_analyte
def test_further_unit_is_a_unit_code_and_its_dimension_shares_no_spelling_with_the_first(each: Analyte) -> None:
    if each.also is None:
        return
    further = units()[each.also.dimension]
    assert each.also.unit in {unit.code for unit in further.values()}
    assert each.also.factor > 0
    assert each.also.source
    assert not set(further) & set(units()[each.dimension])


@every_analyte
def test_states_its_source_and_a_plausible_range_with_a_reason(each: Analyte) -> None:
    assert each.source
    assert each.title
    assert each.plausible_note
    assert each.plausible.low < each.plausible.high
    assert each.plausible.low_closed
    assert each.plausible.high_closed


@pytest.mark.parametrize("code", ["2276-4", "718-7", "3150-0", "48065-7", "9269-2"])
def test_check_digit_rule_accepts_codes_known_to_be_right(code: str) -> None:
    assert has_right_check_digit(code)


@pytest.mark.parametrize("code", ["3150-6", "2276-5", "781-7"])
def test_check_digit_rule_finds_slips(code: str) -> None:
    assert not has_right_check_digit(code)


@every_analyte
def test_loinc_codes_have_the_right_check_digit(each: Analyte) -> None:
    assert [code for code in each.loinc if not has_right_check_digit(code)] == []


def test_noisy_codes_are_the_three_that_a_public_data_set_carries() -> None:
    noisy = {code: each.id for each in EVERY for code in each.loinc_noisy}
    assert noisy == {"1644-4": "triglycerides", "5895-7": "inr", "761-7": "neutrophils_percent"}


def test_no_code_means_two_analytes() -> None:
    codes = Counter(code for each in EVERY for code in (*each.loinc, *each.loinc_noisy, *each.omop))
    assert [code for code, times in codes.items() if times > 1] == []


def test_no_name_means_two_analytes() -> None:
    for each in EVERY:
        for name in (each.id, *each.names):
            assert by_name(name) is each, name


@pytest.mark.parametrize(("name", "id"), NAMES.items())
def test_finds_names_as_records_write_them(name: str, id: str | None) -> None:
    found = by_name(name)
    assert (found.id if found else None) == id


@every_analyte
def test_every_code_leads_to_its_analyte(each: Analyte) -> None:
    for code in (*each.loinc, *each.loinc_noisy):
        assert by_code("loinc", code) is each
    for concept in each.omop:
        assert by_code("omop", str(concept)) is each


@pytest.mark.parametrize(
    ("code", "id"),
    [
        ("2276-4", "ferritin"),
        ("1920-8", "ast"),
        ("1742-6", "alt"),
        ("6768-6", "alp"),
        ("2532-0", "ldh"),
        ("2571-8", "triglycerides"),
        ("3255-7", "fibrinogen"),
        ("718-7", "haemoglobin"),
        ("6690-2", "wbc"),
        ("751-8", "neutrophils"),
        ("770-8", "neutrophils_percent"),
        ("761-7", "neutrophils_percent"),
        ("731-0", "lymphocytes"),
        ("777-3", "platelets"),
        ("1975-2", "bilirubin_total"),
        ("1968-7", "bilirubin_direct"),
        ("2160-0", "creatinine"),
        ("3094-0", "bun"),
        ("22664-7", "urea"),
        ("1988-5", "crp"),
        ("4537-7", "esr"),
        ("26881-3", "il6"),
        ("76039-7", "sil2r_pg"),
        ("48065-7", "d_dimer_feu"),
        ("48067-3", "d_dimer_feu"),
        ("48066-5", "d_dimer_ddu"),
        ("48058-2", "d_dimer_ddu"),
        ("6301-6", "inr"),
        ("5902-2", "pt"),
        ("8310-5", "temperature"),
        ("3150-0", "fio2"),
        ("3151-8", "oxygen_flow"),
        ("8480-6", "sbp"),
        ("8462-4", "dbp"),
        ("8478-0", "map"),
        ("9279-1", "respiratory_rate"),
    ],
)
def test_loinc_codes_mean_what_loinc_says(code: str, id: str) -> None:
    found = by_code("loinc", code)
    assert found is not None
    assert found.id == id


@pytest.mark.parametrize(
    "code",
    [
        "8121-6",  # CD25 by flow cytometry, a percentage: not soluble CD25
        "3150-6",  # no such code
        "4655-7",  # IL-6 in arbitrary units
        "30394-1",  # granulocytes, more than neutrophils
        "736-9",  # lymphocytes, a percentage
        "1994-3",  # ionised calcium
        "50984-4",  # PaO2/FiO2
        "30226-5",  # fibrin degradation products
    ],
)
def test_codes_of_other_tests_are_not_taken(code: str) -> None:
    assert by_code("loinc", code) is None


def test_omop_and_loinc_do_not_mix() -> None:
    assert by_code("omop", "2276-4") is None
    assert by_code("loinc", "3001122") is None


def test_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"feritin.*ferritin"):
        analytes.analyte("feritin")


def test_unknown_id_finds_other_spellings_by_name() -> None:
    with pytest.raises(UnknownName, match="haemoglobin"):
        analytes.analyte("hemoglobin")
