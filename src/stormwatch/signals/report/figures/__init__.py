"""The figures of the report in the grammar of Vega-Lite: black on white, told apart by shape, each in two widths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.flow import flow
from stormwatch.signals.report.figures.forest import forest
from stormwatch.signals.report.figures.growth import growth
from stormwatch.signals.report.figures.onset import onset
from stormwatch.signals.report.figures.volcano import volcano

KINDS: Mapping[str, Callable[[dict[str, Any], Measures], dict[str, Any]]] = {
    "flow": flow,
    "forest": forest,
    "growth": growth,
    "onset": onset,
    "volcano": volcano,
}
"""By the kind of a picture: what draws it."""
