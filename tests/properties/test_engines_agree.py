"""The columnar engine gives exactly what the reference engine gives: every moment, every verdict, every range.

Patients are made to be awkward: values on the cut-offs, ties, censored values, results known late, limits that come
and go, doses learnt of afterwards, dates without a time, birthdays, death. Times are few and far apart in kind, so
that facts meet.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormwatch.engines import reference
from stormwatch.engines.columnar.changes import NO_VERDICT, batched, changes, together
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.engines.columnar.meanings import VERDICTS
from stormwatch.engines.columnar.monitor import Monitor
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import micros
from stormwatch.engines.readings import Readings
from stormwatch.engines.result import Moment
from stormwatch.facts import (
    Exposure,
    Finding,
    Given,
    Interval,
    Level,
    Limit,
    Measurement,
    Origin,
    Patient,
    Timeline,
    When,
    in_order,
    usable_from,
)
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import (
    AgeInput,
    Baseline,
    DrugInput,
    FindingInput,
    LabInput,
    Relative,
    SexInput,
    Take,
)
from stormwatch.testing import strategies

NAMES = list(shipped())
START = datetime(2024, 2, 27, tzinfo=UTC)
HOUR = timedelta(hours=1)


# --- the answers of both engines ---------------------------------------------------------------------------------


def of_reference(chosen, timeline, until=None):
    moments = reference.changes(chosen, Readings(timeline), until or timeline.end or START)
    return [(micros(m.moment), m.verdict, ends(m.score)) for m in moments]


def ends(score):
    return None if score is None else (float(score.low), float(score.high), score.low_closed, score.high_closed)


def of_columns(found, place, patient, chosen):
    rows = (found.instrument == place) & (found.patient == patient)
    columns = (found.moment, found.verdict, found.low, found.high, ~found.low_open, ~found.high_open)
    for moment, verdict, *score in zip(*(column[rows].tolist() for column in columns), strict=True):
        yield (
            moment,
            None if verdict == NO_VERDICT else VERDICTS[verdict],
            None if chosen.score is None else tuple(score),
        )


def agree(instruments, timelines, plan=None):
    plan = plan or Plan(instruments)
    facts = facts_of(timelines)
    found = changes(facts, plan)
    assert rows_of(changes(facts, plan, passes=compiled_passes())) == rows_of(found)
    for place, chosen in enumerate(instruments):
        for patient, timeline in enumerate(timelines):
            expected = [] if timeline.end is None else of_reference(chosen, timeline)
            assert list(of_columns(found, place, patient, chosen)) == expected, getattr(chosen.definition, "id", "")


def rows_of(found):
    return [
        tuple(map(repr, row)) for row in zip(*(getattr(found, name).tolist() for name in found.__slots__), strict=True)
    ]


# --- patients ----------------------------------------------------------------------------------------------------

hours = st.sampled_from([0, 1, 2, 24, 25, 72, 73, 96, 168, 169, 200])


@st.composite
def times(draw):
    """When something was and when it was known: at once, later, earlier, or only the day of it."""
    at = START + draw(hours) * HOUR
    time = When.parse(at.date().isoformat()) if draw(st.integers(0, 9)) == 0 else When.at(at)
    known = draw(st.sampled_from([0, 0, 0, 0, 1, 24, 100, -5]))
    return time, time if known == 0 else When.at(at + known * HOUR)


def near(cuts):
    """Numbers on, below and above cut-offs, censored ones and ranges among them."""
    steps = (Fraction(-1, 10), 0, Fraction(1, 10), Fraction(1, 3))
    numbers = st.sampled_from(sorted({max(Fraction(cut) + step, Fraction(0)) for cut in cuts for step in steps}))
    points = numbers.map(Interval.point)
    return st.one_of(
        points,
        points,
        points,
        points,
        numbers.flatmap(lambda low: st.booleans().map(lambda closed: Interval.above(low, closed=closed))),
        numbers.filter(bool).map(lambda high: Interval(Fraction(0), high, True, False)),
        st.tuples(numbers, numbers).filter(lambda two: two[0] < two[1]).map(lambda two: Interval(*two)),
    )


limits = st.sampled_from([None, None, Fraction(1), Fraction(3), Fraction(40), Fraction(100, 3), Fraction(0)])


@st.composite
def measurement(draw, analyte, cuts):
    time, known = draw(times())
    value, low, high = draw(near(cuts)), draw(limits), draw(limits)
    return Measurement(analyte, value, "", time, known, Origin("", str(draw(st.integers(0, 3)))), low, high)


@st.composite
def level(draw, analyte, limit):
    time, known = draw(times())
    return Level(analyte, limit, draw(near([1, 3])), "", time, known, Origin("", ""))


@st.composite
def finding(draw, name):
    time, known = draw(times())
    return Finding(name, draw(st.booleans()), "", time, known, Origin("", ""))


@st.composite
def exposure(draw, drug):
    time, known = draw(times())
    stop = draw(st.sampled_from([None, None, 1, 30, 100]))
    end = None if stop is None else When.at(time.latest + stop * HOUR)
    running = stop is None and draw(st.booleans())
    given = draw(st.sampled_from([Given.GIVEN, Given.GIVEN, Given.NOT_GIVEN, Given.ORDERED]))
    return Exposure(drug, given, "", time, known, Origin("", ""), stop=end, running=running)


@cache
def vocabulary(name):
    """What a patient must have for an instrument to answer, with the cut-offs to be near to."""
    chosen = instrument(name)
    roots = [root for root in (chosen.score, chosen.verdict) if root is not None]
    return asked(roots)


def asked(roots):
    labs: dict[str, set[Fraction]] = {}
    levels, findings, drugs = set(), set(), set()
    for which in frozenset().union(*(root.inputs for root in roots)):
        cuts = {cut for root in roots for cut, _ in root.cuts.get(which, ())} or {1, 7}
        if isinstance(which, LabInput):
            times = (1, 3, 40) if which.relative_to else (1,)
            labs.setdefault(which.analyte, set()).update(cut * by for cut in cuts for by in times)
            levels |= {(which.analyte, Limit(which.relative_to.value))} if which.relative_to else set()
            drugs |= set(sorted(which.baseline.drugs)[:2]) if which.baseline else set()
        elif isinstance(which, FindingInput):
            findings.add(which.finding)
        elif isinstance(which, DrugInput):
            drugs |= set(sorted(which.drugs)[:3])
            findings |= {which.stated} - {""}
    return (
        [measurement(analyte, frozenset(cuts)) for analyte, cuts in sorted(labs.items())],
        [finding(name) for name in sorted(findings)]
        + [exposure(drug) for drug in sorted(drugs)]
        + [level(*one) for one in sorted(levels, key=str)],
    )


@st.composite
def people(draw):
    births = ["2006-02-29", "2006-02-28", "2014", "2010-02", "1970-06-01", "2023-03-05"]
    births.remove("2006-02-29")  # no such day
    birth = draw(st.one_of(st.none(), st.sampled_from([*births, "2008-02-29"]).map(When.parse)))
    death = draw(st.one_of(st.none(), st.none(), hours.map(lambda after: When.at(START + after * HOUR))))
    return Patient("p", draw(st.sampled_from(["", "female", "male", "other"])), birth, death)


@st.composite
def timelines(draw, labs, others):
    """A patient with up to a few facts of a few kinds, so that several of each kind meet."""
    kinds = [st.sampled_from(group) for group in (labs, others) if group]
    facts = []
    if kinds:
        few = draw(st.lists(st.one_of(*kinds), min_size=1, max_size=4))
        facts = [draw(one) for one in draw(st.lists(st.sampled_from(few), max_size=14))]
    if draw(st.booleans()):  # everything known at once, as in most records: the compiled engine has one pass for that
        facts = [replace(fact, known_at=fact.time) for fact in facts]
    complete = draw(st.sets(st.sampled_from(["findings", "exposures"])))
    return Timeline(draw(people()), in_order(facts), complete=frozenset(complete))


# --- shipped instruments -----------------------------------------------------------------------------------------


@cache
def plan_of(name):
    return Plan([instrument(name)])


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=12)
def test_both_engines_agree_on_every_instrument(name, data):
    patients = data.draw(st.lists(timelines(*vocabulary(name)), min_size=1, max_size=3))
    agree([instrument(name)], patients, plan_of(name))


ENDS = ["0001-01-01", "0001-01-02", "9999-12-30T23:59:59.999999Z", "9999-12-31", "9999-12-28", "9999", "2024-02-27"]


@st.composite
def at_the_ends_of_the_calendar(draw, one):
    """A fact at the first or the last days there are."""
    fact = draw(one)
    known = draw(st.sampled_from(ENDS)) if draw(st.booleans()) else None
    time = When.parse(draw(st.sampled_from(ENDS)))
    return replace(fact, time=time, known_at=time if known is None else When.parse(known))


@pytest.mark.parametrize("name", ["hscore", "crs-astct", "ctcae-v5", "tls-howard", "easix"])
@given(data=st.data())
@settings(max_examples=12)
def test_both_engines_agree_at_the_ends_of_the_calendar(name, data):
    kinds = [one for group in vocabulary(name) for one in group]
    facts = data.draw(st.lists(st.sampled_from(kinds).flatmap(at_the_ends_of_the_calendar), max_size=8))
    patient = data.draw(people())
    agree([instrument(name)], [Timeline(patient, in_order(facts))], plan_of(name))
    follow([instrument(name)], Timeline(patient, in_order(facts)), sorted(facts, key=usable_from))


# --- generated instruments ---------------------------------------------------------------------------------------

BEFORE = Baseline(frozenset({"blinatumomab", "tisagenlecleucel"}), "before", timedelta(days=3))
windows = st.sampled_from([24 * HOUR, 72 * HOUR, None])
kinds_of_lab = st.sampled_from([(relative, at) for relative in (None, *Relative) for at in (False, True)])
numeric = st.one_of(
    st.builds(
        lambda analyte, take, within, kind: LabInput(
            analyte, take, within, kind[0], BEFORE if kind[1] or kind[0] is Relative.BASELINE else None, kind[1]
        ),
        st.sampled_from(["ferritin", "ast"]),
        st.sampled_from([Take.LATEST, Take.HIGHEST, Take.LOWEST]),
        windows,
        kinds_of_lab,
    ),
    st.builds(
        DrugInput,
        st.just("group"),
        st.just(frozenset({"blinatumomab", "norepinephrine", "dopamine"})),
        st.sampled_from([24 * HOUR, 72 * HOUR]),
        st.sampled_from(["", "vasopressor"]),
    ),
    st.just(AgeInput()),
)
yes_or_no = st.one_of(
    st.builds(
        FindingInput, st.sampled_from(["fever", "vasopressor"]), st.sampled_from([Take.LATEST, Take.ANY]), windows
    ),
    st.sampled_from([SexInput("female"), SexInput("male")]),
)
reads = numeric.map(n.Read)
comparisons = st.builds(n.Compare, reads, st.sampled_from(n.Op), st.sampled_from([1, 3, 10, 15, Fraction(1, 2)]))
several = st.lists(reads, min_size=1, max_size=2).map(tuple)
terms = st.builds(n.Term, st.sampled_from([1, -2, Fraction(1, 3), Fraction("0.003")]), reads)
formulas = st.one_of(
    st.builds(n.Quotient, several, several),
    st.builds(n.Linear, st.lists(terms, min_size=1, max_size=3).map(tuple), st.sampled_from([0, Fraction("-1.5")])),
    st.builds(n.Most, several),
    st.builds(n.Sum, several),
)
leaves = st.one_of(
    comparisons,
    yes_or_no.map(n.Present),
    st.builds(n.Compare, formulas, st.sampled_from(n.Op), st.sampled_from([0, 1, 3])),
)
named = st.lists(leaves.map(lambda part: n.TruthItem("named", "Named", part)), min_size=1, max_size=3).map(tuple)


DEFINITION = instrument("hscore").definition


@st.composite
def instruments(draw):
    items = draw(named)
    verdict = draw(st.one_of(st.none(), strategies.truth_nodes(3, items)))
    score = draw(st.one_of(st.none(), formulas, strategies.number_nodes(2, items)))
    roots = [root for root in (score, verdict) if root is not None]
    within = {node for root in roots for node in n.walk(root) if isinstance(node, n.TruthItem)}
    return Instrument(DEFINITION, "", tuple(within), score, verdict)


AWKWARD = [measurement(name, frozenset({1, 2, 3, 5, 8, 10})) for name in ("ferritin", "ast", "platelets")]
OTHERS = [finding(name) for name in ("fever", "splenomegaly", "cough", "vasopressor")]
OTHERS += [level(name, limit) for name in ("ferritin", "ast") for limit in Limit]
OTHERS += [exposure(drug) for drug in ("blinatumomab", "tisagenlecleucel", "norepinephrine", "dopamine")]


@given(st.lists(instruments(), min_size=1, max_size=2), st.lists(timelines(AWKWARD, OTHERS), min_size=1, max_size=3))
@settings(max_examples=60)
def test_both_engines_agree_on_generated_instruments(chosen, patients):
    agree(chosen, patients)


@given(st.lists(timelines(AWKWARD, OTHERS), min_size=1, max_size=5), st.integers(1, 20))
@settings(max_examples=25)
def test_batches_do_not_change_the_answer(patients, rows):
    chosen = [instrument("hscore"), instrument("crs-astct"), instrument("ctcae-v5")]
    facts = facts_of(patients)
    whole, parts = changes(facts, chosen), together(list(batched(facts, chosen, rows=rows)))
    assert sorted(rows_of(whole)) == sorted(rows_of(parts))


@given(timelines(AWKWARD, OTHERS), st.integers(0, 300))
@settings(max_examples=25)
def test_the_answer_up_to_a_moment_is_what_was_known_then(timeline, after):
    chosen = [instrument("hscore"), instrument("tls-howard"), instrument("crs-astct")]
    until = START + after * HOUR
    found = changes(facts_of([timeline]), chosen, until=np.array([micros(until)]))
    for place, one in enumerate(chosen):
        expected = [] if timeline.end is None else of_reference(one, timeline, until)
        assert list(of_columns(found, place, 0, one)) == expected


# --- the ward monitor --------------------------------------------------------------------------------------------


def follow(chosen, timeline, facts):
    """Add facts one by one, and compare with the reference engine after each; what was told must add up to the same."""
    monitor = Monitor(timeline.patient, Plan(chosen), complete=timeline.complete)
    told: dict[datetime, Moment] = {}
    in_order_so_far = True
    for count, fact in enumerate(facts, 1):
        in_order_so_far = in_order_so_far and (count == 1 or usable_from(fact) >= usable_from(facts[count - 2]))
        for change in monitor.add(fact):
            told[change.moment.moment] = change.moment
        so_far = Timeline(timeline.patient, in_order(facts[:count]), complete=timeline.complete)
        for one, moments in zip(chosen, monitor._moments, strict=True):
            assert moments == list(reference.changes(one, Readings(so_far), so_far.end or START)), one.id
    if facts and in_order_so_far and len(chosen) == 1:
        assert without_repeats(told.values()) == list(monitor.moments(chosen[0].id))


def without_repeats(moments):
    found: list[Moment] = []
    for one in sorted(moments, key=lambda moment: moment.moment):
        if not found or (found[-1].verdict, found[-1].score) != (one.verdict, one.score):
            found.append(one)
    return found


@given(st.lists(instruments(), min_size=1, max_size=2), timelines(AWKWARD, OTHERS), st.data())
@settings(max_examples=40)
def test_the_monitor_agrees_after_every_fact(chosen, timeline, data):
    facts = sorted(timeline.facts, key=usable_from)
    if data.draw(st.integers(0, 2), label="shuffled if 2") == 2:
        facts = data.draw(st.permutations(facts), label="in this order")
    follow(chosen, timeline, facts)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=5)
def test_the_monitor_agrees_on_every_instrument(name, data):
    timeline = data.draw(timelines(*vocabulary(name)))
    follow([instrument(name)], timeline, sorted(timeline.facts, key=usable_from))
