"""Dechallenge and rechallenge: what followed when the drug was stopped, and when it was given again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stormwatch import terms
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.sentences import Sentence

_ENDED = frozenset({"withheld", "stopped"})
_TREATING = frozenset({"anti_cytokine", "corticosteroid", "intravenous_immunoglobulin", "jak_inhibitor"})
CONFOUNDED = "other treatment was given at the same time"
_REACH = 2


def challenges(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Challenges that the report tells without calling them so.

    A response, or none, within two sentences of a drug being withheld or stopped is a dechallenge; it is confounded
    when an anti-inflammatory drug is named between. A recurrence, or none, within two sentences of a restart is a
    rechallenge.
    """
    stated = [m for m in mentions if m.stated]
    place = {id(m): next((i for i, s in enumerate(sentences) if s.start <= m.start < s.end), 0) for m in stated}
    for action in (m for m in stated if m.kind is Kind.INTERVENTION and m.word and _suspect(m.word)):
        near = [m for m in stated if m.patient == action.patient and abs(place[id(m)] - place[id(action)]) <= _REACH]
        if action.name in _ENDED:
            yield from _dechallenge(action, near, place)
        elif action.name == "restarted":
            yield from _rechallenge(action, near, place)


def _suspect(drug: str) -> bool:
    """A drug that may be suspected: not one that treats what happened."""
    known = terms.drugs().get(drug)
    return drug not in ("corticosteroid", "antibiotic") and (known is None or not _TREATING & set(known.classes))


def _dechallenge(action: Mention, near: Sequence[Mention], place: dict[int, int]) -> Iterator[Mention]:
    here = place[id(action)]
    responses = [m for m in near if m.name == "response" and place[id(m)] >= here]
    if not responses:
        return
    response = min(responses, key=lambda m: (place[id(m)], abs(m.start - action.start)))
    treated = [m for m in near if m.kind is Kind.DRUG and not _suspect(m.name) and place[id(m)] <= place[id(response)]]
    word = "negative" if response.word == "no" else "positive"
    yield _told(action, response, "dechallenge", word, (CONFOUNDED,) if treated else ())


def _rechallenge(action: Mention, near: Sequence[Mention], place: dict[int, int]) -> Iterator[Mention]:
    here = place[id(action)]
    recurrences = [m for m in near if m.name == "recurrence" and (place[id(m)], m.start) >= (here, 0)]
    if recurrences:
        first = min(recurrences, key=lambda m: (place[id(m)], abs(m.start - action.start)))
        yield _told(action, first, "rechallenge", "positive" if first.word == "yes" else "negative", ())


def _told(action: Mention, result: Mention, name: str, word: str, flags: tuple[str, ...]) -> Mention:
    """The challenge stands where its result is told; the action is named in its details."""
    details = (("drug", action.word), ("action", action.name), ("action_at", f"{action.start}-{action.end}"))
    return Mention(
        Kind.COURSE, name, result.start, result.end, result.text, "what followed an action on a drug", word=word,
        time=result.time, patient=action.patient, flags=flags, details=details,
    )  # fmt: skip
