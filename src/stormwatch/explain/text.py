"""Payloads as text for a terminal: the course in three lines, then the items, what is missing, and the statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stormwatch.explain.payload import MOMENTS

Payload = dict[str, Any]
Style = Callable[[str, str], str]
"""Gives a word its colour: called with the word and what it stands for (a verdict, ``title``, ``faint``)."""

_WIDEST = 34
_OUTSIDE = "*"
_MOST_FACTS = 3
_MOST_MISSING = 8


def plain_style(text: str, kind: str) -> str:
    return text


def track_text(payload: Payload, *, detail: str = "worst", style: Style = plain_style) -> str:
    """One instrument along the timeline; ``detail`` is the moment listed item by item (``worst``, ``now`` ...)."""
    return "\n".join(_track(payload, detail, style)) + "\n"


def summary_text(payloads: Sequence[Payload], *, style: Style = plain_style) -> str:
    """Every instrument in one line: when it was first met, its worst answer and the present one."""
    rows = [_summary(payload) for payload in payloads]
    name, _, worst, _ = (max(len(row[column]) for row in rows) for column in range(4))
    lines = [f"  {'':<{name}}  {'first met':<16}  {'worst':<{worst}}  now"]
    lines += [
        f"  {style(f'{row[0]:<{name}}', 'title')}  {row[1]:<16}  {row[2]:<{worst}}  {row[3]}".rstrip() for row in rows
    ]
    if any(_is_outside(payload) for payload in payloads):
        lines.append(f"  {_OUTSIDE} the patient is outside the population of this instrument; see its notes")
    return "\n".join(lines) + "\n"


def _summary(payload: Payload) -> tuple[str, str, str, str]:
    first, worst = payload["first_met"], payload["worst"]
    name = payload["instrument"]["id"] + (_OUTSIDE if _is_outside(payload) else "")
    met = _minute(first["at"]) if first else ("never" if payload["now"]["verdict"] else "–")
    return name, met, f"{_minute(worst['at'])}  {_short(worst)}", _short(payload["now"])


def _is_outside(payload: Payload) -> bool:
    return any(statement.startswith("Outside its population") for statement in payload["worst"]["statements"])


def _short(assessment: Payload) -> str:
    """The verdict and the range, without what is published about it."""
    score = assessment["score"]
    said = [assessment["verdict"] or ""]
    if score is not None:
        said.append(f"grade {score['text']}" if score["unit"] == "grade" else _rounded(score))
    return "  ".join(part for part in said if part) or "features only; see its items"


def _rounded(score: Payload) -> str:
    ends = [score["low"], score["high"]]
    if None in ends or ends[0] != ends[1]:
        return str(score["text"])
    return f"{ends[0]:.4g}"


def answer_text(payload: Payload, *, style: Style = plain_style) -> str:
    """One instrument on typed answers: the verdict and the range, the items, and what to measure next."""
    shown = payload["now"]
    lines = [_title(payload, style), "", f"  {headline(shown, style=style)}", ""]
    lines += [*_items(shown, "From the answers", style, dated=False), *_missing(shown), *_notes(shown)]
    return "\n".join([*lines, style(_provenance(payload), "faint")]) + "\n"


def _title(payload: Payload, style: Style) -> str:
    instrument = payload["instrument"]
    return style(f"{instrument['title']} ({instrument['id']}, {instrument['edition']})", "title")


def _notes(assessment: Payload) -> Iterator[str]:
    for statement in assessment["statements"]:
        yield f"  Note: {statement}"


def _track(payload: Payload, detail: str, style: Style) -> Iterator[str]:
    yield _title(payload, style)
    yield ""
    for name in MOMENTS if payload["now"]["verdict"] else MOMENTS[1:]:
        yield f"  {name.replace('_', ' '):<10} {_headline(payload[name], style)}"
    shown = payload[detail]
    yield ""
    heading = f"{detail.replace('_', ' ').capitalize()}, {_minute(shown['at'])}"
    yield from _items(shown, heading, style)
    yield from _missing(shown)
    yield from _notes(shown)
    yield style(_provenance(payload), "faint")


def _headline(assessment: Payload | None, style: Style) -> str:
    if assessment is None:
        return "never"
    return f"{_minute(assessment['at'])}  {headline(assessment, style=style)}"


def headline(assessment: Payload, *, style: Style = plain_style) -> str:
    """The verdict and the score in one line."""
    parts = []
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


def _items(assessment: Payload, heading: str, style: Style, *, dated: bool = True) -> Iterator[str]:
    if not assessment["items"]:
        yield from _quantities(assessment, heading, dated=dated)
        return
    yield f"  {heading}, item by item:"
    width = min(max(len(_titled(item)) for item in assessment["items"]), _WIDEST)
    for item in assessment["items"]:
        value = style(f"{item['text']:<9}", item["text"])
        lines = list(_reasons(item, dated=dated))
        yield f"    {_titled(item):<{width}}  {value} {lines[0]}"
        for line in lines[1:]:
            yield f"    {'':<{width}}  {'':<9} {line}"


def _quantities(assessment: Payload, heading: str, *, dated: bool) -> Iterator[str]:
    """A formula has no items; what stands in it does."""
    facts = _facts(assessment["because"] or {})
    if facts:
        yield f"  {heading}:"
        yield from (f"    {line}" for line in _reasons({"facts": facts, "open": []}, dated=dated))


def _facts(tree: Payload) -> list[Payload]:
    return [*tree.get("facts", []), *(fact for part in tree.get("parts", []) for fact in _facts(part))]


def _titled(item: Payload) -> str:
    return f"{item['title']} (unconfirmed)" if item["evidence"] == "unconfirmed" else str(item["title"])


def _reasons(item: Payload, *, dated: bool) -> Iterator[str]:
    facts = item["facts"]
    for fact in facts[:_MOST_FACTS]:
        yield f"{fact['text']}  {_minute(fact['time'])}  {fact['record']}" if dated else fact["text"]
    if len(facts) > _MOST_FACTS:
        yield f"and {len(facts) - _MOST_FACTS} more"
    yield from item["open"]
    if not facts and not item["open"]:
        yield "the record is vouched to be complete"


def _missing(assessment: Payload) -> Iterator[str]:
    missing = assessment["missing"]
    moving = [one for one in missing if one["could_change_verdict"] or one["narrows_score_by"] != 0]
    if moving:
        yield "  Open answers, those that would settle most first:"
    for one in moving[:_MOST_MISSING]:
        effect = _effect(one, has_verdict=assessment["verdict"] is not None)
        yield f"    {one['question']} ({one['why']}): {effect}"
    rest = len(missing) - len(moving[:_MOST_MISSING])
    if rest:
        yield (
            f"    and {rest} more"
            if len(moving) > _MOST_MISSING
            else f"    {rest} open answers would change nothing alone"
        )


def _effect(missing: Payload, *, has_verdict: bool) -> str:
    said = []
    if missing["could_change_verdict"]:
        said.append("could change the verdict")
        said.append(f"{missing['answers_that_settle']} of {missing['answers']} answers settle it")
    elif has_verdict:
        said.append("cannot change the verdict")
    if missing["narrows_score_by"]:
        said.append(f"narrows the range by {missing['narrows_score_by']:g}")
    return "; ".join(said) or "moves no bound by itself"


def _provenance(payload: Payload) -> str:
    instrument = payload["instrument"]
    cited = instrument["citations"][0]["text"]
    return (
        f"  {cited} Evidence: {instrument['evidence']}. Definition {instrument['sha256'][:12]}, {payload['software']}."
    )


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")
