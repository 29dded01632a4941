"""``case check``: what an authority would reject or warn of, as far as the message alone tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from stormwatch.errors import UsageError
from stormwatch.safety.case import Batch, Group, Message
from stormwatch.safety.e2b.elements import Element, elements
from stormwatch.safety.e2b.findings import Finding, Trails, finding_at, trails_of
from stormwatch.safety.e2b.reader import header, read, stream
from stormwatch.safety.e2b.rules import Rule, Trail, breaks, rules
from stormwatch.safety.e2b.shape import Node, shape
from stormwatch.safety.e2b.source import Source
from stormwatch.safety.e2b.unity import identities, versions
from stormwatch.safety.e2b.values import complaints, latest
from stormwatch.safety.e2b.writer import FORMS

_HELD_AT_ONCE = 16 << 20
_POST, _PRE = "ZZFDA", "ZZFDA_PREMKT"
_MINIMUM = {"E.i": "no reaction: a case has at least one", "G.k": "no drug: a case has at least one"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a check is told: the form, the moment nothing may lie after, whether this is a first submission."""

    form: str
    at: datetime | None
    initial: bool | None


def check(
    source: Source, *, form: str | None = None, at: datetime | None = None, initial: bool | None = None
) -> list[Finding]:
    """Everything wrong with a message file, in the order of the file.

    ``form`` is ``icsr`` (ICH's rules) or ``fda`` (ICH's and FDA's); by default FDA's where the batch is addressed to
    FDA. Nothing reads the clock: dates may not lie after ``at``, or without it after the batch's own transmission.
    ``initial`` says whether the case is submitted for the first time; without it the two rules that turn on that are
    not decided. What no file can tell is listed by ``rules.undecided``.

    Raises:
        InputError: the file cannot be read as a batch of messages.
        UsageError: the form is neither.
    """
    return list(stream_check(source, form=form, at=at, initial=initial))


def form_of(source: Source) -> str:
    """Whose rules a file is checked by unless somebody says otherwise: ``fda`` where it is addressed to FDA.

    Raises:
        InputError: as for ``check``.
    """
    return _form(header(source))


def stream_check(
    source: Source, *, form: str | None = None, at: datetime | None = None, initial: bool | None = None
) -> Iterator[Finding]:
    """The same finding by finding; a large batch is read twice, message by message, in constant memory.

    Raises:
        InputError: as for ``check``, when the reading gets there.
        UsageError: the form is neither.
    """
    if isinstance(source, bytes) or not _is_large(Path(source)):
        batch = read(source)
        yield from _all(batch.header, batch.messages, form, at, initial)
    else:
        yield from _all(header(source), stream(source), form, at, initial)


def check_batch(
    batch: Batch, *, form: str | None = None, at: datetime | None = None, initial: bool | None = None
) -> list[Finding]:
    """Everything wrong with a batch in memory, drafted or read.

    Raises:
        UsageError: the form is neither.
    """
    return list(_all(batch.header, batch.messages, form, at, initial))


def _form(head: Group) -> str:
    return "fda" if (head.get("N.1.4") or "").startswith(_POST) else "icsr"


def _is_large(path: Path) -> bool:
    try:
        return path.stat().st_size > _HELD_AT_ONCE
    except OSError:
        return False  # the reader says what is wrong with it


def _all(
    head: Group, messages: Iterable[Message], form: str | None, at: datetime | None, initial: bool | None
) -> Iterator[Finding]:
    if form is not None and form not in FORMS:
        raise UsageError(f"{form!r} is no form; the forms are {' and '.join(FORMS)}")
    # A date is later than the transmission only if it is later than the latest moment that may have been.
    now = at.astimezone(UTC) if at else latest(head.get("N.1.5"))
    terms = Terms(form or _form(head), now, initial)
    yield from _group((head,), (1,), terms, 0)
    said: set[str] = set()
    for index, message in enumerate(messages, start=1):
        yield from _message(head, message, terms, index, said)


