"""The narrative in the standard order, each sentence tied to the fields it restates.

Order: source; patient and history; suspect drug; other drugs; the event with signs and tests; treatment of it; what
was done with the suspect drug and what followed; outcome; seriousness; assessment. Fixed words hold no figures: every
number in a sentence stands in one of its fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.safety.case import Group
from stormwatch.safety.telling import Sentence, Teller, each

_CRITERIA = {
    "E.i.3.2a": "resulted in death",
    "E.i.3.2b": "was life-threatening",
    "E.i.3.2c": "caused or prolonged hospitalisation",
    "E.i.3.2d": "caused disability",
    "E.i.3.2e": "was a congenital anomaly",
    "E.i.3.2f": "was otherwise medically important",
}
_OUTCOMES = {
    "0": "the outcome is unknown", "1": "the patient recovered", "2": "the patient was recovering",
    "3": "the patient had not recovered", "4": "the patient recovered with sequelae", "5": "the outcome was fatal",
}  # fmt: skip
_ACTIONS = {
    "0": "What was done with it is unknown.", "1": "It was withdrawn.", "2": "Its dose was reduced.",
    "3": "Its dose was raised.", "4": "Its dose was not changed.", "9": "A change of it was not applicable.",
}  # fmt: skip
_AGAIN = {
    "1": "It was given again, and the reaction came back",
    "2": "It was given again, and the reaction did not come back",
    "3": "It was given again, with what effect is unknown", "4": "It was not given again",
}  # fmt: skip
_DECHALLENGE = {
    "confounded": "Whether stopping it helped cannot be told, because treatment was given as well",
    "positive": "The reaction improved while it was off, without other treatment in the record",
    "negative": "The reaction did not improve while it was off",
    "not assessable": "The effect of stopping it cannot be assessed",
}
_UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes", "10.a": "decades"}


def narrative(case: Group) -> tuple[Sentence, ...]:
    """The narrative of a case, drafted or read. What has no field is not told; no sentence says more than its fields.

    >>> case = Group("case").set("D.5", "2")
    >>> [one.text for one in narrative(case)]
    ['The patient was female.']
    """
    return tuple(one for part in _PARTS for one in part(case) if one.text and one.paths)


def text(sentences: tuple[Sentence, ...]) -> str:
    """The sentences as one text."""
    return " ".join(one.text for one in sentences)


def _source(case: Group) -> Iterator[Sentence]:
    tell = Teller(case)
    for at, _ in each(case, "SW.record"):
        says = tell.value(f"{at}/SW.record.says")
        yield tell.end(f"The record says of itself: {_stop(says)}" if says else "")
    for at, _ in each(case, "C.2.r"):
        who = tell.coded(f"{at}/C.2.r.4", "qualification")
        country = tell.coded(f"{at}/C.2.r.3", "country")
        if who or country:
            yield tell.end(f"This case was reported by {_a(who or 'reporter')}{f' in {country}' if country else ''}.")
    for at, _ in each(case, "C.4.r"):
        published = tell.value(f"{at}/C.4.r.1")
        yield tell.end(f"It was published: {_stop(published)}" if published else "")
    name, number = tell.value("C.5.2"), tell.value("C.5.3")
    if name or number:
        yield tell.end(f"It comes from the study {' '.join(filter(None, (name, number)))}.")


def _patient(case: Group) -> Iterator[Sentence]:
    tell = Teller(case)
    sex = tell.coded("D.5", "sex")
    age, unit = tell.value("D.2.2a"), _UNITS.get(tell.value("D.2.2b") or "", "")
    group = "" if age else tell.coded("D.2.3", "age-group")
    said = [part for part in (sex, f"{age} {unit} old" if age else group) if part]
    weight = tell.value("D.3")
    weighing = f" and weighed {weight} kg" if weight else ""
    if said:
        yield tell.end(f"The patient was {' and '.join(said)}{weighing}.")
    history = tell.value("D.7.2")
    if history:
        yield tell.end(f"Medical history: {_stop(history)}")


def _suspects(case: Group) -> Iterator[Sentence]:
    for at, drug in each(case, "G.k"):
        if drug.get("G.k.1") not in ("1", "3"):
            continue
        tell = Teller(case)
        tell.value(f"{at}/G.k.1")
        name = tell.value(f"{at}/G.k.2.2") or "a drug without a name"
        tell.keep()
        reason = next((tell.value(f"{inner}/G.k.7.r.1") for inner, _ in each(drug, "G.k.7.r", at)), "")
        yield tell.end(f"The suspect drug was {name}{f', for {reason}' if reason else ''}.")
        for inner, _ in each(drug, "G.k.4.r", at):
            yield from _dose(Teller(case, tell.paths), inner, name)
        total, unit = tell.value(f"{at}/G.k.5a"), tell.value(f"{at}/G.k.5b")
        if total:
            yield tell.end(f"The dose up to the first reaction was {total} {unit or ''}".rstrip() + ".")


def _dose(tell: Teller, at: str, name: str) -> Iterator[Sentence]:
    amount = " ".join(filter(None, (tell.value(f"{at}/G.k.4.r.1a"), tell.value(f"{at}/G.k.4.r.1b"))))
    number, unit = tell.value(f"{at}/G.k.4.r.2"), tell.value(f"{at}/G.k.4.r.3")
    every = _every(number, unit) if amount and number and unit else ""
    said = f"{amount}{every}" if amount else tell.value(f"{at}/G.k.4.r.8")
    start, stop = tell.date(f"{at}/G.k.4.r.4"), tell.date(f"{at}/G.k.4.r.5")
    when = f" from {start}" if start else ""
    when += f" until {stop}" if stop else ""
    route = tell.value(f"{at}/G.k.4.r.10.1")
    if said or when:
        yield tell.end(f"{name} was given{f' at {said}' if said else ''}{f', {route},' if route else ''}{when}.")


def _every(number: str, unit: str) -> str:
    return (
        f" a {_UNITS.get(unit, unit).removesuffix('s')}"
        if number == "1"
        else f" every {number} {_UNITS.get(unit, unit)}"
    )


def _others(case: Group) -> Iterator[Sentence]:
    tell = Teller(case)
    told = []
    for at, drug in each(case, "G.k"):
        if drug.get("G.k.1") == "2":
            tell.value(f"{at}/G.k.1")
            more = tell.value(f"{at}/G.k.11")
            told.append(f"{tell.value(f'{at}/G.k.2.2')}{f' ({more.rstrip(chr(46))})' if more else ''}")
    if told:
        yield tell.end(f"Other drugs: {', '.join(told)}.")


def _events(case: Group) -> Iterator[Sentence]:
    for at, _ in each(case, "E.i"):
        tell = Teller(case)
        name, start = tell.term(at), tell.date(f"{at}/E.i.4")
        stated = tell.value(f"{at}/SW.stated")
        how = " The record states no diagnosis; criteria were met." if stated == "no" else ""
        yield tell.end(f"{name} began{f' on {start}' if start else ' at a time not known'}.{how}")
        criteria = tell.value(f"{at}/SW.criteria")
        if criteria:
            yield tell.end(f"Criteria certainly met: {criteria}.")
    signs = Teller(case)
    told = []
    for at, _ in each(case, "SW.sign"):
        start, end = signs.date(f"{at}/SW.sign.start"), signs.date(f"{at}/SW.sign.end")
        since = f" from {start}" if start else ""
        told.append(f"{signs.value(f'{at}/SW.sign.term')}{since}{f' until {end}' if end else ''}")
    if told:
        yield signs.end(f"Signs: {'; '.join(told)}.")


def _tests(case: Group) -> Iterator[Sentence]:
    by_name: dict[str, list[str]] = {}
    for at, test in each(case, "F.r"):
        by_name.setdefault(test.get("F.r.2.1") or test.get("F.r.2.2b") or "a test", []).append(at)
    for name, places in by_name.items():
        tell = Teller(case)
        told = []
        for at in places:
            tell.value(f"{at}/F.r.2.1")
            tell.value(f"{at}/F.r.2.2b")
            unit = tell.value(f"{at}/F.r.3.3")
            words = " ".join(filter(None, (tell.value(f"{at}/F.r.3.2"), unit)))
            words = words or tell.coded(f"{at}/F.r.3.1", "test-result") or tell.value(f"{at}/F.r.3.4") or ""
            date = tell.date(f"{at}/F.r.1")
            if words:
                told.append(f"{words}{f' on {date}' if date else ''}")
        if told:
            yield tell.end(f"{name}: {', '.join(told)}.")


def _treatment(case: Group) -> Iterator[Sentence]:
    for at, _ in each(case, "SW.treatment"):
        tell = Teller(case)
        name, doses = tell.value(f"{at}/SW.treatment.name"), tell.value(f"{at}/SW.treatment.dosage")
        first, last = tell.date(f"{at}/SW.treatment.first"), tell.date(f"{at}/SW.treatment.last")
        since = f", from {first}" if first else ""
        until = f" until {last}" if last and last != first else ""
        yield tell.end(f"Treatment of the event: {name}{f' ({doses})' if doses else ''}{since}{until}.")


def _course(case: Group) -> Iterator[Sentence]:
    for at, drug in each(case, "G.k"):
        if drug.get("G.k.1") not in ("1", "3"):
            continue
        tell = Teller(case)
        name = tell.value(f"{at}/G.k.2.2")
        tell.keep()
        action = _ACTIONS.get(tell.value(f"{at}/G.k.8") or "")
        if action:
            yield tell.end(f"Action taken with {name}: {action}")
        for inner, _ in each(drug, "G.k.9.i", at):
            yield from _link(Teller(case, tell.paths), inner, name or "the drug")


def _link(tell: Teller, at: str, name: str) -> Iterator[Sentence]:
    reaction = tell.reaction(tell.value(f"{at}/G.k.9.i.1"))
    tell.keep()
    since, unit = tell.value(f"{at}/G.k.9.i.3.1a"), tell.value(f"{at}/G.k.9.i.3.1b")
    if since:
        yield tell.end(f"{reaction} began {since} {_UNITS.get(unit or '', unit)} after the first dose of {name}.")
    stopped, date = _DECHALLENGE.get(tell.value(f"{at}/SW.dechallenge") or ""), tell.date(f"{at}/SW.dechallenge.date")
    if stopped:
        changed = f"{name} was stopped or changed on {date}. " if date else ""
        yield tell.end(f"{reaction}: {changed}{stopped}.")
    again = _AGAIN.get(tell.value(f"{at}/G.k.9.i.4") or "")
    if again:
        dose, when = tell.value(f"{at}/SW.rechallenge.dosage"), tell.date(f"{at}/SW.rechallenge.date")
        before = tell.value(f"{at}/SW.rechallenge.premedication")
        how = "; ".join(filter(None, (when, dose, f"after {before}" if before else "")))
        yield tell.end(f"{reaction}: {again[0].lower()}{again[1:]}{f' ({how})' if how else ''}.")


def _outcome(case: Group) -> Iterator[Sentence]:
    for at, reaction in each(case, "E.i"):
        tell = Teller(case)
        name = tell.term(at)
        tell.keep()
        ended, outcome = tell.date(f"{at}/E.i.5"), _OUTCOMES.get(tell.value(f"{at}/E.i.7") or "")
        if outcome:
            yield tell.end(f"{name}: {outcome}{f' ({ended})' if ended else ''}.")
        told = [words for number, words in _CRITERIA.items() if tell.value(f"{at}/{number}") == "true"]
        if told:
            yield tell.end(f"{name} was serious: it {' and '.join(told)}.")
        elif any(number in reaction.fields for number in _CRITERIA):
            yield tell.end(f"{name}: no criterion of seriousness is stated.")


def _assessment(case: Group) -> Iterator[Sentence]:
    for at, drug in each(case, "G.k"):
        for link, held in each(drug, "G.k.9.i", at):
            tell = Teller(case)
            reaction = tell.reaction(tell.value(f"{link}/G.k.9.i.1"))
            tell.keep()
            for inner, _ in each(held, "G.k.9.i.2.r", link):
                method, result = tell.value(f"{inner}/G.k.9.i.2.r.2"), tell.value(f"{inner}/G.k.9.i.2.r.3")
                by = f" by {method}" if method else ""
                yield tell.end(f"{reaction}, causality{by}: {_stop(result)}" if result else "")
            for inner, _ in each(held, "SW.expected", link):
                cited, says = tell.value(f"{inner}/SW.expected.cited"), tell.value(f"{inner}/SW.expected.says")
                yield tell.end(f"{reaction}, by {cited}: {_stop(says)}" if says else "")


def _stop(words: str | None) -> str:
    """With a full stop at the end."""
    return f"{(words or '').rstrip().rstrip('.')}."


def _a(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


_PARTS = (
    _source, _patient, _suspects, _others, _events, _tests, _treatment, _course, _outcome, _assessment,
)  # fmt: skip
