"""The page and the PDF: whole, self-contained, legible at two widths, and honest in words."""

from __future__ import annotations

import json

import pytest
from scipy.stats import gamma
from tests.unit.reports import browser, pages

from stormwatch.reports.sheet import NARROW, WIDE
from stormwatch.signals.build import build
from stormwatch.signals.report.drawing import svg
from stormwatch.signals.report.figures import KINDS
from stormwatch.signals.report.page import html
from stormwatch.signals.report.payload import signal_report
from stormwatch.signals.store import Store


@pytest.fixture(scope="module")
def page(made):
    return html(made)


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    """A database of the two real samples of 100 reports each."""
    folder = tmp_path_factory.mktemp("samples")
    samples = shared_data / "faers_ascii_100x2"
    build([samples / "aers_ascii_2004q1.zip", samples / "faers_ascii_2017q2.zip"], folder / "db")
    with Store(folder / "db") as opened:
        yield opened


def test_the_page_is_whole_and_self_contained(page):
    pages.check_page(page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_link_leads_somewhere_on_the_page(page, made):
    tree = pages.parsed(page)
    links = {link[1:] for link in tree.xpath("//a/@href")}
    assert links <= set(tree.xpath("//@id"))
    assert set(made["lists"]) <= links
    assert {f"case-{one['n']}" for one in made["cases"]} <= set(tree.xpath("//tr/@id"))


def test_every_figure_is_titled_described_and_has_its_caution_once(page, made):
    assert [one["kind"] for one in made["pictures"]] == ["flow", "forest", "volcano", "growth", "onset"]
    text = "".join(pages.parsed(page).itertext())
    for one in made["pictures"]:
        assert text.count(one["caution"]) == 1
    for one in made["pictures"][1:]:
        assert "incidence" in one["caution"]
        assert "cause" in one["caution"]


def test_every_count_beside_a_measure_is_shown(page, made):
    for panel in next(one for one in made["pictures"] if one["kind"] == "forest")["picture"]["panels"]:
        assert all(row["text"].startswith("n = ") for row in panel["rows"])


def test_the_checklist_has_all_items_and_leaves_the_author_theirs(page, made):
    items = made["readus"]["items"]
    numbers = [one["id"] for one in items]
    assert len(numbers) == len(set(numbers)) == 32
    assert sorted({int(number.rstrip("abcde")) for number in numbers}) == list(range(1, 15))
    open_items = [one["id"] for one in items if one["answer"] is None]
    assert {"2a", "2b", "2c", "7d", "11", "12a", "14a", "14b", "14c"} <= set(open_items)
    assert page.count("for the author: ____") == len(open_items)


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_cut_off_or_overlaps(page, width, tmp_path):
    assert browser.faults(page, width, tmp_path) == []


@pytest.mark.parametrize("measures", [WIDE, NARROW], ids=["wide", "narrow"])
def test_figures_are_black_and_white(made, measures):
    for one in made["pictures"]:
        drawn = json.dumps(KINDS[one["kind"]](one["picture"], measures))
        colours = {drawn[place : place + 7] for place in range(len(drawn)) if drawn[place] == "#"}
        assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours), colours


def test_the_curve_of_the_volcano_is_where_ic025_is_0(made):
    """IC025 is log2 of the 2.5 % quantile of a gamma distribution of shape n + 0.5 and rate expected + 0.5."""
    picture = next(one for one in made["pictures"] if one["kind"] == "volcano")["picture"]
    drawn = KINDS["volcano"](picture, WIDE)
    line = next(layer for layer in drawn["vconcat"][0]["layer"] if layer["mark"]["type"] == "line")
    curve = drawn["datasets"][line["data"]["name"]]
    assert len(curve) > 5
    for point in curve:
        rate = (point["n"] + 0.5) / 2 ** point["ic"]
        assert gamma.ppf(0.025, point["n"] + 0.5, scale=1 / rate) == pytest.approx(1, rel=1e-9)


def test_a_pair_without_reports_has_a_page_all_the_same(real):
    made = signal_report(real, "aspirin", "asthenia", strata=("sex",), restricted=("oncology",))
    assert made["analyses"][0]["n"] == 0
    assert made["cases"] == []
    page = html(made)
    pages.check_page(page)
    assert "No threshold calls this a signal: all ask for more than 0 reports." in page
    assert "No report gives both dates." in page


def test_real_reports_are_counted_as_their_files_say(real):
    """Risperidone in the two samples, by the drug and reaction rows that the database holds."""
    made = signal_report(real, "risperidone", "death", empirical_bayes=False)
    [(n,)] = real.rows("""
        SELECT count(DISTINCT d.n) FROM drugs AS d JOIN reactions AS r USING (n)
        WHERE substance = 'risperidone' AND role IN ('PS', 'SS', 'I') AND term = 'death'
    """)
    assert made["analyses"][0]["n"] == n
    assert made["flow"]["start"] == 200
    pages.check_page(html(made))


def test_the_pdf_is_tagged_and_its_figures_fit(made):
    weasyprint = pages.weasyprint()
    paper = html(made, paper=True)
    pages.check_page(paper)
    document = weasyprint.HTML(string=paper).render(pdf_variant="pdf/ua-1")
    raw = pages.unpacked(document.write_pdf(pdf_variant="pdf/ua-1"))
    for mark in (b"/StructTreeRoot", b"/Lang (en)", b"/Figure", b"/TH", b"pdfuaid"):
        assert mark in raw, mark
    millimetre = 96 / 25.4
    figures = [box for one in document.pages for box in _boxes(one._page_box) if box.element_tag.endswith("svg")]
    assert len(figures) == len(made["pictures"])
    assert all(box.position_y + box.height < (297 - 15) * millimetre for box in figures)
    assert all(box.position_x + box.width <= (210 - 13) * millimetre + 1 for box in figures)


def _boxes(box):
    if getattr(box, "element_tag", None):
        yield box
    for child in getattr(box, "children", []):
        yield from _boxes(child)


def test_a_drawing_names_itself_for_a_screen_reader(made):
    drawn = svg(made["pictures"][0], name="one")
    assert drawn.startswith("<svg")
    assert 'role="img" aria-labelledby="one-title one-desc"' in drawn
