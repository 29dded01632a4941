"""Every reading of any input along a patient's timeline."""

from __future__ import annotations

from datetime import datetime

from stormwatch.facts import Timeline
from stormwatch.logic.demographics import age_steps, death_steps, sex_reading
from stormwatch.logic.drugs import drug_steps
from stormwatch.logic.findings import finding_steps
from stormwatch.logic.inputs import AgeInput, DeathInput, DrugInput, FindingInput, Input, LabInput
from stormwatch.logic.labs import lab_steps
from stormwatch.logic.reading import Step
from stormwatch.logic.sweep import BEGINNING


def steps(timeline: Timeline, which: Input, at: datetime | None = None) -> list[Step]:
    """Every reading of an input along a patient's timeline, in time order, the first from the beginning of time.

    With ``at`` only the reading at that moment is sure to be among them, which is far less work in a long record.
    """
    if isinstance(which, LabInput):
        return lab_steps(timeline, which, at)
    if isinstance(which, FindingInput):
        return finding_steps(timeline, which, at)
    if isinstance(which, DrugInput):
        return drug_steps(timeline, which, at)
    if isinstance(which, AgeInput):
        return age_steps(timeline, which)
    if isinstance(which, DeathInput):
        return death_steps(timeline)
    return [Step(BEGINNING, sex_reading(timeline, which))]
