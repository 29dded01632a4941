"""What MEDS says of the patient: birth, death and sex."""

from __future__ import annotations

from datetime import datetime, time, tzinfo

from stormwatch.facts import Patient, When
from stormwatch.sources.draft import Rejected
from stormwatch.sources.meds.shards import Event
from stormwatch.sources.times import when

_SEXES = {"f": "female", "female": "female", "m": "male", "male": "male", "other": "other"}


class Person:
    """Gathers the events that describe the patient."""

    def __init__(self, id: str, zone: tzinfo | None) -> None:
        self._id, self._zone = id, zone
        self._sex = ""
        self._times: dict[str, When] = {}

    def take(self, event: Event) -> bool:
        """Whether the event describes the patient. Raises Rejected when it contradicts an earlier one."""
        head, _, rest = event.code.partition("//")
        if head in {"MEDS_BIRTH", "MEDS_DEATH"}:
            stated = when(_day_or_time(event.time), self._zone)
            if self._times.setdefault(head, stated) != stated:
                raise Rejected("a second time of birth or death that differs from the first")
        elif head == "GENDER" and rest.casefold() in _SEXES:
            sex = _SEXES[rest.casefold()]
            if self._sex not in ("", sex):
                raise Rejected("a second sex that differs from the first")
            self._sex = sex
        else:
            return False
        return True

    def patient(self) -> Patient:
        return Patient(self._id, self._sex, self._times.get("MEDS_BIRTH"), self._times.get("MEDS_DEATH"))


def _day_or_time(moment: datetime | None) -> str:
    """Midnight is how MEDS writes a date without a clock time."""
    if moment is None:
        return ""
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
