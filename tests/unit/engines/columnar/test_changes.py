"""Small courses worked out by hand, and what holds for many patients at once."""

import sys
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from stormwatch.engines.columnar import fast
from stormwatch.engines.columnar.changes import batched, changes
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import BEGINNING, micros
from stormwatch.errors import UsageError
from stormwatch.facts import Level, Limit, Origin
from stormwatch.facts.interval import Interval
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.testing.records import START, hour, measured, record, stated

MET, UNKNOWN = 2, 1


def at(hours):
    return micros(START + timedelta(hours=hours))


def rows(found, *columns):
    return list(zip(*(getattr(found, column).tolist() for column in columns), strict=True))


def test_a_value_counts_until_it_is_exactly_as_old_as_the_window():
    """Ferritin of 7000 scores 50 points for 72 hours; a second fact keeps the record going beyond."""
    facts = facts_of([record([measured("ferritin", 7000, 0), stated("hepatomegaly", 100)])])
    found = changes(facts, [instrument("hscore")])
    assert rows(found, "moment", "low") == [(BEGINNING, 0), (at(0), 50), (at(72), 0), (at(100), 23)]


def test_easix_is_ldh_times_creatinine_over_platelets():
    facts = facts_of([record([measured("ldh", 300, 1), measured("creatinine", 2, 1), measured("platelets", 40, 1)])])
    found = changes(facts, [instrument("easix")])
    assert (found.low[-1], found.high[-1]) == (15.0, 15.0)
    assert (found.low[0], found.high[0], found.high_open[0]) == (0.0, np.inf, True)


def test_patients_do_not_touch_each_other():
    ill = record([measured("ferritin", 20000, 0), measured("sil2r", 9000, 0)])
    unknown = record([measured("ferritin", 20000, 1)])
    found = changes(facts_of([ill, unknown, ill]), [instrument("ohi")])
    assert rows(found, "patient", "verdict") == [(0, 1), (0, MET), (1, UNKNOWN), (1, UNKNOWN), (2, 1), (2, MET)]


def test_a_patient_without_facts_has_no_row_and_takes_no_place():
    ill = record([measured("ferritin", 20000, 0), measured("sil2r", 9000, 0)])
    found = changes(facts_of([record([]), ill, record([]), record([])]), [instrument("ohi")])
    assert set(found.patient.tolist()) == {1}


def test_two_values_of_one_moment_that_differ_are_both_possible():
    facts = facts_of([record([measured("crp", 2, 1), measured("crp", 90, 1, record="second")])])
    found = changes(facts, [instrument("car-hematotox")])
    assert (found.low[-1], found.high[-1]) == (0, 7)  # CRP of 3 mg/dL or more is one point; the six others are open


def test_a_level_in_words_answers_multiples_of_its_limit():
    words = Level("ast", Limit.ULN, Interval.above(3, closed=True), "", hour(1), hour(1), Origin("", ""))
    with_words, without = (
        changes(facts_of([record(facts)]), [instrument("hys-law")]) for facts in ([words], [stated("fever", 1)])
    )
    assert with_words.low[-1] == 1  # transaminases of three times the upper limit
    assert without.low[-1] == 0


def test_batches_hold_whole_patients():
    one = record([measured("ferritin", 20000, hours) for hours in range(10)])
    parts = list(batched(facts_of([one] * 5), [instrument("ohi")], rows=15))
    assert len(parts) > 1
    assert sorted({one for part in parts for one in part.patient.tolist()}) == [0, 1, 2, 3, 4]
    for part, following in pairwise(parts):
        assert part.patient.max() < following.patient.min()


def test_records_that_span_millennia_share_no_clock():
    """Two thousand patients with a fact of the year 1 and one of the year 9999: no clock of 64 bits holds them all."""
    hours = (0, 24 * 365 * 7900)
    long = record([measured("ferritin", 20000, at) for at in hours])
    found = changes(facts_of([long] * 40), [instrument("ohi")])
    assert len(found) == 40 * len(changes(facts_of([long]), [instrument("ohi")]))


def test_an_instrument_is_data_all_of_them_in_one_plan():
    plan = Plan([instrument(name) for name in shipped()])
    facts = facts_of([record([measured("ferritin", 20000, 0), measured("sil2r", 9000, 0)])])
    assert set(changes(facts, plan).instrument.tolist()) == set(range(len(shipped())))


def test_without_numba_the_compiled_engine_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "stormwatch.engines.columnar.loops", None)
    monkeypatch.delattr("stormwatch.engines.columnar.loops", raising=False)
    fast.compiled_passes.cache_clear()
    with pytest.raises(UsageError, match=r"stormwatch\[fast\]"):
        fast.compiled_passes()
    fast.compiled_passes.cache_clear()
