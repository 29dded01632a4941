"""The course in words for a terminal, read off its payload: exposure, episodes, what stopping and restarting did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stormwatch.explain.text import Style, plain_style

Payload = dict[str, Any]
_SYNDROMES = {"crs": "CRS", "icans": "ICANS", "mas_hlh": "MAS/HLH", "iec_hs": "IEC-HS"}
_KINDS = {"t_cell_engager": "T-cell engager", "car_t": "CAR-T", "other": "under suspicion"}


def course_text(payload: Payload, *, style: Style = plain_style) -> str:
    """The whole course, most important first; ``style`` gives words their colour.

    >>> import stormwatch as sw
    >>> from stormwatch.course.follow import follow
    >>> from stormwatch.course.payload import payload
    >>> print(course_text(payload(follow(sw.answers({"temperature": "39.1 Cel"})))).splitlines()[3])
      none of the drugs under suspicion was given in this record
    """
    return "\n".join(_lines(payload, style)) + "\n"


def _lines(payload: Payload, style: Style) -> Iterator[str]:
    yield style(f"Course of {payload['patient']['id']}, as known at {_minute(payload['as_known_at'])}", "title")
    yield from (f"  {said}" for said in payload["record_says"])
    for heading, part in (
        ("Exposure", _exposure(payload)),
        ("Episodes", _episodes(payload)),
        ("Stopped or reduced", _dechallenges(payload, style)),
        ("Given again", _rechallenges(payload, style)),
        ("Values", _values(payload)),
        ("What speaks for and against", _differential(payload)),
        ("To know", _notes(payload)),
    ):
        yield ""
        yield style(heading, "title")
        yield from (f"  {line}" for line in part)
    yield ""
    yield style(f"  {payload['software']}, data until {_minute(payload['data_cut'])}.", "faint")


# --- exposure


def _exposure(payload: Payload) -> Iterator[str]:
    if not payload["drugs"]:
        yield "none of the drugs under suspicion was given in this record"
    for drug in payload["drugs"]:
        yield f"{drug['title']} ({_KINDS[drug['kind']]}), first {_minute(drug['first'])}, {_so_far(drug)}"
        yield from (f"  {line}" for line in (*_cycles(drug), *_doses(drug), *map(_hold, drug["holds"])))
    yield from _others(payload["treatments"])


def _so_far(drug: Payload) -> str:
    ran = f"{drug['infused']['text']} of infusion" if drug["infused"]["hours"] else f"{len(drug['infusions'])} doses"
    return f"{ran}, {'still running' if drug['running'] else 'last ' + _minute(drug['last'])}"


def _cycles(drug: Payload) -> Iterator[str]:
    for cycle in drug["cycles"]:
        rates = " then ".join("rate not known" if rate is None else f"{rate:g}" for rate in cycle["rates"])
        stop = f"to {_minute(cycle['stop'])}" if cycle["stop"] else "on, without an end in the record"
        ran = f"{rates} mcg/day, {cycle['infused']['text']} of infusion"
        yield f"cycle {cycle['number']}: {_minute(cycle['start'])} {stop}, {ran}"


def _doses(drug: Payload) -> Iterator[str]:
    if drug["cycles"]:
        return
    for one in drug["infusions"]:
        yield f"day {one['day']:g}: {one['recorded'] or 'dose not recorded'}, {_minute(one['start'])}"


def _hold(hold: Payload) -> str:
    begun = f"held {_minute(hold['start'])} ({hold['why']}{_cycle_day(hold)})"
    again = hold["restart"]
    if again is None:
        return f"{begun}; no restart in the record"
    rate = "" if again["mcg_per_day"] is None else f" at {again['mcg_per_day']:g} mcg/day"
    return f"{begun}; given again {_minute(again['start'])}{rate}, after {hold['length']['text']}{_cycle_day(again)}"


def _cycle_day(moment: Payload) -> str:
    return "" if moment["cycle"] is None else f", cycle {moment['cycle']} day {moment['day_of_cycle']}"


def _others(treatments: Sequence[Payload]) -> Iterator[str]:
    by_drug: dict[str, list[Payload]] = {}
    for one in treatments:
        by_drug.setdefault(one["drug"], []).append(one)
    for drug, given in by_drug.items():
        times = "once" if len(given) == 1 else f"{len(given)} times"
        until = "" if len(given) == 1 else f" to {_minute(given[-1]['time'])}"
        yield f"{drug.replace('_', ' ')}: {times}, {_minute(given[0]['time'])}{until}"


# --- syndromes


def _episodes(payload: Payload) -> Iterator[str]:
    if not payload["episodes"]:
        yield "no syndrome was certainly there by any instrument"
    for one in payload["episodes"]:
        peak = "" if one["peak"] is None else f", peak {one['peak']['text']}"
        yield f"{_named(one)}: from {_minute(one['onset']['time'])}{_latency(one)}{peak}, {_end(one)}"
    for one in payload["possible_episodes"]:
        yield f"{_named(one)}: never excluded from {_minute(one['onset']['time'])}, and never certain"
    for name, why in payload["undecided_instruments"].items():
        yield f"{name}: cannot judge. {why}"


def _named(one: Payload) -> str:
    again = f" ({one['number']})" if one["number"] > 1 else ""
    return f"{_SYNDROMES[one['syndrome']]} by {one['instrument']}{again}"


def _latency(one: Payload) -> str:
    since = one["latency"]["last_start"]
    return "" if since is None else f", {since['text']} after the last start"


def _end(one: Payload) -> str:
    if one["resolved"] is not None:
        return f"over {_minute(one['resolved']['time'])}"
    return f"end: {one['end']}"


def _dechallenges(payload: Payload, style: Style) -> Iterator[str]:
    if not payload["dechallenges"]:
        yield "nothing to say: no episode after a drug under suspicion"
    for one in payload["dechallenges"]:
        yield f"{_of(one)}: {style(one['outcome'], 'title')}. {one['why']} {_codes(one)}"


def _rechallenges(payload: Payload, style: Style) -> Iterator[str]:
    if not payload["rechallenges"]:
        yield "no restart after a hold in an episode"
    for one in payload["rechallenges"]:
        rate = "dose not known" if one["mcg_per_day"] is None else f"{one['mcg_per_day']:g} mcg/day"
        given = ", ".join(f"{p['drug']} {p['dose'] or ''}".strip() for p in one["premedication"]) or "none seen"
        how = f"{rate} after {one['after']['text']}; premedication {given}"
        yield f"{_of(one)}: {style(one['outcome'], 'title')}. {how}."
        yield f"  {one['why']} {_codes(one)}"


def _of(one: Payload) -> str:
    return f"{one['drug'].replace('_', ' ')}, {_SYNDROMES[one['syndrome']]} by {one['instrument']}"


def _codes(one: Payload) -> str:
    return "[" + "; ".join(f"{code['element']} {code['code']}: {code['text']}" for code in one["e2b"]) + "]"


# --- values and diagnoses


def _values(payload: Payload) -> Iterator[str]:
    for one in payload["trajectories"]:
        if one["extreme"] is None:
            continue
        baseline = "no baseline" if one["baseline"] is None else f"from {one['baseline']['recorded']}"
        fold = "" if one["fold"] is None else f", fold {one['fold']['text']}"
        half = "" if one["halving_hours"] is None else f", halved in {one['halving_hours']['text']} h"
        extreme = one["extreme"]
        yield f"{one['title']}: {baseline} to {extreme['recorded']} on {_minute(extreme['time'])}{fold}{half}"


def _differential(payload: Payload) -> Iterator[str]:
    for one in payload["differential"]:
        counts = f"{len(one['speaks_for'])} for, {len(one['speaks_against'])} against"
        missing = f"; never measured: {', '.join(one['never_measured'])}" if one["never_measured"] else ""
        yield f"{one['title']}: {counts}{missing}"


def _notes(payload: Payload) -> Iterator[str]:
    yield from payload["assumptions"]
    yield from payload["notes"]
    yield from payload["choices"].values()


def _minute(time: str | None) -> str:
    return "an unknown time" if time is None else time[:16].replace("T", " ")
