"""Whether a text is a UCUM unit: the grammar of UCUM over its table of atoms. What a unit means is not asked here."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

_HIDDEN = "\x00"
_NOTE = rf"\{{[!-z|~{_HIDDEN}]*\}}"


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """Whether this is a unit in UCUM's case-sensitive form.

    >>> is_unit("mg/dL"), is_unit("ug/kg/min"), is_unit("{DF}"), is_unit("milligrams")
    (True, True, True, False)
    """
    while (inner := re.sub(r"\([^()]+\)", _bracket, text)) != text:
        text = inner
    parts = re.split(r"[./]", _hidden(text.removeprefix("/")))
    return all(_component().fullmatch(part) for part in parts)


def _bracket(match: re.Match[str]) -> str:
    """A bracket that holds a unit counts as the unit one; one that does not breaks the unit."""
    return "1" if is_unit(match[0][1:-1]) else " "


def _hidden(text: str) -> str:
    """Atoms and annotations may hold dots and slashes; they are not operators there."""
    return re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", lambda match: re.sub(r"[./]", _HIDDEN, match[0]), text)


@cache
def _component() -> re.Pattern[str]:
    table = tomllib.loads((Path(__file__).with_name("data") / "ucum.toml").read_text(encoding="utf-8"))

    def one_of(name: str) -> str:
        return "|".join(
            re.escape(re.sub(r"[./]", _HIDDEN, code)) for code in sorted(table[name], key=len, reverse=True)
        )

    atom = rf"(?:(?:{one_of('prefixes')})?(?:{one_of('metric')})|{one_of('other')}|[1-9]\d*)"
    return re.compile(rf"(?:{atom}(?:[+-]?\d+)?(?:{_NOTE})?|{_NOTE})")
