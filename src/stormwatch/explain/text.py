"""Payloads as text for a terminal: the course in three lines, then the items, what is missing, and the statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Payload = dict[str, Any]
Style = Callable[[str, str], str]
"""Gives a word its colour: called with the word and what it stands for (a verdict, ``title``, ``faint``)."""

_WIDEST = 34
_MOST_FACTS = 3
_MOST_MISSING = 8


def plain_style(text: str, kind: str) -> str:
    return text


def track_text(payload: Payload, *, detail: str = "worst", style: Style = plain_style) -> str:
    """One instrument along the timeline; ``detail`` is the moment listed item by item (``worst``, ``now`` ...)."""
    return "\n".join(_track(payload, detail, style)) + "\n"


def _track(payload: Payload, detail: str, style: Style) -> Iterator[str]:
    instrument = payload["instrument"]
    yield style(f"{instrument['title']} ({instrument['id']}, {instrument['edition']})", "title")
    yield ""
    for name, key in (("first met", "first_met"), ("worst", "worst"), ("now", "now")):
        yield f"  {name:<10} {_headline(payload[key], style)}"
    shown = payload[detail] or payload["worst"]
    yield ""
    yield from _items(shown, detail, style)
    yield from _missing(shown)
    for statement in shown["statements"]:
        yield f"  Note: {statement}"
    yield style(_provenance(payload), "faint")


def _headline(assessment: Payload | None, style: Style) -> str:
    if assessment is None:
        return "never"
    parts = [_minute(assessment["at"])]
    if assessment["verdict"] is not None:
        parts.append(style(f"{assessment['verdict']:<8}", assessment["verdict"]))
    if assessment["score"] is not None:
        parts.append(_score(assessment["score"]))
    return "  ".join(parts)


def _score(score: Payload) -> str:
    if score["unit"] == "grade":
        text = f"grade {score['text']}"
    elif score["of"] is None:
        text = f"{score['text']} {score['unit']}".strip()
    else:
        text = f"{score['text']} of {score['of']:g} {score['unit']}"
    said = score["published"]
    return f"{text}   [{' … '.join(said)}]" if said else text


def _items(assessment: Payload, detail: str, style: Style) -> Iterator[str]:
    if not assessment["items"]:
        return
    yield f"  {detail.replace('_', ' ').capitalize()}, {_minute(assessment['at'])}, item by item:"
    width = min(max(len(_titled(item)) for item in assessment["items"]), _WIDEST)
    for item in assessment["items"]:
        value = style(f"{item['text']:<9}", item["text"])
        lines = list(_reasons(item))
        yield f"    {_titled(item):<{width}}  {value} {lines[0]}"
        for line in lines[1:]:
            yield f"    {'':<{width}}  {'':<9} {line}"


def _titled(item: Payload) -> str:
    return f"{item['title']} (unconfirmed)" if item["evidence"] == "unconfirmed" else str(item["title"])


def _reasons(item: Payload) -> Iterator[str]:
    facts = item["facts"]
    for fact in facts[:_MOST_FACTS]:
        yield f"{fact['text']}  {_minute(fact['time'])}  {fact['record']}"
    if len(facts) > _MOST_FACTS:
        yield f"and {len(facts) - _MOST_FACTS} more"
    yield from item["open"]
    if not facts and not item["open"]:
        yield "the record is vouched to be complete"


def _missing(assessment: Payload) -> Iterator[str]:
    missing = assessment["missing"]
    if not missing:
        return
    yield "  Open answers, those that would settle most first:"
    for one in missing[:_MOST_MISSING]:
        yield f"    {one['question']} ({one['why']}): {_effect(one)}"
    if len(missing) > _MOST_MISSING:
        yield f"    and {len(missing) - _MOST_MISSING} more"


def _effect(missing: Payload) -> str:
    if missing["could_change_verdict"]:
        said = f"could change the verdict; {missing['answers_that_settle']} of {missing['answers']} answers settle it"
    else:
        said = "cannot change the verdict"
    narrows = missing["narrows_score_by"]
    return f"{said}; narrows the range by {narrows:g}" if narrows else said


def _provenance(payload: Payload) -> str:
    instrument = payload["instrument"]
    cited = instrument["citations"][0]["text"]
    return (
        f"  {cited} Evidence: {instrument['evidence']}. Definition {instrument['sha256'][:12]}, {payload['software']}."
    )


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")
