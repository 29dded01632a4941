"""The words of the report, by language, so that another language is another file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from stormwatch.errors import UsageError

_FOLDER = Path(__file__).with_name("messages")

Messages = Mapping[str, str]


def languages() -> list[str]:
    """The languages there is a catalogue for.

    >>> languages()
    ['en']
    """
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def messages(language: str) -> Messages:
    """Every message by its key.

    Raises:
        UsageError: there is no catalogue for the language.

    >>> messages("en")["intended_use.title"]
    'Intended use'
    """
    if language not in languages():
        raise UsageError(f"no report in {language!r}; there are: {', '.join(languages())}")
    tables = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return MappingProxyType({f"{table}.{key}": text for table, rows in tables.items() for key, text in rows.items()})


def named(said: Messages, instrument: str) -> str:
    """What an instrument is called where its whole title has no room; its id when it has no short name.

    >>> named(messages("en"), "crs-astct"), named(messages("en"), "naranjo")
    ('CRS grade (ASTCT)', 'naranjo')
    """
    return said.get(f"instrument.{instrument}", instrument)
