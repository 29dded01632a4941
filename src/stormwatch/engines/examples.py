"""The worked examples inside an instrument file, run against the instrument itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from stormwatch.engines.readings import Readings
from stormwatch.engines.reference import assess
from stormwatch.engines.result import Assessment
from stormwatch.errors import StormwatchError
from stormwatch.facts import Interval, Timeline
from stormwatch.instruments.instrument import Instrument
from stormwatch.instruments.schema import Example

Reader = Callable[[Mapping[str, str | bool], list[str]], Timeline]
"""Makes a timeline of one moment from answers and from the kinds of record that are vouched complete."""


def failures(instrument: Instrument, read: Reader) -> list[str]:
    """Every worked example that does not come out as the file states, in words; empty when all do."""
    return [
        f"example {place + 1}: {fault}"
        for place, example in enumerate(instrument.definition.examples)
        for fault in _faults(instrument, example, read)
    ]


def outcome(instrument: Instrument, example: Example, read: Reader) -> Assessment:
    """The instrument on the answers of one worked example."""
    given = dict(example.given)
    complete = str(given.pop("complete", "")).split()
    timeline = read({key: value if isinstance(value, bool) else str(value) for key, value in given.items()}, complete)
    assert timeline.end is not None
    return assess(instrument, Readings(timeline), timeline.end)


def _faults(instrument: Instrument, example: Example, read: Reader) -> Iterator[str]:
    try:
        result = outcome(instrument, example, read)
    except StormwatchError as error:
        yield str(error)
        return
    expected = _expected(example)
    if expected is not None and (result.score is None or (result.score.low, result.score.high) != expected):
        yield f"the score should be {expected[0]} to {expected[1]}, and is {result.score or Interval()}"
    verdict = None if result.verdict is None else result.verdict.value
    if example.verdict not in (None, verdict):
        yield f"the verdict should be {example.verdict}, and is {verdict or 'none'}"


def _expected(example: Example) -> tuple[Fraction, Fraction] | None:
    if example.score is not None:
        return Fraction(example.score), Fraction(example.score)
    if example.low is not None and example.high is not None:
        return Fraction(example.low), Fraction(example.high)
    return None
