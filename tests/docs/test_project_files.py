"""The project files agree with each other and with the manual."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
LOCK = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def pages_in_navigation(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        yield from pages_in_navigation(list(entry.values()))
    elif isinstance(entry, list):
        for part in entry:
            yield from pages_in_navigation(part)


def test_every_page_of_the_manual_is_in_its_navigation_and_every_entry_has_its_page() -> None:
    navigation = yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(pages_in_navigation(navigation)) == sorted(
        page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")
    )


def test_citation_names_the_version_of_the_project() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]


def test_changelog_has_a_place_for_what_is_not_yet_released() -> None:
    assert "\n## [Unreleased]\n" in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_locked_package_has_a_hash() -> None:
    packages = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("trace", ["://", "--index", "--extra-index", "--find-links", "--trusted-host", " @ "])
def test_the_lock_says_nothing_of_where_it_was_made(trace: str) -> None:
    assert trace not in LOCK


def test_every_dependency_has_a_floor() -> None:
    declared = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    assert [one for one in declared if ">=" not in one] == []


def test_every_make_target_is_explained_to_contributors() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z0-9-]+):.*## ", makefile, flags=re.MULTILINE)
    explained = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert targets
    assert [target for target in targets if f"`make {target}`" not in explained] == []
