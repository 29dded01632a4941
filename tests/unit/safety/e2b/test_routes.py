"""Routes of administration: the words of a record, and the EDQM code ICH asks for."""

import pytest

from stormwatch.safety.e2b.elements import codes
from stormwatch.safety.e2b.routes import route_code

# From the value set of the Swiss Federal Office of Public Health (CH EPL 1.0.0).
PUBLISHED = {
    "Intravenous use": "20045000", "Subcutaneous use": "20066000", "Oral use": "20053000",
    "Intrathecal use": "20042000", "Intramuscular use": "20035000", "Cutaneous use": "20003000",
    "Inhalation use": "20020000", "Nasal use": "20049000", "Ocular use": "20051000", "Rectal use": "20061000",
    "Sublingual use": "20067000", "Transdermal use": "20070000", "Intraperitoneal use": "20038000",
    "Intraarterial use": "20023000", "Intravesical use": "20046000", "Vaginal use": "20072000",
}  # fmt: skip


@pytest.mark.parametrize(("words", "number"), PUBLISHED.items())
def test_the_published_name_of_a_route_has_its_code(words, number):
    assert route_code(words) == f"ROA-{number}"


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("IV", "intravenous"),
        ("i.v.", "intravenous"),
        ("Intravenous drip", "intravenous"),
        ("intravenous bolus", "intravenous"),
        ("Subcutaneous route", "subcutaneous"),
        ("intra-arterial", "intraarterial"),
        ("p.o.", "oral"),
    ],
)
def test_other_words_lead_to_the_same_code(words, same):
    assert route_code(words) == route_code(same) is not None


@pytest.mark.parametrize("words", ["", "topical", "parenteral", "other", "it", "into the left hand"])
def test_words_that_may_be_more_than_one_route_have_no_code(words):
    assert route_code(words) is None


def test_every_code_is_written_as_ich_does_and_told_in_words():
    assert len(codes("route")) == 79
    for code, words in codes("route").items():
        assert code.startswith("ROA-20")
        assert len(code) == 12
        assert route_code(words) == code
