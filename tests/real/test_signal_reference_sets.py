"""The OMOP and EU-ADR reference sets as OHDSI publishes them."""

import pytest

from stormwatch.signals.reference_sets import read_reference_set

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("name", "pairs", "positive", "outcomes"),
    [("omopReferenceSet.csv", 399, 165, 4), ("euadrReferenceSet.csv", 93, None, None)],
)
def test_the_sets_have_the_pairs_of_their_provenance(name, pairs, positive, outcomes, shared_data):
    found = read_reference_set(shared_data / "signal_reference_sets" / name)
    assert len(found) == pairs
    if positive is not None:
        assert sum(pair.causes for pair in found) == positive
        assert len({pair.outcome for pair in found}) == outcomes
    assert all(pair.drug and pair.outcome for pair in found)
