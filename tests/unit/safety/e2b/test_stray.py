"""What a message says of a drug it does not have, and what FDA names without a place: kept, known where it can be."""

from __future__ import annotations

from stormwatch.safety.case import Batch, Group, absent
from stormwatch.safety.e2b.canonical import canonical
from stormwatch.safety.e2b.check import check
from stormwatch.safety.e2b.reader import read
from stormwatch.safety.e2b.views import elements_payload, elements_text
from stormwatch.safety.e2b.writer import write


def referring_elsewhere(batch: Batch) -> bytes:
    """The message with its first drug under another identity than its role and its assessments refer to."""
    xml = write(batch).decode()
    drug = xml.index('<substanceAdministration classCode="SBADM" moodCode="EVN">\n<id root="d-1"/>')
    return (xml[:drug] + xml[drug:].replace('<id root="d-1"/>', '<id root="d-9"/>', 1)).encode()


def test_role_and_assessment_of_a_missing_drug_are_known_and_written_back(marketed):
    xml = referring_elsewhere(marketed)
    batch = read(xml)
    case = batch.messages[0].case
    assert batch.unknown_count() == 0
    strays = case.each(absent("G.k"))
    assert {stray.id for stray in strays} == {"d-1"}
    said = {number for stray in strays for group in stray.walk() for number in group.fields}
    assert said >= {"G.k.1", "G.k.9.i.2.r.1", "G.k.9.i.2.r.2", "G.k.9.i.2.r.3"}
    assert case.each("G.k")[0].get("G.k.1") is None
    assert canonical(write(batch)) == canonical(xml)
    assert read(write(batch)) == batch
    assert Group.from_payload(case.payload()) == case
    assert "G.k@absent" in elements_text(elements_payload(batch))


def test_a_missing_drug_is_told_by_the_elements_that_speak_of_it(marketed):
    found = {(one.rule, one.element) for one in check(referring_elsewhere(marketed))}
    assert {("ICH.reference", "G.k.1"), ("ICH.reference", "G.k.9.i.2.r.3"), ("ICH.required", "G.k.1")} <= found
    assert all(one.line > 0 for one in check(referring_elsewhere(marketed)) if one.rule == "ICH.reference")


def test_what_refers_to_nothing_at_all_stays_unknown(marketed):
    xml = write(marketed)
    role = xml.index(b"interventionCharacterization")
    cut = xml[:role] + xml[role:].replace(b'<id root="d-1"/>', b"", 1)
    batch = read(cut)
    assert batch.unknown_count() == 1
    assert canonical(write(batch)) == canonical(cut)


def test_the_county_of_a_reporter_has_its_place(marketed):
    marketed.messages[0].case.each("C.2.r")[0].set("C.2.r.2.5@county", "Invented County")
    xml = write(marketed)
    assert b"<county>Invented County</county>" in xml
    again = read(xml)
    assert again == marketed
    assert again.unknown_count() == 0
