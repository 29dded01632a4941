"""What is written is read back the same, drafted or strange; what is not known is kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from stormwatch.errors import UsageError
from stormwatch.safety.case import Batch, Group, Message
from stormwatch.safety.e2b.canonical import canonical
from stormwatch.safety.e2b.findings import trails_of
from stormwatch.safety.e2b.places import xpath
from stormwatch.safety.e2b.reader import header, read, stream
from stormwatch.safety.e2b.writer import write

HL7 = {"h": "urn:hl7-org:v3"}
# A test result stands in one of several elements; its XPath leads to the one around them.
WITHIN = ("F.r.3.2", "F.r.3.3")


@pytest.mark.parametrize("name", ["marketed", "investigational", "bioequivalence"])
def test_a_case_with_every_element_is_read_back_equal(name, request):
    batch = request.getfixturevalue(name)
    again = read(write(batch))
    assert again == batch
    assert again.unknown_count() == 0
    assert write(again) == write(batch)


def test_a_case_as_plain_data_is_the_same_case(marketed):
    case = marketed.messages[0].case
    assert Group.from_payload(case.payload()) == case


def test_every_element_has_its_place_in_the_message(marketed):
    """The XPaths of findings lead to the values in the written message."""
    batch = read(write(marketed))
    root = etree.fromstring(write(batch))
    message = batch.messages[0]
    checked = 0
    for held in trails_of((batch.header, message.header, message.case), (1, 1, 1)).values():
        for trail, indices in held:
            for number, field in trail[-1].fields.items():
                if number in WITHIN:
                    continue
                path = xpath(number, trail, indices)
                assert _values(root, path, field.value or field.null) == 1, (number, path)
                checked += 1
    assert checked > 200


def _values(root: etree._Element, path: str, value: str | None) -> int:
    """How many of the values an XPath of the tables' kind finds are the value (after its tel: or mailto:)."""
    spaced = re.sub(r"(?<=[/\[( ])(?=[A-Za-z])(?!text\(\)|or |and |not\()", "h:", path)
    spaces = {**HL7, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    found = root.xpath(spaced, namespaces=spaces)
    return sum(value == text or text.endswith(f":{value}") for text in found)


def test_for_other_regions_fda_s_elements_are_left_out(marketed):
    plain = read(write(marketed, form="icsr"))
    numbers = {number for group in plain.messages[0].case.walk() for number in group.fields}
    assert not [number for number in numbers if number.startswith("FDA.")]
    every = {number for group in marketed.messages[0].case.walk() for number in group.fields}
    assert numbers == {number for number in every if not number.startswith("FDA.")}


def test_a_form_nobody_takes_is_refused(marketed):
    with pytest.raises(UsageError, match="is no form"):
        write(marketed, form="r2")


def test_element_numbers_stand_beside_their_values_as_comments(marketed):
    text = write(marketed, numbers=True).decode()
    assert '<birthTime value="20240301"/><!-- D.2.1 -->' in text
    assert canonical(text.encode()) == canonical(write(marketed))


@pytest.mark.parametrize("text", ["10", "<10", "<=10", ">10", ">=10", "-0.5"])
def test_a_result_with_its_bound_is_read_back(text, marketed):
    marketed.messages[0].case.each("F.r")[0].set("F.r.3.2", text)
    again = read(write(marketed))
    assert again.messages[0].case.each("F.r")[0].get("F.r.3.2") == text


@pytest.mark.parametrize("flavour", ["NINF", "PINF"])
def test_an_infinite_result_is_read_back(flavour, marketed):
    marketed.messages[0].case.each("F.r")[0].set("F.r.3.2", null=flavour)
    assert read(write(marketed)).messages[0].case.each("F.r")[0].null("F.r.3.2") == flavour


@given(st.data())
def test_any_choice_of_times_is_written_so_that_it_is_read_back(data):
    """Start, end, duration and interval come in three XML forms; which is used follows from what is there."""
    batch = Batch(Group("batch"), [])
    case = Group("case")
    dose = case.add("G.k", id="d").add("G.k.4.r").set("G.k.4.r.8", "as needed")
    reaction = case.add("E.i", id="r")
    parts = [("G.k.4.r.2", "G.k.4.r.3"), ("G.k.4.r.4",), ("G.k.4.r.5",), ("G.k.4.r.6a", "G.k.4.r.6b")]
    for part in parts:
        if data.draw(st.booleans()):
            for number in part:
                dose.set(number, "2024")
    for part in [("E.i.4",), ("E.i.5",), ("E.i.6a", "E.i.6b")]:
        if data.draw(st.booleans()):
            for number in part:
                reaction.set(number, "2024")
    batch.messages.append(Message(Group("N.2.r"), case))
    assert read(write(batch)) == batch


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))).filter(str.strip))
def test_any_text_is_read_back(text):
    case = Group("case").set("H.1", text).set("C.1.1", text)
    assert read(write(Batch(Group("batch"), [Message(Group("N.2.r"), case)]))).messages[0].case == case


STRANGE = [
    ("<statusCode", '<sequel code="7"><deep>text</deep></sequel><statusCode', 1),
    ("<statusCode", '<realmCode code="XX"/><statusCode', 1),
    ('<statusCode code="active"/>', '<statusCode code="active" hint="x"/>', 1),
    ("</investigationEvent>", "stray</investigationEvent>", 1),
    (
        "<name>text</name>\n<administrativeGenderCode",
        "<name>text</name>\n<name>second</name>\n<administrativeGenderCode",
        1,
    ),
]


@pytest.mark.parametrize(("old", "new", "count"), STRANGE)
def test_what_the_table_does_not_know_is_kept_counted_and_written_back(old, new, count, marketed):
    xml = write(marketed).decode().replace(old, new, 1).encode()
    assert xml != write(marketed)
    batch = read(xml)
    assert batch.unknown_count() == count
    assert canonical(write(batch)) == canonical(xml)


def test_an_unknown_piece_keeps_its_place_among_its_siblings(marketed):
    xml = write(marketed).decode().replace("<statusCode", "<strange/><statusCode", 1).encode()
    tags = [child.tag for child in etree.fromstring(write(read(xml))).iter("{*}investigationEvent").__next__()]
    local = [tag.rpartition("}")[2] for tag in tags]
    assert local[local.index("strange") - 1 : local.index("strange") + 2] == ["text", "strange", "statusCode"]


def test_the_canonical_form_tells_apart_what_has_meaning(marketed):
    """Neither an order within one kind, nor a value, nor an attribute may change without the form changing."""
    case = marketed.messages[0].case
    same = canonical(write(marketed))
    case.each("G.k")[0].set("G.k.2.2", "another")
    assert canonical(write(marketed)) != same
    case.each("G.k")[0].set("G.k.2.2", "text")
    assert canonical(write(marketed)) == same
    case.each("G.k").reverse()
    assert canonical(write(marketed)) != same
    case.each("G.k").reverse()
    assert canonical(write(marketed).replace(b'displayName="drugHistory"', b"")) != same


def test_the_canonical_form_is_blind_to_layout(marketed):
    xml = write(marketed)
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    for element in root.iter():
        attributes = sorted(element.attrib.items(), reverse=True)
        element.attrib.clear()
        for name, value in attributes:
            element.set(name, value)
    assert canonical(etree.tostring(root)) == canonical(xml)


def test_a_batch_is_streamed_message_by_message(marketed):
    case = marketed.messages[0]
    batch = Batch(marketed.header, [case] * 5)
    xml = write(batch)
    assert list(stream(xml)) == batch.messages
    assert header(xml) == batch.header
