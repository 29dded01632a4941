"""The course in a few sentences, for whoever has ten seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from stormwatch.reports.messages import Messages, messages, named
from stormwatch.reports.population import outside

Payload = dict[str, Any]


def story(course: Payload, language: str = "en") -> list[str]:
    """What was given, what happened, what followed. Every sentence restates fields of the course; it adds nothing.

    Args:
        course: the payload of a course.
        language: of the sentences.

    Returns:
        One sentence each for the exposure, every hold, every syndrome, and what stopping and giving again did. What
        is not known is said to be unknown; criteria outside their population are named apart.

    Raises:
        UsageError: there are no messages in the language.

    >>> import stormwatch as sw
    >>> from stormwatch.course.payload import payload
    >>> story(payload(sw.follow(sw.answers({"temperature": "36.8 Cel"}))))[0]
    'No T-cell engager, CAR-T product or other drug under suspicion is recorded as given.'
    """
    return [sentence for sentence in _Teller(course, messages(language)).sentences() if sentence]


class _Teller:
    """Tells one course with one set of messages."""

    def __init__(self, course: Payload, said: Messages) -> None:
        self._course = course
        self._said = said
        self._titles = {drug["drug"]: drug["title"].lower() for drug in course["drugs"]}
        self._elsewhere = {_episode_of(one) for one in course["episodes"] if outside(one["statements"])}

    def sentences(self) -> Iterator[str]:
        if self._course["data_cut"] is None:
            yield self._said["story.empty"]
            return
        for drug in self._course["drugs"]:
            yield self._drug(drug)
            yield from (self._hold(hold, drug) for hold in drug["holds"])
        if not self._course["drugs"]:
            yield self._said["story.no_suspect"]
        yield from self._episodes()
        yield from self._dechallenges()
        yield from self._rechallenges()

    def _drug(self, drug: Payload) -> str:
        doses = " → ".join(dose for dose, _ in groupby(_dose(one) for one in drug["infusions"]))
        told = self._say(
            "story.drug", drug=drug["title"], first=_minute(drug["first"]), doses=doses, cycles=self._cycles(drug)
        )
        return f"{told} {self._said['story.drug_running']}" if drug["running"] else told

    def _cycles(self, drug: Payload) -> str:
        count = len(drug["cycles"])
        if count == 0:
            return self._said["story.no_cycles"]
        return self._said["story.cycle"] if count == 1 else self._say("story.cycles", count=count)

    def _hold(self, hold: Payload, drug: Payload) -> str:
        known = {"drug": drug["title"], "start": _minute(hold["start"]), "why": hold["why"]}
        if hold["restart"] is None:
            return self._say("story.hold_open", **known)
        return self._say("story.hold", **known, length=hold["length"]["text"], dose=_dose(hold["restart"]))

    def _episodes(self) -> Iterator[str]:
        """One sentence for each syndrome that was certainly there, one for all that were only possible."""
        groups: dict[str, list[Payload]] = defaultdict(list)
        for one in sorted(self._course["episodes"], key=lambda one: one["onset"]["time"]):
            groups[one["syndrome"]].append(one)
        if not groups:
            yield self._said["story.no_episode"]
        yield from (self._syndrome(syndrome, found) for syndrome, found in groups.items())
        only_possible = [one for one in self._course["possible_episodes"] if one["syndrome"] not in groups]
        if only_possible:
            named = dict.fromkeys(self._said[f"syndrome.{one['syndrome']}"] for one in only_possible)
            yield self._say("story.possible", list=", ".join(named))

    def _syndrome(self, syndrome: str, found: list[Payload]) -> str:
        """Criteria made for patients like this one come first and give the onset, unless there are none."""
        others = [one for one in found if _episode_of(one) in self._elsewhere]
        own = [one for one in found if one not in others]
        first = (own or others)[0]
        start = first["latency"]["last_start"]
        drug = first["latency"]["drug"]
        told = self._say(
            "story.syndrome",
            syndrome=self._said[f"syndrome.{syndrome}"],
            onset=_minute(first["onset"]["time"]),
            latency="" if start is None else self._say("story.latency", start=start["text"], drug=self._title(drug)),
            list=self._listed(own or others),
        )
        if not others:
            return told
        aside = self._say("story.elsewhere", list=self._listed(others)) if own else self._said["story.all_elsewhere"]
        return f"{told} {aside}"

    def _listed(self, found: Iterable[Payload]) -> str:
        """The first episode by each instrument, and how many followed it."""
        by_instrument: dict[str, list[Payload]] = defaultdict(list)
        for one in found:
            by_instrument[one["instrument"]].append(one)
        return "; ".join(self._first_of(ones) for ones in by_instrument.values())

    def _first_of(self, found: list[Payload]) -> str:
        first = self._episode(found[0])
        return first if len(found) == 1 else self._say("story.and_more", first=first, count=len(found) - 1)

    def _episode(self, one: Payload) -> str:
        return self._say(
            "story.episode",
            instrument=self._name(one["instrument"]),
            onset=_minute(one["onset"]["time"]),
            peak=self._say("story.peak", peak=one["peak"]["text"]) if one["peak"] else "",
            end=self._end(one),
        )

    def _end(self, one: Payload) -> str:
        if one["resolved"] is not None:
            return self._say("story.end_resolved", time=_minute(one["resolved"]["time"]))
        if one["end"] in ("death", "ongoing"):
            return self._said[f"story.end_{one['end']}"]
        return self._say("story.end_unknown", time=_minute(one["last_met"]["time"]))

    def _dechallenges(self) -> Iterator[str]:
        """One sentence for each outcome and drug; the first reason stands for its kind."""
        groups: dict[tuple[str, str], list[Payload]] = defaultdict(list)
        for one in self._course["dechallenges"]:
            groups[one["drug"], one["outcome"]].append(one)
        for (drug, outcome), found in groups.items():
            names = self._judged(found)
            yield self._say(
                "story.dechallenge", drug=self._title(drug), outcome=outcome, syndromes=names, why=found[0]["why"]
            )

    def _rechallenges(self) -> Iterator[str]:
        groups: dict[tuple[str, str], list[Payload]] = defaultdict(list)
        for one in self._course["rechallenges"]:
            groups[one["drug"], one["at"]["time"]].append(one)
        for (drug, _), found in groups.items():
            outcomes: dict[str, list[Payload]] = defaultdict(list)
            for one in found:
                outcomes[one["outcome"]].append(one)
            told = "; ".join(
                self._say("story.rechallenge_split", outcome=outcome, instruments=self._judged(ones))
                for outcome, ones in outcomes.items()
            )
            first = found[0]
            yield self._say(
                "story.rechallenge",
                drug=self._title(drug),
                dose=_dose(first),
                after=first["after"]["text"],
                outcome=told,
                why=first["why"],
            )

    def _judged(self, found: list[Payload]) -> str:
        """The instruments that say so, those outside their population apart."""
        others = [one for one in found if _episode_of(one) in self._elsewhere]
        names = self._names(one for one in found if one not in others)
        if not others:
            return names
        key = "story.and_elsewhere" if names else "story.only_elsewhere"
        return self._say(key, list=names, others=self._names(others))

    def _names(self, found: Iterable[Payload]) -> str:
        return ", ".join(dict.fromkeys(self._name(one["instrument"]) for one in found))

    def _title(self, drug: str) -> str:
        return str(self._titles.get(drug, drug))

    def _name(self, instrument: str) -> str:
        return named(self._said, instrument)

    def _say(self, key: str, **values: Any) -> str:
        return self._said[key].format(**values)


def _episode_of(one: Payload) -> tuple[str, int]:
    """Which episode a row is, or is about."""
    return one["instrument"], one.get("episode") or one["number"]


def _dose(one: Payload) -> str:
    if one["mcg_per_day"] is not None:
        return f"{one['mcg_per_day']:g} µg/day"
    if one["mg"] is not None:
        return f"{one['mg']:g} mg"
    return str(one.get("recorded") or "?")


def _minute(time: str | None) -> str:
    return "?" if time is None else time[:16].replace("T", " ")
