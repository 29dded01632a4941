"""What drug names and events are taken for, by which rule."""

import pytest

from stormwatch.errors import InputError, UnknownName, UsageError
from stormwatch.signals.names import ingredients as rules
from stormwatch.signals.names.ingredients import NameCount, Names, shorten
from stormwatch.signals.names.meddra import read_meddra
from stormwatch.signals.names.terms import event, event_groups, plain
from stormwatch.signals.selection import Selection, drug
from stormwatch.terms import drugs

SEEN = [
    NameCount("TASIGNA", "NILOTINIB HYDROCHLORIDE MONOHYDRATE", 40),
    NameCount("MYSTERY", "ALPHAMAB", 6),
    NameCount("MYSTERY", "BETACEPT", 4),
    NameCount("SINGLE", "GAMMATINIB", 1),
    NameCount("PERCOCET", "ACETAMINOPHEN\\OXYCODONE HYDROCHLORIDE", 9),
]
CASES = [
    ("anything", "BLINATUMOMAB", ("blinatumomab",), rules.INGREDIENT),
    ("ADVIL PM", "DIPHENHYDRAMINE CITRATE\\IBUPROFEN", ("diphenhydramine", "ibuprofen"), rules.INGREDIENT),
    ("x", "PREDNISOLONE ACETATE", ("prednisolone",), rules.INGREDIENT),
    ("x", "INFLIXIMAB-DYYB", ("infliximab",), rules.INGREDIENT),
    ("Blincyto 38.5 mcg", "", ("blinatumomab",), rules.TABLE),
    ("KYMRIAH", "", ("tisagenlecleucel",), rules.TABLE),
    ("NILOTINIB", "", ("nilotinib",), rules.KNOWN),
    ("Tasigna.", "", ("nilotinib",), rules.LEARNED),
    ("PERCOCET", "", ("paracetamol", "oxycodone"), rules.LEARNED),
    ("GLIVIO (IMATINIB MESYLATE)", "", ("imatinib",), rules.BRACKETS),
    ("COMBI [IMATINIB; NILOTINIB]", "", ("imatinib", "nilotinib"), rules.BRACKETS),
    ("COMBI (IMATINIB, SOMETHING ELSE)", "", ("combi imatinib something else",), rules.AS_WRITTEN),
    ("BLINATUMOMB", "", ("blinatumomab",), rules.SIMILAR),
    ("MYSTERY", "", ("mystery",), rules.AS_WRITTEN),
    ("SINGLE", "", ("single",), rules.AS_WRITTEN),
    ("", "", (), rules.NO_NAME),
    ("---", "", (), rules.NO_NAME),
]


@pytest.mark.parametrize(("name", "ingredient", "substances", "rule"), CASES)
def test_names_are_resolved_by_the_first_rule_that_answers(name, ingredient, substances, rule):
    found = Names(SEEN).resolve(name, ingredient)
    assert (found.substances, found.rule) == (substances, rule)


def test_likeness_keeps_its_score_and_never_touches_short_or_unlike_names():
    names = Names(SEEN)
    # 11 letters, one lost: 2 * 11 / (11 + 12).
    assert names.resolve("BLINATUMOMB").score == pytest.approx(100 * 22 / 23, abs=0.1)
    assert names.resolve("ADVLI").rule == rules.AS_WRITTEN
    assert names.resolve("BLINOMIDE").rule == rules.AS_WRITTEN


def test_two_equally_similar_names_are_no_answer():
    names = Names([NameCount("a", "ABCDEFGHIJX", 1), NameCount("b", "ABCDEFGHIJY", 1)])
    assert names.resolve("ABCDEFGHIJZ").rule == rules.AS_WRITTEN


@pytest.mark.parametrize(
    ("ingredient", "expected"),
    [
        ("sodium chloride", "sodium chloride"),
        ("calcium", "calcium"),
        ("lithium carbonate", "lithium carbonate"),
        ("magnesium sulfate", "magnesium sulfate"),
        ("doxycycline hyclate", "doxycycline"),
        ("tacrolimus", "tacrolimus"),
        ("epoetin alfa epbx", "epoetin alfa"),
        ("epoetin alfa", "epoetin alfa"),
        ("agalsidase beta", "agalsidase beta"),
        ("", ""),
    ],
)
def test_salts_are_dropped_only_where_a_substance_is_left(ingredient, expected):
    assert shorten(ingredient) == expected


def test_every_spelling_of_our_table_finds_its_drug():
    names = Names([])
    for term in drugs().values():
        for spelling in term.names:
            assert len(names.resolve(spelling.upper()).substances) == 1
            assert names.resolve(spelling.upper()).rule == rules.TABLE


def test_every_name_that_was_resolved_stands_in_the_database_with_its_rule(quarter, database):
    one = quarter()
    one.report(1, drugs=("BLINCYTO", "Vincristine sulphate"))
    query = "SELECT name, substances, rule FROM names"
    rows = {name: (substances, rule) for name, substances, rule in database(one).rows(query)}
    assert rows["Vincristine sulphate"] == (["vincristine"], rules.INGREDIENT)


