"""Match weights against the model they come from, and planted duplicates found, shown, and never removed."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from stormwatch.signals.duplicates.clusters import clusters, representatives
from stormwatch.signals.duplicates.parameters import NumberField, parameters
from stormwatch.signals.duplicates.weights import agreement, difference, disagreement


def by_enumeration(shares, miss):
    """The chance of each pair of observed values in two records of one case, by going through the model's story."""
    chances: dict[tuple[int, int], float] = {}
    values = range(len(shares))
    for true, first, second in itertools.product(values, repeat=3):
        seen = [(1 - miss) * (got == true) + miss * shares[got] for got in (first, second)]
        chances[first, second] = chances.get((first, second), 0) + shares[true] * seen[0] * seen[1]
    return chances


@given(st.lists(st.integers(1, 50), min_size=2, max_size=5), st.floats(0.01, 0.6))
def test_weights_of_values_are_the_likelihood_ratios_of_the_model(counts, miss):
    shares = [count / sum(counts) for count in counts]
    chances = by_enumeration(shares, miss)
    assert math.isclose(sum(chances.values()), 1)
    for (first, second), chance in chances.items():
        expected = math.log2(chance / (shares[first] * shares[second]))
        found = agreement(shares[first], miss) if first == second else disagreement(miss)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("blank", [0.0, 0.186, 0.5])
def test_the_published_form_with_blanks_gives_the_same_weights(blank):
    """c = a(2 - a - 2b); agreement log2(1 - c(1 - beta)/(1-b)^2) - log2 beta; disagreement log2 c - 2 log2(1-b)."""
    a, beta = 0.107, 0.02
    c = a * (2 - a - 2 * blank)
    stated = a / (1 - blank)
    assert agreement(beta, stated) == pytest.approx(math.log2(1 - c * (1 - beta) * (1 - blank) ** -2) - math.log2(beta))
    assert disagreement(stated) == pytest.approx(math.log2(c) - 2 * math.log2(1 - blank))


FIELD = NumberField(deviation=0.05, miss=0.02, sigma=2.1)
HIT = 1 - 0.05 - 0.02


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 1), (-3, -3), (8, 8), (40, 40), (0, 30), (-15, 15), (300, 330)])
def test_weights_of_differences_are_the_likelihood_ratios_of_the_mixture(low, high):
    spread = 22.0

    def unrelated(d):
        return norm.pdf(d, 0, math.sqrt(2) * spread)

    def smooth(d):
        one, both = norm.pdf(d, 0, 2.1), norm.pdf(d, 0, 2.1 * math.sqrt(2))
        return 2 * 0.05 * HIT * one + 0.05**2 * both + (0.02 * (2 - 0.02)) * unrelated(d)

    points = [p for p in (-5, 0, 5) if low - 0.5 < p < high + 0.5] or None
    above = quad(smooth, low - 0.5, high + 0.5, points=points, epsabs=1e-30)[0] + HIT**2 * (
        low - 0.5 <= 0 <= high + 0.5
    )
    below = quad(unrelated, low - 0.5, high + 0.5, epsabs=1e-30)[0]
    assert difference(low, high, FIELD, spread) == pytest.approx(math.log2(above / below), abs=1e-6)


def test_the_mixture_of_two_records_of_one_case_adds_up_to_one():
    whole = difference(-1e6, 1e6, FIELD, 22.0)
    assert whole == pytest.approx(0, abs=1e-12)


def test_an_unknown_difference_has_no_weight_and_a_far_one_the_least():
    found = difference([np.nan, 5000.0], [np.nan, 5000.0], FIELD, 22.0)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(math.log2(0.02 * 1.98))


def test_a_chain_of_likenesses_does_not_join_its_ends():
    assert clusters({(1, 2): 30.0, (2, 3): 40.0}) == [frozenset({2, 3})]
    assert clusters({(1, 2): 30.0, (2, 3): 40.0, (1, 3): 20.0}) == [frozenset({1, 2, 3})]


@given(st.dictionaries(st.tuples(st.integers(0, 6), st.integers(7, 12)), st.floats(1, 50), max_size=20))
def test_every_two_of_a_group_are_a_pair_and_no_report_is_in_two(pairs):
    groups = clusters(pairs)
    assert all(pair in pairs for group in groups for pair in itertools.combinations(sorted(group), 2))
    members = [one for group in groups for one in group]
    assert len(members) == len(set(members))


def test_the_most_complete_report_stands_for_the_group_then_the_latest():
    known = {1: (6, 10), 2: (5, 99), 3: (6, 11)}
    assert representatives([frozenset(known)], known) == {1: 3, 2: 3}


# --- In a database


DRUGS = [f"DRUG{n}" for n in range(60)]
EVENTS = [f"Event {n}" for n in range(80)]


