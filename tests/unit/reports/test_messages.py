"""Every fixed sentence stands in the catalogue, and the catalogue holds nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stormwatch.reports.messages as room
from stormwatch.course.judging import judges
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.logic.truth import Truth
from stormwatch.reports.layout import layout
from stormwatch.reports.messages import languages, messages

ROOM = Path(room.__file__).parent
TEMPLATES = sorted(ROOM.glob("templates/*.j2"))
CODE = sorted(ROOM.glob("*.py"))
FULL_KEY = re.compile(r"""['"]([a-z_]+\.[a-z_0-9]+)['"]""")
HEADS = re.compile(r"heads\('(\w+)', \(([^)]*)\)\)")
HEADS_IN_CODE = re.compile(r"""_heads\("(\w+)", ([^)]*)\)""")
WORD = re.compile(r"""['"](\w+)['"]""")
ITEMS = {f"item.{name}_{item.id}" for name in shipped() for item in instrument(name).items}


def used():
    """The keys that templates and code name, and those they make up from closed lists."""
    found = set()
    for path in [*TEMPLATES, *CODE]:
        text = path.read_text(encoding="utf-8")
        found |= set(FULL_KEY.findall(text))
        for table, keys in [*HEADS.findall(text), *HEADS_IN_CODE.findall(text)]:
            found |= {f"{table}.{key}" for key in WORD.findall(keys)}
    found |= {f"syndrome.{judge.syndrome}" for judge in judges()}
    found |= {f"state.{truth.value.replace(' ', '_')}" for truth in Truth}
    found |= {f"panel.{panel['id']}" for panel in layout()["panels"]}
    found |= {f"line.{name}" for panel in layout()["panels"] for name in panel["lines"]}
    found |= {f"guidance.{answer}" for answer in ("yes", "no", "cannot")}
    found |= {f"story.end_{end}" for end in ("death", "ongoing")}
    found |= {f"challenge.{kind}" for kind in ("dechallenge", "rechallenge")}
    return {key for key in found if key.partition(".")[0] in tables()}


def tables():
    return {key.partition(".")[0] for key in messages("en")}


@pytest.mark.parametrize("language", languages())
def test_every_key_that_is_used_has_its_sentence(language):
    assert used() - set(messages(language)) == set()


def test_no_sentence_is_unused():
    short_names = {f"instrument.{name}" for name in shipped()} | ITEMS
    assert set(messages("en")) - used() - short_names == set()


def test_every_judge_of_a_syndrome_and_every_strip_has_a_short_name():
    wanted = {judge.instrument for judge in judges() if judge.holds != "never"} | set(layout()["strips"]["instruments"])
    assert {name for name in wanted if f"instrument.{name}" not in messages("en")} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(path):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"[A-Za-z]{3,}", text.replace("main_file", "")) == []


def test_all_languages_fill_in_the_same_words():
    blanks = {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in messages("en").items()}
    for language in languages():
        assert {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in messages(language).items()} == blanks
