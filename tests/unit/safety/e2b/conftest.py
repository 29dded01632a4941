"""Cases to break: each is clean, and the tests say so before they break it."""

from __future__ import annotations

import pytest

from stormwatch.safety.case import Batch, Group, Message
from stormwatch.safety.e2b.elements import Element, codes, elements

REACTION, DRUG, OTHER_DRUG = "r-1", "d-1", "d-2"
DATE, DAY = "20240302101010+0000", "20240301"
# Elements that exclude others, or belong to another kind of report.
LEFT_OUT = {
    "D.8.r.3a", "D.8.r.3b", "D.10.8.r.3a", "D.10.8.r.3b", "G.k.2.1.2a", "G.k.2.1.2b",
    "FDA.C.5.5a", "FDA.C.5.5b", "FDA.C.5.6.r", "FDA.G.k.1.a", "C.1.11.1", "C.1.11.2",
}  # fmt: skip
KINDS = {
    "text": "text", "number": "12", "integer": "12", "boolean": "true", "meddra-version": "27.1",
    "application": "123456",
    "meddra-code": "10010941", "ucum": "mg", "result": "<12", "data": "aGVsbG8=", "term": "ROA-20045000",
    "reference": REACTION,
}  # fmt: skip
CHOSEN = {
    "N.1.4": "ZZFDA", "N.2.r.3": "CDER", "N.1.3": "SENDER", "N.2.r.2": "SENDER", "N.2.r.1": "US-ACME-1",
    "C.1.1": "US-ACME-1",
    "C.1.3": "2", "C.2.r.5": "1", "FDA.C.1.7.1": "1", "FDA.C.1.12": "true", "G.k.1": "1", "C.5.4": "1",
    "FDA.G.k.12.r.3.r": "2907", "G.k.3.1": "NDA125557",
}  # fmt: skip


@pytest.fixture
def marketed() -> Batch:
    """A report on a marketed combination product that holds every element FDA may be sent for one."""
    return full()


@pytest.fixture
def investigational() -> Batch:
    """A report from a study under an IND, with every element FDA may be sent for one."""
    batch = full()
    batch.header.set("N.1.4", "ZZFDA_PREMKT")
    message = batch.messages[0]
    message.header.set("N.2.r.3", "CDER_IND")
    message.case.set("FDA.C.5.5a", "123456")
    message.case.add("FDA.C.5.6.r").set("FDA.C.5.6.r", null="NA")
    del message.case.groups["C.1.10.r"]
    return batch


@pytest.fixture
def bioequivalence() -> Batch:
    """A report from an IND-exempt BA/BE study, with every element FDA may be sent for one."""
    batch = full()
    batch.header.set("N.1.4", "ZZFDA_PREMKT")
    message = batch.messages[0]
    message.header.set("N.2.r.3", "CDER_IND_EXEMPT_BA_BE")
    message.case.set("FDA.C.5.5b", "234567")
    return batch


def full() -> Batch:
    header = _filled(Group("batch"))
    message, case = _filled(Group("N.2.r")), _filled(Group("case"))
    case.each("E.i")[0].id = REACTION
    case.each("G.k")[0].id = DRUG
    other = case.add("G.k", id=OTHER_DRUG).set("G.k.1", "2").set("G.k.2.2", "paracetamol")
    other.add("FDA.G.k.10a").set("FDA.G.k.10a", null="NA")
    return Batch(header, [Message(message, case)])


def _filled(group: Group) -> Group:
    for element in elements().values():
        if element.home[-1] == group.number and element.number not in LEFT_OUT and element.kind != "part":
            group.set(element.number, value(element))
    if group.number in ("C.1.6.1.r", "C.4.r"):
        group.set(f"{group.number}.2@representation", "B64")
    for number in _inner(group.number):
        group.groups[number] = [_filled(Group(number))]
    return group


def _inner(number: str) -> list[str]:
    """The groups that stand in groups of this number and hold anything that is not left out."""
    homes = [element.home for element in elements().values() if element.number not in LEFT_OUT]
    within = {home[home.index(number) + 1] for home in homes if number in home[:-1]}
    return sorted(within - {"N.2.r", "case"})


def value(element: Element) -> str:
    """A value that may stand at this element."""
    if element.number in CHOSEN:
        return CHOSEN[element.number]
    if element.kind == "date":
        return {"second": DATE, "day": DAY, "year": "2024"}[element.precision]
    if element.kind == "code":
        return next(iter(codes(element.list)))
    return KINDS[element.kind]
