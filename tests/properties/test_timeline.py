"""Rule 7 of the house, and the promise that a track shows every change: both against a plain second computation."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.facts import Interval
from stormwatch.instruments.catalogue import instrument
from stormwatch.logic.inputs import FindingInput, LabInput, Take
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import given as dose
from stormwatch.testing.records import hour, measured, record, stated

hours = st.integers(0, 200)
delays = st.integers(0, 80)
analytes = st.sampled_from(
    [
        "ferritin",
        "temperature",
        "platelets",
        "wbc",
        "haemoglobin",
        "neutrophils",
        "ast",
        "triglycerides",
        "fibrinogen",
        "sbp",
    ]
)
numbers = st.one_of(
    st.sampled_from([1, 2, 5, 9, 29, 30, 36, 38, 39, 89, 90, 100, 110, 250, 265, 500, 1000, 2000, 6000, 7000]),
    st.sampled_from([Interval.above(40000), Interval.below(5, floor=0), Interval(30, 300)]),
)


@st.composite
def facts(draw):
    kind = draw(st.sampled_from(["lab", "lab", "lab", "finding", "drug"]))
    at = draw(hours)
    if kind == "lab":
        limits = draw(st.sampled_from([{}, {}, {"high": 40, "low": 10}, {"high": 100}]))
        return measured(
            draw(analytes), draw(numbers), at, known=at + draw(delays), record=str(draw(st.integers())), **limits
        )
    if kind == "finding":
        names = ["fever", "splenomegaly", "hepatomegaly", "haemophagocytosis", "hypotension", "low_flow_oxygen"]
        return stated(draw(st.sampled_from(names)), at, present=draw(st.booleans()), known=at + draw(delays))
    drugs = ["norepinephrine", "vasopressin", "tocilizumab", "dexamethasone", "blinatumomab"]
    exposure = dose(draw(st.sampled_from(drugs)), at, until=at + draw(delays))
    return replace(exposure, known_at=hour(at + draw(delays)))


records = st.lists(facts(), max_size=25).map(record)
names = st.sampled_from(["hscore", "hlh-2004", "crs-astct", "ohi", "ctcae-v5", "tls-cairo-bishop", "hys-law"])


@given(records, names, st.integers(0, 300), st.booleans())
def test_a_track_holds_at_every_moment_what_assessing_that_moment_gives(timeline, name, at, half):
    moment = hour(at + half / 2).latest
    chosen, readings = instrument(name), Readings(timeline)
    steps = [m for m in reference.changes(chosen, readings, hour(1000).latest) if m.moment <= moment]
    assessed = reference.assess(chosen, Readings(timeline), moment)
    assert (steps[-1].verdict, steps[-1].score) == (assessed.verdict, assessed.score)


@given(records, names, st.integers(0, 300))
def test_each_item_along_the_timeline_is_what_assessing_that_moment_gives(timeline, name, at):
    moment = hour(at).latest
    chosen, readings = instrument(name), Readings(timeline)
    assessed = reference.assess(chosen, readings, moment)
    for item, because in zip(chosen.items, assessed.items, strict=True):
        steps = [step for step in reference.item_changes(item, readings, hour(1000).latest) if step[0] <= moment]
        assert steps[-1][1] == because.value


@given(records, names)
def test_neighbouring_moments_of_a_track_differ(timeline, name):
    steps = list(reference.changes(instrument(name), Readings(timeline), hour(1000).latest))
    assert all((a.verdict, a.score) != (b.verdict, b.score) for a, b in pairwise(steps))
    assert [m.moment for m in steps] == sorted({m.moment for m in steps})


@given(st.lists(facts(), max_size=25), names, st.integers(0, 300))
def test_nothing_learnt_later_changes_what_was_answered_before(found, name, at):
    moment = hour(at).latest
    earlier = [f for f in found if max(f.time.latest, f.known_at.latest) <= moment]
    whole = reference.assess(instrument(name), Readings(record(found)), moment)
    cut = reference.assess(instrument(name), Readings(record(earlier)), moment)
    assert (whole.verdict, whole.score) == (cut.verdict, cut.score)


@given(st.lists(facts(), max_size=12), st.randoms(), names, st.integers(0, 300))
@settings(max_examples=50)
def test_the_order_of_the_rows_does_not_matter(found, random, name, at):
    moment = hour(at).latest
    shuffled = random.sample(found, len(found))
    one = reference.assess(instrument(name), Readings(record(found)), moment)
    other = reference.assess(instrument(name), Readings(record(shuffled)), moment)
    assert (one.verdict, one.score) == (other.verdict, other.score)


@given(records, analytes, st.sampled_from([Take.LATEST, Take.HIGHEST, Take.LOWEST]), st.integers(1, 100), hours)
def test_a_reading_is_what_a_filter_over_the_facts_gives(timeline, analyte, take, window, at):
    moment = hour(at).latest
    domain = Interval(0, high_closed=False)
    which = LabInput(analyte, take, timedelta(hours=window), domain=domain)
    active = [
        f
        for f in timeline.measurements.get(analyte, ())
        if max(f.time.latest, f.known_at.latest) <= moment < f.time.latest + timedelta(hours=window)
    ]
    found = Readings(timeline).reading(which, moment).value
    assert isinstance(found, Interval)
    if not active:
        assert found == domain
        return
    if take is Take.LATEST:
        last = max((f.time.latest, f.known_at.latest) for f in active)
        active = [f for f in active if (f.time.latest, f.known_at.latest) == last]
        expected = (min(f.value.low for f in active), max(f.value.high for f in active))
    elif take is Take.HIGHEST:
        expected = (max(f.value.low for f in active), max(f.value.high for f in active))
    else:
        expected = (min(f.value.low for f in active), min(f.value.high for f in active))
    assert (found.low, found.high) == expected


@given(records, st.sampled_from([Take.LATEST, Take.ANY]), st.integers(1, 100), hours)
def test_a_finding_is_what_a_filter_over_the_statements_gives(timeline, take, window, at):
    moment = hour(at).latest
    active = [
        f
        for f in timeline.findings.get("fever", ())
        if max(f.time.latest, f.known_at.latest) <= moment < f.time.latest + timedelta(hours=window)
    ]
    if take is Take.LATEST and active:
        last = max((f.time.latest, f.known_at.latest) for f in active)
        active = [f for f in active if (f.time.latest, f.known_at.latest) == last]
    said = {f.present for f in active}
    expected = Truth.UNKNOWN if not said else Truth.MET if said == {True} else Truth.NOT_MET
    if said == {True, False}:
        expected = Truth.MET if take is Take.ANY else Truth.UNKNOWN
    assert Readings(timeline).reading(FindingInput("fever", take, timedelta(hours=window)), moment).value is expected
