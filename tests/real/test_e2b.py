"""FDA's official ICSR instances and acknowledgements (1.2): read, written back, checked, and broken in the XML."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from lxml import etree

from stormwatch.safety.e2b.acknowledgements import join, read_acknowledgement
from stormwatch.safety.e2b.canonical import canonical
from stormwatch.safety.e2b.check import check
from stormwatch.safety.e2b.elements import elements
from stormwatch.safety.e2b.reader import read
from stormwatch.safety.e2b.views import elements_payload
from stormwatch.safety.e2b.writer import write

pytestmark = pytest.mark.real

SCENARIOS = ("1", "2", "3", "4", "5-1", "5-2", "5-3", "6", "7", "8")
HL7 = "{urn:hl7-org:v3}"
ICH = "2.16.840.1.113883.3.989.2.1"

# The message identifier is expected to be the case number; in all but one of FDA's examples it is not.
IDENTIFIER = ("ICH.same", "N.2.r.1", "warn")
# The code system of FDA.G.k.10a is given as the one for sender types.
SYSTEM = ("ICH.system", "FDA.G.k.10a", "warn")
# What is found in the unmodified files, and why it is rightly found.
FINDINGS: dict[str, list[tuple[str, str, str]]] = {
    "1": [IDENTIFIER],
    "2": [IDENTIFIER],
    "3": [IDENTIFIER],
    "4": [IDENTIFIER],
    # The third drug is neither test nor reference, and does not say so with the null flavour NA.
    "5-1": [SYSTEM, SYSTEM, IDENTIFIER, ("W0006", "FDA.G.k.10a", "warn")],
    "5-2": [SYSTEM, IDENTIFIER, ("W0006", "FDA.G.k.10a", "warn")],
    # The role that refers to no drug; the drug that lacks it; the two drugs of one identity.
    "5-3": [
        ("ICH.reference", "G.k.1", "warn"),
        ("ICH.required", "G.k.1", "reject"),
        ("ICH.identity", "G.k", "warn"),
        ("ICH.identity", "G.k", "warn"),
        IDENTIFIER,
    ],
    # One attachment has lines of full stops in its base 64; one country code is in small letters.
    "6": [("ICH.format", "C.1.6.1.r.2", "reject"), ("ICH.value", "E.i.9", "reject")],
    "7": [IDENTIFIER],
    "8": [IDENTIFIER],
}


@pytest.fixture
def instances(shared_data: Path) -> Path:
    return shared_data / "e2b_r3_fda_instances"


def instance(folder: Path, scenario: str) -> Path:
    return folder / f"FAERS2022Scenario{scenario}.xml"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_official_instance_is_written_back_with_the_same_meaning(scenario, instances):
    path = instance(instances, scenario)
    batch = read(path)
    written = write(batch)
    assert canonical(written) == canonical(path)
    assert read(written) == batch
    assert batch.unknown_count() == 0


def test_the_role_of_a_drug_that_is_not_there_is_known_and_is_no_drug_s(instances):
    """In scenario 5-3 two drugs have one identity, and one role refers to a drug the case does not have."""
    case = read(instance(instances, "5-3")).messages[0].case
    (stray,) = case.each("G.k@absent")
    assert stray.id not in {drug.id for drug in case.each("G.k")}
    assert stray.get("G.k.1") == "4"
    assert [drug.get("G.k.1") for drug in case.each("G.k")].count("4") == 0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_official_instance_has_no_findings_but_these(scenario, instances):
    found = [(one.rule, one.element, one.severity) for one in check(instance(instances, scenario))]
    assert sorted(found) == sorted(FINDINGS[scenario])


def test_scenario_6_holds_what_its_comments_say(instances):
    """The comments of the file name the element at each place; all that are named are in the case."""
    text = instance(instances, "6").read_text(encoding="utf-8")
    named = set(re.findall(r"<!--[\s:]*((?:FDA\.)?[CDEFGHN](?:\.[\dkir]+[a-h]?)+)\b", text))
    known = {number for number in named if number in elements()}
    held = {row["number"] for row in elements_payload(read(instance(instances, "6")))["messages"][0]["elements"]}
    held |= {row["number"] for row in elements_payload(read(instance(instances, "6")))["batch"]}
    assert len(known) == 218
    # The type of study is there with a display name and without its code.
    assert known - held == {"C.5.4"}


def observation(root, code: str, wrapper: str):
    """The wrapper of the observation with this code of ICH's list of observations."""
    for element in root.iter(f"{HL7}code"):
        if element.get("code") == code and element.get("codeSystem") == f"{ICH}.1.19":
            around = element.getparent()
            while not around.tag.endswith(wrapper):
                around = around.getparent()
            return around
    raise AssertionError(code)


