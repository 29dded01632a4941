"""Rows of measurement and observation -> measurements and findings."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from stormwatch import analytes
from stormwatch.analytes import Analyte, UnknownUnit
from stormwatch.facts import Fact, Interval, Measurement
from stormwatch.sources import charted, presence
from stormwatch.sources.draft import Place, Rejected
from stormwatch.sources.omop.concepts import answer, meaning
from stormwatch.sources.omop.row import Row
from stormwatch.sources.omop.targets import UNMAPPED, Target, stated
from stormwatch.sources.quantity import Limits, checked_limits, limit, measured, measured_text
from stormwatch.terms import Scale, Term


def observed_facts(row: Row, target: Target, place: Place) -> Iterator[Fact]:
    """The facts of a row. OMOP does not say when a result was known: it is taken as known at its own time."""
    if isinstance(target, Analyte):
        yield _measurement(row, target, place)
    elif isinstance(target, Scale):
        time = row.start(place.zone)
        yield from charted.scale_findings(target, _texts(row), time, time, place)
    elif isinstance(target, Term):
        time = row.start(place.zone)
        yield from charted.finding(target, _present(row, target), _said(row), time, time, place)


def _measurement(row: Row, analyte: Analyte, place: Place) -> Measurement:
    time = row.start(place.zone)
    unit = _unit(row, analyte)
    sign = _operator(row)
    text = row["written"] if _written_says_more(row) else row["number"]
    value = _value(analyte, text, unit, sign, within=not row["number"])
    low, high = _limits(row, analyte, unit, place)
    recorded = " ".join(filter(None, (sign if sign != "=" else "", text, unit)))
    return Measurement(analyte.id, value, recorded, time, time, place.origin, low, high)


def _value(analyte: Analyte, text: str, unit: str, sign: str, *, within: bool) -> Interval:
    """A number; or the source's text where the number is missing, with its unit beside it or ``within``."""
    try:
        return measured(analyte, text, unit, sign)
    except Rejected:
        if sign or not text or not within:
            raise
        return measured_text(analyte, text)


def _written_says_more(row: Row) -> bool:
    """True without a number, and where the source wrote a bound (``>40000``) of which only the number was kept."""
    if not row["number"] or row["operator"] not in UNMAPPED:
        return not row["number"]
    try:
        written, number = analytes.read_value(row["written"]), analytes.read_value(row["number"])
    except ValueError:
        return False
    return not written.is_point and number.low in (written.low, written.high)


def _operator(row: Row) -> str:
    sign = meaning("operators", row["operator"])
    if not sign and row["operator"] not in UNMAPPED:
        raise Rejected("an operator concept that is no comparison")
    return sign


def _unit(row: Row, analyte: Analyte) -> str:
    """The unit as text, else as concept. Two units that are both known and differ are refused."""
    written, coded = row["unit"], meaning("units", row["unit_concept"])
    by_text, by_concept = _line(analyte, written), _line(analyte, coded)
    if by_text and by_concept and by_text != by_concept:
        raise Rejected("the unit as text and the unit as concept differ")
    return coded if by_concept and not by_text else written or coded


def _line(analyte: Analyte, unit: str) -> tuple[Fraction, Fraction] | None:
    try:
        return analytes.from_canonical(analyte, unit) if unit else None
    except UnknownUnit:
        return None


def _limits(row: Row, analyte: Analyte, unit: str, place: Place) -> Limits:
    low, high = (_limit(row[end], analyte, unit, place) for end in ("low", "high"))
    return checked_limits(low, high, place)


def _limit(text: str, analyte: Analyte, unit: str, place: Place) -> Fraction | None:
    if not text:
        return None
    try:
        return limit(measured(analyte, text, unit), place)
    except Rejected:
        return limit(None, place)


def _texts(row: Row) -> list[str]:
    return [text for text in (row["text"], row["written"]) if text]


def _said(row: Row) -> str:
    return next(iter(_texts(row)), row["number"] or row["source"])


def _present(row: Row, term: Term) -> bool:
    """As the value says. A diagnosis coded without any value states that it is present; a question does not."""
    coded = answer(row["answer"])
    said = [presence.of_answer(text) for text in (*_texts(row), row["number"]) if text]
    answers = {each for each in (coded, *said) if each is not None}
    if len(answers) == 1:
        return answers.pop()
    silent = not said and row["answer"] in UNMAPPED
    if silent and stated(row["concept"], row["source"]) is term:
        return True
    raise Rejected("no value" if silent else "the value says neither present nor absent")
