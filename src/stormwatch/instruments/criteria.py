"""From criteria in a file to truth nodes: names resolved, cut-offs exact, look-backs filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from stormwatch import analytes, terms
from stormwatch.errors import InstrumentError, UnknownName
from stormwatch.facts import Interval
from stormwatch.instruments import schema as s
from stormwatch.instruments.instrument import Item
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import (
    AgeInput,
    Baseline,
    DeathInput,
    DrugInput,
    FindingInput,
    LabInput,
    Relative,
    SexInput,
    Take,
)

_UNITS = {"min": "minutes", "h": "hours", "d": "days"}
_RELATIVE_WORDS = {"uln": "× ULN", "lln": "× LLN", "baseline": "× baseline"}


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a criterion inherits: from the file, then from its item, then its own."""

    take: str
    within: str
    analyte: str | None = None
    unit: str | None = None
    relative_to: str | None = None
    at_baseline: bool = False

    def narrowed(self, look: s.Look) -> Inherited:
        return Inherited(
            look.take or self.take,
            look.within or self.within,
            getattr(look, "analyte", None) or self.analyte,
            look.unit or self.unit,
            look.relative_to or self.relative_to,
            look.at_baseline or self.at_baseline,
        )


class Criteria:
    """Compiles the criteria of one file. ``items`` are those compiled so far, which later ones may name."""

    def __init__(self, definition: s.InstrumentFile) -> None:
        self.definition = definition
        self.items: dict[str, Item] = {}
        self._ways: dict[str, Callable[[s.Criterion, Inherited, str], n.TruthNode]] = {
            "analyte": self._analyte,
            "finding": self.finding,
            "drug": self._drug,
            "undefined": self._undefined,
            "died": self._died,
            "age": self._age,
            "sex": self._sex,
            "item": self._item_met,
            "all": self._all,
            "any": self._any,
            "of": self._of,
            "items": self._items,
            "not_": self._not,
            "first_of": self._first_of,
        }

    def parts(self, parts: tuple[s.Criterion, ...], look: Inherited, where: str) -> tuple[n.TruthNode, ...]:
        return tuple(self.criterion(part, look, f"{where}.{i}") for i, part in enumerate(parts))

    def criterion(self, c: s.Criterion, inherited: Inherited, where: str) -> n.TruthNode:
        look = inherited.narrowed(c)
        kinds = c.kinds
        if not kinds and c.op and look.analyte:
            kinds = ["analyte"]
        if len(kinds) != 1:
            said = ", ".join(kinds) or "none"
            raise fault(where, f"a criterion is exactly one of {', '.join(s.Criterion.KINDS)}; this one has {said}")
        return self._ways[kinds[0]](c, look, where)

    def _analyte(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        op, value = self._comparison(c, where)
        which = self.lab(look, where)
        if look.relative_to:
            printed = f"{value} {_RELATIVE_WORDS[look.relative_to]}"
            return n.Compare(n.Read(which), op, exact(value), printed)
        cutoff = canonical(which.analyte, exact(value), look.unit or "", where)
        return n.Compare(n.Read(which), op, cutoff, f"{value} {look.unit or ''}".strip())

    def _comparison(self, c: s.Criterion, where: str) -> tuple[n.Op, Decimal | int]:
        if c.op is None or c.value is None:
            raise fault(where, "a comparison needs `op` and `value`")
        return n.Op(c.op), c.value

    def lab(self, look: Inherited, where: str) -> LabInput:
        assert look.analyte is not None
        try:
            analyte = analytes.analyte(look.analyte)
        except UnknownName as error:
            raise fault(where, str(error)) from None
        relative = Relative(look.relative_to) if look.relative_to else None
        needs_baseline = look.at_baseline or relative is Relative.BASELINE
        baseline = self._baseline(where) if needs_baseline else None
        if look.take == "any":
            raise fault(where, "`take` of a number is latest, highest or lowest")
        domain = Interval(0, high_closed=False) if analyte.plausible.low >= 0 else Interval()
        return LabInput(
            analyte.id, Take(look.take), duration(look.within), relative, baseline, look.at_baseline, domain
        )

    def _baseline(self, where: str) -> Baseline:
        rule = self.definition.baseline
        if rule is None:
            raise fault(where, "a ratio to baseline needs a [baseline] table that says what baseline means")
        return Baseline(drugs_of(rule.drug, where), rule.drug, duration(rule.within))

    def finding(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        if c.finding not in terms.findings():
            raise fault(where, unknown("finding", str(c.finding), terms.findings()))
        take = Take.LATEST if look.take == "latest" else Take.ANY
        return n.Present(FindingInput(str(c.finding), take, duration(look.within)))

    def _drug(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        drugs = drugs_of(str(c.drug), where).difference(*(drugs_of(name, where) for name in c.but_not))
        within = duration(look.within) or timedelta(days=36500)
        which = DrugInput(" without ".join((str(c.drug), *c.but_not)), drugs, within, c.stated or "")
        least = c.at_least or 1
        return n.Compare(n.Read(which), n.Op.AT_LEAST, least, str(least))

    def _age(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        op, value = self._comparison(c, where)
        return n.Compare(n.Read(AgeInput()), op, exact(value), f"{value} years")

    def _undefined(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.Undefined()

    def _died(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.Present(DeathInput())

    def _sex(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.Present(SexInput(str(c.sex)))

    def _item_met(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return self.truths((str(c.item),), where)[0]

    def _all(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.All(self.parts(c.all or (), look, f"{where}.all"))

    def _any(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.Any(self.parts(c.any or (), look, f"{where}.any"))

    def _not(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        assert c.not_ is not None
        return n.Not(self.criterion(c.not_, look, f"{where}.not"))

    def _first_of(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return n.FirstRecorded(self.parts(c.first_of or (), look, f"{where}.first_of"))

    def _of(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return self._at_least(c, self.parts(c.of or (), look, f"{where}.of"), where)

    def _items(self, c: s.Criterion, look: Inherited, where: str) -> n.TruthNode:
        return self._at_least(c, self.truths(c.items or (), where), where)

    def _at_least(self, c: s.Criterion, parts: tuple[n.TruthNode, ...], where: str) -> n.TruthNode:
        if c.at_least is None or c.at_least > len(parts):
            raise fault(where, f"`at_least` must be a number from 1 to {len(parts)}")
        return n.Compare(n.Count(parts), n.Op.AT_LEAST, c.at_least, f"{c.at_least} of {len(parts)}")

    def _item_reference(self, name: str, where: str) -> Item:
        if name not in self.items:
            raise fault(where, unknown("item of this file (defined above)", name, self.items))
        return self.items[name]

    def truths(self, names: tuple[str, ...], where: str) -> tuple[n.TruthNode, ...]:
        found = [self._item_reference(name, where) for name in names]
        if any(not isinstance(item, n.TruthItem) for item in found):
            raise fault(where, "only items with a criterion (`when`) can be met or counted")
        return tuple(item for item in found if isinstance(item, n.TruthItem))

    def numbers(self, names: tuple[str, ...], where: str) -> tuple[n.NumberNode, ...]:
        found = [self._item_reference(name, where) for name in names]
        if any(not isinstance(item, n.NumberItem) for item in found):
            raise fault(where, "only items with points (`rows`) can be added up or compared")
        return tuple(item for item in found if isinstance(item, n.NumberItem))


def exact(value: Decimal | int) -> Fraction | int:
    return value if isinstance(value, int) else Fraction(value)


def duration(text: str) -> timedelta | None:
    if text == "ever":
        return None
    number, unit = text.split()
    return timedelta(**{_UNITS[unit]: int(number)})


def canonical(analyte: str, value: Fraction | int, unit: str, where: str) -> Fraction:
    try:
        return Fraction(analytes.to_canonical(analytes.analyte(analyte), Interval.point(value), unit).low)
    except ValueError as error:
        raise fault(where, str(error)) from None


def drugs_of(name: str, where: str) -> frozenset[str]:
    """The drugs of a class, or the one drug of that name."""
    if name in terms.drugs():
        return frozenset((name,))
    try:
        return terms.drugs_in_class(name)
    except UnknownName as error:
        raise fault(where, str(error)) from None


def unknown(kind: str, name: str, known: Mapping[str, object]) -> str:
    near = ", ".join(get_close_matches(name, known, n=3, cutoff=0.4)) or "nothing similar"
    return f"no {kind} is called {name!r}; the nearest names: {near}"


def fault(where: str, what: str) -> InstrumentError:
    return InstrumentError(what, where)
