"""The patient (section D): sex, age, weight, history. A name is never put into a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stormwatch import terms
from stormwatch.facts import Finding, Measurement, plain, usable_from
from stormwatch.safety.basis import Source
from stormwatch.safety.dates import people
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.knowledge import history
from stormwatch.safety.drafting.pen import Drafting

_SEX = {"male": "1", "female": "2"}
_NAME = "Masked: a draft holds no name or initials; a person may put them in."


def put_patient(drafting: Drafting, events: tuple[Event, ...]) -> None:
    """Who the patient is, as far as the record tells, at the onset of the first reaction."""
    case, patient = drafting.case, drafting.timeline.patient
    onset = min((event.first for event in events), default=drafting.course.at)
    case.put("D.1", None, _NAME, null="MSK", by="stated")
    born = drafting.date(patient.birth)
    if born is not None and len(born) >= 8:
        case.put("D.2.1", born[:8], "As recorded.", also=(_person(drafting),))
    if onset is not None:
        _age(drafting, onset)
        _measure(drafting, "weight", "D.3", onset)
        _measure(drafting, "height", "D.4", onset)
    if patient.sex in _SEX:
        case.put("D.5", _SEX[patient.sex], "As recorded.", also=(_person(drafting),))
    else:
        why = "Neither male nor female is recorded; E2B(R3) has no other code."
        case.put("D.5", None, why, null="UNK")
    _death(drafting)
    _history(drafting, onset)


def _person(drafting: Drafting) -> Source:
    return Source(drafting.file(), f"Patient/{drafting.timeline.patient.id}")


def _age(drafting: Drafting, onset: datetime) -> None:
    years = drafting.timeline.patient.age_years(onset)
    if years is not None and years[0] == years[1]:
        why = "Completed years at the first sign of the first reaction."
        drafting.case.put("D.2.2a", str(years[0]), why, also=(_person(drafting),))
        drafting.case.put("D.2.2b", "a", why, also=(_person(drafting),))


def _measure(drafting: Drafting, analyte: str, number: str, onset: datetime) -> None:
    """The last value known at the onset."""
    known = [one for one in drafting.timeline.measurements.get(analyte, ()) if usable_from(one) <= onset]
    last: Measurement | None = max(known, key=lambda one: one.time.latest, default=None)
    if last is not None and last.value.is_point:
        text = plain(last.value.low) if number == "D.3" else plain(round(last.value.low))
        drafting.case.put(number, text, "The last value before the first reaction.", (last,))


def _death(drafting: Drafting) -> None:
    died = drafting.timeline.patient.death
    if died is not None:
        drafting.case.put("D.9.1", drafting.date(died), "As recorded.", also=(_person(drafting),))


def _history(drafting: Drafting, onset: datetime | None) -> None:
    """What was recorded before the first reaction, as words; coded entries need MedDRA."""
    told = list(_told(drafting, onset))
    if not told:
        drafting.case.put("D.7.2", None, "The record states no medical history of those looked for.", null="UNK")
        return
    words = "; ".join(f"{_name(one)}{_recorded(drafting, one)}" for one in told)
    why = "What the record states before the first sign of the first reaction."
    drafting.case.put("D.7.2", words, why, told)
    for one in told:
        item = drafting.case.add("SW.history", one.name)
        item.put("SW.history.term", _name(one), why, (one,))
        item.put("SW.history.start", drafting.date(one.time), why, (one,))


def _told(drafting: Drafting, onset: datetime | None) -> Iterator[Finding]:
    """The first time each was stated to be there."""
    for name in history():
        for fact in drafting.findings(name):
            if fact.present and (onset is None or fact.time.latest <= onset):
                yield fact
                break


def _recorded(drafting: Drafting, fact: Finding) -> str:
    date = drafting.date(fact.time)
    return "" if date is None else f" (recorded {people(date)})"


def _name(fact: Finding) -> str:
    """The words of the record; a bare yes stands for the name of the finding."""
    bare = fact.recorded.casefold() in {"", "true", "yes", "y", "1", "present", "positive"}
    return terms.findings()[fact.name].title if bare else fact.recorded
