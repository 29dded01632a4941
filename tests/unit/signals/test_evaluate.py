"""Reference sets and the area under the ROC curve."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import InputError, UsageError
from stormwatch.signals.evaluate import NO_DRUG, NO_REPORT, NO_TERMS, evaluate
from stormwatch.signals.ranking import area
from stormwatch.signals.reference_sets import KnownPair, read_outcomes, read_reference_set
from stormwatch.signals.selection import Selection

SCORES = st.lists(st.integers(0, 9), min_size=2, max_size=15)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_the_right_order_and_the_interval_is_delongs(positive, negative):
    """Every positive against every negative, and the variance from the definition of its components."""
    wins = np.array([[(p > n) + (p == n) / 2 for n in negative] for p in positive])
    variance = wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    found = area(positive, negative)
    assert found is not None
    assert found.area == pytest.approx(wins.mean())
    assert found.high == pytest.approx(min(1, wins.mean() + 1.959963984540054 * np.sqrt(variance)))
    assert found.low == pytest.approx(max(0, wins.mean() - 1.959963984540054 * np.sqrt(variance)))


def test_infinite_scores_are_ranked_at_the_ends():
    found = area([np.inf, 1, 2], [-np.inf, 0, np.inf])
    assert found is not None
    assert found.area == pytest.approx((2.5 + 2 + 2) / 9)


def test_planted_causes_are_told_from_the_rest(quarter, database):
    """Synthetic reports in which some pairs are reported together far more often than by chance: the truth is known."""
    import random

    chance = random.Random(5)
    drugs, events = [f"DRUG{n}" for n in range(12)], [f"event {n}" for n in range(12)]
    causes = {(drugs[n], events[n]) for n in range(8)}
    one = quarter()
    for case in range(1, 1501):
        named = chance.sample(drugs, 2)
        seen = set(chance.sample(events, 2))
        seen |= {event for drug, event in causes if drug in named and chance.random() < 0.4}
        one.report(case, drugs=tuple(named), events=tuple(sorted(seen)))
    store = database(one)
    known = [KnownPair(d.lower(), e, (d, e) in causes) for d, e in itertools.product(drugs, events)]
    unknown = [
        KnownPair("nosuch", "event 1", True),
        KnownPair("drug1", "elsewhere", True),
        KnownPair("drug1", "empty", False),
    ]
    outcomes = {**{event: (event,) for event in events}, "empty": ("never reported",)}
    found = evaluate(store, [*known, *unknown], outcomes, selection=Selection(deduplication="versions"))
    assert (found["pairs"], found["judged"]) == (147, 144)
    assert found["left_out"] == {NO_DRUG: 1, NO_TERMS: 1, NO_REPORT: 1}
    for score in ("prr025", "ror", "ic", "ic025"):
        one_area = found["areas"][score]
        assert one_area["area"] > 0.97, score
        assert (one_area["positive"], one_area["negative"], one_area["interval"]) == (8, 136, "DeLong, normal")


def test_a_set_that_is_none_is_refused(tmp_path):
    file = tmp_path / "set.csv"
    for text, message in (
        ("a,b\n1,2\n", "no column exposureName"),
        ("exposureName,outcomeName,groundTruth\nx,y,2\n", "line 2: groundTruth is 1 or 0"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=message):
            read_reference_set(file)
    (tmp_path / "terms.toml").write_text('outcome = "one term"')
    with pytest.raises(UsageError, match="each outcome has a list of terms"):
        read_outcomes(tmp_path / "terms.toml")


def test_a_background_that_supports_a_prior_gives_shrunk_measures_with_their_fit(quarter, database):
    """Many pairs of very different rates, so that two gammas can be told apart."""
    import random

    from stormwatch.signals.pair import pair

    chance = random.Random(8)
    drugs, events = [f"DRUG{n}" for n in range(40)], [f"event {n}" for n in range(60)]
    rate = {drug: [chance.gammavariate(0.6, 1) for _ in events] for drug in drugs}
    one = quarter()
    for case in range(1, 2501):
        drug = chance.choice(drugs)
        one.report(case, drugs=(drug,), events=tuple(sorted(set(chance.choices(events, rate[drug], k=3)))))
    found = pair(database(one), "drug1", "event 1", selection=Selection(deduplication="versions"))
    crude = found["measures"]["crude"]
    assert crude["method"]["prior_note"] == ""
    assert crude["method"]["fit"]["converged"]
    assert crude["likelihood"].startswith("full, zero cells included")
    assert crude["eb05"] < crude["ebgm"] < crude["eb95"]
    ratio = crude["n"] / crude["expected"]
    assert min(1, ratio) < crude["ebgm"] < max(1, ratio)
    assert 0.7 < crude["method"]["cover"]["inside"] <= 1
