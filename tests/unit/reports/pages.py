"""What every page of a report must be, read with a parser of its own."""

from __future__ import annotations

import importlib
import json
import os
import re
import zlib
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from stormwatch.reports.html import html
from stormwatch.reports.report import report

NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def parsed(page: str) -> etree._Element:
    return etree.HTML(page)


def made(course):
    """The report of a course, after the checks that hold for every one of them."""
    found = report(course)
    page = html(found)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    check_page(page)
    return found, page


def check_page(page: str) -> None:
    check_balanced(page)
    tree = parsed(page)
    check_self_contained(page, tree)
    check_accessible(tree)


class Balance(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """An element that closes itself."""

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag


def check_balanced(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []


def check_self_contained(page: str, tree: etree._Element) -> None:
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses <= NAMESPACES
    assert not tree.xpath("//script | //iframe | //object | //embed | //link | //img | //form")
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert "@import" not in page
    assert all(target.startswith("url(#") for target in re.findall(r"url\([^)]*\)", page))


def check_accessible(tree: etree._Element) -> None:
    assert tree.get("lang") == "en"
    for table in tree.iter("table"):
        heads = table.xpath("./thead/tr/th")
        assert heads
        assert all(head.get("scope") == "col" and "".join(head.itertext()).strip() for head in heads)
        assert all(head.get("scope") == "row" for head in table.xpath("./tbody/tr/th"))
        assert all(len(row) == len(heads) for row in table.xpath("./tbody/tr"))
    for figure in tree.xpath("//figure//svg[not(ancestor::svg)]"):
        title, told = figure.get("aria-labelledby").split()
        assert figure.get("role") == "img"
        assert figure.xpath("./title/@id") == [title]
        assert figure.xpath("./desc/@id") == [told]
        assert all(len(words) > 10 for words in figure.xpath("./title/text() | ./desc/text()"))
    levels = [int(head.tag[1]) for head in tree.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    ids = Counter(tree.xpath("//@id"))
    assert ids.most_common(1)[0][1] == 1, ids.most_common(3)
    named = [name for names in tree.xpath("//@aria-labelledby") for name in names.split()]
    assert set(named) <= set(ids)
    assert {link[1:] for link in tree.xpath("//a/@href")} <= set(ids)


def unpacked(pdf: bytes) -> bytes:
    """A PDF with its compressed streams beside it, so that marks can be searched for."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page(?!s)", unpacked(pdf)))


def weasyprint() -> Any:
    """The library that makes PDFs. Without Pango the test is skipped, but not in CI."""
    try:
        return importlib.import_module("weasyprint")
    except OSError:
        if os.environ.get("CI"):
            raise
        pytest.skip("Pango is not on this machine", allow_module_level=True)
