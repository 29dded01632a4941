"""A timeline with what can be computed from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from stormwatch import analytes
from stormwatch.facts import Exposure, Fact, Finding, Interval, Measurement, Origin, Timeline, in_order
from stormwatch.sources.derived.bounds import on_scale
from stormwatch.sources.derived.matching import Recorded, Standing, groups
from stormwatch.sources.derived.oxygen import HIGH, LOW, oxygen_findings
from stormwatch.sources.derived.rule import DERIVED, SAME_TIME, Rule, origins
from stormwatch.sources.derived.table import RULES
from stormwatch.sources.derived.vasopressor_dose import vasopressor_doses
from stormwatch.sources.derived.vasopressors import COUNT, vasopressor_counts


def with_derived(timeline: Timeline, rules: Sequence[Rule] = RULES) -> Timeline:
    """The timeline with neutrophils, mean pressure, GCS total, PaO2/FiO2 and others computed from their parts.

    Recorded facts stay as they are. A value is derived only where its parts belong together in time, do not contradict
    each other, and no value was measured there; whether one was is judged on the whole record, so a value measured but
    released later leaves the answer open until then. A derived value is known when its last part is, and its ``parts``
    are the measurements it came from. A censored part gives an interval. A missing part gives nothing.

    >>> from stormwatch.sources import answers_timeline
    >>> timeline = with_derived(answers_timeline({"sbp": "120 mm[Hg]", "dbp": "60 mm[Hg]"}))
    >>> timeline.measurements["map"][0].value
    Interval('80')
    """
    recorded = [fact for fact in timeline.facts if fact.origin.file != DERIVED]
    standing = set(timeline.facts)
    derived = [fact for fact in _derived(recorded, timeline.complete, rules) if fact not in standing]
    return replace(timeline, facts=in_order((*timeline.facts, *derived)))


def _derived(recorded: list[Fact], complete: frozenset[str], rules: Sequence[Rule]) -> Iterator[Fact]:
    by_analyte: dict[str, list[Measurement]] = defaultdict(list)
    for fact in recorded:
        if isinstance(fact, Measurement):
            by_analyte[fact.analyte].append(fact)
    for rule in rules:
        yield from _measurements(rule, by_analyte)
    devices = [fact for fact in recorded if isinstance(fact, Finding) and fact.name in (LOW, HIGH)]
    yield from oxygen_findings(devices, by_analyte["oxygen_flow"])
    exposures = [fact for fact in recorded if isinstance(fact, Exposure)]
    for dose in vasopressor_doses(exposures):
        if not Standing(by_analyte[dose.analyte]).near(dose.time, SAME_TIME):
            yield dose
    if "exposures" in complete:
        counted = Standing(by_analyte[COUNT])
        counts = vasopressor_counts(exposures)
        yield from (one for one in counts if not counted.near(one.time, SAME_TIME))


def _measurements(rule: Rule, recorded: Recorded) -> Iterator[Measurement]:
    measured = Standing(recorded.get(rule.analyte, ()))
    for parts in groups(rule, recorded):
        derived = _measurement(rule, parts)
        if derived is not None and not measured.near(derived.time, rule.yields):
            yield derived


def _measurement(rule: Rule, parts: tuple[Measurement, ...]) -> Measurement | None:
    value = _value(rule, parts)
    if value is None:
        return None
    time = max((part.time for part in parts), key=lambda when: when.latest)
    known = max((part.known_at for part in parts), key=lambda when: when.latest)
    recorded = f"{value} {analytes.analyte(rule.analyte).unit} (derived)"
    origin = Origin(DERIVED, f"{rule.analyte} from {origins(parts)}")
    return Measurement(rule.analyte, value, recorded, time, known, origin, parts=parts)


def _value(rule: Rule, parts: tuple[Measurement, ...]) -> Interval | None:
    """The derived value; None when the parts contradict each other, or give what no record may hold."""
    value = rule.compute(*(on_scale(analytes.analyte(part.analyte), part.value) for part in parts))
    if value is None:
        return None
    plausible = analytes.analyte(rule.analyte).plausible
    return value if all(isinstance(end, float) or end in plausible for end in (value.low, value.high)) else None
