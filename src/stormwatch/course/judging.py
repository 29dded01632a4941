"""Which instruments judge which syndrome, and what each answer means for it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stormwatch.engines.result import Moment
from stormwatch.logic.evaluate import holds
from stormwatch.logic.nodes import Op
from stormwatch.logic.truth import Truth

_FILE = Path(__file__).with_name("data") / "episodes.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Judge(_Table):
    """One instrument that judges a syndrome. ``holds`` is what it takes: a met verdict, or a grade of 1 or more.

    ``never`` is an instrument whose published rule was not confirmed: it is named, and decides nothing.
    """

    syndrome: Literal["crs", "icans", "mas_hlh", "iec_hs"]
    instrument: str
    holds: Literal["verdict", "grade", "never"]
    note: str = ""


class Rules(_Table):
    """When two stretches are one episode, and when an episode is over. Ours, as ``basis`` says."""

    quiet_hours: int
    silent_hours: int
    basis: Literal["published", "ours"]
    text: str

    @property
    def quiet(self) -> timedelta:
        return timedelta(hours=self.quiet_hours)

    @property
    def silent(self) -> timedelta:
        return timedelta(hours=self.silent_hours)


class _File(_Table):
    rules: Rules
    judges: tuple[Judge, ...]


def judges() -> tuple[Judge, ...]:
    """Every instrument that judges a syndrome, those that decide nothing included.

    >>> [judge.instrument for judge in judges() if judge.syndrome == "crs"]
    ['crs-astct', 'crs-lee', 'crs-ctcae-v5']
    """
    return _read().judges


def rules() -> Rules:
    """The rules by which answers along a timeline become episodes.

    >>> rules().basis
    'ours'
    """
    return _read().rules


def answer(judge: Judge, moment: Moment) -> Truth:
    """Whether the syndrome holds by this instrument from this moment on."""
    if judge.holds == "verdict" and moment.verdict is not None:
        return moment.verdict
    if judge.holds == "grade" and moment.score is not None:
        return holds(moment.score, Op.AT_LEAST, 1)
    return Truth.UNKNOWN


@cache
def _read() -> _File:
    return _File.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))
