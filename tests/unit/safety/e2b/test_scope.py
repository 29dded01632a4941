"""Rules keep to their conditions: with what a rule forbids, but outside the conditions FDA gives it, it is silent.

Each row is read from FDA's table of rejection and warning rules: the number, the case, what breaks the rule there
(shown to do so first), and each change that takes one of its conditions away.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest

from stormwatch.safety.case import Batch, Group
from stormwatch.safety.e2b.check import check, check_batch
from stormwatch.safety.e2b.elements import elements
from stormwatch.safety.e2b.rules import rules
from stormwatch.safety.e2b.writer import write

Change = Callable[[Batch], object]


def groups(batch: Batch) -> list[Group]:
    return [batch.header, *(one for held in batch.messages for part in (held.header, held.case) for one in part.walk())]


def put(number: str, text: str | None = None, null: str | None = None) -> Change:
    """Set the first of this element, or where there is none, one in the first group it may stand in."""

    def act(batch: Batch) -> None:
        home = elements()[number].home[-1]
        held = [one for one in groups(batch) if number in one.fields]
        place = held or [one for one in groups(batch) if one.number == home] or [batch.messages[0].case.add(home)]
        place[0].set(number, text, null=null)

    return act


def drop(*numbers: str) -> Change:
    def act(batch: Batch) -> None:
        for one in groups(batch):
            for number in numbers:
                one.fields.pop(number, None)

    return act


def cut(*numbers: str) -> Change:
    def act(batch: Batch) -> None:
        for one in groups(batch):
            for number in numbers:
                one.groups.pop(number, None)

    return act


def both(*acts: Change) -> Change:
    return lambda batch: [act(batch) for act in acts]


def second_drug(role: str) -> Change:
    return lambda batch: batch.messages[0].case.each("G.k")[1].set("G.k.1", role)


MARKETED, STUDY, BIOEQUIVALENCE = "marketed", "investigational", "bioequivalence"
ELSEWHERE = "ELSEWHERE"
NO_DEVICE = put("FDA.G.k.12.r.1", "false")
NOT_COMBINED = put("FDA.C.1.12", "false")
NO_NAMES = drop("FDA.G.k.12.r.4", "FDA.G.k.12.r.5")
UNNAMED = both(put("FDA.G.k.12.r.4", null="NI"), put("FDA.G.k.12.r.5", null="NI"), drop("FDA.G.k.12.r.6"))
SIMILAR = both(put("G.k.1", "4"), put("FDA.G.k.1.a", "1"))
OF_THE_PARENT = [number for number in elements() if number.startswith("D.10.")]
NO_RESULT = drop("F.r.3.1", "F.r.3.2", "F.r.3.4")
NO_TEST = drop("F.r.2.1", "F.r.2.2a", "F.r.2.2b")
ROWS: list[tuple[str, str, Change, list[Change]]] = [
    ("R0004", MARKETED, put("N.1.4", ELSEWHERE), [put("N.2.r.3", "CDER_IND"), drop("N.1.4")]),
    ("R0005", STUDY, put("N.1.4", ELSEWHERE), [put("N.2.r.3", ELSEWHERE)]),
    ("R0006", MARKETED, put("N.2.r.3", ELSEWHERE), [put("N.1.4", ELSEWHERE)]),
    ("R0007", STUDY, put("N.2.r.3", ELSEWHERE), [put("N.1.4", ELSEWHERE)]),
    (
        "R0008",
        STUDY,
        put("C.1.3", "1"),
        [put("N.1.4", "ZZFDA"), put("N.2.r.3", "CDER"), drop("FDA.C.5.5a", "FDA.C.5.5b"), drop("C.5.4")],
    ),
    (
        "R0110",
        STUDY,
        drop("C.5.4"),
        [put("N.1.4", "ZZFDA"), put("N.2.r.3", "CDER"), drop("FDA.C.5.5a"), put("C.5.4", "1")],
    ),
    ("R0111", BIOEQUIVALENCE, put("C.1.3", "1"), [put("N.1.4", "ZZFDA"), put("N.2.r.3", "CDER_IND")]),
    ("R0112", STUDY, put("C.1.3", "3"), [put("N.1.4", "ZZFDA"), put("N.2.r.3", "CDER_IND_EXEMPT_BA_BE")]),
    ("R0009", MARKETED, cut("C.1.6.1.r"), [put("C.1.6.1", "false")]),
    ("R0010", MARKETED, put("C.1.6.1.r.2@compression", "DF"), [drop("C.1.6.1.r.2@compression")]),
    ("R0010", MARKETED, drop("C.1.6.1.r.2@representation"), [drop("C.1.6.1.r.2")]),
    ("R0012", MARKETED, put("FDA.C.1.7.1", "2"), [NOT_COMBINED, put("C.1.7", "false")]),
    ("R0013", MARKETED, put("C.1.7", "false"), [NOT_COMBINED, put("C.1.7", "true"), put("N.1.4", ELSEWHERE)]),
    (
        "R0014",
        MARKETED,
        both(NOT_COMBINED, put("FDA.C.1.7.1", "4")),
        [put("FDA.C.1.12", "true"), put("C.1.7", "false"), put("N.1.4", ELSEWHERE)],
    ),
    (
        "R0015",
        MARKETED,
        both(NOT_COMBINED, put("C.1.7", "false")),
        [put("FDA.C.1.12", "true"), put("C.1.7", "true"), put("N.1.4", ELSEWHERE)],
    ),
    ("R0016", STUDY, put("FDA.C.1.7.1", "2"), [put("C.1.7", "false"), put("C.1.3", "3")]),
    ("R0017", MARKETED, cut("C.1.9.1.r"), [put("C.1.9.1", null="NI")]),
    ("R0018", MARKETED, drop("C.1.9.1.r.2"), [cut("C.1.9.1.r")]),
    ("W0001", STUDY, put("D.1", "AGGREGATE"), [put("D.1", "A.B.")]),
    ("R0019", MARKETED, drop("C.2.r.3"), [drop("C.2.r.5")]),
    ("R0020", MARKETED, drop("C.2.r.4"), [drop("C.2.r.5")]),
    ("R0022", MARKETED, drop("C.3.2"), [put("C.3.1", "7")]),
    ("R0023", MARKETED, drop("C.5.4"), [put("C.1.3", "1"), put("C.1.3", "3")]),
    ("R0102", STUDY, put("C.5.4", "4"), [put("C.1.3", "1"), put("N.2.r.3", "CDER"), put("N.1.4", "ZZFDA")]),
    ("R0103", MARKETED, put("C.1.3", "1"), [put("N.2.r.3", "CBER"), put("C.1.3", "2"), drop("C.5.4")]),
    ("R0104", MARKETED, put("C.5.4", "4"), [put("C.1.3", "3"), put("N.2.r.3", "CBER"), put("N.1.4", ELSEWHERE)]),
    ("R0113", STUDY, put("C.1.3", "1"), [put("N.1.4", "ZZFDA"), put("N.2.r.3", "CDER_IND_EXEMPT_BA_BE")]),
    ("W0002", MARKETED, both(put("D.1", "AGGREGATE"), put("C.5.4", "2")), [put("D.1", "A.B.")]),
    ("R0024", STUDY, drop("FDA.C.5.5a"), [put("C.1.3", "3"), put("N.2.r.3", "CDER_IND_EXEMPT_BA_BE")]),
    ("R0107", MARKETED, put("FDA.C.5.5a", "123456"), [put("N.2.r.3", "CDER_IND"), put("N.1.4", "ZZFDA_PREMKT")]),
    ("R0025", BIOEQUIVALENCE, drop("FDA.C.5.5b"), [put("C.1.3", "1"), put("N.2.r.3", "CDER_IND")]),
    ("R0108", MARKETED, put("FDA.C.5.5b", "234567"), [put("N.2.r.3", "CDER_IND"), put("N.1.4", "ZZFDA_PREMKT")]),
    ("R0026", STUDY, cut("FDA.C.5.6.r"), [drop("FDA.C.5.5a")]),
    ("R0109", MARKETED, put("FDA.C.5.6.r", null="NA"), [put("N.2.r.3", "CDER_IND"), put("N.1.4", "ZZFDA_PREMKT")]),
    ("R0027", MARKETED, put("E.i.2.1b", "10067482"), [NOT_COMBINED, NO_DEVICE, put("D.1", null="NA")]),
    ("W0010", STUDY, put("C.1.10.r", "US-ACME-2"), [put("C.1.3", "1"), drop("FDA.C.5.5a"), put("D.1", "AGGREGATE")]),
    ("R0035", MARKETED, both(cut("D.7.1.r"), drop("D.7.2")), [put("D.7.1.r.1b", "10000001"), put("D.7.2", null="UNK")]),
    ("R0036", MARKETED, drop("D.8.r.1"), [cut("D.8.r")]),
    ("R0041", STUDY, drop("D.9.1"), [put("C.1.3", "1"), put("N.2.r.3", "CDER"), put("E.i.3.2a", null="NI")]),
    ("R0044", MARKETED, drop("D.9.2.r.2"), [drop("D.9.2.r.1a"), drop("D.9.2.r.1b")]),
    ("R0045", MARKETED, drop("D.9.3"), [drop("D.9.1")]),
    ("R0048", MARKETED, drop("D.9.4.r.2"), [drop("D.9.4.r.1a"), drop("D.9.4.r.1b")]),
    ("R0051", MARKETED, drop("D.10.6"), [both(drop(*OF_THE_PARENT), cut("D.10.7.1.r", "D.10.8.r"))]),
    ("R0058", MARKETED, drop("E.i.1.1b"), [drop("E.i.1.1a")]),
    ("R0061", MARKETED, drop("F.r.1"), [NO_TEST]),
    ("R0062", MARKETED, NO_TEST, [drop("F.r.1"), put("F.r.2.2b", "10000001")]),
    ("R0063", MARKETED, drop("F.r.2.2a"), [drop("F.r.2.2b")]),
    ("R0064", MARKETED, NO_TEST, [drop("F.r.1"), put("F.r.2.1", "ferritin")]),
    ("R0065", MARKETED, NO_RESULT, [NO_TEST, put("F.r.3.4", "high")]),
    ("R0066", MARKETED, NO_RESULT, [NO_TEST, put("F.r.3.1", "1")]),
    ("R0067", MARKETED, drop("F.r.3.3"), [drop("F.r.3.2"), put("F.r.3.2", null="PINF")]),
    ("R0068", MARKETED, NO_RESULT, [NO_TEST, put("F.r.3.2", "12")]),
    ("W0005", MARKETED, put("G.k.1", "2"), [put("N.1.4", ELSEWHERE), put("G.k.1", "3")]),
    ("R0069", MARKETED, put("G.k.1", "2"), [put("N.2.r.3", "CBER"), put("G.k.1", "4")]),
    ("R0070", STUDY, put("G.k.1", "4"), [put("C.1.3", "1"), put("N.2.r.3", "CDER"), put("G.k.1", "3")]),
    ("R0070", STUDY, put("G.k.1", "2"), [put("G.k.1", "1")]),
    ("R0070", STUDY, second_drug("4"), [second_drug("2"), second_drug("3")]),
    ("R0071", BIOEQUIVALENCE, put("G.k.1", "2"), [put("C.1.3", "1"), put("N.2.r.3", ELSEWHERE), put("G.k.1", "4")]),
    ("R0072", MARKETED, put("G.k.1", "4"), [NOT_COMBINED, NO_DEVICE, put("FDA.G.k.1.a", "1")]),
    ("R0072", MARKETED, both(SIMILAR, NOT_COMBINED), [put("FDA.C.1.12", "true"), drop("FDA.G.k.1.a")]),
    ("R0072", MARKETED, both(SIMILAR, NO_DEVICE), [put("FDA.G.k.12.r.1", "true"), drop("FDA.G.k.1.a")]),
    (
        "R0114",
        MARKETED,
        both(put("C.5.4", "2"), put("G.k.3.1", "IND123456")),
        [put("N.1.4", ELSEWHERE), put("N.2.r.3", "CBER"), put("C.1.3", "3"), put("C.5.4", "1")],
    ),
    ("R0074", MARKETED, drop("G.k.3.2"), [drop("G.k.3.1")]),
    ("R0085", STUDY, drop("G.k.9.i.2.r.1"), [put("C.1.3", "1"), drop("FDA.C.5.5a")]),
    ("R0086", STUDY, drop("G.k.9.i.2.r.2"), [put("C.1.3", "1"), drop("FDA.C.5.5a")]),
    ("R0087", STUDY, drop("G.k.9.i.2.r.3"), [put("C.1.3", "1"), drop("FDA.C.5.5a")]),
    ("W0006", BIOEQUIVALENCE, put("FDA.G.k.10a", "3"), [drop("FDA.C.5.5b"), put("FDA.G.k.10a", null="NA")]),
    ("R0092", MARKETED, both(put("FDA.C.1.7.1", "5"), NO_DEVICE), [put("FDA.C.1.7.1", "2"), put("N.1.4", ELSEWHERE)]),
    ("R0092", MARKETED, both(put("FDA.C.1.7.1", "5"), put("G.k.1", "2")), [put("G.k.1", "3")]),
    ("R0093", MARKETED, cut("FDA.G.k.12.r.3.r"), [NO_DEVICE, put("N.1.4", ELSEWHERE)]),
    ("R0094", MARKETED, NO_NAMES, [NOT_COMBINED, put("FDA.G.k.12.r.5", "pump"), put("N.1.4", ELSEWHERE)]),
    ("R0095", MARKETED, NO_NAMES, [NOT_COMBINED, put("FDA.G.k.12.r.4", "Pump"), put("N.1.4", ELSEWHERE)]),
    ("R0096", MARKETED, UNNAMED, [put("FDA.G.k.12.r.5", "pump"), put("N.1.4", ELSEWHERE)]),
    (
        "W0007",
        MARKETED,
        both(put("FDA.C.1.7.1", "4"), cut("FDA.G.k.12.r.11.r")),
        [NO_DEVICE, put("FDA.C.1.7.1", "1"), put("N.1.4", ELSEWHERE)],
    ),
    ("R0099", MARKETED, drop("H.5.r.1b"), [drop("H.5.r.1a")]),
]
PAIRS = [rule for rule in rules() if rule.text.startswith("given together")]


def named(batch: Batch) -> set[str]:
    return {one.rule for one in check_batch(batch, form="fda")}


@pytest.mark.parametrize(("name", "case", "breaks", "outside"), ROWS)
def test_outside_its_conditions_a_rule_is_silent(name, case, breaks, outside, request):
    batch = request.getfixturevalue(case)
    breaks(batch)
    assert name in named(batch)
    for position, change in enumerate(outside):
        other = deepcopy(batch)
        change(other)
        assert name not in named(other), position


@pytest.mark.parametrize("name", sorted({row[0] for row in ROWS}))
def test_a_rule_broken_in_memory_is_named_in_the_file_too(name, request):
    for rule, case, breaks, _ in ROWS:
        if rule == name:
            batch = request.getfixturevalue(case)
            breaks(batch)
            assert name in {one.rule for one in check(write(batch), form="fda")}


@pytest.mark.parametrize("rule", PAIRS, ids=lambda rule: rule.id)
def test_a_pair_that_is_not_given_at_all_is_no_fault(rule, marketed):
    (other,) = rule.when[0].numbers
    drop(rule.element, other)(marketed)
    assert rule.id not in named(marketed)


@pytest.mark.parametrize("rule", PAIRS, ids=lambda rule: rule.id)
def test_half_of_a_pair_is_named_in_the_file_too_and_nothing_else(rule, marketed):
    drop(rule.element)(marketed)
    assert {(one.rule, one.element) for one in check(write(marketed), form="fda")} == {(rule.id, rule.element)}
