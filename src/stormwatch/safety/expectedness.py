"""Whether a reaction is expected, by each document that may be the reference: never one silent answer.

A term of its own is expected. One named only within the text on cytokine release syndrome may be expected only when it
is linked to that: a person decides, and the answer stays open. A table that does not hold it, in a copy that was not
seen whole, decides nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stormwatch.guidance import Document, document, documents
from stormwatch.guidance.schema import Listing
from stormwatch.logic.truth import Truth

Listed = Literal["own_term", "within_crs", "not_in_table_seen", "no row"]
_WORDS: dict[Listed, str] = {
    "own_term": "listed as a term of its own: expected",
    "within_crs": "named only within the text on cytokine release syndrome: expected only if linked to it",
    "not_in_table_seen": "not in the table that was seen; the rest was not seen, so there is no answer",
    "no row": "the copy held here has no row on it, so there is no answer",
}
_ALWAYS = ("US", "EU")
_RANK: tuple[Listed, ...] = ("own_term", "within_crs", "not_in_table_seen")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one document says: ``expected`` is unknown where it does not decide. ``section`` names where it says so."""

    document: str
    title: str
    jurisdiction: str
    revision: str
    section: str
    listed: Listed
    expected: Truth
    says: str
    text: str
    source: str

    @property
    def cited(self) -> str:
        """Document, revision and section in one line."""
        section = f", section {self.section}" if self.section else ""
        return f"{self.title} ({self.revision}){section}"


def expectedness(drug: str, reaction: str, chosen: Iterable[str] = ()) -> tuple[Answer, ...]:
    """What each label of a drug says about a reaction, chosen documents first, then the others.

    Args:
        drug: the drug, by id.
        reaction: ``crs``, ``neurotoxicity``, ``seizure``, ``mas_hlh``, or empty when documents have no word for it.
        chosen: documents to put first, by id. The other labels of the drug are shown all the same: those of the US
            and the EU always, others where they have a row on the reaction.

    Returns:
        One answer for each document. Several labels may differ, and no answer is given for them together.

    Raises:
        UnknownName: a chosen document does not exist.

    >>> [(one.jurisdiction, one.expected.value) for one in expectedness("blinatumomab", "mas_hlh")][:2]
    [('US', 'unknown'), ('EU', 'met')]
    """
    first = [document(name) for name in chosen]
    names = {one.id for one in first}
    labels = [one for one in map(document, documents()) if one.drug == drug and one.kind == "label"]
    others = [one for one in labels if one.jurisdiction in _ALWAYS or _rows(one, reaction)]
    others.sort(key=lambda one: (one.jurisdiction not in _ALWAYS, one.jurisdiction != "US", one.id))
    return tuple(_answer(one, reaction) for one in (*first, *(one for one in others if one.id not in names)))


def _rows(held: Document, reaction: str) -> list[Listing]:
    rows = [row for row in held.rows if isinstance(row, Listing) and row.reaction == reaction]
    return [row for row in rows if row.evidence != "unconfirmed"] if reaction else []


def _answer(held: Document, reaction: str) -> Answer:
    rows = _rows(held, reaction)
    listed: Listed = min((row.listed for row in rows), key=_RANK.index, default="no row")
    return Answer(
        document=held.id,
        title=held.title,
        jurisdiction=held.jurisdiction,
        revision=held.revision,
        section="; ".join(row.section for row in rows),
        listed=listed,
        expected=Truth.MET if listed == "own_term" else Truth.UNKNOWN,
        says=_WORDS[listed],
        text=" ".join(row.text for row in rows),
        source="; ".join(row.source for row in rows),
    )
