"""Files that cannot be read: one clear error each, without a value of the patient's."""

from __future__ import annotations

import gzip
import os

import pytest

from stormwatch.errors import InputError, UsageError
from stormwatch.sources import patients, read
from stormwatch.sources.fhir import load
from stormwatch.sources.table import lines

BUNDLE = '{"resourceType": "Bundle", "entry": [%s]}'
TABLE = "patient_id,time,code,value,unit\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.json", b'{"resourceType": "Bundle",\n 41234}', "line 2, column 2"),
        ("a.json", b'{"resourceType": "Bundle"} 41234', "line 1, column 28"),
        ("a.json", b"[41234]", "JSON object"),
        ("a.json", b'"41234"', "JSON object"),
        ("a.json", b'{"a": 1, "a": 41234}', "one key twice"),
        ("a.json", b'{"a": "41234\\ud800"}', "cut in half"),
        ("a.json", b'{"a": "\xe4 41234"}', "UTF-8 text at byte 7"),
        ("a.json", b'{"a": "\x00 41234"}', "not text"),
        ("a.json", "{}".encode("utf-16"), "not text"),
        ("a.csv", TABLE.encode("utf-16"), "not text"),
        ("a.csv", TABLE.encode() + b"p,\xe4,41234", "line 2 is not UTF-8"),
        ("a", b"PK\x03\x04\x00\x00", "not text"),
        ("a.csv.gz", gzip.compress(b"patient_id,time" * 9)[:-12], "gzip"),
        ("a.csv.gz", b"\x1f\x8b41234", "gzip"),
        ("a.csv.gz", gzip.compress(TABLE.encode())[:-6] + b"abcdef", "gzip"),
    ],
)
def test_a_file_that_is_no_record_is_refused(save, name, content, message):
    path = save(content, name)
    for reader in (read, patients):
        with pytest.raises(InputError, match=message) as caught:
            reader(path)
        assert "41234" not in str(caught.value)


def test_null_bytes_far_into_a_table_are_refused(save):
    with pytest.raises(InputError, match=r"line \d+ is not text"):
        read(save(TABLE.encode() + b"p,2024,x,1,g\n" * 9000 + b"p,\0,x,1,g\n"))


def test_a_missing_file_a_folder_and_a_name_that_is_none(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="not a file name"):
        read("a\0b.json")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(save):
    path = save(TABLE)
    path.chmod(0)
    with pytest.raises(InputError, match="permissions"):
        read(path)


def test_a_refused_permission_is_an_input_error(save, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "refused")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match="permissions"):
        read("any.csv")


@pytest.mark.parametrize("depth", [2_000, 200_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused(save, depth, opening):
    path = save(BUNDLE % (opening * depth), "deep.json")
    with pytest.raises(InputError, match="nested too deeply"):
        read(path)


def test_bundles_within_bundles_without_end_are_refused(save):
    document = '{"resourceType":"Bundle","entry":[{"resource":' * 3000 + "null" + "}]}" * 3000
    with pytest.raises(InputError, match="nested too deeply"):
        read(save(document, "deep.json"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_bundle_is_refused(save, monkeypatch, packed):
    monkeypatch.setattr(load, "LIMIT", 1000)
    content = (BUNDLE % (" " * 2000)).encode()
    path = save(gzip.compress(content) if packed else content, "big.json.gz" if packed else "big.json")
    with pytest.raises(InputError, match=r"over .* MB; split it"):
        read(path)


def test_a_huge_sparse_bundle_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.write(b'{"resourceType": "Bundle", ' + b" " * (1 << 16))
        stream.truncate(2 * 1024**3)
    with pytest.raises(InputError, match="over 512 MB"):
        read(path)


def test_a_huge_file_of_zeros_is_refused_at_once(tmp_path):
    path = tmp_path / "zeros.csv"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    with pytest.raises(InputError, match="not text"):
        read(path)


def test_a_line_without_end_is_refused(save):
    with pytest.raises(InputError, match="line 2 is over 1024 kB"):
        read(save(TABLE + "x" * (lines.LINE_LIMIT + 1)))
    with pytest.raises(InputError, match="line 1 is over 1024 kB"):
        read(save("x" * (lines.LINE_LIMIT + 1)))


def test_a_number_of_many_digits_is_only_a_bad_value(read_bundle, ferritin, save_bundle):
    path = save_bundle({"resourceType": "Patient", "id": "p"}, ferritin())
    path.write_text(path.read_text().replace("5000", "9" * 10_000))
    assert len(read(path).accounting.rejected) == 1


def test_only_what_can_be_vouched_for_is_complete(save):
    path = save(TABLE + "p,2024,2276-4,5,ng/mL\n")
    assert read(path, complete=["exposures", "findings"]).complete == {"exposures", "findings"}
    assert read(path, complete="findings").complete == {"findings"}
    with pytest.raises(UsageError, match="exposures and findings"):
        read(path, complete=["measurements"])


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "Europe", "\0"])
def test_an_unknown_zone_is_a_usage_error(save, zone):
    with pytest.raises(UsageError, match="time zone"):
        read(save(TABLE), zone=zone)
