"""Seriousness of a reaction by each criterion of ICH E2D, with the facts for each.

E2B(R3) knows ``true`` and "no information" for a criterion, and so does the draft: what the record does not show is
never a no.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stormwatch.course.challenge import window
from stormwatch.facts import Fact, Stay
from stormwatch.safety.basis import stay_source
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.pen import Drafting, Place

CRITERIA = {
    "E.i.3.2a": "death",
    "E.i.3.2b": "life-threatening",
    "E.i.3.2c": "hospitalisation or its prolongation",
    "E.i.3.2d": "persistent or significant disability",
    "E.i.3.2e": "congenital anomaly",
    "E.i.3.2f": "other medically important condition",
}
_GRADE_4 = (
    "Grade 4 by {instrument}. In CTCAE grade 4 means life-threatening consequences (general grading of CTCAE, NCI). "
    "Whether the patient was at risk of death at the time is for a person to confirm."
)
_JUDGEMENT = "ICH E2D leaves this to medical judgement, and no list of terms is held here: a person decides."
_NOT_STATED = "The record states nothing on it."


def put_seriousness(drafting: Drafting, place: Place, event: Event) -> None:
    """The six criteria: true with the facts for it, or no information with the reason."""
    _death(drafting, place, event)
    _life_threatening(drafting, place, event)
    _hospital(drafting, place, event)
    place.put("E.i.3.2d", None, _NOT_STATED, null="NI")
    place.put("E.i.3.2e", None, _NOT_STATED, null="NI")
    place.put("E.i.3.2f", None, _JUDGEMENT, null="NI")


def death_from(drafting: Drafting, event: Event) -> tuple[Fact, ...]:
    """The findings that state death from this kind of reaction; a death alone is not one."""
    return tuple(_present(drafting, event.kind.death, event))


def _death(drafting: Drafting, place: Place, event: Event) -> None:
    facts = death_from(drafting, event)
    if facts:
        place.put("E.i.3.2a", "true", "The record states death from it.", facts)
        return
    died = drafting.timeline.patient.death
    why = "No death is recorded." if died is None else "The patient died; the record does not say from what: judge."
    place.put("E.i.3.2a", None, why, null="NI")


def _life_threatening(drafting: Drafting, place: Place, event: Event) -> None:
    facts = tuple(_present(drafting, event.kind.life_threatening, event))
    if facts:
        place.put("E.i.3.2b", "true", "The record states that it was life-threatening.", facts)
        return
    for one in event.episodes:
        if one.instrument == event.kind.grade and one.peak is not None and one.peak.low >= 4:
            place.put("E.i.3.2b", "true", _GRADE_4.format(instrument=one.instrument), one.facts)
            return
    place.put("E.i.3.2b", None, "Neither stated, nor grade 4 by CTCAE.", null="NI")


def _hospital(drafting: Drafting, place: Place, event: Event) -> None:
    """An inpatient stay that began around the onset or during the reaction; that it was because of it is inferred."""
    span = window("onset").span
    until = event.until(drafting.course.at or event.start)
    stays = [one for one in drafting.timeline.stays if one.kind == "inpatient"]
    begun = [one for one in stays if event.first - span <= one.time.latest <= until]
    if begun:
        hours = int(span.total_seconds() // 3600)
        why = (
            f"An inpatient stay began from {hours} h before the first sign of the reaction until its end ({hours} h as "
            "for stopping the drug; ours). That it began because of the reaction is inferred."
        )
        also = [stay_source(one, drafting.file()) for one in begun]
        place.put("E.i.3.2c", "true", why, also=also)
    elif any(_during(one, event.first) for one in stays):
        why = "The patient was in hospital already; whether the reaction prolonged the stay the record does not say."
        place.put("E.i.3.2c", None, why, null="NI")
    else:
        place.put("E.i.3.2c", None, "No inpatient stay around it is recorded, which does not rule one out.", null="NI")


def _during(stay: Stay, moment: datetime) -> bool:
    return stay.time.latest <= moment and (stay.stop is None or moment <= stay.stop.latest)


def _present(drafting: Drafting, names: tuple[str, ...], event: Event) -> Iterator[Fact]:
    for name in names:
        for fact in drafting.findings(name):
            if fact.present and fact.time.latest >= event.first:
                yield fact