def attribute(path: str, name: str):
    """Take an attribute away from the first element at a path, found without Stormwatch's own table."""

    def act(root) -> None:
        spaced = "/".join(step if step in ("", ".") else HL7 + step for step in path.split("/"))
        del root.find(spaced).attrib[name]

    return act


def without(code: str, wrapper: str):
    def act(root) -> None:
        element = observation(root, code, wrapper)
        element.getparent().remove(element)

    return act


def identifier(root_id: str):
    def act(root) -> None:
        found = [one for one in root.iter(f"{HL7}id") if one.get("root") == root_id]
        found[-1].getparent().remove(found[-1])

    return act


def gone(path: str):
    def act(root) -> None:
        element = root.find("/".join(HL7 + step if step != "." else step for step in path.split("/")))
        element.getparent().remove(element)

    return act


CASE = "PORR_IN049016UV/controlActProcess/subject/investigationEvent"


def coded(system: str, name: str = "code", which: int = -1):
    """Take an attribute away where a code of this code system is the value, the last of them or another."""

    def act(root) -> None:
        found = [one for one in root.iter() if one.get("codeSystem") == system and one.get(name)]
        del found[which].attrib[name]

    return act


def unnamed(root) -> None:
    """Take the name of the last drug away."""
    *_, product = root.iter(f"{HL7}kindOfProduct")
    product.remove(product.find(f"{HL7}name"))


MEDDRA = "2.16.840.1.113883.6.163"
DELETIONS = {
    "N.1.1": attribute("name", "code"),
    "N.1.2": identifier(f"{ICH}.3.22"),
    "N.1.3": identifier(f"{ICH}.3.13"),
    "N.1.4": identifier(f"{ICH}.3.14"),
    "N.1.5": gone("creationTime"),
    "N.2.r.1": gone("PORR_IN049016UV/id"),
    "N.2.r.2": identifier(f"{ICH}.3.11"),
    "N.2.r.3": identifier(f"{ICH}.3.12"),
    "N.2.r.4": gone("PORR_IN049016UV/creationTime"),
    "C.1.1": gone(f"{CASE}/id"),
    "C.1.2": gone("PORR_IN049016UV/controlActProcess/effectiveTime"),
    "C.1.3": coded(f"{ICH}.1.2"),
    "C.1.4": gone(f"{CASE}/effectiveTime/low"),
    "C.1.5": gone(f"{CASE}/availabilityTime"),
    "C.1.6.1": without("1", "component"),
    "C.1.7": without("23", "component"),
    "C.1.8.1": identifier(f"{ICH}.3.2"),
    "C.1.8.2": coded(f"{ICH}.1.3"),
    "C.1.9.1": attribute(f"{CASE}/subjectOf2[2]/investigationCharacteristic/value", "nullFlavor"),
    "C.3.1": coded(f"{ICH}.1.7"),
    "D.1": gone(f"{CASE}/component/adverseEventAssessment/subject1/primaryRole/player1/name"),
    "E.i.2.1a": coded(MEDDRA, "codeSystemVersion", 0),
    "E.i.2.1b": coded(MEDDRA, "code", 0),
    "E.i.3.2a": without("34", "outboundRelationship2"),
    "E.i.3.2b": without("21", "outboundRelationship2"),
    "E.i.3.2c": without("33", "outboundRelationship2"),
    "E.i.3.2d": without("35", "outboundRelationship2"),
    "E.i.3.2e": without("12", "outboundRelationship2"),
    "E.i.3.2f": without("26", "outboundRelationship2"),
    "E.i.7": without("27", "outboundRelationship2"),
    "G.k.1": coded(f"{ICH}.1.13"),
    "G.k.2.2": unnamed,
    "H.1": gone(f"{CASE}/text"),
}


def test_all_33_mandatory_elements_are_deleted_below():
    assert DELETIONS.keys() == {number for number, one in elements().items() if one.ich == "required"}


@pytest.mark.parametrize("number", DELETIONS)
def test_deleting_a_mandatory_element_from_an_official_instance_is_named_alone(number, instances):
    """The measure of XML schema on the same question: 8 of these 33 deletions are noticed."""
    root = etree.parse(str(instance(instances, "1"))).getroot()
    DELETIONS[number](root)
    found = check(etree.tostring(root), form="fda")
    new = {(one.rule, one.element) for one in found} - {IDENTIFIER[:2]}
    assert new == {("ICH.required", number)}
    assert all(one.line > 0 and one.xpath for one in found)


