"""Sets of drug-event pairs of which it is known whether the drug causes the event: what methods are judged by.

The OMOP set (Ryan et al., Drug Saf 2013;36 Suppl 1:S33) and the EU-ADR set (Coloma et al., Drug Saf 2013;36:13) are
read in the form in which OHDSI publishes them. They name outcomes, not terms, so the user says which terms they mean.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

from stormwatch.errors import InputError, UsageError
from stormwatch.signals.names.terms import plain
from stormwatch.terms.tables import fold


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A drug, an outcome, and whether the drug is known to cause it."""

    drug: str
    outcome: str
    causes: bool


def read_reference_set(file: Path) -> list[KnownPair]:
    """Read a set: a CSV with the columns ``exposureName``, ``outcomeName`` and ``groundTruth`` (1 or 0).

    Raises:
        InputError: the file is not there, lacks a column, or has another truth than 1 or 0.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{file.name}: the reference set cannot be read; give a CSV in UTF-8") from None
    for name in ("exposureName", "outcomeName", "groundTruth"):
        if not rows or name not in rows[0]:
            raise InputError(f"{file.name}: the reference set has no column {name}, or no rows")
    bad = [place for place, row in enumerate(rows, start=2) if row["groundTruth"] not in ("0", "1")]
    if bad:
        raise InputError(f"{file.name}: line {bad[0]}: groundTruth is 1 or 0")
    return [KnownPair(fold(row["exposureName"]), row["outcomeName"].strip(), row["groundTruth"] == "1") for row in rows]


def read_outcomes(file: Path) -> dict[str, tuple[str, ...]]:
    """Which terms each outcome means: a TOML table of outcome names, each with a list of preferred terms.

    Raises:
        UsageError: the file is not there, or is not such a table.
    """
    try:
        held = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise UsageError(f"{file.name}: the outcomes cannot be read; give TOML: outcome = [terms]") from None
    if not all(isinstance(terms, list) and all(isinstance(term, str) for term in terms) for terms in held.values()):
        raise UsageError(f"{file.name}: each outcome has a list of terms")
    return {outcome: tuple(plain(term) for term in terms) for outcome, terms in held.items()}
