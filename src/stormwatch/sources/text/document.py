"""A document: the text of a report, what its parts are, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormwatch.facts import Origin

TITLE, AUTHORS, ABSTRACT, BODY, KEYPHRASES, TABLE = "title", "authors", "abstract", "body", "keyphrases", "table"
PROSE = frozenset({TITLE, ABSTRACT, BODY, TABLE})


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text: ``text[start:end]``. Only those named in ``PROSE`` are read for facts."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One report.

    ``text`` is what every character span points into. Of a plain file it is the file, character for character; of a
    structured format (RIS, MEDLINE, BibTeX, XML, FHIR) it is the text of its fields, one after the other. What a
    report does not say of itself is empty. ``sources`` are the files and records it was read from.
    """

    text: str
    sections: tuple[Section, ...]
    sources: tuple[Origin, ...]
    title: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    keyphrases: tuple[str, ...] = ()

    @property
    def prose(self) -> tuple[Section, ...]:
        """The sections that are read for facts."""
        return tuple(section for section in self.sections if section.name in PROSE)

    def part(self, name: str) -> str:
        """The text of all sections of this name, one a line.

        >>> Document("A title\\nText", (Section("title", 0, 7),), ()).part("title")
        'A title'
        """
        return "\n".join(self.text[s.start : s.end] for s in self.sections if s.name == name)


def assemble(parts: Iterable[tuple[str, str]]) -> tuple[str, tuple[Section, ...]]:
    """The text of several parts, one after the other, and where each stands.

    >>> assemble([("title", "Fever"), ("abstract", "None.")])
    ('Fever\\n\\nNone.', (Section(name='title', start=0, end=5), Section(name='abstract', start=7, end=12)))
    """
    text, sections = "", []
    for name, part in parts:
        if not part.strip():
            continue
        text += "\n\n" if text else ""
        sections.append(Section(name, len(text), len(text) + len(part)))
        text += part
    return text, tuple(sections)
