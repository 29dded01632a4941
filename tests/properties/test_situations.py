"""Looking only where a value crosses a cut-off gives what looking everywhere gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.test_engines_agree import START, timelines, vocabulary

from stormwatch.course.evidence import deciding_inputs, item_answer
from stormwatch.course.situations import answers
from stormwatch.engines import reference
from stormwatch.engines.readings import Readings, knowledge
from stormwatch.engines.reasons import because
from stormwatch.facts import Timeline, usable_from
from stormwatch.instruments.catalogue import instrument
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.sweep import BEGINNING
from stormwatch.logic.truth import Truth

SOME = ["hlh-2004", "hscore", "crs-astct", "iec-hs", "sofa", "tls-howard", "easix"]


def asked(name):
    chosen = instrument(name)
    return [node for node in (chosen.verdict, chosen.score, *chosen.items) if node is not None]


def everywhere(node, record, start, stop):
    """The tree of reasons at every moment at which anything is told anew."""
    moments = {step.moment for which in node.inputs for step in record.of(which) if start < step.moment <= stop}
    for moment in sorted({start, *moments}):
        readings = record.readings(node.inputs, moment)
        yield because(node, knowledge(readings), readings), readings


@pytest.mark.parametrize("name", SOME)
@given(data=st.data())
@settings(max_examples=15)
def test_the_answers_and_their_facts_are_those_of_every_moment(name, data):
    timeline = data.draw(timelines(*vocabulary(name)))
    node = data.draw(st.sampled_from(asked(name)))
    stop = timeline.end or START
    start = data.draw(st.sampled_from(sorted({START, stop, *(usable_from(fact) for fact in timeline.facts)})))
    record = Readings(timeline)
    found, slow = answers(node, record, start, stop), list(everywhere(node, record, start, stop))
    values = [reason.value for reason, _ in slow]
    assert without_repeats([one.value for one in found.given]) == without_repeats(values)
    for truth_of in Truth:
        expected = {
            id(fact)
            for reason, readings in slow
            if item_answer(reason.value) is truth_of
            for which in deciding_inputs(reason)
            for fact in readings[which].facts
        }
        assert {id(fact) for fact in found.facts[truth_of]} == expected


@pytest.mark.parametrize("name", SOME)
@given(data=st.data())
@settings(max_examples=15)
def test_an_instrument_changes_at_no_other_moment(name, data):
    timeline, chosen = data.draw(timelines(*vocabulary(name))), instrument(name)
    record, until = Readings(timeline), timeline.end or START
    inputs = frozenset().union(*(node.inputs for node in (chosen.verdict, chosen.score) if node is not None))
    told = {step.moment for which in inputs for step in record.of(which) if step.moment <= until}
    slow: list[tuple[object, ...]] = []
    for moment in sorted({BEGINNING, *told}):
        known = knowledge(record.readings(inputs, moment))
        verdict = None if chosen.verdict is None else truth(chosen.verdict, known)
        score = None if chosen.score is None else bounds(chosen.score, known)
        if not slow or slow[-1][1:] != (verdict, score):
            slow.append((moment, verdict, score))
    assert [(m.moment, m.verdict, m.score) for m in reference.changes(chosen, record, until)] == slow


@pytest.mark.parametrize("name", SOME)
@given(data=st.data())
@settings(max_examples=15)
def test_one_moment_looked_at_alone_reads_the_same(name, data):
    timeline: Timeline = data.draw(timelines(*vocabulary(name)))
    moment = data.draw(st.sampled_from(sorted({START, *(usable_from(fact) for fact in timeline.facts)})))
    whole, alone = Readings(timeline), Readings(timeline, moment)
    for which in frozenset().union(*(node.inputs for node in asked(name))):
        assert alone.reading(which, moment) == whole.reading(which, moment)


def without_repeats(values):
    return [value for place, value in enumerate(values) if place == 0 or values[place - 1] != value]
