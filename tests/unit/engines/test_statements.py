"""What stands on a result besides its numbers: population, confounders, evidence."""

from stormwatch.engines.api import assess
from stormwatch.facts import Fact, Patient, When
from stormwatch.instruments.catalogue import instrument, load, shipped
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import given, hour, measured, record, stated

ADULT = Patient("p", birth=When.parse("1980-05-05"))
CHILD = Patient("p", birth=When.parse("2015-05-05"))


def statements(name, facts, patient=ADULT, at=5):
    return " ".join(assess(record(facts, patient=patient), name, at=hour(at).latest).statements)


FERRITIN = measured("ferritin", 700, 0)
SIGNS = (stated("fever", 0), stated("splenomegaly", 0), stated("haemophagocytosis", 0))
FIVE: tuple[Fact, ...] = (*SIGNS, measured("ferritin", 900, 0), measured("sil2r", 9000, 0))


def test_inside_the_population_nothing_is_said():
    leukaemia = stated("b_all", 0)
    assert "opulation" not in statements("ohi", [FERRITIN, leukaemia])


def test_outside_the_population_is_said_plainly():
    assert "Outside its population: the HScore was made in adults" in statements("hscore", [FERRITIN], CHILD)
    assert "Outside its population: HLH-2004" in statements("hlh-2004", [FERRITIN], ADULT)


def test_a_population_the_record_cannot_tell_is_said_too():
    assert "Population not certain" in statements("ohi", [FERRITIN], Patient("p"))


def test_mas_2016_outside_systemic_arthritis_carries_its_statement():
    facts = [FERRITIN, stated("systemic_jia", 0, present=False)]
    assert "Outside its population" in statements("mas-sjia-2016", facts, CHILD)


def test_car_hematotox_for_blinatumomab_is_context_only():
    said = statements("car-hematotox", [FERRITIN, given("blinatumomab", 0, until=4)])
    assert "context only" in said


def test_asparaginase_stands_on_fibrinogen_triglycerides_and_ast():
    assert "Asparaginase" in statements("hscore", [FERRITIN, given("pegaspargase", -200)])
    assert "Asparaginase" not in statements("hscore", [FERRITIN, given("pegaspargase", -24 * 40)])


def test_leukaemia_and_steroids_stand_on_hlh_criteria():
    said = statements("hlh-2004", [FERRITIN, stated("b_all", -1000), given("dexamethasone", 0)])
    assert "Leukaemia" in said
    assert "corticosteroid" in said


def test_what_is_unconfirmed_never_decides():
    result = assess(record([*FIVE, measured("triglycerides", 900, 0)], patient=ADULT), "hlh-2024", at=hour(1).latest)
    assert result.verdict is Truth.UNKNOWN
    assert result.score is not None
    assert result.score.low == 6


def test_a_person_may_let_it_decide():
    own = instrument("hlh-2024", withhold=False)
    assert assess(record(FIVE, patient=ADULT), own, at=hour(1).latest).verdict is Truth.MET


def test_an_unconfirmed_item_stays_open_whatever_its_value(tmp_path):
    text = shipped()["ohi"].read_text()
    head, tail = text.split('id = "ferritin"', 1)
    path = tmp_path / "own.toml"
    path.write_text(head + 'id = "ferritin"' + tail.replace('evidence = "primary"', 'evidence = "unconfirmed"', 1))
    facts = (measured("ferritin", 90000, 0), measured("sil2r", 9000, 0))
    assert assess(record(facts), load(path), at=hour(1).latest).verdict is Truth.UNKNOWN
    assert assess(record(facts), load(path, withhold=False), at=hour(1).latest).verdict is Truth.MET
