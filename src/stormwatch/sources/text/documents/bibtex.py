"""BibTeX: entries of fields in braces or quotes, with the commonest signs of LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from stormwatch.facts import Origin
from stormwatch.sources.text.document import ABSTRACT, KEYPHRASES, TITLE, Document, assemble
from stormwatch.sources.text.documents.marks import find_doi, find_year

_ENTRY = re.compile(r"@(?P<kind>[A-Za-z]+)\s*[{(]\s*(?P<key>[^,\s}]*)\s*,")
_FIELD = re.compile(r"\s*,?\s*(?P<name>[A-Za-z][\w-]*)\s*=\s*")
_SKIPPED = frozenset({"comment", "string", "preamble"})
_ACCENT = re.compile(r"\\(?P<accent>[\"'`^~=.]|[cvuHk](?![a-zA-Z]))\s*\{?\\?(?P<letter>[A-Za-z])\}?")
_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
}  # fmt: skip
_COMMAND = re.compile(r"\\(?:(?P<sign>[&%_#$])|(?P<name>[a-zA-Z]+)[ ]*(?:\{\})?)")
_SIGNS = {
    "times": "×", "textmu": "µ", "mu": "µ", "textdegree": "°", "circ": "°", "geq": "≥", "leq": "≤", "ge": "≥",
    "le": "≤", "alpha": "α", "gamma": "γ", "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "l": "ł",
}  # fmt: skip


def is_bibtex(text: str) -> bool:
    return text.lstrip().startswith("@") and _ENTRY.search(text) is not None


def read_bibtex(text: str, file: str) -> Iterator[Document]:
    """Every entry of a BibTeX file, in order."""
    for entry in _ENTRY.finditer(text):
        if entry["kind"].casefold() not in _SKIPPED:
            yield _document(_fields(text, entry.end()), Origin(file, entry["key"]))


def _fields(text: str, start: int) -> dict[str, str]:
    found: dict[str, str] = {}
    while match := _FIELD.match(text, start):
        value, start = _value(text, match.end())
        found[match["name"].casefold()] = plain_text(value)
    return found


def _value(text: str, start: int) -> tuple[str, int]:
    """The raw value that begins here, and where it ends."""
    if text[start : start + 1] not in ("{", '"'):
        end = re.compile(r"[,}\n]|$").search(text, start)
        assert end is not None
        return text[start : end.start()].strip(), end.start()
    closing, depth = ("}" if text[start] == "{" else '"'), 0
    for at in range(start + 1, len(text)):
        char = text[at]
        if char == closing and depth == 0 and text[at - 1] != "\\":
            return text[start + 1 : at], at + 1
        depth += (char == "{") - (char == "}")
    return text[start + 1 :], len(text)


def plain_text(value: str) -> str:
    """The text that LaTeX would print, as far as reports use it.

    >>> plain_text(r"M{\\"u}ller: 5 $\\times$ 10$^{9}$/L")
    'Müller: 5 × 10^9/L'
    """
    value = _ACCENT.sub(lambda m: unicodedata.normalize("NFC", m["letter"] + _COMBINING[m["accent"]]), value)
    value = re.sub(r"(?<!\\)[{}$]", "", _COMMAND.sub(_sign, value))
    value = value.replace("---", "—").replace("--", "–").replace("~", " ")
    value = re.sub(r"×(?=\d)", "× ", value)
    return " ".join(value.split())


def _sign(command: re.Match[str]) -> str:
    """The sign that a command prints; of others, such as bold type, only the text inside stays."""
    return command["sign"] or _SIGNS.get(command["name"], "")


def _document(fields: dict[str, str], origin: Origin) -> Document:
    words = tuple(filter(None, re.split(r"\s*[;,]\s*", fields.get("keywords", ""))))
    title, abstract = fields.get("title", ""), fields.get("abstract", "")
    text, sections = assemble([(TITLE, title), (ABSTRACT, abstract), (KEYPHRASES, "; ".join(words))])
    names = re.split(r"\s+and\s+", fields.get("author", "")) if fields.get("author") else []
    authors = tuple(" ".join(reversed(re.split(r"\s*,\s*", name, maxsplit=1))) for name in names)
    return Document(
        text,
        sections,
        (origin,),
        title,
        authors,
        fields.get("journal", fields.get("journaltitle", "")),
        find_year(fields.get("year", fields.get("date", ""))),
        find_doi(fields.get("doi", "")),
        fields.get("pmid", ""),
        words,
    )
