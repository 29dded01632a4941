"""XML of the literature: PubMed records and JATS articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.facts import Origin
from stormwatch.sources.text.document import ABSTRACT, BODY, KEYPHRASES, TABLE, TITLE, Document, assemble
from stormwatch.sources.text.documents.marks import find_doi, find_year

Element = Any
Parts = list[tuple[str, str]]
_SKIPPED = frozenset({"xref", "fn", "ref-list", "disp-formula", "object-id", "graphic", "label"})
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def is_xml(text: str) -> bool:
    return text.lstrip().startswith("<")


def read_xml(text: str, file: str) -> Iterator[Document]:
    """Every PubMed record or JATS article of an XML file.

    Raises:
        InputError: it is not well-formed, or holds neither.
        UsageError: lxml is not installed.
    """
    root = _root(text, file)
    found = [e for e in root.iter() if _name(e) in ("PubmedArticle", "article")]
    if not found:
        raise InputError(f"{file}: no PubMed record and no JATS article in this XML; export one of the two")
    for number, element in enumerate(found, 1):
        reader = _pubmed if _name(element) == "PubmedArticle" else _jats
        yield reader(element, Origin(file, f"record {number}"))


def _root(text: str, file: str) -> Element:
    try:
        from lxml import etree
    except ImportError:
        raise UsageError('XML needs lxml; install it with: pip install "stormwatch[text]"') from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as problem:
        raise InputError(f"{file}: not well-formed XML at line {problem.lineno}; export the file again") from None
    except ValueError:
        raise InputError(f"{file}: the XML cannot be read; save it as UTF-8") from None


def _pubmed(record: Element, origin: Origin) -> Document:
    abstract = "\n".join(_labelled(e) for e in _all(record, "AbstractText"))
    words = [_text(e) for name in ("Keyword", "DescriptorName") for e in _all(record, name)]
    dois = [_text(e) for e in _all(record, "ArticleId", "ELocationID") if "doi" in e.attrib.values()]
    names = [
        " ".join(filter(None, (_one(e, "ForeName", "Initials"), _one(e, "LastName", "CollectiveName"))))
        for e in _all(record, "Author")
    ]
    parts = [(TITLE, _one(record, "ArticleTitle")), (ABSTRACT, abstract), (KEYPHRASES, "; ".join(words))]
    about = (_one(record, "Title", "ISOAbbreviation"), _one(record, "PubDate"), next(map(find_doi, dois), ""))
    return _document(parts, names, words, about, _one(record, "PMID"), origin)


def _labelled(element: Element) -> str:
    label = element.get("Label", "")
    return f"{label}: {_text(element)}" if label else _text(element)


def _jats(article: Element, origin: Origin) -> Document:
    meta = next(iter(_all(article, "article-meta")), article)
    words = [_text(e) for e in _all(meta, "kwd")]
    ids = {e.get("pub-id-type", ""): _text(e) for e in _all(meta, "article-id")}
    names = [
        " ".join(filter(None, (_one(e, "given-names"), _one(e, "surname"))))
        for e in _all(meta, "contrib")
        if e.get("contrib-type", "author") == "author"
    ]
    parts: Parts = [(TITLE, _one(meta, "article-title"))]
    parts += [(ABSTRACT, "\n".join(_blocks(e))) for e in _all(meta, "abstract")]
    parts += [part for e in _all(article, "body") for part in _body(e)]
    about = (_one(article, "journal-title"), _one(meta, "pub-date"), find_doi(ids.get("doi", "")))
    return _document([*parts, (KEYPHRASES, "; ".join(words))], names, words, about, ids.get("pmid", ""), origin)


def _body(body: Element) -> Iterator[tuple[str, str]]:
    """The prose of an article, and after it each of its tables, a row a line."""
    yield BODY, "\n".join(_blocks(body))
    for table in _all(body, "table-wrap"):
        rows = ("\t".join(_text(cell) for cell in row if _name(cell) in ("td", "th")) for row in _all(table, "tr"))
        yield TABLE, "\n".join(rows)


def _blocks(element: Element) -> Iterator[str]:
    """Headings and paragraphs, without those of tables and figures."""
    for child in element:
        if _name(child) in ("p", "title"):
            yield _text(child) + (":" if _name(child) == "title" and not _text(child).endswith(":") else "")
        elif _name(child) in ("sec", "list", "list-item", "boxed-text", "disp-quote"):
            yield from _blocks(child)


def _document(
    parts: Parts, names: list[str], words: list[str], about: tuple[str, str, str], pmid: str, origin: Origin
) -> Document:
    text, sections = assemble(parts)
    journal, date, doi = about
    return Document(
        text,
        sections,
        (origin,),
        parts[0][1],
        tuple(filter(None, names)),
        journal,
        find_year(date),
        doi,
        pmid,
        tuple(words),
    )


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Element, *names: str) -> list[Element]:
    return [e for e in element.iter() if _name(e) in names]


def _one(element: Element, *names: str) -> str:
    return next((_text(e) for name in names for e in _all(element, name) if _text(e)), "")


def _text(element: Element) -> str:
    """The text inside, with raised numbers kept raised: 10<sup>9</sup> is not 109."""
    return " ".join(_inner(element).split())


def _inner(element: Element) -> str:
    if _name(element) in _SKIPPED or (_name(element) == "sup" and not _is_power(element)):
        return ""
    parts = [element.text or ""]
    parts += [part for child in element for part in (_inner(child), child.tail or "")]
    inside = "".join(parts)
    return inside.strip().replace("−", "-").translate(_RAISED) if _name(element) == "sup" else inside


def _is_power(element: Element) -> bool:
    """A raised number, and not the mark of a reference, which stands in an xref."""
    inside = (element.text or "").strip().replace("−", "-")
    return len(element) == 0 and inside.lstrip("-").isdigit() and len(inside) <= 3
