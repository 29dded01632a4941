"""The PDF: on A4, tagged, the picture on page one, nothing fetched; and what is said when something is missing."""

from __future__ import annotations

import builtins
import re
import sys

import pytest
from tests.unit.reports import pages

from stormwatch.errors import UsageError
from stormwatch.reports.charts import specification
from stormwatch.reports.pdf import pdf
from stormwatch.reports.svg import svg

weasyprint = pages.weasyprint()
MILLIMETRE = 96 / 25.4


@pytest.fixture(scope="module")
def document(paper):
    return weasyprint.HTML(string=paper).render(pdf_variant="pdf/ua-1")


def boxes(box):
    yield box
    for child in getattr(box, "children", []):
        yield from boxes(child)


def of_tag(page, tag):
    """Boxes of an element; those of a drawing carry its namespace."""
    return [box for box in boxes(page._page_box) if (box.element_tag or "").rpartition("}")[2] == tag]


def test_page_one_holds_the_title_the_patient_and_the_whole_first_picture(document):
    first = document.pages[0]
    assert of_tag(first, "h1")
    assert of_tag(first, "strong")
    (figure,) = of_tag(first, "svg")
    assert figure.width > 120 * MILLIMETRE
    assert figure.position_y + figure.height < (297 - 16) * MILLIMETRE
    assert figure.position_x + figure.width <= (210 - 13) * MILLIMETRE + 1


def test_the_pages_are_a4_and_more_than_one(document):
    assert len(document.pages) > 1
    for page in document.pages:
        assert (page.width, page.height) == pytest.approx((210 * MILLIMETRE, 297 * MILLIMETRE), abs=0.5)


def test_every_picture_fits_its_page(document):
    figures = [box for page in document.pages for box in of_tag(page, "svg")]
    assert len(figures) == 2
    assert all(box.position_y + box.height < (297 - 16) * MILLIMETRE for box in figures)


def test_no_words_run_out_of_their_cell_or_off_the_page(document):
    for place, page in enumerate(document.pages, start=1):
        for cell in [*of_tag(page, "td"), *of_tag(page, "th")]:
            for box in boxes(cell):
                if getattr(box, "text", ""):
                    assert box.position_x + box.width <= cell.position_x + cell.border_width() + 1, (place, box.text)
        for box in boxes(page._page_box):
            if getattr(box, "text", "") and box.element_tag in ("p", "li", "h2", "h3", "h4", "summary"):
                assert box.position_x + box.width <= (210 - 13) * MILLIMETRE + 1, (place, box.text)


def test_the_pdf_is_tagged_and_names_its_language_and_title(paper, example):
    made = pdf(paper)
    assert made.startswith(b"%PDF-")
    assert pages.pages_of(made) > 1
    raw = pages.unpacked(made)
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang (en)", b"/Figure", b"/TH", b"pdfuaid"):
        assert mark in raw, mark


def test_nothing_is_fetched(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("socket.socket.connect", lambda *address: asked.append(address))
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    outside = f'<img src="https://example.org/a.png" alt="a"><img src="{secret.as_uri()}" alt="b">'
    made = pdf(f"<html lang='en'><title>Report</title><style>@import 'http://example.org/b.css';</style><p>{outside}")
    assert made.startswith(b"%PDF-")
    assert asked == []


def without(monkeypatch, name, error):
    """Importing a package fails as on a machine that lacks it."""
    real = builtins.__import__

    def importing(wanted, *more):
        if wanted.partition(".")[0] == name:
            raise error
        return real(wanted, *more)

    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.parametrize("name", ["altair", "vl_convert"])
def test_without_the_extra_figures_say_what_to_install(name, monkeypatch, example):
    without(monkeypatch, name, ImportError(name))
    with pytest.raises(UsageError, match=re.escape('pip install "stormwatch[report]"')):
        svg(example["pictures"][0], name="figure")


def test_without_the_extra_a_pdf_says_what_to_install(monkeypatch):
    without(monkeypatch, "weasyprint", ImportError("weasyprint"))
    with pytest.raises(UsageError, match=re.escape('pip install "stormwatch[report]"')):
        pdf("<p>")


def test_without_pango_a_pdf_names_the_system_packages(monkeypatch):
    without(monkeypatch, "weasyprint", OSError("cannot load library 'libpango-1.0-0'"))
    with pytest.raises(UsageError, match=r"Pango.*apt install libpango-1\.0-0 libpangoft2-1\.0-0.*brew install pango"):
        pdf("<p>")


def test_data_of_the_picture_need_no_drawing_library(example):
    assert specification(example["pictures"][0]["picture"])["vconcat"]
