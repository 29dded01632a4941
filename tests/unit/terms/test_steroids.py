"""Steroid equivalence, against the sentence of the US label of prednisolone."""

import pytest

from stormwatch.errors import UnknownName
from stormwatch.terms import drugs_in_class, prednisone_equivalent

LABEL = {"prednisolone": 15, "hydrocortisone": 60, "prednisone": 15, "methylprednisolone": 12}


@pytest.mark.parametrize(("drug", "mg"), LABEL.items())
def test_the_doses_the_label_calls_equal_are_equal(drug, mg):
    assert prednisone_equivalent(drug, mg) == 15


def test_dexamethasone_of_the_label():
    assert prednisone_equivalent("dexamethasone", 9) == 4 * 15  # 2.25 mg is 15 mg


@pytest.mark.parametrize("drug", sorted(drugs_in_class("corticosteroid")))
def test_every_steroid_we_know_has_an_equivalence(drug):
    assert prednisone_equivalent(drug, 1) > 0


def test_what_is_no_steroid_has_none():
    with pytest.raises(UnknownName, match="dexamethasone"):
        prednisone_equivalent("tocilizumab", 1)
