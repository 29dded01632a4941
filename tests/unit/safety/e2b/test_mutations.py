"""Each rule broken once, in a case that is clean without that: the rule is named, and no other.

Where one break is necessarily another too, IMPLIED says so with the reason. Nothing else may be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stormwatch.safety.case import Batch, Group
from stormwatch.safety.e2b.check import check_batch
from stormwatch.safety.e2b.elements import Element, elements
from stormwatch.safety.e2b.rules import rules, undecided

Found = set[tuple[str, str]]
MEDDRA = "another MedDRA version than the rest of the case"
ROUTE = "the receivers decide which of FDA's rules apply"
VALUE = "the rule asks for certain values of the same element"
SAME = "the rule compares the element with another"

# What else a break of one element is, by kind of break and element: (the other finding, why).
IMPLIED: dict[tuple[str, str], list[tuple[tuple[str, str], str]]] = {
    ("length", "N.1.3"): [(("R0100", "N.2.r.2"), SAME)],
    ("length", "N.2.r.2"): [(("R0100", "N.2.r.2"), SAME)],
    ("length", "N.2.r.1"): [(("ICH.same", "N.2.r.1"), SAME)],
    ("length", "C.1.1"): [(("ICH.same", "N.2.r.1"), SAME)],
    ("length", "N.2.r.3"): [(("R0006", "N.2.r.3"), ROUTE)],
    ("length", "N.1.4"): [(("R0004", "N.1.4"), ROUTE)],
    ("value", "FDA.C.1.7.1"): [(("R0012", "FDA.C.1.7.1"), VALUE)],
    ("value", "C.5.4"): [(("R0104", "C.5.4"), VALUE)],
    ("value", "G.k.1"): [(("R0069", "G.k.1"), VALUE), (("W0005", "G.k.1"), VALUE)],
    ("precision", "N.2.r.4"): [(("ICH.same", "N.2.r.4"), SAME)],
    ("precision", "C.1.2"): [(("ICH.same", "N.2.r.4"), SAME)],
    ("format", "N.2.r.4"): [(("ICH.same", "N.2.r.4"), SAME)],
    ("format", "C.1.2"): [(("ICH.same", "N.2.r.4"), SAME)],
    ("future", "N.2.r.4"): [(("ICH.same", "N.2.r.4"), SAME)],
    ("future", "C.1.2"): [(("ICH.same", "N.2.r.4"), SAME)],
}
# Elements of which a value too long is also of the wrong form, as their form fixes the length.
FIXED = {"meddra-code", "meddra-version", "application"}


def found(batch: Batch, *, form: str = "fda", initial: bool | None = None) -> Found:
    return {(finding.rule, finding.element) for finding in check_batch(batch, form=form, initial=initial)}


def family(element: Element) -> str:
    return "FDA" if element.is_regional else "ICH"


def groups(batch: Batch) -> Iterator[Group]:
    yield batch.header
    for message in batch.messages:
        yield message.header
        yield from message.case.walk()


def holder(batch: Batch, number: str) -> Group:
    """The first group that has this element."""
    return next(group for group in groups(batch) if number in group.fields)


def of_kind(*kinds: str) -> list[str]:
    return [number for number, element in elements().items() if element.kind in kinds]


def expected(kind: str, element: Element) -> Found:
    also = {other for other, _ in IMPLIED.get((kind, element.number), [])}
    if kind == "length" and element.kind in FIXED:
        also.add((f"{family(element)}.format", element.number))
    if element.kind == "meddra-version":
        also.add(("ICH.meddra", element.number))
    return {(f"{family(element)}.{kind}", element.number)} | also


def broken(batch: Batch, number: str, text: str) -> Found | None:
    """What is found once the element has this value; None where these cases have no such element."""
    try:
        holder(batch, number).set(number, text)
    except StopIteration:
        return None
    return found(batch)


@pytest.mark.parametrize("name", ["marketed", "investigational", "bioequivalence"])
@pytest.mark.parametrize("form", ["fda", "icsr"])
def test_the_cases_are_clean_before_they_are_broken(name, form, request):
    assert found(request.getfixturevalue(name), form=form, initial=True) == set()


REQUIRED = [number for number, element in elements().items() if element.ich == "required"]
# With no role left to the first drug, the only other drug is concomitant.
WITHOUT = {"G.k.1": {("R0069", "G.k.1")}}


def test_there_are_33_mandatory_and_67_conditional_elements():
    assert len(REQUIRED) == 33
    assert sum(element.ich == "conditional" for element in elements().values()) == 67


@pytest.mark.parametrize("number", REQUIRED)
def test_a_mandatory_element_that_is_missing_is_named(number, marketed):
    holder(marketed, number).set(number)
    assert found(marketed) == {("ICH.required", number)} | WITHOUT.get(number, set())


@pytest.mark.parametrize("number", [number for number, one in elements().items() if one.post == "required"])
def test_an_element_fda_requires_of_marketed_products_is_named(number, marketed):
    holder(marketed, number).set(number)
    assert found(marketed) == {("FDA.required", number)}
    assert found(marketed, form="icsr") == set()


@pytest.mark.parametrize("number", [number for number, one in elements().items() if one.pre == "required"])
def test_an_element_fda_requires_of_investigational_products_is_named(number, investigational):
    holder(investigational, number).set(number)
    assert found(investigational) == {("FDA.required", number)}


LIMITED = [
    number
    for number, element in elements().items()
    if element.max and element.kind not in ("code", "boolean", "date", "term") and element.kind != "result"
]


@pytest.mark.parametrize("number", LIMITED)
def test_one_character_too_many_is_named(number, marketed):
    element = elements()[number]
    digits = element.kind in ("number", "integer", "application", "meddra-code", "meddra-version")
    text = ("1" if digits else "m") * (element.max + 1)
    if element.kind == "ucum":
        text = "{" + "m" * (element.max - 1) + "}"
    got = broken(marketed, number, text)
    assert got is None or got == expected("length", element)


@pytest.mark.parametrize("number", LIMITED)
def test_the_longest_value_is_taken(number, marketed):
    element = elements()[number]
    if element.kind in FIXED or number in ("N.1.3", "N.1.4", "N.2.r.1", "N.2.r.2", "N.2.r.3", "C.1.1"):
        return
    text = "1" * element.max
    got = broken(marketed, number, text)
    assert got in (None, set())


@pytest.mark.parametrize("number", of_kind("code", "boolean", "ucum"))
def test_a_value_outside_the_list_is_named(number, marketed):
    got = broken(marketed, number, "none of these")
    assert got is None or got == expected("value", elements()[number])


@pytest.mark.parametrize("number", of_kind("number", "integer", "result", "meddra-code", "meddra-version", "data"))
def test_a_value_of_the_wrong_form_is_named(number, marketed):
    got = broken(marketed, number, "*")
    assert got is None or got == expected("format", elements()[number])


@pytest.mark.parametrize("number", of_kind("date"))
@pytest.mark.parametrize("text", ["20241399", "31/12/2022", "2024-03-01", "20240230", "20240301246060"])
def test_a_date_that_is_none_is_named(number, text, marketed):
    assert broken(marketed, number, text) == expected("format", elements()[number])


@pytest.mark.parametrize("number", [number for number in of_kind("date") if elements()[number].precision != "year"])
def test_a_date_not_precise_enough_is_named(number, marketed):
    text = {"second": "20240302", "day": "202403"}[elements()[number].precision]
    assert broken(marketed, number, text) == expected("precision", elements()[number])


@pytest.mark.parametrize("number", [number for number in of_kind("date") if number != "N.1.5"])
def test_a_date_after_the_transmission_is_named(number, marketed):
    assert broken(marketed, number, "20240303101011+0000") == expected("future", elements()[number])


@pytest.mark.parametrize("number", [number for number, element in elements().items() if element.kind != "part"])
def test_a_null_flavour_that_may_not_stand_there_is_named(number, marketed):
    element = elements()[number]
    flavour = next(one for one in ("PINF", "TRC") if one not in element.nulls)
    try:
        holder(marketed, number).set(number, null=flavour)
    except StopIteration:
        return
    rule = (f"{family(element)}.null", number)
    got = found(marketed)
    assert rule in got
    # A null flavour also takes the value away: only rules that ask for a value of this very element may speak up.
    assert got - {rule} <= NULLED.get(number, set())


NULLED: dict[str, Found] = {
    "N.1.4": {("R0004", "N.1.4")},
    "N.2.r.3": {("R0006", "N.2.r.3")},
    "N.1.3": {("R0100", "N.2.r.2")},
    "N.2.r.2": {("R0100", "N.2.r.2")},
    "N.2.r.1": {("ICH.same", "N.2.r.1")},
    "N.2.r.4": {("ICH.same", "N.2.r.4")},
    "C.1.1": {("ICH.same", "N.2.r.1")},
    "C.1.2": {("ICH.same", "N.2.r.4")},
    "C.5.4": {("R0104", "C.5.4")},
    "FDA.C.1.7.1": {("R0012", "FDA.C.1.7.1")},
    "G.k.1": {("R0069", "G.k.1"), ("W0005", "G.k.1")},
}


# --- the numbered rules: which case, what is done to it, and what else that necessarily is ---

Break = Callable[[Batch], object]


def put(number: str, text: str | None = None, null: str | None = None) -> Break:
    return lambda batch: holder_or_case(batch, number).set(number, text, null=null)


def drop(*numbers: str) -> Break:
    def act(batch: Batch) -> None:
        for number in numbers:
            for group in groups(batch):
                group.fields.pop(number, None)

    return act


def cut(number: str) -> Break:
    """Take out all groups of this number."""

    def act(batch: Batch) -> None:
        for group in groups(batch):
            group.groups.pop(number, None)

    return act


def both(*acts: Break) -> Break:
    def act(batch: Batch) -> None:
        for one in acts:
            one(batch)

    return act


def holder_or_case(batch: Batch, number: str) -> Group:
    home = elements()[number].home[-1]
    try:
        return holder(batch, number)
    except StopIteration:
        return next((group for group in groups(batch) if group.number == home), batch.messages[0].case)


def added(group: str, number: str, text: str | None = None, null: str | None = None) -> Break:
    return lambda batch: batch.messages[0].case.add(group).set(number, text, null=null)


NO_STUDY = both(put("C.1.3", "1"), drop("C.5.4"))
NOT_COMBINED = put("FDA.C.1.12", "false")
BREAKS: dict[str, tuple[str, Break, Found]] = {
    "R0004": ("marketed", put("N.1.4", "ELSEWHERE"), set()),
    "R0005": ("investigational", put("N.1.4", "ELSEWHERE"), set()),
    "R0100": ("marketed", put("N.2.r.2", "ANOTHER"), set()),
    "R0006": ("marketed", put("N.2.r.3", "ELSEWHERE"), set()),
    "R0007": ("investigational", put("N.2.r.3", "ELSEWHERE"), set()),
    # With 1, the type of study may not be given either; with 3 or 4 the report is of no kind an IND report may be.
    "R0008": ("investigational", put("C.1.3", "1"), {("R0113", "C.5.4")}),
    # Without a type of study, a report from a study lacks what every such report needs.
    "R0110": ("investigational", drop("C.5.4"), {("R0023", "C.5.4")}),
    "R0111": ("bioequivalence", both(put("C.1.3", "1"), drop("C.5.4")), set()),
    "R0112": ("investigational", both(put("C.1.3", "3"), drop("C.5.4", "FDA.C.5.5a"), cut("FDA.C.5.6.r")), set()),
    "R0009": ("marketed", cut("C.1.6.1.r"), set()),
    "R0010": ("marketed", drop("C.1.6.1.r.2@representation"), set()),
    "R0011": ("marketed", both(put("C.1.7", null="NI"), put("FDA.C.1.7.1", "2")), set()),
    "R0012": ("marketed", put("FDA.C.1.7.1", "2"), set()),
    "R0013": ("marketed", put("C.1.7", "false"), set()),
    "R0014": ("marketed", both(NOT_COMBINED, put("FDA.C.1.7.1", "4")), set()),
    "R0015": ("marketed", both(NOT_COMBINED, put("C.1.7", "false")), set()),
    "R0016": ("investigational", put("FDA.C.1.7.1", "2"), set()),
    "R0017": ("marketed", cut("C.1.9.1.r"), set()),
    "R0018": ("marketed", drop("C.1.9.1.r.2"), set()),
    "W0001": ("investigational", put("D.1", "AGGREGATE"), {("W0003", "FDA.D.11.r.1"), ("W0004", "FDA.D.12")}),
    "R0101": ("marketed", both(put("C.1.11.1", "1"), put("C.1.11.2", "entered twice")), set()),
    "FDA.C.1.11.2": ("marketed", put("C.1.11.1", "2"), set()),
    "R0019": ("marketed", drop("C.2.r.3"), set()),
    "R0020": ("marketed", drop("C.2.r.4"), set()),
    "R0021": ("marketed", drop("C.2.r.5"), set()),
    "R0022": ("marketed", drop("C.3.2"), set()),
    "R0023": ("marketed", drop("C.5.4"), set()),
    "R0102": ("investigational", put("C.5.4", "4"), {("ICH.value", "C.5.4")}),
    "R0103": ("marketed", put("C.1.3", "1"), set()),
    "R0104": ("marketed", put("C.5.4", "4"), {("ICH.value", "C.5.4")}),
    "R0113": ("investigational", put("C.1.3", "1"), {("R0008", "C.1.3")}),
    "W0002": (
        "marketed",
        both(put("D.1", "AGGREGATE"), put("C.5.4", "2"), put("FDA.D.11.r.1", null="NA"), put("FDA.D.12", null="NA")),
        set(),
    ),
    "R0024": ("investigational", drop("FDA.C.5.5a"), set()),
    # The cross-reported numbers belong to the IND number, so they are asked for as well.
    "R0107": ("marketed", put("FDA.C.5.5a", "123456"), {("R0026", "FDA.C.5.6.r"), ("W0010", "D.1")}),
    "R0025": ("bioequivalence", drop("FDA.C.5.5b"), set()),
    "R0108": ("marketed", put("FDA.C.5.5b", "234567"), set()),
    "R0026": ("investigational", cut("FDA.C.5.6.r"), set()),
    "R0109": ("marketed", added("FDA.C.5.6.r", "FDA.C.5.6.r", null="NA"), set()),
    "R0027": ("marketed", put("E.i.2.1b", "10067482"), set()),
    "W0010": ("investigational", added("C.1.10.r", "C.1.10.r", "US-ACME-2"), set()),
    "R0035": ("marketed", both(cut("D.7.1.r"), drop("D.7.2")), set()),
    "R0036": ("marketed", drop("D.8.r.1"), set()),
    "R0041": ("investigational", drop("D.9.1"), set()),
    "R0044": ("marketed", drop("D.9.2.r.2"), set()),
    "R0045": ("marketed", drop("D.9.3"), set()),
    "R0048": ("marketed", drop("D.9.4.r.2"), set()),
    "R0051": ("marketed", drop("D.10.6"), set()),
    "W0003": ("marketed", both(put("D.1", null="NA"), put("FDA.D.12", null="NA")), set()),
    "W0004": ("marketed", both(put("D.1", null="NA"), put("FDA.D.11.r.1", null="NA")), set()),
    "R0058": ("marketed", drop("E.i.1.1b"), set()),
    "R0061": ("marketed", drop("F.r.1"), set()),
    # Neither name nor code: both rules ask for one of the two, and without either no result is asked for.
    "R0062": ("marketed", drop("F.r.2.1", "F.r.2.2a", "F.r.2.2b"), {("R0064", "F.r.2.2b")}),
    "R0063": ("marketed", drop("F.r.2.2a"), set()),
    "R0064": ("marketed", drop("F.r.2.1", "F.r.2.2a", "F.r.2.2b"), {("R0062", "F.r.2.1")}),
    # Three rules of one condition: any of three results would do.
    "R0065": ("marketed", drop("F.r.3.1", "F.r.3.2", "F.r.3.4"), {("R0066", "F.r.3.2"), ("R0068", "F.r.3.4")}),
    "R0066": ("marketed", drop("F.r.3.1", "F.r.3.2", "F.r.3.4"), {("R0065", "F.r.3.1"), ("R0068", "F.r.3.4")}),
    "R0067": ("marketed", drop("F.r.3.3"), set()),
    "R0068": ("marketed", drop("F.r.3.1", "F.r.3.2", "F.r.3.4"), {("R0065", "F.r.3.1"), ("R0066", "F.r.3.2")}),
    # No suspect drug at all means that the first is not suspect.
    "R0069": ("marketed", put("G.k.1", "2"), {("W0005", "G.k.1")}),
    "R0070": ("investigational", put("G.k.1", "4"), {("R0072", "FDA.G.k.1.a")}),
    "R0071": ("bioequivalence", put("G.k.1", "2"), set()),
    "ICH.suspect": ("investigational", both(NO_STUDY, put("G.k.1", "2")), set()),
    "R0072": ("marketed", put("G.k.1", "4"), set()),
    "R0114": ("marketed", both(put("C.5.4", "2"), put("G.k.3.1", "IND123456")), set()),
    "R0074": ("marketed", drop("G.k.3.2"), set()),
    "R0085": ("investigational", drop("G.k.9.i.2.r.1"), set()),
    "R0086": ("investigational", drop("G.k.9.i.2.r.2"), set()),
    "R0087": ("investigational", drop("G.k.9.i.2.r.3"), set()),
    "W0006": ("bioequivalence", put("FDA.G.k.10a", "3"), set()),
    "R0092": ("marketed", both(put("C.1.7", "false"), put("FDA.C.1.7.1", "5"), put("FDA.G.k.12.r.1", "false")), set()),
    "R0093": ("marketed", cut("FDA.G.k.12.r.3.r"), set()),
    # Two rules of one condition: either name would do.
    "R0094": ("marketed", drop("FDA.G.k.12.r.4", "FDA.G.k.12.r.5"), {("R0095", "FDA.G.k.12.r.5")}),
    "R0095": ("marketed", drop("FDA.G.k.12.r.4", "FDA.G.k.12.r.5"), {("R0094", "FDA.G.k.12.r.4")}),
    "R0096": (
        "marketed",
        both(put("FDA.G.k.12.r.4", null="NI"), put("FDA.G.k.12.r.5", null="NI"), drop("FDA.G.k.12.r.6")),
        set(),
    ),
    "W0007": ("marketed", both(put("FDA.C.1.7.1", "4"), cut("FDA.G.k.12.r.11.r")), set()),
    "R0099": ("marketed", drop("H.5.r.1b"), set()),
    # A concomitant drug that comes first.
    "W0005": ("marketed", lambda batch: batch.messages[0].case.each("G.k").reverse(), set()),
    "ICH.product": ("marketed", put("D.8.r.3b", "0123"), set()),
    "ICH.same": ("marketed", put("N.2.r.1", "US-ACME-2"), set()),
}
# Rules of which one number covers more than one.
FURTHER: list[tuple[str, str, str, Break, Found]] = [
    ("ICH.same", "N.2.r.4", "marketed", put("N.2.r.4", "20240302101009+0000"), set()),
    ("ICH.product", "D.10.8.r.2b", "marketed", put("D.10.8.r.3b", "0123"), set()),
    ("ICH.product", "G.k.2.1.1b", "marketed", put("G.k.2.1.2b", "0123"), set()),
    ("R0072", "FDA.G.k.1.a", "marketed", put("FDA.G.k.1.a", "1"), set()),
]
PAIRS = [rule for rule in rules() if rule.text.startswith("given together")]


@pytest.mark.parametrize("name", BREAKS)
def test_a_rule_broken_once_is_named_alone(name, request):
    case, act, also = BREAKS[name]
    rule = next(rule for rule in rules() if rule.id == name and "fda" in rule.forms)
    batch = request.getfixturevalue(case)
    act(batch)
    assert found(batch, initial=rule.initial or None) == {(name, rule.element)} | also


@pytest.mark.parametrize(("name", "number", "case", "act", "also"), FURTHER)
def test_every_sense_of_a_rule_is_named_alone(name, number, case, act, also, request):
    batch = request.getfixturevalue(case)
    act(batch)
    assert found(batch) == {(name, number)} | also


@pytest.mark.parametrize("rule", PAIRS, ids=lambda rule: rule.id)
def test_half_of_a_pair_is_named_alone(rule, marketed):
    drop(rule.element)(marketed)
    assert found(marketed) == {(rule.id, rule.element)}
    assert found(marketed, form="icsr") == {("ICH.conditional", rule.element)}


def test_without_a_suspect_drug_other_regions_are_told_so_too(marketed):
    put("G.k.1", "2")(marketed)
    assert found(marketed, form="icsr") == {("ICH.suspect", "G.k.1")}


def test_what_depends_on_the_first_submission_is_decided_only_when_it_is_said(marketed):
    BREAKS["R0011"][1](marketed)
    assert found(marketed) == set()
    assert found(marketed, initial=False) == set()


def test_every_rule_is_broken_by_some_test():
    tested = BREAKS.keys() | {rule.id for rule in PAIRS}
    assert {rule.id for rule in rules()} == tested


def test_fda_s_numbers_are_all_there():
    numbered = {rule.id for rule in rules()} | undecided().keys()
    rejections = {f"R{number:04d}" for number in range(4, 115)} - {"R0028"}  # FDA gives no R0028
    warnings = {f"W{number:04d}" for number in range(1, 13)} - {"W0011"}  # and no W0011
    # One rejection, the reason for a nullification, has no number.
    assert len(rejections) + 1 == 111
    assert len(warnings) == 11
    assert numbered - {"ICH.same", "ICH.suspect", "ICH.product"} == rejections | warnings | {"FDA.C.1.11.2"}


@pytest.mark.parametrize("number", [number for number, one in elements().items() if one.ich == "conditional"])
def test_every_conditional_element_of_ich_has_a_rule_for_other_regions_too(number):
    assert any(rule.element == number and "icsr" in rule.forms for rule in rules())
