"""Pages in a real browser at two widths: nothing is cut off, nothing lies on something else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.reports.browser import faults

import stormwatch as sw
from stormwatch import terms
from stormwatch.facts import Fact
from stormwatch.reports.html import html
from stormwatch.reports.report import report
from stormwatch.testing.records import given, measured, record

pytestmark = pytest.mark.slow
WIDTHS = (1200, 480)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_the_example(page, width, tmp_path):
    assert faults(page, width, tmp_path) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_crowded_page(width, tmp_path):
    """Every drug there is, two engagers, long doses, years of values, close cut-offs."""
    facts: list[Fact] = [given(name, 7 * place) for place, name in enumerate(terms.drugs())]
    bags = [("blinatumomab", 0, 50), ("blinatumomab", 100, 900), ("epcoritamab", 20, None)]
    facts += [replace(given(name, at, until=until), rate="28 ug / 1 d") for name, at, until in bags]
    for name, value in (("temperature", 38.1), ("ferritin", 100000), ("platelets", 0), ("wbc", 0.1), ("ast", 9000)):
        facts += [measured(name, value * (1 + place % 3 / 50), 11 * place) for place in range(0, 300, 7)]
    page = html(report(sw.follow(record(facts))))
    assert faults(page, width, tmp_path) == []


def test_the_measure_finds_what_is_wrong(page, tmp_path):
    """Letters twice as large, a line that does not break, a drawing without its left half."""
    spoilt = page.replace("</style>", "svg text { font-size: 22px !important } p { white-space: nowrap }</style>")
    found = faults(spoilt.replace('viewBox="0 0', 'viewBox="200 0'), 1200, tmp_path)
    for fault in ("the page is wider", "outside its drawing", "on each other"):
        assert any(fault in one for one in found), fault
