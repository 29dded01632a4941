"""The views of a message, the acknowledgements, validation against schemas, and the commands that print them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stormwatch.cli.case import app
from stormwatch.errors import CheckFailed, InputError, UsageError
from stormwatch.safety.case import Batch
from stormwatch.safety.casefile import CaseFile
from stormwatch.safety.casefile import save as save_case
from stormwatch.safety.e2b.acknowledgements import join, read_acknowledgement
from stormwatch.safety.e2b.saving import save
from stormwatch.safety.e2b.schema import validate
from stormwatch.safety.e2b.views import elements_payload, elements_text
from stormwatch.safety.e2b.writer import write

REPLY = """<MCCI_IN200101UV01 xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id extension="7"/>
<MCCI_IN000002UV01><id extension="8"/>
<acknowledgement typeCode="CR"><targetMessage><id extension="{message}"/></targetMessage>
<acknowledgementDetail><text>one element is missing</text></acknowledgementDetail></acknowledgement>
</MCCI_IN000002UV01>
<acknowledgement typeCode="AE"><targetBatch><id extension="{batch}"/></targetBatch></acknowledgement>
</MCCI_IN200101UV01>"""
# A stand-in for the official schemas: the root, and a batch number that must be there.
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
targetNamespace="urn:hl7-org:v3" elementFormDefault="qualified">
<xs:element name="MCCI_IN200100UV01"><xs:complexType><xs:sequence>
<xs:element name="id"><xs:complexType><xs:attribute name="extension" type="{type}" use="required"/>
<xs:attribute name="root"/></xs:complexType></xs:element>
<xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute processContents="skip"/>
</xs:complexType></xs:element></xs:schema>"""


@pytest.fixture
def message(marketed: Batch, tmp_path: Path) -> Path:
    path = tmp_path / "message.xml"
    save(marketed, path)
    return path


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_decoded_view_says_what_codes_dates_and_null_flavours_mean(marketed):
    marketed.messages[0].case.set("D.1", null="MSK")
    rows = {row["number"]: row for row in elements_payload(marketed, decoded=True)["messages"][0]["elements"]}
    assert rows["C.1.3"]["meaning"] == "from a study"
    assert rows["D.1"]["meaning"] == "masked"
    assert rows["C.1.2"]["meaning"] == "2024-03-02 10:10:10 +0000"
    assert rows["E.i.2.1b"]["meaning"] is None  # MedDRA is licensed: no words without the user's own copy
    assert rows["D.2.2b"]["meaning"] == "years"


def test_the_list_follows_the_order_of_the_sections_and_shows_every_element(marketed):
    rows = elements_payload(marketed)["messages"][0]["elements"]
    message = marketed.messages[0]
    assert len(rows) == sum(len(group.fields) for held in (message.header, message.case) for group in held.walk())
    sections = [row["number"].removeprefix("FDA.")[0] for row in rows]
    assert "".join(dict.fromkeys(sections)) == "NCDEFGH"
    assert sections == sorted(sections, key="NCDEFGH".index)


def test_a_long_text_is_cut_short_and_says_so(marketed):
    marketed.messages[0].case.set("H.1", "word " * 2000)
    assert "(10,000 characters)" in elements_text(elements_payload(marketed))


@pytest.mark.parametrize("target", ["US-ACME-1", "US-ACME-1 US-ACME-1"])
def test_a_reply_finds_its_message(target, marketed):
    reply = read_acknowledgement(REPLY.format(message=target, batch="text").encode())
    assert join(reply, marketed) == [(reply.replies[0], marketed.messages[0])]
    assert reply.meaning == "batch read, some messages need action"
    assert reply.replies[0].text == "one element is missing"
    assert not reply.replies[0].is_accepted


def test_a_reply_to_another_batch_or_message_joins_nothing(marketed):
    for message, batch in (("US-ACME-2", "text"), ("US-ACME-1", "another")):
        reply = read_acknowledgement(REPLY.format(message=message, batch=batch).encode())
        assert join(reply, marketed) == [(reply.replies[0], None)]


def test_an_acknowledgement_of_nothing_is_refused():
    with pytest.raises(InputError, match="which batch"):
        read_acknowledgement(b"<MCCI_IN200101UV01 xmlns='urn:hl7-org:v3'/>")