# --- Drugs and events asked for


@pytest.fixture
def small(quarter, database):
    one = quarter()
    one.report(1, drugs=("BLINATUMOMAB",), events=("HAEMOPHAGOCYTIC LYMPHOHISTIOCYTOSIS", "Pyrexia"))
    one.report(2, drugs=("KYMRIAH",), events=("Histiocytosis haematophagic", "Cytokine release syndrome"))
    return database(one)


@pytest.mark.parametrize("name", ["blinatumomab", "Blincyto", "BLINATUMOMAB "])
def test_a_drug_is_found_by_any_of_its_names(name, small):
    assert drug(name, small).substances == ("blinatumomab",)


def test_a_class_is_all_of_its_drugs_that_are_reported(small):
    assert drug("car_t", small).substances == ("tisagenlecleucel",)
    assert drug("T-cell therapy", small).substances == ("blinatumomab", "tisagenlecleucel")


def test_an_unknown_drug_or_event_names_the_nearest(small):
    with pytest.raises(UnknownName, match="blinatumomab"):
        drug("blinatumab", small)
    with pytest.raises(UnknownName, match="pyrexia"):
        event("pyrexa", small)


def test_a_term_is_found_whatever_its_case_and_a_group_has_old_and_new_names(small):
    assert event("PYREXIA", small).terms == ("pyrexia",)
    asked = event("MAS_HLH", small)
    assert {"haemophagocytic lymphohistiocytosis", "histiocytosis haematophagic"} <= set(asked.terms)
    assert "group hlh" in asked.definition


def test_every_term_of_a_group_says_where_it_comes_from():
    for group in event_groups().values():
        assert group.terms
        for term in group.terms:
            assert term.evidence in ("published", "ours")
            assert len(term.source) > 10
            assert plain(term.name)
        assert "Our grouping" in group.note


def test_unknown_roles_and_rules_are_refused():
    with pytest.raises(UsageError, match="no such drug role: XX"):
        Selection(roles=("PS", "XX"))
    with pytest.raises(UsageError, match="no such rule"):
        Selection(deduplication="all")  # type: ignore[arg-type]


# --- MedDRA, from the user's copy (invented codes and groups, in the layout of the distribution files)


@pytest.fixture
def meddra(tmp_path):
    folder = tmp_path / "MedAscii"
    folder.mkdir()
    (folder / "pt.asc").write_text("1$Rash$$9$\n2$Urticaria$$9$\n3$Nausea$$8$\n")
    (folder / "mdhier.asc").write_text(
        "1$11$21$31$Rash$Rashes$Skin things$Skin$Skin$$9$Y$\n"
        "1$12$22$32$Rash$Allergies$Immune things$Immune$Immune$$9$N$\n"
        "2$12$22$32$Urticaria$Allergies$Immune things$Immune$Immune$$9$Y$\n"
        "3$13$23$33$Nausea$Nausea symptoms$Gut things$Gut$Gut$$8$Y$\n"
    )
    (folder / "llt.asc").write_text("101$Hives$2$\n102$Rash$1$\n")
    (folder / "smq_list.asc").write_text("901$Reaction group (SMQ)$1$\n902$Wide group (SMQ)$2$\n")
    (folder / "smq_content.asc").write_text(
        "901$1$4$2$A$0$A$\n901$3$4$1$A$0$A$\n901$2$4$2$A$0$I$\n902$901$0$0$S$0$A$\n902$2$4$2$A$0$A$\n"
    )
    return folder


def test_the_hierarchy_gives_the_terms_of_a_group(meddra):
    held = read_meddra(meddra, "27.0")
    assert held.preferred_terms("hlt", "allergies") == ("rash", "urticaria")
    assert held.preferred_terms("soc", "IMMUNE") == ("urticaria",)
    assert held.preferred_terms("smq", "reaction group (SMQ)") == ("rash",)
    assert held.preferred_terms("smq", "Wide group (SMQ)") == ("rash", "urticaria")
    assert held.current["hives"] == "urticaria"


def test_a_group_of_meddra_is_an_event_and_names_its_version(meddra, small):
    asked = event("hlt: Allergies", small, read_meddra(meddra, "27.0"))
    assert asked.terms == ("rash", "urticaria")
    assert asked.definition == "MedDRA 27.0, HLT"


def test_a_copy_that_lacks_a_file_or_a_field_is_refused(meddra, tmp_path):
    with pytest.raises(InputError, match=r"there is no mdhier.asc"):
        read_meddra(tmp_path / "nowhere", "27.0")
    (meddra / "mdhier.asc").write_text("1$2$3\n")
    with pytest.raises(InputError, match=r"mdhier.asc: line 1 has 3 fields"):
        read_meddra(meddra, "27.0")
    (meddra / "mdhier.asc").write_text("1$11$21$31$Rash$Rashes$Skin things$Skin$Skin$$9$Y$\n")
    with pytest.raises(UnknownName, match="nearest: rashes"):
        read_meddra(meddra, "27.0").preferred_terms("hlt", "rashs")
