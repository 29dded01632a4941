"""Reading a report: every pass over every sentence, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stormwatch.errors import InputError
from stormwatch.sources.opening import StrPath, file_name
from stormwatch.sources.text.challenge import challenges
from stormwatch.sources.text.contradictions import with_contradictions
from stormwatch.sources.text.document import TABLE, Document
from stormwatch.sources.text.documents import document_of, read_documents
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.passes.course import ABOUT_THE_LITERATURE, course_mentions
from stormwatch.sources.text.passes.drugs import drug_mentions, short_forms
from stormwatch.sources.text.passes.findings import finding_mentions
from stormwatch.sources.text.passes.interventions import intervention_mentions, with_actions
from stormwatch.sources.text.passes.labs import lab_mentions
from stormwatch.sources.text.passes.levels import level_mentions
from stormwatch.sources.text.passes.person import person_mentions
from stormwatch.sources.text.passes.scores import score_mentions
from stormwatch.sources.text.passes.timing import timed
from stormwatch.sources.text.patients import with_patients
from stormwatch.sources.text.qualifiers import is_about_literature, qualified
from stormwatch.sources.text.sentences import Sentence, sentences
from stormwatch.sources.text.suspects import suspect_of
from stormwatch.sources.text.tables import table_mentions


@dataclass(frozen=True, slots=True)
class Reading:
    """A report and what it says, in the order of the text."""

    document: Document
    mentions: tuple[Mention, ...]

    @property
    def patients(self) -> tuple[str, ...]:
        """The numbers of the patients described; one empty text when there is a single patient."""
        return tuple(sorted({m.patient for m in self.mentions if m.patient and m.patient != "all"})) or ("",)

    def of(self, kind: Kind, name: str = "") -> tuple[Mention, ...]:
        """The mentions of a kind, and of a name where one is given."""
        return tuple(m for m in self.mentions if m.kind is kind and name in ("", m.name))


def read_text(path: StrPath, record: int | None = None) -> Reading:
    """Read one report: its document, and everything it says with the place where it says so.

    The file may be plain text, a page of a literature service, RIS, MEDLINE, BibTeX, PubMed or JATS XML, or a FHIR
    DocumentReference. Nothing is filled in: what the words do not say has no mention.

    Args:
        path: the file, or ``-`` for standard input.
        record: which document, from 1, when the file holds several.

    Raises:
        InputError: the file cannot be read, or holds several documents and none is named.
        UsageError: XML is to be read and lxml is not installed.
    """
    documents = read_documents(path)
    if record is None and len(documents) > 1:
        raise InputError(
            f"{file_name(path)}: {len(documents)} documents in this file; name one by its number (record), from 1"
        )
    if record is not None and not 1 <= record <= len(documents):
        raise InputError(f"{file_name(path)}: there is no document {record}; the file holds {len(documents)}")
    return read_document(documents[(record or 1) - 1])


def read_prose(text: str) -> Reading:
    """Read a text that is at hand.

    >>> [(m.name, str(m.value)) for m in read_prose("Ferritin was 12,450 ng/mL.").mentions]
    [('ferritin', '12450')]
    """
    return read_document(document_of(text))


def read_document(document: Document) -> Reading:
    """What one document says."""
    parts = sentences(document)
    tables, spans = table_mentions(document)
    suspect = suspect_of(document, parts)
    short = short_forms(sentence.text for sentence in parts)
    found: list[Mention] = []
    before = None
    for sentence in parts:
        labs, before = lab_mentions(sentence, before)
        here = [*labs, *_others(sentence, suspect, short)]
        here = [m for m in here if not (m.kind in (Kind.LAB, Kind.LEVEL) and _within(m, spans))]
        here = with_actions(_apart(here))
        found += timed(sentence, _general(sentence, qualified(sentence, here)))
    found = with_patients(parts, _once(sorted([*found, *tables], key=lambda m: (m.start, m.end))))
    found += challenges(parts, found)
    return Reading(document, tuple(with_contradictions(sorted(found, key=lambda m: (m.start, m.end)))))


def _others(sentence: Sentence, suspect: str, short: Mapping[str, str]) -> list[Mention]:
    """What every pass but that of laboratory values finds in a sentence."""
    if sentence.section == TABLE:
        return []
    return [
        *level_mentions(sentence),
        *drug_mentions(sentence, suspect, short),
        *finding_mentions(sentence),
        *person_mentions(sentence),
        *score_mentions(sentence),
        *intervention_mentions(sentence, suspect, short),
        *course_mentions(sentence),
    ]


def _apart(mentions: Sequence[Mention]) -> list[Mention]:
    """Without findings and diseases inside a longer name of the same sentence that means something else."""
    named = [m for m in mentions if m.kind in (Kind.FINDING, Kind.DISEASE)]
    inside = {
        id(m)
        for m in named
        for other in named
        if (other.start <= m.start and m.end < other.end) or (other.start < m.start and m.end <= other.end)
    }
    return [m for m in mentions if id(m) not in inside]


def _general(sentence: Sentence, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, marked as of the literature where the sentence is not about the patient."""
    if not is_about_literature(sentence):
        return list(mentions)
    return [
        m
        if m.kind is Kind.COURSE and m.name in ABOUT_THE_LITERATURE
        else replace(m, qualifiers=m.qualifiers | {Qualifier.LITERATURE})
        for m in mentions
    ]


def _within(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= mention.start and mention.end <= end for start, end in spans)


def _once(mentions: Sequence[Mention]) -> list[Mention]:
    """Each mention once; two passes may find the same words."""
    seen: Counter[tuple[object, ...]] = Counter()
    found = []
    for mention in mentions:
        key = (mention.kind, mention.name, mention.start, mention.end, mention.word)
        seen[key] += 1
        if seen[key] == 1:
            found.append(mention)
    return found
