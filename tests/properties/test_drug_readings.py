"""Counting drugs drug by drug gives what the definition says: look at every moment at all that counts then."""

from datetime import timedelta
from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from stormwatch.facts import Exposure, Finding, Given, Interval, Origin, Patient, Timeline, When, in_order, usable_from
from stormwatch.logic.inputs import DrugInput
from stormwatch.logic.windows import steps
from stormwatch.testing.records import START

HOUR = timedelta(hours=1)
GROUP = ("dopamine", "epinephrine", "norepinephrine")
hours = st.integers(0, 12)


def at(hour):
    return When.at(START + hour * HOUR)


@st.composite
def exposures(draw):
    start, known, lasting = draw(hours), draw(hours), draw(st.sampled_from([None, None, 0, 1, 3, 20]))
    return Exposure(
        drug=draw(st.sampled_from([*GROUP, "tocilizumab"])),
        given=draw(st.sampled_from([Given.GIVEN, Given.GIVEN, Given.NOT_GIVEN, Given.ORDERED])),
        recorded="",
        time=at(start),
        known_at=at(known),
        origin=Origin("", str(draw(st.integers(0, 3)))),
        stop=None if lasting is None else at(start + lasting),
        running=lasting is None and draw(st.booleans()),
    )


@st.composite
def statements(draw):
    return Finding("vasopressor", draw(st.booleans()), "", at(draw(hours)), at(draw(hours)), Origin("", "said"))


def counting(timeline, which, moment):
    """What counts at a moment, the one that counts more later: by the time it is about, then by when it was known."""
    found = []
    for fact in (*timeline.exposures, *timeline.findings.get(which.stated, ())):
        if isinstance(fact, Exposure):
            if fact.drug not in which.drugs or fact.given is Given.ORDERED:
                continue
            end = None if fact.running else (fact.stop or fact.time).latest + which.within
        else:
            end = fact.time.latest + which.within
        if usable_from(fact) <= moment and (end is None or moment < end):
            found.append(fact)
    return sorted(found, key=lambda fact: (fact.time.latest, fact.known_at.latest))


def by_definition(timeline, which, moment):
    """The value and the facts, said slowly; None when the record says nothing of the group at this moment."""
    active = counting(timeline, which, moment)
    given_ones = {f.drug: f for f in active if isinstance(f, Exposure) and f.given is Given.GIVEN}
    denied = {f.drug: f for f in active if isinstance(f, Exposure) and f.given is Given.NOT_GIVEN}
    said = [f for f in active if isinstance(f, Finding)]
    complete = "exposures" in timeline.complete
    if given_ones:
        open_ones = which.drugs - given_ones.keys() - denied.keys()
        most = len(given_ones) + (0 if complete else len(open_ones))
        return Interval(len(given_ones), most), tuple(given_ones.values())
    if denied.keys() == which.drugs:
        return Interval.point(0), tuple(denied.values())
    if said:
        return Interval.above(1, closed=True) if said[-1].present else Interval.point(0), (said[-1],)
    return (Interval.point(0), ()) if complete else None


@given(
    st.lists(st.one_of(exposures(), exposures(), exposures(), statements()), max_size=14),
    st.sampled_from([frozenset(), frozenset({"exposures"})]),
    st.sampled_from([HOUR, 3 * HOUR, 24 * HOUR]),
    st.sampled_from(["", "vasopressor"]),
)
@settings(max_examples=300)
def test_the_count_at_every_moment_is_the_one_defined(facts, complete, within, stated):
    which = DrugInput("group", frozenset(GROUP), within, stated)
    timeline = Timeline(Patient("p"), in_order(facts), complete=complete)
    track = steps(timeline, which)
    for hour, minute in product(range(-1, 50), (0, 30)):
        moment = START + hour * HOUR + minute * HOUR / 60
        reading = next(step.reading for step in reversed(track) if step.moment <= moment)
        expected = by_definition(timeline, which, moment)
        if expected is None:
            assert (reading.value, reading.facts, bool(reading.why_open)) == (which.domain, (), True)
        else:
            assert (reading.value, reading.facts, reading.why_open) == (*expected, "")
    assert all(one.reading != other.reading for one, other in pairwise(track))
