"""The summary of a run as one payload: text, JSON, CSV and the page are renderings of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stormwatch.cohort.finish import ABOUT
from stormwatch.cohort.outputs.attrition import add_asks
from stormwatch.cohort.outputs.standing import STANDINGS
from stormwatch.cohort.store import Tables
from stormwatch.cohort.summary import counts
from stormwatch.cohort.summary.kappa import kappa
from stormwatch.cohort.summary.suppression import LEAST, small
from stormwatch.cohort.summary.times import missing, since_first_dose
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.instrument import Instrument

Payload = dict[str, Any]
Sets = dict[tuple[str, ...], int]


def summary(into: Path, instruments: list[Instrument], *, least: int = LEAST) -> Payload:
    """What a run found: who met what, for certain and possibly; agreement; time from the first dose; what was missing.

    Args:
        into: the folder of a finished run.
        instruments: those of the run (see ``instruments_of``).
        least: cells of fewer patients than this, and what would give them away, are None. 1 shows everything.

    Raises:
        InputError: the folder holds no finished run.
        UsageError: ``least`` is below 1.
    """
    if least < 1:
        raise UsageError("the smallest cell shown cannot be below 1")
    run = about(into)
    with Tables(into) as tables:
        add_asks(tables, instruments)
        counted = counts.standings(tables)
        together = {name: counts.combinations(tables, group) for name, group in counts.groups(counted).items()}
        hidden = counts.shown(counted, together, least)
        return {
            "run": {
                key: run[key] for key in ("software", "data_cut", "patients", "facts", "accounting", "instruments")
            },
            "least": least,
            "standings": _standings(counted, instruments, hidden),
            "agreement": _agreement(tables, counted, together, hidden, least),
            "since_first_dose": since_first_dose(tables, least, hidden),
            "missing": missing(tables, least, hidden),
            "notes": _NOTES,
        }


_NOTES = [
    "Met: the criteria were certainly met at some moment, on what was known then; a grade counts from 1 on.",
    "Possible: never certainly met, but at some moment not excluded while a criterion or point was certainly there.",
    "Open: never more than not excluded, for want of answers. Excluded: certainly not met all along.",
    "Agreement: Cohen's kappa of certainly met or not, in all patients; and of met or excluded, where both decide.",
    "Suppressed cells are small, or would give a small one away.",
    "Never answered: the record holds no answer at any time; answers that were too old are not counted here.",
]


def about(into: Path) -> Payload:
    """What ``run.json`` says. Raises InputError when there is none."""
    try:
        found: Payload = json.loads((into / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{into.name}: no finished cohort run is in this folder; run it, or let it finish") from None
    return found


def _standings(counted: counts.Counts, instruments: list[Instrument], hidden: frozenset[str]) -> list[Payload]:
    titles = {one.id: (one.title, one.edition) for one in instruments}
    found = []
    for name, row in counted.items():
        title, edition = titles.get(name, (name, ""))
        cells = {w: None if counts.cell(name, w) in hidden else row[w] for w in reversed(STANDINGS)}
        found.append({"instrument": name, "title": title, "edition": edition, "patients": sum(row.values()), **cells})
    return found


def _agreement(
    tables: Tables, counted: counts.Counts, together: dict[str, Sets], hidden: frozenset[str], least: int
) -> list[Payload]:
    found = []
    for syndrome, names in counts.groups(counted).items():
        sets = together[syndrome]
        visible = [
            {"met": list(met), "patients": count}
            for met, count in sets.items()
            if counts.combination(syndrome, met) not in hidden
        ]
        pairs = [_pair(*pair, hidden, least) for pair in counts.pairs(tables, names)]
        unseen = sum(counts.combination(syndrome, met) in hidden for met in sets)
        found.append(
            {
                "syndrome": syndrome,
                "instruments": names,
                "combinations": visible,
                "combinations_suppressed": unseen,
                "pairs": pairs,
            }
        )
    return found


def _pair(first: str, second: str, cells: dict[tuple[str, str], int], hidden: frozenset[str], least: int) -> Payload:
    """Kappa of two instruments: of being certainly met, in all patients, and of the answer where both decide."""
    flagged, decided = [0] * 4, [0] * 4
    for (one, other), count in cells.items():
        place = 2 * (one != "met") + (other != "met")
        flagged[place] += count
        decided[place] += count if {one, other} <= {"met", "excluded"} else 0
    told = not {counts.cell(first, "met"), counts.cell(second, "met"), counts.pair(first, second)} & hidden
    return {
        "first": first,
        "second": second,
        "flagged": _kappa(flagged, least) if told else None,
        "decided": _kappa(decided, least) if told else None,
    }


def _kappa(cells: list[int], least: int) -> Payload | None:
    """Nothing where one of the four counts is small: they could be worked out."""
    if sum(cells) == 0 or any(small(count, least) for count in cells):
        return None
    said = kappa(*cells)
    return {"patients": sum(cells), "kappa": said.value, "low": said.low, "high": said.high}
