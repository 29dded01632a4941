"""Small courses as tests say them: bags of blinatumomab, temperatures, and the course followed from them."""

from __future__ import annotations

from dataclasses import replace

from stormwatch.facts import Exposure, Measurement
from stormwatch.testing.records import given, measured


def bag(at: float, until: float | None, per_day: float | None = 28, status: str = "completed") -> Exposure:
    """Blinatumomab from one hour to another; without an end it is still running when the status says so."""
    one = given("blinatumomab", at, until=until, running=until is None and status == "in-progress")
    rate = "" if per_day is None else f"{per_day:g} ug / 1 d"
    return replace(one, rate=rate, status=status)


def dose(drug: str, at: float, amount: str, status: str = "completed") -> Exposure:
    return replace(given(drug, at), dose=amount, status=status)


def temperatures(values: dict[float, float]) -> list[Measurement]:
    return [measured("temperature", value, at) for at, value in values.items()]


def normal(start: int, stop: int) -> list[Measurement]:
    """A normal temperature twice a day."""
    return temperatures({float(at): 36.7 for at in range(start, stop, 12)})