def test_a_message_is_validated_against_the_user_s_schema(message, tmp_path):
    folder = tmp_path / "schemas" / "multicacheschemas"
    folder.mkdir(parents=True)
    (folder / "MCCI_IN200100UV01.xsd").write_text(SCHEMA.format(type="xs:string"))
    assert validate(message, tmp_path / "schemas") == []
    (folder / "MCCI_IN200100UV01.xsd").write_text(SCHEMA.format(type="xs:integer"))
    (found,) = validate(message, tmp_path / "schemas")
    assert (found.rule, found.severity, found.line) == ("XSD", "reject", 3)
    assert "'text'" not in found.text  # the value itself is not repeated


def test_a_folder_without_the_schema_is_named(message, tmp_path):
    with pytest.raises(UsageError, match=r"no schema MCCI_IN200100UV01\.xsd"):
        validate(message, tmp_path)


@pytest.mark.parametrize(
    "content",
    ["<not", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", SCHEMA.format(type="missing")],
    ids=["cut", "dtd", "type"],
)
def test_a_schema_that_cannot_be_used_is_named(content, message, tmp_path):
    (tmp_path / "MCCI_IN200100UV01.xsd").write_text(content)
    with pytest.raises(UsageError, match="not a schema"):
        validate(message, tmp_path)


def test_check_prints_nothing_wrong_and_what_it_cannot_tell(message):
    done = run("check", message)
    assert done.exit_code == 0
    assert done.stdout == (
        "0 would be rejected, 0 warned of.\nRules of ICH and FDA. 7 rules were not decided, listed on stderr.\n"
    )
    assert "not decided, R0105" in done.stderr


def test_a_check_says_whose_rules_it_applied_and_how_many_it_could_not_decide(message):
    assert run("check", message).stderr.count("not decided, ") == 7
    told = run("check", message, "--follow-up")
    assert "5 rules were not decided" in told.stdout
    assert told.stderr.count("not decided, ") == 5
    alone = run("check", message, "--form", "icsr")
    assert "Rules of ICH alone" in alone.stdout
    assert "0 rules were not decided." in alone.stdout
    assert alone.stderr == ""
    as_data = run("check", message, "--format", "json")
    assert json.loads(as_data.stdout) == []
    assert "7 rules were not decided" in as_data.stderr


def test_a_draft_is_checked_without_lines_it_does_not_have(drafted, tmp_path):
    path = tmp_path / "case.json"
    save_case(CaseFile(drafted), path)
    done = run("check", path)
    assert isinstance(done.exception, CheckFailed)
    assert "missing: reaction, MedDRA version  (message 1)" in done.stdout
    assert ", line " not in done.stdout


def test_check_of_a_case_that_would_be_rejected_ends_with_5(marketed, message):
    marketed.messages[0].case.set("C.1.3")
    save(marketed, message)
    done = run("check", message, "--format", "json")
    assert isinstance(done.exception, CheckFailed)
    assert done.exception.exit_code == 5
    (found,) = json.loads(done.stdout)
    assert (found["rule"], found["element"], found["title"]) == ("ICH.required", "C.1.3", "Type of report")
    assert found["xpath"].endswith("/value/@code")


def test_check_reads_standard_input_and_dates_against_a_moment(marketed):
    done = CliRunner().invoke(app, ["check", "-", "--at", "2024-03-01T00:00:00"], input=write(marketed))
    assert isinstance(done.exception, CheckFailed)
    assert "ICH.future" in done.stdout


def test_check_validates_too(message, tmp_path):
    (tmp_path / "MCCI_IN200100UV01.xsd").write_text(SCHEMA.format(type="xs:integer"))
    done = run("check", message, "--schema", tmp_path)
    assert isinstance(done.exception, CheckFailed)
    assert "XSD" in done.stdout


def test_an_unreadable_file_is_an_input_error(tmp_path):
    (tmp_path / "no.xml").write_text("no")
    for command in ("check", "view"):
        done = run(command, tmp_path / "no.xml")
        assert isinstance(done.exception, InputError)
        assert done.exception.exit_code == 3


@pytest.mark.parametrize("shown", ["xml", "elements", "decoded"])
@pytest.mark.parametrize("output", ["text", "json"])
def test_every_view_is_printed_in_both_forms(shown, output, message):
    done = run("view", message, "--as", shown, "--format", output)
    assert done.exit_code == 0
    if output == "json":
        json.loads(done.stdout)
    assert "US-ACME-1" in done.stdout
    assert ("(from a study)" in done.stdout) == ((shown, output) == ("decoded", "text"))