def _message(head: Group, message: Message, terms: Terms, index: int, said: set[str]) -> Iterator[Finding]:
    trails = trails_of((head, message.header, message.case), (1, index, 1))
    yield from _group(*trails["N.2.r"][0], terms, index)
    for number in trails:
        if number not in ("batch", "N.2.r"):
            for trail, indices in trails[number]:
                yield from _group(trail, indices, terms, index)
    for number, text in _MINIMUM.items():
        if number not in trails:
            yield Finding("ICH.minimum", number, "reject", text, "", message.case.line, index)
    yield from versions(trails, index)
    yield from identities(trails, index)
    for rule in rules():
        for finding in _rule(rule, trails, terms, index):
            # A rule about the batch is said once, not once for each message.
            if rule.scope != "batch":
                yield finding
            elif rule.id not in said:
                said.add(rule.id)
                yield finding


def _rule(rule: Rule, trails: Trails, terms: Terms, index: int) -> Iterator[Finding]:
    if terms.form not in rule.forms or (rule.initial and terms.initial is not True):
        return
    # What is said of the headers is decided with the case in view.
    scope = "case" if rule.scope in ("batch", "N.2.r") else rule.scope
    for position, (trail, indices) in enumerate(trails.get(scope, ()), start=1):
        if rule.nth in (0, position) and breaks(rule, trail):
            named = rule.id if terms.form == "fda" or not rule.is_numbered else "ICH.conditional"
            yield finding_at(named, rule.element, rule.severity, rule.text, trail, indices, index)


def _group(trail: Trail, indices: tuple[int, ...], terms: Terms, index: int) -> Iterator[Finding]:
    """What is wrong with the elements of one group, each by itself."""
    group = trail[-1]
    table = elements()
    for number, held in group.fields.items():
        element = table.get(number)
        if element is None or (terms.form == "icsr" and element.is_regional):
            continue
        for kind, text in complaints(element, held, terms.at, base64=_is_base64(group, number)):
            yield finding_at(f"{_family(element)}.{kind}", number, "reject", text, trail, indices, index)
    for element, rule in _needed(group.number, _route(trail, terms)):
        if element.number not in group.fields:
            text = f"missing: {element.words}"
            yield finding_at(rule, element.number, "reject", text, trail, indices, index)
    yield from _unknown(group, index)
    yield from _systems(trail, indices, index)


def _is_base64(group: Group, number: str) -> bool:
    return group.get(f"{number}@representation") == "B64"


def _family(element: Element) -> str:
    return "FDA" if element.is_regional else "ICH"


def _route(trail: Trail, terms: Terms) -> str:
    """Which of FDA's two sets of required elements applies."""
    receiver = trail[0].get("N.1.4") if terms.form == "fda" else None
    return {_POST: "post", _PRE: "pre"}.get(receiver or "", "")


@cache
def _needed(group: str, route: str) -> tuple[tuple[Element, str], ...]:
    """The elements a group must have, and by which rule."""
    found = []
    for element in elements().values():
        if element.home[-1] != group:
            continue
        if element.ich == "required":
            found.append((element, "ICH.required"))
        elif route and "required" in (element.post if route == "post" else element.pre):
            found.append((element, "FDA.required"))
    return tuple(found)


def _unknown(group: Group, index: int) -> Iterator[Finding]:
    for piece in group.unknown:
        text = "not in the element table, in a place already taken, or referring to nothing; kept as it is"
        yield Finding("unknown", group.number, "warn", text, "", piece.line or group.line, index)


def _systems(trail: Trail, indices: tuple[int, ...], index: int) -> Iterator[Finding]:
    """Codes that name another code system than the one their list belongs to."""
    group = trail[-1]
    for key, notes in group.notes.items():
        node = _coded().get((group.number, key))
        if node is not None and notes.get("codeSystem") and group.get(node.null_for) is not None:
            text = "the code is said to come from another code system than this element's"
            yield finding_at("ICH.system", node.null_for, "warn", text, trail, indices, index)


@lru_cache(maxsize=1)
def _coded() -> dict[tuple[str, str], Node]:
    """The nodes that hold a code of a closed list, by group and key."""
    found: dict[tuple[str, str], Node] = {}

    def visit(node: Node, group: str) -> None:
        here = node.group[-1] if node.group else group
        known = elements().get(node.null_for)
        if known and known.kind == "code" and "codeSystem" in node.literals:
            found[here, node.key] = node
        for child in node.children:
            visit(child, here)

    visit(shape(), "")
    return found
