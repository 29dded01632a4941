"""The committed picture of the example's course is what the program would draw today."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from lxml import etree

REPOSITORY = Path(__file__).resolve().parents[3]


def drawing():
    spec = importlib.util.spec_from_file_location("draw_course", REPOSITORY / "examples" / "draw_course.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_of_the_course_has_not_drifted():
    script = drawing()
    assert script.PICTURE.read_text(encoding="utf-8") == script.picture(), "run examples/draw_course.py"


def test_the_picture_is_well_formed_and_needs_nothing_else():
    tree = etree.fromstring(drawing().PICTURE.read_bytes())
    assert tree.get("role") == "img"
    assert not tree.xpath("//*[local-name() = 'script' or local-name() = 'image' or local-name() = 'a']")
