"""The layout of the example's course, field by field. What it must say is checked in test_example.py, by hand.

A change of layout is meant when the golden file is written anew on purpose:
STORMWATCH_WRITE_GOLDEN=1 pytest tests/unit/course/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from stormwatch.course.follow import follow
from stormwatch.course.payload import payload
from stormwatch.sources import read

REPOSITORY = Path(__file__).resolve().parents[3]
GOLDEN = REPOSITORY / "tests" / "golden" / "blinatumomab-mas-course.json"


def test_the_course_of_the_example_is_the_golden_one():
    found = payload(follow(read(REPOSITORY / "examples" / "blinatumomab-mas.json")))
    found["software"] = "stormwatch"
    for one in found["instruments"]:
        one["sha256"] = "of the definition file"
    if os.environ.get("STORMWATCH_WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))
