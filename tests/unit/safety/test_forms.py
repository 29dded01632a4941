"""CIOMS I, FHIR, CSV and the E2B(R3) message of a drafted case."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest

import stormwatch as sw
from stormwatch.errors import UsageError
from stormwatch.safety.case import Group
from stormwatch.safety.casefile import CaseFile, cases, save
from stormwatch.safety.completion import completed
from stormwatch.safety.e2b.check import check
from stormwatch.safety.e2b.reader import read
from stormwatch.safety.exporting import as_message, export
from stormwatch.safety.forms import cioms
from stormwatch.safety.forms.boxes import boxes
from stormwatch.safety.forms.cioms import checks, filled, html, pdf
from stormwatch.safety.forms.fhir import bundle
from stormwatch.safety.forms.series import COLUMNS, series
from stormwatch.safety.message import Envelope

AT = datetime(2024, 3, 2, 10, tzinfo=UTC)
SENT = Envelope("EXAMPLE", "RECEIVER")


def message(case) -> bytes:
    return export([case], "e2b-r3", identified=True, envelope=SENT, at=AT).content


# --- the message of ICH


def test_only_what_no_record_holds_is_missing_from_the_message(drafted):
    found = {(one.element, one.rule) for one in check(message(drafted.case), form="icsr")}
    assert found == {("C.1.6.1", "ICH.required"), ("E.i.2.1a", "ICH.required"), ("E.i.2.1b", "ICH.required")}


def test_with_codes_and_that_answer_the_message_is_accepted(drafted):
    for reaction in drafted.case.each("E.i"):
        reaction.set("E.i.2.1a", "27.1").set("E.i.2.1b", "90000001")
    drafted.case.set("C.1.6.1", "false")
    assert check(message(drafted.case), form="icsr") == []


def test_own_elements_never_reach_the_message_and_all_others_do(drafted):
    text = message(drafted.case)
    assert b"SW." not in text
    (back,) = read(text).messages
    assert back.case.unknown_count() == 0
    assert back.case.each("E.i")[1].get("E.i.1.1a") == "Macrophage activation syndrome"
    assert [one.get("G.k.2.2") for one in back.case.each("G.k")] == ["Blinatumomab", "Dexamethasone"]
    assert back.case.get("H.1") == completed(drafted.case).get("H.1")


def test_the_drug_refers_to_its_reactions_by_their_identities(drafted):
    (back,) = read(message(drafted.case)).messages
    ids = [one.id for one in back.case.each("E.i")]
    assert [one.get("G.k.9.i.1") for one in back.case.each("G.k")[0].each("G.k.9.i")] == ids
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in ids)


def test_the_same_case_gives_the_same_message(drafted):
    assert message(drafted.case) == message(drafted.case)


def test_a_message_needs_sender_and_moment(drafted):
    with pytest.raises(UsageError, match="sender"):
        export([drafted.case], "e2b-r3")
    with pytest.raises(UsageError, match="one case a file"):
        export([drafted.case, drafted.case], "fhir")
    with pytest.raises(UsageError, match="offsets"):
        export([drafted.case], "fhir", dates="offsets")


def test_a_drafted_case_can_be_checked_like_a_message(drafted, tmp_path, shared_data):
    save(CaseFile(drafted), tmp_path / "case.json")
    found = check(as_message(tmp_path / "case.json", AT), form="icsr")
    assert {one.element for one in found} == {"C.1.6.1", "E.i.2.1a", "E.i.2.1b"}
    official = shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml"
    assert as_message(official, AT) == official


# --- CIOMS I


def test_the_boxes_stand_in_the_order_of_the_form(drafted):
    numbers = [one.number for one in filled(completed(drafted.case))]
    assert numbers == ["1", "1a", "2", "2a", "3", "4-6", "7+13", "8-12", "14", "15", "16", "17", "18", "19", "20", "21",
                       "22", "23", "24a", "24b", "24c", "24d", "25", "25a", "26"]  # fmt: skip


def test_dates_are_written_as_the_form_wants_and_unknowns_as_dashes(drafted):
    boxes = {one.number: one.text for one in filled(completed(drafted.case))}
    assert boxes["2"] == "14-MAY-1979"
    assert boxes["4-6"] == "27-DEC-2023 22:10"
    assert boxes["24c"] == "01-MAR-2024"
    assert boxes["19"] == "---"
    assert {one.text for one in filled(Group("case"))} == {"---"}


def test_treatment_of_the_reaction_is_not_among_the_concomitant_drugs(drafted):
    boxes = {one.number: one for one in filled(completed(drafted.case))}
    assert "Tocilizumab" not in boxes["22"].text
    assert "Dexamethasone (06-NOV-2023 09:00 to 10-JAN-2024 09:00)" in boxes["22"].text


def test_boxes_are_ticked_for_what_is_known_alone(drafted):
    ticked = {name for name, on in checks(completed(drafted.case)).items() if on}
    # confounded: neither yes nor no in box 20; it did not come back: no in box 21
    assert ticked == {"hospital", "again_no", "literature", "professional", "initial"}
    assert not any(checks(Group("case")).values())


def test_a_long_narrative_goes_on_to_a_numbered_sheet_in_full(drafted):
    case = completed(drafted.case)
    page = html(case)
    box = next(one for one in filled(case) if one.number == "7+13")
    assert box.text.endswith("… (continuation 1)")
    assert box.more.endswith((case.get("H.1") or "nothing")[-40:])
    assert page.count('class="sheet"') == sum(bool(one.more) for one in filled(case))


def test_dates_are_not_broken_over_two_lines_and_nothing_else_is_marked():
    case = Group("case").set("D.7.2", "<b>Seen 12-MAR-2024 & later</b>")
    assert '&lt;b&gt;Seen <span class="date">12-MAR-2024</span> &amp; later&lt;/b&gt;' in html(case)


@pytest.mark.parametrize(("more", "pages"), [(0, 1), (40, 2)])
def test_the_form_is_one_page_however_full_and_the_sheets_follow_each_other(more, pages, monkeypatch):
    from weasyprint import HTML

    long = "words and 12-MAR-2024 " * 80
    titles = [(number, title) for number, title, _ in boxes(Group("case"))]
    full = [
        (number, title, long[: cioms.ROOM[number] + more] if number in cioms.ROOM else "") for number, title in titles
    ]
    monkeypatch.setattr(cioms, "boxes", lambda _: full)
    assert len(HTML(string=html(Group("case"))).render().pages) == pages


def test_what_a_case_holds_is_escaped():
    case = Group("case").set("D.7.2", "<script>alert(1)</script>")
    assert "<script>" not in html(case)


@pytest.mark.parametrize("name", ["FAERS2022Scenario1.xml", "FAERS2022Scenario6.xml"])
def test_a_message_that_was_read_fills_the_form(shared_data, name):
    (case,) = cases(shared_data / "e2b_r3_fda_instances" / name)
    assert next(one.text for one in filled(case) if one.number == "14") != "---"
    assert "7+13" in html(case)


def test_the_form_is_a_pdf(drafted):
    made = pdf(completed(drafted.case))
    assert made.startswith(b"%PDF-")


# --- FHIR


def resources(case, kind):
    return [one["resource"] for one in bundle(case)["entry"] if one["resource"]["resourceType"] == kind]


def test_the_bundle_is_read_by_our_own_reader(drafted, tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle(completed(drafted.case))))
    timeline = sw.read(path)
    found = timeline.findings["macrophage_activation_syndrome"][0]
    assert (found.present, found.time.text) == (True, "2023-12-28T15:45:00+01:00")
    highest = max(timeline.measurements["ferritin"], key=lambda one: one.value.low)
    assert str(highest.value) == "> 40000"
    assert timeline.patient.sex == "female"
    assert timeline.accounting.rejected == []


def test_adverse_events_have_the_members_of_the_standard(drafted, shared_data):
    events = resources(completed(drafted.case), "AdverseEvent")
    official = json.loads((shared_data / "fhir_r4_official_examples" / "AdverseEvent-example.json").read_text())
    allowed = {*official, "recordedDate", "outcome"}  # and these two, of the resource's definition in R4
    assert all(set(one) <= allowed for one in events)
    assert [one["outcome"]["coding"][0]["code"] for one in events] == ["resolved", "resolved"]
    assert events[0]["seriousness"]["coding"][0]["code"] == "Serious"
    causality = events[1]["suspectEntity"][0]["causality"]
    assert [one["method"]["text"] for one in causality] == ["Naranjo 1981", "WHO-UMC"]


def test_references_stay_inside_the_bundle(drafted):
    made = bundle(completed(drafted.case))
    urls = [one["fullUrl"] for one in made["entry"]]
    assert len(urls) == len(set(urls))
    assert set(re.findall(r'"reference": "([^"]+)"', json.dumps(made))) <= set(urls)


def test_seriousness_that_is_not_stated_is_left_out():
    case = Group("case")
    case.add("E.i").set("E.i.1.1a", "rash")
    (event,) = resources(case, "AdverseEvent")
    assert "seriousness" not in event
    assert "outcome" not in event


# --- CSV


def test_a_series_has_one_line_a_case_and_the_same_columns(drafted, shared_data):
    (other,) = cases(shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml")
    rows = list(csv.DictReader(io.StringIO(series([completed(drafted.case), other]))))
    assert [tuple(row) for row in rows] == [COLUMNS, COLUMNS]
    assert rows[0]["reactions"] == "Cytokine release syndrome; Macrophage activation syndrome"
    assert (rows[0]["hospitalisation"], rows[0]["death"]) == ("yes", "")
    assert rows[0]["dechallenge"] == "confounded; confounded"


@pytest.mark.parametrize("evil", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_no_cell_begins_a_formula(evil):
    case = Group("case")
    case.add("E.i").set("E.i.1.1a", evil)
    (row,) = csv.DictReader(io.StringIO(series([case])))
    assert row["reactions"] == f"'{evil}"