@pytest.mark.parametrize(
    ("name", "scenario", "code", "accepted"), [("positive", "1", "AA", True), ("negative", "2", "AE", False)]
)
def test_an_official_acknowledgement_is_read(name, scenario, code, accepted, instances):
    reply = read_acknowledgement(instances / f"R3ack-{name}.ack")
    assert reply.code == code
    assert [one.is_accepted for one in reply.replies] == [accepted]
    assert (reply.sender, reply.replies[0].sender) == ("ZZFDA", "CDER")


def test_a_reply_is_joined_to_its_case(instances):
    reply = read_acknowledgement(instances / "R3ack-positive.ack")
    batch = read(instance(instances, "1"))
    assert [message for _, message in join(reply, batch)] == batch.messages
    assert [message for _, message in join(reply, read(instance(instances, "2")))] == [None]


# MPID and PhPID have one path in FDA's table; the code system, which the table leaves open, tells them apart. The
# common device name is an attribute in the table and a second name in the instances, where brand names have one path.
OTHERWISE = {"D.8.r.3a", "D.8.r.3b", "D.10.8.r.3a", "D.10.8.r.3b", "G.k.2.1.2a", "G.k.2.1.2b"} | {
    "FDA.G.k.12.r.4",
    "FDA.G.k.12.r.5",
}
SPACES = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_values_are_those_at_the_xpaths_of_fda_s_table(scenario, instances):
    """FDA's own XPath of each element, evaluated on the file, gives the values the case has, in their order."""
    path = instance(instances, scenario)
    root = etree.parse(str(path))
    held = values(read(path))
    compared = 0
    for number, expression in xpaths(instances / "icsr_data_elements.csv"):
        expected = evaluated(root, expression)
        if expected and number not in OTHERWISE:
            assert held.get(number, []) == expected, number
            compared += 1
    assert compared > (140 if scenario == "6" else 60)


def values(batch) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in (batch.header, *(one for message in batch.messages for one in groups(message))):
        for number, field in group.fields.items():
            if field.value is not None:
                found.setdefault(number, []).append(field.value)
    return found


def groups(message):
    return (*message.header.walk(), *message.case.walk())


def xpaths(table: Path) -> list[tuple[str, str]]:
    """The XPaths of the table that are XPaths; ten of FDA's own elements have broken ones, some have none."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [(row[2].strip(), row[32].strip()) for row in list(csv.reader(file))[2:]]
    return [(number, text) for number, text in rows if number != "(Header)" and text.startswith(("/", "substring"))]


def evaluated(root, expression: str) -> list[str]:
    """The values at an XPath of the table, for all repetitions at once; empty where it is broken."""
    inner = re.match(r"substring\((.*),\s*(\d)\)$", expression)
    expression, skipped = (inner[1], int(inner[2]) - 1) if inner else (expression, 0)
    expression = re.sub(r"\[[rik]\]", "", expression).replace("code@", "code/@")
    expression = re.sub(r"(?<=[/\[])\s*(?=[A-Za-z])(?!text\(\)|starts-with|xsi:)", "h:", expression)
    try:
        found = [str(one)[skipped:] for one in root.xpath(expression, namespaces=SPACES)]
    except etree.XPathError:
        return []
    # Beside a file name (a child element), the white space around an attachment carries no meaning.
    attached = "h:document" in expression and expression.endswith("h:text/text()")
    return [one.strip() if attached else one for one in found if one.strip()]


# FDA's rule table names these for reports on vaccines, without a rule; its table of elements and its instances do not
# have them, so where they stand in a message is not known. What a message has of them is kept, counted, written back.
UNPLACED = {"FDA.G.k.2.2.1", *(f"FDA.G2.k.{part}" for part in ("1", "2a", "2b", "3", "4a", "4b", "5", "6", "7", "8"))}
# These two have one place in HL7's address, and are read there, under the element they belong to.
PARTS = {"FDA.C.2.r.2.5.1": "C.2.r.2.5@county", "FDA.C.3.4.1.1": "C.3.4.1@line2"}
# A heading whose parts are elements, and race as the rule table numbers it (FDA.D.11.r.1 in the table of elements).
HEADINGS = {"FDA.G.k.12.r.7", "FDA.D.11.r"}


def test_every_number_in_fda_s_tables_is_an_element_or_is_accounted_for(instances):
    named = set()
    for name, column in (("icsr_data_elements.csv", 2), ("rejection_warning_rules.csv", 0)):
        with (instances / name).open(encoding="utf-8", newline="") as file:
            named |= {row[column].strip() for row in csv.reader(file) if len(row) > column}
    numbers = {number for number in named if re.fullmatch(r"(FDA\.)?[CDEFGHN]\d?\.[\w.]+", number)}
    assert len(numbers) > 250
    assert numbers - elements().keys() == UNPLACED | PARTS.keys() | HEADINGS
    assert elements().keys() >= set(PARTS.values())
