"""One report as plain data: everything that HTML, PDF, Markdown and JSON show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from stormwatch.course import payload as course_payload
from stormwatch.course.follow import Course
from stormwatch.engines.readings import Readings
from stormwatch.explain.payload import track_payload
from stormwatch.guidance import payload as guidance_payload
from stormwatch.guidance import says
from stormwatch.reports.messages import Messages, messages
from stormwatch.reports.picture import around, picture, whole
from stormwatch.reports.story import story
from stormwatch.sources.quality import quality

Payload = dict[str, Any]
SCHEMA = "stormwatch report 1"

_BEFORE, _AFTER = timedelta(days=3), timedelta(days=9)
"""What a closer look shows around the first certain onset. Ours."""


def report(course: Course, *, language: str = "en") -> Payload:
    """The report on one patient's course.

    Args:
        course: from ``stormwatch.follow``.
        language: of the sentences it begins with.

    Returns:
        The course, what it comes to in a few sentences, the pictures as data, every verdict with its reasons, what
        documents say, data quality, and the versions of all that was used. An empty record gives a report that says so.

    Raises:
        UsageError: there are no messages in the language.

    >>> import stormwatch as sw
    >>> made = report(sw.follow(sw.answers({"temperature": "39.1 Cel"})))
    >>> made["schema"], made["course"]["episodes"][0]["syndrome"]
    ('stormwatch report 1', 'crs')
    """
    followed = course_payload.payload(course)
    return {
        "schema": SCHEMA,
        "language": language,
        "patient": followed["patient"],
        "record_says": followed["record_says"],
        "software": course.software,
        "data_cut": followed["data_cut"],
        "as_known_at": followed["as_known_at"],
        "story": story(followed, language),
        "pictures": list(_pictures(course, language)),
        "verdicts": [track_payload(track, {"worst"}) for track in course.tracks.values()],
        "course": followed,
        "guidance": guidance_payload.payload(says(course)),
        "quality": quality([course.timeline]),
        "files": _files(course),
    }


def _pictures(course: Course, language: str) -> Iterator[Payload]:
    """The whole course, and a closer look at the first onset where the whole is too wide to show it."""
    if course.at is None:
        return
    said, full, readings = messages(language), whole(course, language), Readings(course.timeline)
    drawn = picture(course, full, "whole", language, readings)
    yield _titled(drawn, said["picture.whole"], said)
    onset = min((episode.onset for episode in course.episodes), default=None)
    if onset is not None and full.last - full.first > 2 * (_BEFORE + _AFTER):
        axis = around(full, onset - _BEFORE, onset + _AFTER)
        start, stop = (f"{end.astimezone(course.timeline.zone):%Y-%m-%d}" for end in (axis.first, axis.last))
        drawn = picture(course, axis, "closer", language, readings)
        yield _titled(drawn, said["picture.closer"].format(start=start, stop=stop), said)


def _titled(drawn: Payload, title: str, said: Messages) -> Payload:
    return {"title": title, "said": said["picture.said"].format(axis=drawn["axis"]), "picture": drawn}


def _files(course: Course) -> list[Payload]:
    """The files the facts came from, with how many facts each gave."""
    counted = Counter(fact.origin.file for fact in course.timeline.facts)
    return [{"file": file, "facts": facts} for file, facts in sorted(counted.items())]
