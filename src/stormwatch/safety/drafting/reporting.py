"""Identification, reporter, sender, study and literature (section C): all of it said by whoever drafts."""

from __future__ import annotations

from stormwatch.safety.details import Details, Reporter, Sender, Study
from stormwatch.safety.drafting.pen import Drafting

_SAID = "As given to the draft."
_REPORTER = {
    "title": "C.2.r.1.1", "given": "C.2.r.1.2", "family": "C.2.r.1.4", "organisation": "C.2.r.2.1",
    "department": "C.2.r.2.2", "street": "C.2.r.2.3", "city": "C.2.r.2.4", "state": "C.2.r.2.5",
    "postcode": "C.2.r.2.6", "telephone": "C.2.r.2.7", "country": "C.2.r.3", "qualification": "C.2.r.4",
}  # fmt: skip
_SENDER = {
    "kind": "C.3.1", "organisation": "C.3.2", "department": "C.3.3.1", "given": "C.3.3.3", "family": "C.3.3.5",
    "street": "C.3.4.1", "city": "C.3.4.2", "state": "C.3.4.3", "postcode": "C.3.4.4", "country": "C.3.4.5",
    "telephone": "C.3.4.6", "email": "C.3.4.8",
}  # fmt: skip


def put_reporting(drafting: Drafting, details: Details) -> None:
    """Section C from what was given; what was not is left out."""
    case = drafting.case
    for number in ("C.1.1", "C.1.8.1"):
        case.put(number, details.number or None, _SAID, by="stated")
    case.put("C.1.2", details.created or None, _SAID, by="stated")
    _type(drafting, details)
    _dates(drafting, details)
    case.put("C.1.7", None, "Whether it is due in short time differs by document; see the clocks.", null="NI")
    if details.sender is not None and details.sender.kind:
        authority = details.sender.kind == "2"
        case.put("C.1.8.2", "1" if authority else "2", "By the type of the sender.", by="stated")
    case.put("C.1.9.1", None, "Nothing is known of other numbers of this case.", null="NI")
    _people(drafting, details.reporter, details.sender)
    for text in details.literature:
        case.add("C.4.r").put("C.4.r.1", text[:500], _SAID, by="stated")
    if details.study is not None:
        _study(drafting, details.study)


def _type(drafting: Drafting, details: Details) -> None:
    if details.study is not None:
        drafting.case.put("C.1.3", "2", "A study was named.", by="stated")
    elif details.reporter is not None or details.literature:
        drafting.case.put(
            "C.1.3", "1", "No study was named: spontaneous, also where it comes from the literature.", by="stated"
        )
    else:
        drafting.case.put("C.1.3", "4", "Neither reporter nor study was named.", by="stated")


def _dates(drafting: Drafting, details: Details) -> None:
    if details.day_zero is not None:
        day = details.day_zero.strftime("%Y%m%d")
        drafting.case.put("C.1.4", day, "Day zero as given: the first awareness of a valid case.", by="stated")
        latest = details.received.replace("-", "") or day
        drafting.case.put("C.1.5", latest, "The most recent information as given, otherwise day zero.", by="stated")


def _people(drafting: Drafting, reporter: Reporter | None, sender: Sender | None) -> None:
    if reporter is not None:
        place = drafting.case.add("C.2.r")
        for name, number in _REPORTER.items():
            place.put(number, getattr(reporter, name) or None, _SAID, by="stated")
        place.put("C.2.r.5", "1", "The only reporter given.", by="stated")
    if sender is not None:
        for name, number in _SENDER.items():
            drafting.case.put(number, getattr(sender, name) or None, _SAID, by="stated")


def _study(drafting: Drafting, study: Study) -> None:
    for number, text in (("C.5.2", study.name), ("C.5.3", study.number), ("C.5.4", study.kind)):
        drafting.case.put(number, text or None, _SAID, by="stated")
    if study.registration:
        place = drafting.case.add("C.5.1.r")
        place.put("C.5.1.r.1", study.registration, _SAID, by="stated")
        place.put("C.5.1.r.2", study.registration_country or None, _SAID, by="stated")
