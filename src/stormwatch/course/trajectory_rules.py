"""Which quantities are followed along the course, and by what rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("data") / "trajectories.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Followed(_Table):
    """How a quantity is followed: its worse end, and whether its scale has a true zero."""

    extreme: Literal["highest", "lowest"]
    true_zero: bool = True


class TrajectoryRules(_Table):
    """What baseline means and how dense samples must be. Ours, as ``basis`` says."""

    baseline_within_hours: int
    least_values: int
    largest_gap_hours: int
    basis: Literal["published", "ours"]
    text: str


class _File(_Table):
    rules: TrajectoryRules
    analytes: dict[str, Followed]


def followed() -> Mapping[str, Followed]:
    """The quantities that are followed, by analyte.

    >>> followed()["platelets"].extreme
    'lowest'
    """
    return _read().analytes


def trajectory_rules() -> TrajectoryRules:
    """What baseline means and how dense samples must be.

    >>> trajectory_rules().basis
    'ours'
    """
    return _read().rules


@cache
def _read() -> _File:
    return _File.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))
