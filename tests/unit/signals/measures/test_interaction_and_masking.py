"""Omega and masking, against recounting the reports."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.signals.counts import Mentions, count
from stormwatch.signals.measures import Tables, Triples, masking, omega, prr, triples_with

DATABASE = st.lists(
    st.tuples(st.sets(st.integers(0, 3), min_size=1), st.sets(st.integers(0, 3), min_size=1)), min_size=1, max_size=25
)
Reports = list[tuple[set[int], set[int]]]


def mentions(database: Reports, side: int) -> Mentions:
    rows = [(report, item) for report, both in enumerate(database) for item in sorted(both[side])]
    return Mentions.of([report for report, _ in rows], [item for _, item in rows])


@given(DATABASE)
def test_the_eight_counts_are_those_of_the_reports(database):
    found = triples_with(mentions(database, 0), mentions(database, 1), 0, 0, reports=len(database), n_drugs=4)
    for second in range(1, 4):
        for first_in, second_in, event_in in np.ndindex(2, 2, 2):
            ours = getattr(found, f"n{first_in}{second_in}{event_in}")[second]
            by_hand = sum(
                ((0 in drugs), (second in drugs), (0 in events)) == (first_in, second_in, event_in)
                for drugs, events in database
            )
            assert ours == by_hand


@given(DATABASE)
def test_a_drug_is_not_its_own_partner(database):
    found = triples_with(mentions(database, 0), mentions(database, 1), 0, 0, reports=len(database), n_drugs=4)
    assert np.isnan(omega(found).omega.value[0])


def test_omega_is_zero_when_the_drugs_add_their_odds_and_nothing_more():
    """Background odds 1/9, each drug alone 2/8: both together 3.5/9 odds by addition, a share of 0.28."""
    odds = 2 / 8 + 2 / 8 - 1 / 9
    share = odds / (1 + odds)
    together = 1000
    alone = {"n101": 200, "n100": 800, "n011": 200, "n010": 800, "n001": 100, "n000": 900}
    found = omega(Triples.of(n111=together * share, n110=together * (1 - share), **alone))
    assert found.expected[0] == pytest.approx(together * share)
    assert found.omega.value[0] == pytest.approx(0, abs=1e-12)


def test_without_a_baseline_there_is_no_omega():
    cells = {"n111": 5, "n110": 5, "n101": 5, "n100": 5, "n011": 5, "n010": 5, "n001": 5, "n000": 0}
    assert np.isnan(omega(Triples.of(**cells)).omega.value[0])


def recounted(database: Reports, drug: int, event: int) -> tuple[int, int, int, int]:
    cells = [0, 0, 0, 0]
    for drugs, events in database:
        cells[2 * (drug not in drugs) + (event not in events)] += 1
    return cells[0], cells[1], cells[2], cells[3]


@pytest.mark.parametrize("by", ["drug", "event"])
@given(database=DATABASE)
def test_masking_is_recounting_without_the_items_reports(by, database):
    """By drug: reports of the masking drug go, unless they name drug 0. By event: likewise with event 0."""
    side = 0 if by == "drug" else 1
    found = masking(mentions(database, 0), mentions(database, 1), 0, 0, reports=len(database), n_items=4, by=by)
    for item in range(1, 4):
        left = [both for both in database if item not in both[side] or 0 in both[side]]
        ours = tuple(getattr(found.after, cell)[item] for cell in "abcd")
        assert ours == recounted(left, 0, 0)
        before, after = (prr(Tables.of(*recounted(part, 0, 0))).value[0] for part in (database, left))
        if before > 0:
            assert found.ratio[item] == pytest.approx(after / before, nan_ok=True)


def test_the_drug_that_hides_the_pair_is_found():
    """Drug 1 has nearly all reports of the event; without it drug 0 stands out."""
    database: Reports = [({0}, {0})] * 5 + [({0}, {1})] * 5 + [({1}, {0})] * 80 + [({1}, {1})] * 20
    database += [({2}, {0})] * 2 + [({2}, {1})] * 98
    found = masking(mentions(database, 0), mentions(database, 1), 0, 0, reports=len(database), n_items=3)
    assert found.strongest().tolist() == [1]
    assert prr(found.before).value[0] == pytest.approx((5 / 10) / (82 / 200))
    assert found.prr.value[1] == pytest.approx((5 / 10) / (2 / 100))
    assert np.isnan(found.ratio[0])
    assert "unless they name the drug of the pair" in found.rule


def test_masking_starts_from_the_counted_table():
    database: Reports = [({0, 1}, {0}), ({1}, {1}), ({2}, {0, 1})]
    counts = count(mentions(database, 0), mentions(database, 1), engine="numpy")
    found = masking(mentions(database, 0), mentions(database, 1), 0, 0, reports=3, n_items=3)
    table = Tables.from_counts(counts, np.array([0]), np.array([0]))
    assert (found.before.a, found.before.b, found.before.c, found.before.d) == (table.a, table.b, table.c, table.d)
