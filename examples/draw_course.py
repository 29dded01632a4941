"""Draws docs/images/example-course.svg: the whole course of the example patient, as page one of its report shows it.

Run it after the example, the picture or an instrument on it changes; a test holds the picture against the program.
"""

from __future__ import annotations

from pathlib import Path

import stormwatch as sw
from stormwatch.reports.report import report
from stormwatch.reports.svg import svg

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = REPOSITORY / "docs" / "images" / "example-course.svg"


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")


def picture() -> str:
    """The SVG, with a title and a description for a screen reader."""
    course = sw.follow(sw.read(REPOSITORY / "examples" / "blinatumomab-mas.json"))
    return svg(report(course)["pictures"][0], name="example-course") + "\n"


if __name__ == "__main__":
    main()
