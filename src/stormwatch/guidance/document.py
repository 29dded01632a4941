"""Labels as files: one TOML file is one document in one revision as it was seen."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stormwatch.errors import UnknownName

_FOLDER = Path(__file__).with_name("data")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DoseRow(_Table):
    """A dose by body weight: ``weight_from`` is included, ``weight_below`` is not."""

    weight_from: Decimal | int = 0
    weight_below: Decimal | int | None = None
    mg_per_kg: Decimal | int
    most_mg: Decimal | int
    evidence: Literal["primary", "secondary", "unconfirmed"]
    source: str


class RestartRow(_Table):
    """What the document says of giving the drug again after a toxicity; ``stop`` means it names no restart."""

    toxicity: str
    grade: int
    weight_from: Decimal | int
    stop: bool = False
    restart_mcg_per_day: Decimal | int | None = None
    escalate_to_mcg_per_day: Decimal | int | None = None
    escalate_after_days: int | None = None
    condition: str
    evidence: Literal["primary", "secondary", "unconfirmed"]
    source: str


class Interruption(_Table):
    """Up to how many days of interruption the same cycle goes on."""

    same_cycle_up_to_days: int
    text: str
    source: str


class Document(_Table):
    """One label or guideline, as it was seen on a date."""

    id: str
    drug: str
    title: str
    seen: str
    doses: tuple[DoseRow, ...] = ()
    restarts: tuple[RestartRow, ...] = ()
    interruption: Interruption | None = None


@lru_cache(maxsize=1)
def documents() -> dict[str, Path]:
    """The files, by id."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.toml"), key=lambda path: path.stem)}


@lru_cache(maxsize=64)
def document(name: str) -> Document:
    """A document by its id. Raises UnknownName with the nearest names.

    >>> document("tocilizumab-us").drug
    'tocilizumab'
    """
    try:
        text = documents()[name].read_text(encoding="utf-8")
    except KeyError:
        near = ", ".join(get_close_matches(name, documents(), n=3, cutoff=0.4)) or "none"
        raise UnknownName(f"no document is called {name!r}; the nearest names: {near}") from None
    return Document.model_validate(tomllib.loads(text, parse_float=Decimal))
