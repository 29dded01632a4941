"""Counting, against sets of reports."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import UsageError
from stormwatch.signals import counts as counting
from stormwatch.signals import counts_kernel
from stormwatch.signals.counts import Counts, Mentions, count, count_strata

ROWS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 5)), max_size=60)


def mentions(rows: list[tuple[int, int]]) -> Mentions:
    rows = sorted(rows, key=lambda row: row[0])
    return Mentions.of([report for report, _ in rows], [item for _, item in rows])


def reports_naming(rows: list[tuple[int, int]], item: int) -> set[int]:
    return {report for report, named in rows if named == item}


def as_sets(drugs: list[tuple[int, int]], events: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    both = {(d, e): len(reports_naming(drugs, d) & reports_naming(events, e)) for d, e in product(range(6), range(6))}
    return {pair: n for pair, n in both.items() if n}


def as_dict(counts: Counts) -> dict[tuple[int, int], int]:
    pairs = zip(counts.pair_drug.tolist(), counts.pair_event.tolist(), strict=True)
    return dict(zip(pairs, counts.n.tolist(), strict=True))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@given(drugs=ROWS, events=ROWS)
def test_counts_are_those_of_sets_of_reports(engine, drugs, events):
    found = count(mentions(drugs), mentions(events), n_drugs=6, n_events=6, engine=engine)
    assert as_dict(found) == as_sets(drugs, events)
    assert found.drug_n.tolist() == [len(reports_naming(drugs, item)) for item in range(6)]
    assert found.event_n.tolist() == [len(reports_naming(events, item)) for item in range(6)]
    assert found.reports == len({report for report, _ in drugs + events})


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_items_are_kept_once_per_report_and_in_order(engine):
    chance = np.random.default_rng(4)
    report, item = np.sort(chance.integers(0, 300, 4000)), chance.integers(0, 40, 4000)
    found = Mentions.of(report, item).distinct(engine)
    pairs = list(zip(found.report.tolist(), found.item.tolist(), strict=True))
    assert pairs == sorted(set(zip(report.tolist(), item.tolist(), strict=True)))


@given(drugs=ROWS, events=ROWS, cells=st.integers(1, 20))
def test_a_table_counted_by_ranges_of_drugs_is_the_same(drugs, events, cells):
    whole = count(mentions(drugs), mentions(events), n_drugs=6, n_events=6, engine="numpy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "CELLS", cells)
        parts = count(mentions(drugs), mentions(events), n_drugs=6, n_events=6, engine="numpy")
    assert as_dict(parts) == as_dict(whole)


@given(drugs=ROWS, events=ROWS)
def test_numpy_expands_parts_of_the_reports_and_loses_none(drugs, events):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_kernel, "ROWS", 2)
        found = count(mentions(drugs), mentions(events), n_drugs=6, n_events=6, engine="numpy")
    assert as_dict(found) == as_sets(drugs, events)


@given(drugs=ROWS, events=ROWS)
def test_any_pair_can_be_looked_up_and_an_unreported_one_is_zero(drugs, events):
    found = count(mentions(drugs), mentions(events), n_drugs=6, n_events=6, engine="numpy")
    pairs = np.array(list(product(range(6), range(6))))
    expected = as_sets(drugs, events)
    assert found.look_up(pairs[:, 0], pairs[:, 1]).tolist() == [expected.get((d, e), 0) for d, e in pairs.tolist()]


@given(rows=ROWS)
def test_distinct_keeps_each_item_once_per_report(rows):
    found = mentions(rows).distinct()
    assert list(zip(found.report.tolist(), found.item.tolist(), strict=True)) == sorted(set(rows))


@given(drugs=ROWS, events=ROWS)
def test_strata_add_up_to_the_whole(drugs, events):
    everyone = list(range(1, 13))
    stratum = Mentions.of(everyone, [report % 3 for report in everyone])
    parts = count_strata(mentions(drugs), mentions(events), stratum, n_drugs=6, n_events=6, engine="numpy")
    total: dict[tuple[int, int], int] = {}
    for part in parts:
        for pair, n in as_dict(part).items():
            total[pair] = total.get(pair, 0) + n
    assert total == as_sets(drugs, events)
    assert [part.reports for part in parts] == [4, 4, 4]


def test_a_restricted_background_keeps_the_rows_of_its_reports():
    kept = Mentions.of([1, 1, 2, 4], [0, 1, 1, 3]).within(np.array([2, 4]))
    assert (kept.report.tolist(), kept.item.tolist()) == ([2, 4], [1, 3])


def test_expected_is_the_product_of_margins_over_reports():
    counts = Counts(np.array([0]), np.array([0]), np.array([1]), np.array([4]), np.array([5]), 10)
    assert counts.expected(np.array([0]), np.array([0])).tolist() == [2.0]


def test_the_background_may_be_larger_than_the_reports_that_name_something():
    assert count(mentions([(1, 0)]), mentions([(1, 0)]), reports=50, engine="numpy").reports == 50


@pytest.mark.parametrize(
    ("report", "item", "message"),
    [([2, 1], [0, 0], "sorted by report"), ([1, 2], [0, -1], "numbered from 0"), ([1], [0, 1], "equal length")],
)
def test_rows_that_cannot_be_counted_are_refused(report, item, message):
    with pytest.raises(UsageError, match=message):
        Mentions.of(report, item)


def test_an_item_outside_the_vocabulary_is_refused():
    with pytest.raises(UsageError, match="vocabulary has 2"):
        count(mentions([(1, 5)]), mentions([(1, 0)]), n_drugs=2)


def test_a_report_needs_exactly_one_stratum():
    one = mentions([(1, 0)])
    with pytest.raises(UsageError, match="more than one stratum"):
        count_strata(one, one, Mentions.of([1, 1], [0, 1]), n_drugs=1, n_events=1)
    with pytest.raises(UsageError, match="no stratum"):
        count_strata(one, one, Mentions.of([2], [0]), n_drugs=1, n_events=1)
