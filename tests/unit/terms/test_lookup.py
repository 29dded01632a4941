"""Looking up what a record calls a finding or a drug."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch import terms
from stormwatch.errors import UnknownName

DRUG_NAMES = sorted({name for drug in terms.drugs().values() for name in drug.names})
FINDING_NAMES = sorted({name for finding in terms.findings().values() for name in finding.names})


def id_of(term: terms.Term | terms.Scale | None) -> str | None:
    return term.id if term else None


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ("Blinatumomab 35 mcg vial", "blinatumomab"),
        ("BLINCYTO", "blinatumomab"),
        ("dexamethasone (Decadron) 4 mg", "dexamethasone"),
        ("Decadron 4 mg tablet", "dexamethasone"),
        ("tocilizumab-aazg 400 mg", "tocilizumab"),
        ("Noradrenaline", "norepinephrine"),
        ("adrenaline 1 mg/mL", "epinephrine"),
        ("Acetaminophen", "paracetamol"),
        ("cyclosporine", "ciclosporin"),
        ("6-MP", "mercaptopurine"),
        ("Peg-asparaginase", "pegaspargase"),
        ("Asparaginase Erwinia chrysanthemi", "crisantaspase"),
        ("asparaginase 6000 units", "asparaginase_native"),
        ("axicabtagene_ciloleucel", "axicabtagene_ciloleucel"),
        ("Vasopressin (USP)", "vasopressin"),
        ("prednisolone", "prednisolone"),
        ("prednisone", "prednisone"),
    ],
)
def test_drug_is_known_by_ingredient_or_brand_at_the_start(text, drug):
    assert id_of(terms.drug_by_name(text)) == drug


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "4 mg dexamethasone",
        "no blinatumomab",
        "dexamethasonephosphate",
        "epi",
        "aspirin",
        "Lidocaine/epinephrine",
    ],
)
def test_other_texts_name_no_drug(text):
    assert terms.drug_by_name(text) is None


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Splenomegaly", "splenomegaly"),
        ("enlarged  spleen", "splenomegaly"),
        ("HEMOPHAGOCYTOSIS", "haemophagocytosis"),
        ("haemophagocytosis", "haemophagocytosis"),
        ("Tumor lysis syndrome", "tumour_lysis_syndrome"),
        ("tumour_lysis_syndrome", "tumour_lysis_syndrome"),
        ("Non-convulsive seizure", "nonconvulsive_seizure"),
        ("papilledema", "papilloedema"),
        ("diffuse cerebral edema", "cerebral_oedema_diffuse"),
        ("Cushing's triad", "cushing_triad"),
        ("B-ALL", "b_all"),
    ],
)
def test_finding_is_known_in_british_and_american_spelling(text, finding):
    assert id_of(terms.finding_by_name(text)) == finding


@pytest.mark.parametrize("text", ["no splenomegaly", "splenomegaly?", "history of seizure", "possible HLH", ""])
def test_a_finding_is_its_exact_name_and_nothing_more(text):
    known = {"splenomegaly?"}  # punctuation folds away
    assert (terms.finding_by_name(text) is not None) == (text in known)


@given(name=st.sampled_from(DRUG_NAMES), tail=st.text(alphabet="0123456789 mg/-().", max_size=12))
def test_what_follows_a_drug_name_does_not_change_it(name, tail):
    drug = terms.drug_by_name(name)
    assert drug is not None
    assert terms.drug_by_name(f"{name.upper()} {tail}") == drug


@given(name=st.sampled_from(FINDING_NAMES), joint=st.sampled_from(["-", "_", "  ", " - "]))
def test_case_and_separators_do_not_matter(name, joint):
    assert terms.finding_by_name(name.title().replace(" ", joint)) == terms.finding_by_name(name)


@given(word=st.from_regex(r"[a-z]{3,10}", fullmatch=True), name=st.sampled_from(DRUG_NAMES))
def test_a_word_in_front_of_a_drug_name_is_a_different_text(word, name):
    drug = terms.drug_by_name(f"{word} {name}")
    assert drug is None or any(n.startswith(word) for n in drug.names)


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        ("snomed", "234437005", "hlh"),
        ("snomed", "430478003", "macrophage_activation_syndrome"),
        ("icd10", "D76.1", "hlh"),
        ("icd10", "D761", "hlh"),
        ("icd10", "d76.1", "hlh"),
        ("omop", "4121123", "hlh"),
        ("omop", 4098617, "hlh"),
        ("snomed", "277571004", "b_all"),
        ("snomed", "16294009", "splenomegaly"),
        ("loinc", "16294009", None),
        ("nobody", "16294009", None),
    ],
)
def test_finding_by_code(system, code, expected):
    assert id_of(terms.finding_by_code(system, code)) == expected


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        ("rxnorm", "1597258", "blinatumomab"),
        ("atc", "L01FX07", "blinatumomab"),
        ("atc", "L01XC19", "blinatumomab"),
        ("omop", 45892531, "blinatumomab"),
        ("rxnorm", "612865", "tocilizumab"),
        ("rxnorm", "3264", "dexamethasone"),
        ("atc", "L04AG09", "emapalumab"),
        ("atc", "C05AA09", None),  # dexamethasone for haemorrhoids is no systemic steroid
        ("rxnorm", "0", None),
    ],
)
def test_drug_by_code(system, code, expected):
    assert id_of(terms.drug_by_code(system, code)) == expected


def test_vasopressin_is_told_apart_from_the_vasopressors_a_crs_grade_counts():
    counted = terms.drugs_in_class("vasopressor") - terms.drugs_in_class("vasopressin")
    assert counted == terms.drugs_in_class("catecholamine_vasopressor")
    assert "dobutamine" not in terms.drugs_in_class("vasopressor")
    assert {"norepinephrine", "epinephrine", "phenylephrine", "dopamine"} <= counted


def test_unknown_class_is_refused_and_the_nearest_is_named():
    with pytest.raises(UnknownName, match="corticosteroid"):
        terms.drugs_in_class("corticosteroids")


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("Room air", ()),
        ("NONE", ()),
        ("Nasal Cannula", ("low_flow_oxygen",)),
        ("blow-by", ("low_flow_oxygen",)),
        ("Blow by", ("low_flow_oxygen",)),
        ("HFNC", ("high_flow_oxygen",)),
        ("Non-rebreather", ("high_flow_oxygen",)),
        ("non rebreather mask", ("high_flow_oxygen",)),
        ("Venturi mask", ("high_flow_oxygen",)),
        ("BiPAP", ("positive_pressure_ventilation",)),
        ("ETT", ("positive_pressure_ventilation",)),
        ("Endotracheal tube", ("positive_pressure_ventilation",)),
        ("other", None),
        ("", None),
    ],
)
def test_oxygen_support_as_charted(text, present):
    scale = terms.scale_by_name("O2 Delivery Device(s)")
    assert scale is not None
    assert scale.present(text) == present
    assert scale.values.get(text.casefold()) == present


def test_scales_without_confirmed_codes_are_found_by_name_alone():
    assert terms.scale_by_code("loinc", "") is None
    assert id_of(terms.scale_by_name("Level of consciousness")) == "consciousness"
    assert terms.scale_by_name("mood") is None
