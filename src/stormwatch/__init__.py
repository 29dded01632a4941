"""Stormwatch: published criteria for hyperinflammation under T-cell-engaging therapy, evaluated on real records.

    import stormwatch as sw
    timeline = sw.read("bundle.json")
    assessment = sw.assess(timeline, "hscore", at="2024-01-23T18:00:00+01:00")

For research, quality and safety work by professionals. It never says what to do with a patient.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Assessment": "stormwatch.engines.result",
    "Course": "stormwatch.course.follow",
    "Track": "stormwatch.engines.result",
    "Exposure": "stormwatch.facts",
    "Finding": "stormwatch.facts",
    "Instrument": "stormwatch.instruments.instrument",
    "Interval": "stormwatch.facts",
    "Level": "stormwatch.facts",
    "Measurement": "stormwatch.facts",
    "Patient": "stormwatch.facts",
    "StormwatchError": "stormwatch.errors",
    "Timeline": "stormwatch.facts",
    "Truth": "stormwatch.logic.truth",
    "When": "stormwatch.facts",
    "answers": "stormwatch.sources",
    "assess": "stormwatch.engines.api",
    "follow": "stormwatch.course.follow",
    "instrument": "stormwatch.instruments.catalogue",
    "load_instrument": "stormwatch.instruments.catalogue",
    "catalogue": "stormwatch.instruments.catalogue",
    "track": "stormwatch.engines.api",
    "patients": "stormwatch.sources",
    "read": "stormwatch.sources",
}
_NAMES = {"answers": "answers_timeline", "catalogue": "shipped", "load_instrument": "load"}

__all__ = [
    "Assessment",
    "Course",
    "Exposure",
    "Finding",
    "Instrument",
    "Interval",
    "Level",
    "Measurement",
    "Patient",
    "StormwatchError",
    "Timeline",
    "Track",
    "Truth",
    "When",
    "__version__",
    "answers",
    "assess",
    "catalogue",
    "follow",
    "instrument",
    "load_instrument",
    "patients",
    "read",
    "track",
]

if TYPE_CHECKING:
    from stormwatch.course.follow import Course as Course
    from stormwatch.course.follow import follow as follow
    from stormwatch.engines.api import assess as assess
    from stormwatch.engines.api import track as track
    from stormwatch.engines.result import Assessment as Assessment
    from stormwatch.engines.result import Track as Track
    from stormwatch.errors import StormwatchError as StormwatchError
    from stormwatch.facts import Exposure as Exposure
    from stormwatch.facts import Finding as Finding
    from stormwatch.facts import Interval as Interval
    from stormwatch.facts import Level as Level
    from stormwatch.facts import Measurement as Measurement
    from stormwatch.facts import Patient as Patient
    from stormwatch.facts import Timeline as Timeline
    from stormwatch.facts import When as When
    from stormwatch.instruments.catalogue import instrument as instrument
    from stormwatch.instruments.catalogue import load as load_instrument
    from stormwatch.instruments.catalogue import shipped as catalogue
    from stormwatch.instruments.instrument import Instrument as Instrument
    from stormwatch.logic.truth import Truth as Truth
    from stormwatch.sources import answers_timeline as answers
    from stormwatch.sources import patients as patients
    from stormwatch.sources import read as read

    __version__: str


def __getattr__(name: str) -> Any:
    """Public names are loaded when first used, so that importing Stormwatch costs next to nothing."""
    if name == "__version__":
        from stormwatch._version import version

        return version()
    if name not in _HOMES:
        raise AttributeError(f"module 'stormwatch' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), _NAMES.get(name, name))
    _show_in_notebook()
    return found


def _show_in_notebook() -> None:
    """In IPython, timelines, assessments and courses show as tables and pictures. Elsewhere nothing happens."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from stormwatch.reports.notebook import register

        register(shell)
