"""Corrections by a person: edited as JSON beside what was read, which stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stormwatch.errors import InputError
from stormwatch.literature.page.wording import says
from stormwatch.sources.text import Correction, Saved

_HELP = (
    "Edit `corrections` only; `what_was_read` is for looking up numbers and is not read back.",
    'Take a fact away: {"action": "remove", "mention": 4, "note": "why"}',
    'Change one: {"action": "change", "mention": 4, "to": {"name": "ldh"}, "note": "why"}',
    'Add one: {"action": "add", "to": {"kind": "finding", "name": "rash", "start": 10, "end": 14}, "note": "why"}',
)
_CORRECTIONS = TypeAdapter(tuple[Correction, ...])


def corrections_json(saved: Saved) -> str:
    """The text a person edits: the corrections so far, and what was read, numbered as corrections name it."""
    made = [one.model_dump(mode="json", exclude_defaults=True) for one in saved.corrections]
    read = [f"{place}: {says(m)} | {' '.join(m.text.split())}" for place, m in enumerate(saved.reading.mentions)]
    return json.dumps({"help": _HELP, "corrections": made, "what_was_read": read}, ensure_ascii=False, indent=2) + "\n"


def corrected(saved: Saved, edit: Callable[[str], str]) -> Saved:
    """The reading with the corrections that a person made of it.

    Args:
        saved: the reading and its corrections so far.
        edit: shows a text to the person and gives back what became of it.

    Raises:
        InputError: what came back is no list of corrections, or one of them does not fit the reading.
    """
    content = edit(corrections_json(saved))
    try:
        found: Any = json.loads(content)
        made = _CORRECTIONS.validate_python(found["corrections"])
    except (ValueError, KeyError, TypeError) as problem:
        raise InputError(f"the corrections cannot be read: {_where(problem)}; nothing was changed") from None
    changed = Saved(saved.reading, made)
    _ = changed.corrected
    return changed


def _where(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        return "look at corrections." + ".".join(str(part) for part in problem.errors()[0]["loc"])
    if isinstance(problem, json.JSONDecodeError):
        return f"not valid JSON at line {problem.lineno}, column {problem.colno}"
    return "there is no list called corrections"
