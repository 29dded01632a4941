"""A reading as one payload: the text in pieces, the facts, and every instrument for every patient described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stormwatch.engines.api import moment_of
from stormwatch.engines.readings import Readings
from stormwatch.engines.reference import track
from stormwatch.explain.payload import track_payload
from stormwatch.instruments.instrument import Instrument
from stormwatch.literature.page.marks import marks, pieces
from stormwatch.literature.page.wording import of_readers, remarks, says
from stormwatch.sources.derived import with_derived
from stormwatch.sources.text import Mention, Reading, Saved, timeline_of
from stormwatch.sources.text.llm import Answered
from stormwatch.sources.text.records import patients_of_reading

Payload = dict[str, Any]


def reading_payload(
    saved: Saved, instruments: Sequence[Instrument], patient: str | None = None, answered: Answered | None = None
) -> Payload:
    """What is shown of a reading: corrected, where a person corrected it.

    Args:
        saved: the reading and its corrections.
        instruments: what to assess.
        patient: number of the patient to assess, when the report describes several. Default: each of them.
        answered: what became of a language model's answer, where one was asked.

    Raises:
        InputError: a correction does not fit.
        UnknownName: the report describes no such patient.
    """
    reading = saved.corrected
    return {
        "document": _document(reading),
        "pieces": list(_pieces(reading)),
        "facts": [_fact(number, mention) for number, mention in enumerate(reading.mentions, 1)],
        "corrections": len(saved.corrections),
        "readers": of_readers(reading, answered),
        "patients": [
            _patient(reading, one, instruments) for one in ([patient] if patient else patients_of_reading(reading))
        ],
    }


def _document(reading: Reading) -> Payload:
    document = reading.document
    return {
        "title": document.title,
        "authors": list(document.authors),
        "journal": document.journal,
        "year": document.year,
        "doi": document.doi,
        "pmid": document.pmid,
        "keyphrases": list(document.keyphrases),
    }


def _pieces(reading: Reading) -> Iterator[Payload]:
    for text, mark in pieces(reading.document.text, marks(reading.mentions)):
        numbers = [] if mark is None else [place + 1 for place in mark.mentions]
        kind = reading.mentions[numbers[0] - 1].kind.value if numbers else ""
        yield {"text": text, "facts": numbers, "kind": kind}


def _fact(number: int, mention: Mention) -> Payload:
    return {
        "number": number,
        "kind": mention.kind.value,
        "says": says(mention),
        "remarks": remarks(mention),
        "text": " ".join(mention.text.split()),
        "chars": f"{mention.start}-{mention.end}",
        "rule": mention.rule,
    }


def _patient(reading: Reading, patient: str, instruments: Sequence[Instrument]) -> Payload:
    timeline = with_derived(timeline_of(reading, patient))
    tracks = []
    if timeline.end is not None:
        record, until = Readings(timeline), moment_of(None, timeline)
        tracks = [track_payload(track(one, record, until), ()) for one in instruments]
    return {
        "patient": patient,
        "facts": len(timeline.facts),
        "record_says": list(timeline.labels),
        "account": timeline.accounting.summary().replace("rows read", "mentions"),
        "instruments": tracks,
    }
