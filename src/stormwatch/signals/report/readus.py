"""The items of READUS-PV: filled in where the run knows, and left to the author where it does not."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Payload = Mapping[str, Any]


def checklist(made: Payload) -> dict[str, Any]:
    """Every item in our words, with what the run says to it; None is for the author to write."""
    held = _file()
    items = [{**one, "answer": _FILLED[one["run"]](made) if "run" in one else None} for one in held["items"]]
    return {"source": held["source"], "items": [{key: row[key] for key in row if key != "run"} for row in items]}


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("stormwatch.signals.report").joinpath("readus.toml").read_text("utf-8"))


def _study(made: Payload) -> str:
    kinds = ", ".join(dict.fromkeys(one["kind"] for one in made["sources"]))
    return f"Disproportionality analysis of individual case safety reports: {kinds}."


def _pair(made: Payload) -> str:
    return f"{made['asked']['drug']['label']} and {made['asked']['event']['label']}."


def _objectives(made: Payload) -> str:
    groups = [made["asked"]["background"], *made["asked"]["restricted"]]
    return f"{_pair(made)} Reference group: {'; '.join(groups)}. Whether this was fixed beforehand is for the author."


def _design(made: Payload) -> str:
    main, *others = (one["title"] for one in made["analyses"])
    return f"Main analysis: {main}. Sensitivity analyses: {'; '.join(others)}. Cases are listed, not judged."


def _data(made: Payload) -> str:
    names = ", ".join(one["source"] for one in made["sources"])
    coding = made["analyses"][0]["meddra"]
    return (
        f"Sources: {names}; {made['flow']['start']:,} {made['flow']['unit']}. Drugs are coded to ingredients by "
        f"Stormwatch; events: {coding}. Who keeps the database and what it covers is for the author."
    )


def _preparation(made: Payload) -> str:
    notes = [note for one in made["sources"] for note in one["notes"]]
    held = f"{made['asked']['deduplication']}. Every step with its count is in the flow; files with hashes below."
    return " ".join([_capital(held), *notes, "Dates of extraction are for the author."])


def _population(made: Payload) -> str:
    return f"{_capital(made['asked']['background'])}: {made['analyses'][0]['reports']:,} reports."


def _variables(made: Payload) -> str:
    return "A report counts once, whatever it repeats. Drug, event, roles and background are as stated at the top."


def _grouping(made: Payload) -> str:
    drug, event = made["asked"]["drug"], made["asked"]["event"]
    return (
        f"Drug: {', '.join(drug['substances'])}, ingredients with salts and brands put together. Event: "
        f"{', '.join(event['terms'])} ({event['definition']}). Roles: {', '.join(made['asked']['roles'])}."
    )


def _descriptive(made: Payload) -> str:
    tables = ", ".join(name.replace("_", " ") for name in made["description"])
    return f"Counts of reports by {tables}; no tests."


def _measures(made: Payload) -> str:
    method = made["analyses"][0]["method"]
    rules = "; ".join(f"{one['title']} on at least {one['least']} reports" for one in made["rules"])
    return (
        f"PRR and ROR ({method['ratios']}), IC ({method['ic']}), EBGM ({method['empirical_bayes']}; likelihood: "
        f"{method['likelihood']}). Thresholds: {rules}. Why these is for the author."
    )


def _sensitivity(made: Payload) -> str:
    others = "; ".join(one["title"] for one in made["analyses"][1:])
    return f"{_capital(others)}. Drugs and events that mask the pair are searched for."


def _flow(made: Payload) -> str:
    steps = [f"{step['out']:,} out ({step['rule']})" for step in made["flow"]["steps"]]
    return f"{made['flow']['start']:,} {made['flow']['unit']}; {'; '.join(steps)}; {made['analyses'][0]['n']:,} cases."


def _patients(made: Payload) -> str:
    held = made["description"]
    parts = [f"{name.replace('_', ' ')}: {_counts(held[name])}" for name in ("sex", "age_group") if held[name]]
    return (
        f"{_capital('; '.join(parts))}. A comparison with a reference group is for the author."
        if parts
        else "No cases."
    )


def _counts(rows: list[Payload]) -> str:
    return ", ".join(f"{row['value']} {row['reports']:,}" for row in rows)


def _results(made: Payload) -> str:
    return f"The table of measures: {len(made['analyses'])} analyses, every measure with its interval."


def _cases(made: Payload) -> str:
    return f"{len(made['cases']):,} cases are listed with their main fields. Causality was not judged."


def _limits(made: Payload) -> str:
    return f"{' '.join(made['statements'])} Limits of this study and what was done about them are for the author."


def _software(made: Payload) -> str:
    return f"{made['software']}; files with hashes are listed. Registration and access to data are for the author."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_FILLED: Mapping[str, Callable[[Payload], str]] = {
    "study": _study, "pair": _pair, "objectives": _objectives, "design": _design, "data": _data,
    "preparation": _preparation, "population": _population, "variables": _variables, "grouping": _grouping,
    "descriptive": _descriptive, "measures": _measures, "sensitivity": _sensitivity, "flow": _flow,
    "patients": _patients, "results": _results, "cases": _cases, "limits": _limits, "software": _software,
}  # fmt: skip
