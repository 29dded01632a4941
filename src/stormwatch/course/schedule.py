"""What a label calls a cycle, and what was chosen here about bags: the table of continuous infusions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Schedule:
    """The cycle of a drug given as a continuous infusion, and the pause after which premedication is due again."""

    drug: str
    infusion: timedelta
    same_cycle_up_to: timedelta
    premedicate_again_after: timedelta
    source: str

    @property
    def bag_change(self) -> timedelta:
        """A gap shorter than this is a change of bags. Ours: the pause after which the label premedicates again."""
        return self.premedicate_again_after

    @property
    def over(self) -> timedelta:
        """A cycle that ran for this long is over, and not held. Ours: one day less than the label's cycle."""
        return self.infusion - timedelta(days=1)


@cache
def schedules() -> Mapping[str, Schedule]:
    """The drugs whose label says what a cycle of continuous infusion is.

    >>> schedules()["blinatumomab"].same_cycle_up_to.days
    7
    """
    text = files("stormwatch.course").joinpath("data/cycles.toml").read_text("utf-8")
    return MappingProxyType({drug: _schedule(drug, row) for drug, row in tomllib.loads(text).items()})


def _schedule(drug: str, row: dict[str, int | str]) -> Schedule:
    return Schedule(
        drug=drug,
        infusion=timedelta(days=int(row["infusion_days"])),
        same_cycle_up_to=timedelta(days=int(row["same_cycle_up_to_days"])),
        premedicate_again_after=timedelta(hours=int(row["premedicate_again_after_hours"])),
        source=str(row["source"]),
    )
