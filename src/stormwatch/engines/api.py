"""The functions people call: ``assess`` at one moment, ``track`` along the timeline."""

from __future__ import annotations

from datetime import datetime

from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.engines.result import Assessment, Track
from stormwatch.errors import UsageError
from stormwatch.facts import Timeline, When
from stormwatch.instruments.catalogue import instrument as find
from stormwatch.instruments.instrument import Instrument

At = datetime | str | None


def assess(timeline: Timeline, instrument: str | Instrument, *, at: At = None) -> Assessment:
    """Evaluate one instrument at one moment, on what was known then.

    Args:
        timeline: one patient's facts, from ``stormwatch.read``.
        instrument: an id such as ``"hscore"``, or a loaded instrument.
        at: the moment, as a datetime with zone or ISO 8601 text. A date alone means the end of that day. Default: the
            end of the record. Nothing reads the clock.

    Returns:
        verdict (met, not met, unknown), score as an interval over all ways the missing answers could turn out, items
        with their reasons, what is missing and what it would change. A missing value is never a normal value.

    Raises:
        UnknownName: no such instrument.
        UsageError: ``at`` is no time, or the record is empty and no ``at`` is given.

    >>> import stormwatch as sw
    >>> record = sw.answers({"ferritin": "10749 ng/mL", "sil2r": "4000 U/mL"})
    >>> sw.assess(record, "ohi").verdict
    <Truth.MET: 'met'>
    """
    chosen, moment = _found(instrument), moment_of(at, timeline)
    return reference.assess(chosen, Readings(timeline, moment), moment)


def track(timeline: Timeline, instrument: str | Instrument, *, at: At = None) -> Track:
    """Evaluate one instrument at every moment, up to ``at``, at which its answer changed.

    An answer changes when a new fact becomes known and when an old one falls out of its window. Arguments, missing
    values and errors as in ``assess``.

    >>> import stormwatch as sw
    >>> record = sw.answers({"ferritin": "10749 ng/mL", "sil2r": "4000 U/mL"})
    >>> sw.track(record, "ohi").first_met is not None
    True
    """
    return reference.track(_found(instrument), Readings(timeline), moment_of(at, timeline))


def moment_of(at: At, timeline: Timeline) -> datetime:
    """The moment meant by ``at``: its latest reading, in the record's zone; the end of the record when not given."""
    if at is None:
        if timeline.end is None:
            raise UsageError("the record holds no fact that can be used, so there is no moment to assess; name one")
        return timeline.end
    try:
        return When.at(at).latest if isinstance(at, datetime) else When.parse(at, timeline.zone).latest
    except ValueError as error:
        raise UsageError(f"the moment to assess cannot be used: {error}") from None


def _found(instrument: str | Instrument) -> Instrument:
    return find(instrument) if isinstance(instrument, str) else instrument