def planted(quarter, seed=3, reports=600, duplicates=40):
    """Unrelated reports, and second reports of some of them with the small differences that second reports have."""
    chance = random.Random(seed)
    one = quarter()
    originals, pairs = [], set()
    for case in range(1000, 1000 + reports):
        held = {
            "drugs": tuple(chance.sample(DRUGS, chance.randint(1, 3))),
            "events": tuple(chance.sample(EVENTS, chance.randint(2, 4))),
            "sex": chance.choice("MF"),
            "age": str(chance.randint(1, 90)),
            "age_cod": "YR",
            "event_dt": f"2017{chance.randint(1, 5):02d}{chance.randint(1, 28):02d}",
            "occr_country": chance.choice(["US", "FR", "JP", "DE"]),
        }
        one.report(case, **held)
        originals.append((case, held))
    for number, (case, held) in enumerate(chance.sample(originals, duplicates)):
        copy = dict(held)
        if number % 3 == 0:
            copy["event_dt"] = held["event_dt"][:6]
        if number % 4 == 0:
            copy["age"] = ""
        if number % 2 == 0:
            copy["events"] = (*held["events"], chance.choice(EVENTS))
        one.report(5000 + number, **copy)
        pairs.add((str(case), str(5000 + number)))
    return one, pairs


def test_planted_duplicates_are_found_and_few_others(quarter, database):
    one, pairs = planted(quarter)
    store = database(one)
    found = {
        tuple(sorted(row))
        for row in store.rows("""
            SELECT a.case_number, b.case_number FROM duplicates
            JOIN reports AS a USING (n) JOIN reports AS b ON b.n = duplicate_of
        """)
    }
    assert len(found & pairs) / len(pairs) >= 0.9
    assert len(found & pairs) / len(found) >= 0.95


def test_nothing_is_removed_and_both_counts_can_be_had(quarter, database):
    one, _ = planted(quarter)
    store = database(one)
    [(reports, marked)] = store.rows("SELECT count(*), count(d.n) FROM reports LEFT JOIN duplicates AS d USING (n)")
    assert reports == 640
    flow = store.manifest["flow"]["steps"]
    assert (flow[-2]["left"], flow[-1]["left"]) == (640, 640 - marked)
    assert store.manifest["duplicates"]["duplicates"] == marked > 0


def test_the_ledger_shows_what_each_field_weighed_and_what_was_shared(quarter, database):
    one = quarter()
    for case in range(300):
        one.report(1000 + case, drugs=(DRUGS[case % 60],), events=(EVENTS[case % 80],), age="40", age_cod="YR", sex="F")
    same = {"age": "33", "age_cod": "YR", "sex": "M", "event_dt": "20170501", "occr_country": "US"}
    one.report(1, drugs=("RARE ONE", "RARE TWO"), events=("Odd", "Odder"), **same)
    one.report(2, drugs=("RARE ONE", "OTHER"), events=("Odd", "Odder"), **same)
    store = database(one)
    [row] = store.rows("SELECT * FROM matches")
    held = dict(zip([c[0] for c in store.connection.execute("SELECT * FROM matches").description], row, strict=True))
    assert (held["drugs"], held["events"]) == (["rare one"], ["odd", "odder"])
    miss = parameters().miss
    # 302 reports; each shared name is in two of them, and two drugs stand on one side only.
    assert held["drug_weight"] == pytest.approx(
        agreement(2 / 302, miss["drug"]) + 2 * disagreement(miss["drug"]), abs=1e-3
    )
    assert held["event_weight"] == pytest.approx(2 * agreement(2 / 302, miss["event"]), abs=1e-3)
    assert held["sex_weight"] == pytest.approx(agreement(2 / 302, miss["sex"]), abs=1e-3)
    fields = [held[f"{field}_weight"] for field in ("drug", "event", "date", "age", "sex", "country")]
    assert held["weight"] == pytest.approx(sum(fields), abs=2e-3)
    assert held["date_weight"] > 0 < held["age_weight"]


def test_drug_and_reaction_alone_make_no_person(quarter, database):
    one = quarter()
    for case in range(300):
        one.report(1000 + case, drugs=(DRUGS[case % 60],), events=(EVENTS[case % 80],), age="40", age_cod="YR", sex="F")
    for case in (1, 2):
        one.report(case, drugs=("RARE ONE", "RARE TWO"), events=("Odd", "Odder"), sex="M")
    assert database(one).rows("SELECT count(*) FROM matches") == [(0,)]


def test_large_blocks_are_left_out_and_counted(quarter, database):
    from dataclasses import replace

    one = quarter()
    for case in range(30):
        one.report(1000 + case, drugs=("A",), events=("X",), event_dt="20170101")
    summary = database(one, duplicates=replace(parameters(), largest_block=10)).manifest["duplicates"]
    assert (summary["pairs"], summary["blocks_left_out"]) == (0, 1)


def test_a_report_without_a_date_can_be_a_duplicate_of_one_with_a_date(quarter, database):
    one, pairs = planted(quarter)
    undated = {second for _, second in pairs if int(second) % 3 == 1}
    for row in one.rows["DEMO"]:
        if str(row["caseid"]) in undated:
            row["event_dt"] = ""
    store = database(one)
    marked = {case for (case,) in store.rows("SELECT case_number FROM duplicates JOIN reports USING (n)")}
    assert marked & undated
