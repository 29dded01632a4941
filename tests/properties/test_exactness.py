"""Rules 1 and 2 of the house: unknown exactly when undecided, and a range exactly as wide as the missing answers.

The oracle lists every completion of the open inputs and evaluates the criteria on plain booleans and numbers.
"""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings

from stormwatch.facts import Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.influence import matters
from stormwatch.logic.knowledge import Knowledge, answers, open_inputs
from stormwatch.logic.truth import Truth
from stormwatch.testing.strategies import CUTS, knowledge, scores, verdicts

_COMPARE = {
    n.Op.ABOVE: lambda x, c: x > c,
    n.Op.AT_LEAST: lambda x, c: x >= c,
    n.Op.BELOW: lambda x, c: x < c,
    n.Op.AT_MOST: lambda x, c: x <= c,
}
_SAMPLES = sorted({*CUTS, *range(11), *(Fraction(2 * k + 1, 2) for k in range(12)), 100})


def completions(known):
    """Every way the open inputs could turn out, one sample for each stretch between whole numbers."""
    options = [
        [sample for sample in _SAMPLES if sample in value]
        if isinstance(value, Interval)
        else ([True, False] if value is Truth.UNKNOWN else [value is Truth.MET])
        for value in known.values.values()
    ]
    for combination in product(*options):
        yield dict(zip(known.values, combination, strict=True))


def worth(node, answer, recorded):
    """The criteria on complete answers, written without a thought for missing ones."""

    def of(child):
        return worth(child, answer, recorded)

    match node:
        case n.Present() | n.Read():
            return answer[node.input]
        case n.Compare():
            return _COMPARE[node.op](of(node.number), node.cutoff)
        case n.All():
            return all(of(part) for part in node.parts)
        case n.Any():
            return any(of(part) for part in node.parts)
        case n.Not():
            return not of(node.part)
        case n.FirstRecorded():
            return of(next((o for o in node.options if o.inputs & recorded), node.options[0]))
        case n.TruthItem():
            return of(node.part)
        case n.Constant():
            return node.value
        case n.Count() | n.Sum():
            return sum([of(part) for part in node.parts])
        case n.Most():
            return max([of(part) for part in node.parts])
        case n.Choose():
            return next((of(row.value) for row in node.rows if of(row.when)), of(node.otherwise))
    raise AssertionError(node)


@given(verdicts(), knowledge())
def test_unknown_exactly_when_some_completion_changes_the_verdict(node, known):
    outcomes = {worth(node, answer, known.recorded) for answer in completions(known)}
    expected = Truth.UNKNOWN if len(outcomes) > 1 else Truth.of(outcomes.pop())
    assert truth(node, known) is expected


@given(scores(), knowledge())
def test_a_range_reaches_from_the_lowest_to_the_highest_completion(node, known):
    outcomes = {worth(node, answer, known.recorded) for answer in completions(known)}
    found = bounds(node, known)
    assert (found.low, found.high) == (min(outcomes), max(outcomes))


@given(scores(), knowledge())
def test_answering_a_missing_question_never_widens_a_range(node, known):
    before = bounds(node, known)
    for which in open_inputs(node, known):
        for answer in answers(which, node, known):
            after = bounds(node, known.assuming(which, answer))
            assert before.low <= after.low
            assert after.high <= before.high


@given(verdicts(), knowledge())
def test_an_answer_matters_exactly_when_two_answers_lead_to_different_verdicts(node, known):
    for which in open_inputs(node, known):
        rest = {other: value for other, value in known.values.items() if other != which}
        possible: dict[tuple[object, ...], set[object]] = {}
        for answer in completions(known):
            others = tuple(answer[other] for other in rest)
            possible.setdefault(others, set()).add(worth(node, answer, known.recorded))
        assert matters(node, known, which) is any(len(outcomes) > 1 for outcomes in possible.values())


@given(verdicts(), knowledge())
@settings(max_examples=50)
def test_the_worth_of_named_items_is_remembered_and_not_changed(node, known):
    item = n.TruthItem("item", "Item", node)
    remembering = Knowledge(known.values, known.recorded)
    assert truth(item, remembering) is truth(item, remembering) is truth(node, known)
