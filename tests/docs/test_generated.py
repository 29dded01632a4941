"""The generated pages are what the program would write today, and the picture is what it would draw."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def script(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, REPOSITORY / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = list(script("docs/generate.py").generated())


@pytest.mark.parametrize(("path", "text"), GENERATED, ids=[path.name for path, _ in GENERATED])
def test_a_generated_page_has_not_drifted(path, text):
    assert path.read_text(encoding="utf-8") == text, "run `make docs` and commit what changes"


def test_no_page_of_an_instrument_is_left_over():
    known = {path for path, _ in GENERATED}
    assert set((REPOSITORY / "docs" / "instruments").glob("*.md")) <= known


def test_the_picture_of_the_readme_has_not_drifted():
    drawing = script("examples/draw_hscore.py")
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.picture(), "run examples/draw_hscore.py"
