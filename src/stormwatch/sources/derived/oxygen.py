"""Low-flow and high-flow oxygen from a charted cannula and its flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from stormwatch.facts import Finding, Interval, Measurement, Origin
from stormwatch.sources.derived.matching import Newest, agreed, known_first
from stormwatch.sources.derived.rule import DERIVED, SAME_TIME, Description, origins

LOW, HIGH = "low_flow_oxygen", "high_flow_oxygen"
BOUNDARY = 6
"""Litres a minute; exactly this much is low flow."""

_CANNULA = re.compile(r"\b(cannula|prongs)\b", re.IGNORECASE)
_DEVICE_HOLDS = timedelta(hours=4)

DESCRIPTION = Description(
    f"{LOW}, {HIGH}",
    "the last charted oxygen device (a nasal cannula charted as low flow), oxygen_flow",
    "device up to 4 h before the flow, and no other since (ours: devices are charted at least twice in a shift)",
    "flow of 6 L/min or less: low flow; above: high flow. A flow of 0, or one that may be either, says nothing",
    "Lee DW, et al. Biol Blood Marrow Transplant 2019;25:625-638 (ASTCT): low flow is 6 L/min or less",
)


def oxygen_findings(devices: Sequence[Finding], flows: Sequence[Measurement]) -> Iterator[Finding]:
    """Both findings for each flow through a cannula, unless the record says the same of the same time itself.

    ``devices`` are the recorded findings of low and high flow; a charted device decides both.
    """
    said = {(one.name, one.present, one.time.latest) for one in devices}
    newest_device = Newest([one for one in devices if one.name == LOW], _DEVICE_HOLDS)
    newest_flow = Newest(flows, SAME_TIME)
    for moment in newest_flow.moments:
        flow, device = agreed(newest_flow.at(moment)), _cannula(newest_device.at(moment))
        if flow is None or device is None:
            continue
        for name, present in _says(flow.value):
            if (name, present, moment) not in said:
                yield _finding(name, present, device, flow)


def _says(flow: Interval) -> tuple[tuple[str, bool], ...]:
    if flow.high == 0:
        return ()
    if flow.high <= BOUNDARY:
        return ((LOW, True), (HIGH, False))
    above = flow.low > BOUNDARY or (flow.low == BOUNDARY and not flow.low_closed)
    return ((LOW, False), (HIGH, True)) if above else ()


def _cannula(last_charted: Sequence[Finding]) -> Finding | None:
    """The cannula, if all that was charted last is one."""
    is_cannula = all(one.present and _CANNULA.search(one.recorded) for one in last_charted)
    return known_first(last_charted) if last_charted and is_cannula else None


def _finding(name: str, present: bool, device: Finding, flow: Measurement) -> Finding:
    known = max(device.known_at, flow.known_at, key=lambda when: when.latest)
    record = f"{name} from {origins((device, flow))}"
    return Finding(name, present, f"{device.recorded}, {flow.recorded}", flow.time, known, Origin(DERIVED, record))
