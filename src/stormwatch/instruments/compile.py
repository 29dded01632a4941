"""From an instrument file to an instrument: its items, its score, its verdict, its statements."""

from __future__ import annotations

from stormwatch import analytes
from stormwatch.instruments import schema as s
from stormwatch.instruments.criteria import Criteria, Inherited, exact, fault
from stormwatch.instruments.instrument import Instrument, Item, Statement
from stormwatch.logic import nodes as n


def compiled(definition: s.InstrumentFile, content_hash: str = "", *, withhold: bool = True) -> Instrument:
    """The instrument a file defines.

    ``withhold`` keeps criteria with unconfirmed evidence from deciding anything (they stay unknown); a caller who
    wants to see what they would do can switch it off.

    Raises:
        InstrumentError: a name no catalogue has, a unit its analyte cannot be in, a criterion of no or two kinds.
    """
    criteria = Criteria(definition)
    look = Inherited(definition.look_back.take, definition.look_back.within)
    for place, item in enumerate(definition.items):
        if item.id in criteria.items:
            raise fault(f"items.{place}.id", "two items of this file have the same id")
        withheld = withhold and item.evidence == "unconfirmed"
        criteria.items[item.id] = _item(criteria, item, look, f"items.{place}", withheld=withheld)
    score = _score(criteria, definition.result, look)
    verdict = _verdict(criteria, definition.result, score, look)
    if verdict is not None and withhold and definition.result.evidence == "unconfirmed":
        verdict = n.WithheldTruth(verdict)
    return Instrument(
        definition=definition,
        hash=content_hash,
        items=tuple(criteria.items.values()),
        score=score,
        verdict=verdict,
        population=tuple(
            Statement(criteria.criterion(r.when, look, f"population.requires.{i}.when"), r.outside, r.untold)
            for i, r in enumerate(definition.population.requires)
        ),
        confounders=tuple(
            Statement(criteria.criterion(c.when, look, f"confounders.{i}.when"), c.text)
            for i, c in enumerate(definition.confounders)
        ),
    )


# --- items -------------------------------------------------------------------------------------------------------


def _item(criteria: Criteria, item: s.Item, file_look: Inherited, where: str, *, withheld: bool) -> Item:
    look = file_look.narrowed(item)
    if item.when is not None:
        criterion = criteria.criterion(item.when, look, f"{where}.when")
        return n.TruthItem(item.id, item.title, n.WithheldTruth(criterion) if withheld else criterion)
    count = None if item.count is None else criteria.parts(item.count, look, f"{where}.count")
    rows = tuple(
        _row(criteria, row, look, count, f"{where}.rows.{i}", withheld=withheld)
        for i, row in enumerate(item.rows or ())
    )
    return n.NumberItem(item.id, item.title, n.Choose(rows, n.Constant(exact(item.otherwise))))


def _row(
    criteria: Criteria,
    row: s.Row,
    look: Inherited,
    count: tuple[n.TruthNode, ...] | None,
    where: str,
    *,
    withheld: bool,
) -> n.Row:
    if count is not None and not row.kinds and row.at_least:
        when: n.TruthNode = n.Compare(n.Count(count), n.Op.AT_LEAST, row.at_least, f"{row.at_least} of {len(count)}")
    else:
        when = criteria.criterion(row, look, where)
    return n.Row(when, n.Constant(exact(row.points)), row.text)


# --- the result --------------------------------------------------------------------------------------------------

_WAYS = ("count", "sum", "most", "grades", "linear", "above")


def _score(criteria: Criteria, result: s.Result, look: Inherited) -> n.NumberNode | None:
    chosen = [way for way in _WAYS if getattr(result, way) is not None]
    if len(chosen) > 1:
        raise fault("result", f"a score is one of {', '.join(_WAYS)}; this one has {', '.join(chosen)}")
    if result.count is not None:
        return n.Count(criteria.truths(result.count, "result.count"))
    if result.sum is not None:
        return n.Sum(criteria.numbers(result.sum, "result.sum"))
    if result.most is not None:
        return n.Most(criteria.numbers(result.most, "result.most"))
    if result.grades is not None:
        return _grades(criteria, result, look)
    return _formula(criteria, result, look)


def _grades(criteria: Criteria, result: s.Result, look: Inherited) -> n.NumberNode:
    rows = tuple(
        n.Row(
            criteria.criterion(grade.when, look, f"result.grades.{i}.when"), n.Constant(exact(grade.grade)), grade.text
        )
        for i, grade in enumerate(result.grades or ())
    )
    return n.Choose(rows, n.Constant(exact(result.otherwise)))


def _formula(criteria: Criteria, result: s.Result, look: Inherited) -> n.NumberNode | None:
    if result.linear is not None:
        terms = tuple(
            n.Term(exact(f.coefficient), _factor(criteria, f, look, f"result.linear.{i}"))
            for i, f in enumerate(result.linear)
        )
        return n.Linear(terms, exact(result.constant))
    if result.above is not None:
        above = tuple(_factor(criteria, f, look, f"result.above.{i}") for i, f in enumerate(result.above))
        below = tuple(_factor(criteria, f, look, f"result.below.{i}") for i, f in enumerate(result.below or ()))
        return n.Quotient(above, below)
    return None


def _factor(criteria: Criteria, factor: s.Factor, file_look: Inherited, where: str) -> n.NumberNode:
    """A quantity in the unit of the formula; a finding counts one when present."""
    look = Inherited(
        factor.take or file_look.take, factor.within or file_look.within, factor.analyte, factor.unit, None
    )
    if factor.finding is not None:
        asked = s.Criterion(finding=factor.finding, take=factor.take, within=factor.within)
        return n.Choose((n.Row(criteria.finding(asked, look, where), n.Constant(1)),), n.Constant(0))
    if factor.analyte is None:
        raise fault(where, "a quantity of a formula names an analyte or a finding")
    read = n.Read(criteria.lab(look, where))
    try:
        slope, offset = analytes.from_canonical(analytes.analyte(factor.analyte), factor.unit or "")
    except ValueError as error:
        raise fault(where, str(error)) from None
    return read if slope == 1 and offset == 0 else n.Linear((n.Term(slope, read),), offset)


def _verdict(criteria: Criteria, result: s.Result, score: n.NumberNode | None, look: Inherited) -> n.TruthNode | None:
    if result.met is not None:
        return criteria.criterion(result.met, look, "result.met")
    if result.cutoff is None:
        return None
    if score is None:
        raise fault("result.cutoff", "a cut-off needs a score")
    printed = f"{result.cutoff.value} {result.unit}".strip()
    reached = n.Compare(
        _above_baseline(criteria, result.cutoff, score, look),
        n.Op(result.cutoff.op),
        exact(result.cutoff.value),
        printed,
    )
    if result.also is None:
        return reached
    return n.All((reached, criteria.criterion(result.also, look, "result.also")))


def _above_baseline(criteria: Criteria, cutoff: s.Cutoff, score: n.NumberNode, look: Inherited) -> n.NumberNode:
    """The score, or how far it stands above the score before the illness."""
    if cutoff.above_baseline is None:
        return score
    before = Inherited("latest", "ever", cutoff.above_baseline)
    return n.Linear((n.Term(1, score), n.Term(-1, n.Read(criteria.lab(before, "result.cutoff")))))
