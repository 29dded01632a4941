"""Payload and text of guidance."""

import json

from stormwatch.guidance import document, says
from stormwatch.guidance.payload import document_payload, payload
from stormwatch.guidance.text import document_text, said_text


def test_the_payload_is_plain_json_and_has_every_row(example):
    said = says(example)
    shown = payload(said)
    assert json.loads(json.dumps(shown)) == shown
    assert [(one["document"], one["row"]) for one in shown["rows"]] == [(one.document.id, one.row.id) for one in said]
    assert {one["id"] for one in shown["documents"]} == {one.document.id for one in said}


def test_the_text_reports_documents_and_names_contradictions_gaps_and_facts(example):
    text = said_text(payload(says(example)))
    for words in (
        "Documents contradict each other: is HLH or MAS listed for blinatumomab",
        "a term of its own",
        "Missing: why the drug is given",
        "MedicationAdministration/med-004",
        "Not what to do with a patient",
        "for 45 kg or more; 67 kg recorded: yes",
    ):
        assert words in " ".join(text.split())


def test_a_document_hides_unconfirmed_rows_unless_asked():
    hidden = document_payload(document("hlh-94"))
    assert hidden["unconfirmed_rows_left_out"] == 1
    assert "dexamethasone-taper" not in document_text(hidden)
    shown = document_text(document_payload(document("hlh-94"), unconfirmed=True))
    assert "dexamethasone-taper" in shown
    assert "UNCONFIRMED, never applied" in shown


def test_every_document_is_plain_json_and_text():
    from stormwatch.guidance import documents

    for name in documents():
        shown = document_payload(document(name), unconfirmed=True)
        assert json.loads(json.dumps(shown)) == shown
        assert document_text(shown).startswith(name)
