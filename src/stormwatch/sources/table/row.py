"""One row of a table -> facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from stormwatch import analytes, terms
from stormwatch.analytes import Analyte
from stormwatch.facts import Exposure, Fact, Given, Measurement, When
from stormwatch.sources import charted, presence
from stormwatch.sources.draft import Outside, Place, Rejected
from stormwatch.sources.quantity import checked_limits, limit, measured
from stormwatch.sources.routes import refuse_local
from stormwatch.sources.times import known_at, stop_after, when
from stormwatch.terms import Scale, Term

_LOINC = re.compile(r"\d{1,7}-\d")
_GIVEN = {"given": Given.GIVEN, "not given": Given.NOT_GIVEN, "ordered": Given.ORDERED}
_DOSE = re.compile(r"\d[\d.,]*")
_CONCENTRATION = re.compile(r"/\s*[mdcuµμ]?l\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column; a column the table lacks is empty."""

    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def facts(row: Row, place: Place) -> Iterator[Fact]:
    """The facts of a row.

    Raises:
        Outside: nothing that is read has this code or name.
        Rejected: the time or the value cannot be used.
    """
    target = _observed(row)
    drug = _drug(row) if target is None else None
    if target is None and drug is None:
        raise Outside(row["code"] or row["name"])
    time = when(row["time"], place.zone)
    known = known_at(row["known_at"], place.zone, time)
    if drug is not None:
        yield _exposure(drug, row, time, known, place)
    elif isinstance(target, Analyte):
        yield _measurement(target, row, time, known, place)
    elif isinstance(target, Scale):
        yield from charted.scale_findings(target, [row["value"]], time, known, place)
    elif target is not None:
        yield from _finding(target, row, time, known, place)


def _observed(row: Row) -> Analyte | Scale | Term | None:
    """By LOINC code, then by name. A LOINC code that is not ours is a different test, whatever its name."""
    code, name = row["code"], row["name"]
    if code:
        found = (
            analytes.by_code("loinc", code)
            or terms.scale_by_code("loinc", code)
            or terms.finding_by_code("loinc", code)
        )
        if found is not None or _LOINC.fullmatch(code):
            return found
    return (analytes.by_name(name) or terms.scale_by_name(name) or terms.finding_by_name(name)) if name else None


def _drug(row: Row) -> Term | None:
    """By name; a row with a LOINC code is a test, and where it has a drug's name, of the drug's level."""
    return terms.drug_by_name(row["name"]) if row["name"] and not _LOINC.fullmatch(row["code"]) else None


def _measurement(analyte: Analyte, row: Row, time: When, known: When, place: Place) -> Measurement:
    value = measured(analyte, row["value"], row["unit"])
    recorded = f"{row['value']} {row['unit']}".strip()
    low, high = checked_limits(_limit(analyte, row, "low", place), _limit(analyte, row, "high", place), place)
    return Measurement(analyte.id, value, recorded, time, known, place.origin, low, high)


def _limit(analyte: Analyte, row: Row, column: str, place: Place) -> Fraction | None:
    if not row[column]:
        return None
    try:
        return limit(measured(analyte, row[column], row["unit"]), place)
    except Rejected:
        return limit(None, place)


def _finding(term: Term, row: Row, time: When, known: When, place: Place) -> Iterator[Fact]:
    said = row["value"]
    present = presence.of_answer(said)
    if present is None:
        raise Rejected("the value says neither present nor absent")
    return charted.finding(term, present, said, time, known, place)


def _exposure(drug: Term, row: Row, time: When, known: When, place: Place) -> Exposure:
    refuse_local(drug, row["name"])
    said = " ".join(row["value"].split()).casefold()
    dose = "" if said in _GIVEN else f"{row['value']} {row['unit']}".strip()
    if dose and _CONCENTRATION.search(dose):
        raise Rejected("the concentration of a drug, not a dose")
    if said not in _GIVEN and not _is_dose(said):
        raise Rejected("neither a dose, nor given, not given or ordered")
    stop = stop_after(time, row["stop"], place.zone)
    given = _GIVEN.get(said, Given.GIVEN)
    return Exposure(drug.id, given, row["name"], time, known, place.origin, stop=stop, dose=dose)


def _is_dose(said: str) -> bool:
    """A number above zero; a dose of nothing says that something was not given, or that it was stopped."""
    number = _DOSE.match(said)
    return number is not None and any(digit in number[0] for digit in "123456789")
