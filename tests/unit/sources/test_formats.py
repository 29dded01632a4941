"""What a file is taken for."""

import base64
import json

import pytest

import stormwatch as sw
from stormwatch.sources.formats import Kind, Options, kind_of

TEXT = "A 45-year-old woman received blinatumomab. Ferritin was 12,450 ng/mL."
DOCUMENT = {
    "resourceType": "DocumentReference",
    "status": "current",
    "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(TEXT.encode()).decode()}}],
}


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (DOCUMENT, Kind.TEXT),
        ({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": DOCUMENT}]}, Kind.FILE),
        ({"entry": [{"resource": DOCUMENT}], "type": "collection", "resourceType": "Bundle"}, Kind.FILE),
        ({"resourceType": "Patient", "id": "p"}, Kind.FILE),
    ],
)
def test_a_document_by_itself_is_prose_and_one_in_a_bundle_is_part_of_a_record(tmp_path, resource, kind):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(resource))
    assert kind_of(path, Options()) is kind


def test_a_document_by_itself_is_read_as_its_text(tmp_path):
    path = tmp_path / "note.json"
    path.write_text(json.dumps(DOCUMENT))
    assert [str(fact.value) for fact in sw.read(path).measurements["ferritin"]] == ["12450"]


def test_a_broken_file_that_speaks_of_documents_is_left_to_the_reader_of_records(tmp_path):
    path = tmp_path / "note.json"
    path.write_text('{"resourceType": "DocumentReference", "content": [')
    assert kind_of(path, Options()) is Kind.FILE
