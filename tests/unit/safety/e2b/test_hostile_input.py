"""What a hostile or broken file may do: be refused, with where and why. Never a crash, a fetch, or unbounded memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from stormwatch.errors import InputError, UsageError
from stormwatch.safety.case import Batch
from stormwatch.safety.e2b.acknowledgements import read_acknowledgement
from stormwatch.safety.e2b.canonical import canonical
from stormwatch.safety.e2b.check import check, stream_check
from stormwatch.safety.e2b.reader import header, read, stream
from stormwatch.safety.e2b.saving import save, save_pieces
from stormwatch.safety.e2b.writer import pieces, write

BOMB = (
    b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">"""
    + b"".join(b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 10))
    + b"""]><MCCI_IN200100UV01 xmlns="urn:hl7-org:v3"><id extension="&j;"/></MCCI_IN200100UV01>"""
)
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>"""
REMOTE = b"""<?xml version="1.0"?><!-- a --> <?p i?>
<!DOCTYPE MCCI_IN200100UV01 SYSTEM "http://example.invalid/x.dtd"><MCCI_IN200100UV01 xmlns="urn:hl7-org:v3"/>"""
READERS = [read, header, lambda source: list(stream(source)), check, read_acknowledgement]


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """No test here may open a connection."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("document", [BOMB, EXTERNAL, REMOTE], ids=["bomb", "external entity", "remote DTD"])
def test_a_document_type_is_refused_before_it_is_parsed(reader, document):
    with pytest.raises(InputError, match="document type"):
        reader(document)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"case,age\n1,2\n", "not an XML message"),
        (b"\x1f\x8b\x08\x00binary", "not an XML message"),
        (b"PK\x03\x04zip", "not an XML message"),
        (b"<!-- comment without end", "not an XML message"),
        ("<a/>".encode("utf-16"), "UTF-8"),
        ("<a/>".encode("utf-16-le"), "UTF-8"),
        ("<a/>".encode("utf-32"), "UTF-8"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>', "well-formed"),
        (b"<a><b></a>", "well-formed"),
        (b"<a>&undefined;</a>", "well-formed"),
        (b"<a>\x00</a>", "well-formed"),
        (b"<MCCI_IN200100UV01 xmlns='urn:hl7-org:v3'>", "well-formed"),
        (b"<ichicsr/>", "not a"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(reader, document, says):
    with pytest.raises(InputError, match=f"{says}|not an acknowledgement"):
        reader(document)


def test_a_message_cut_short_anywhere_is_refused(marketed):
    xml = write(marketed)
    for end in range(1, len(xml) - 25, 977):
        with pytest.raises(InputError):
            read(xml[:end])


def test_no_value_of_the_message_gets_into_the_complaint(marketed):
    xml = write(marketed).replace(b"</family>", b"</fam>", 1)
    with pytest.raises(InputError) as caught:
        read(xml)
    assert "line" in str(caught.value)
    assert "fam" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.xml")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path)


def test_nesting_without_end_is_refused():
    deep = b"<MCCI_IN200100UV01 xmlns='urn:hl7-org:v3'>" + b"<id>" * 100_000 + b"</id>" * 100_000
    with pytest.raises(InputError):
        read(deep + b"</MCCI_IN200100UV01>")


def test_deep_nesting_within_the_parser_s_limit_is_kept_and_written_back():
    xml = b"<MCCI_IN200100UV01 xmlns='urn:hl7-org:v3'>" + b"<x>" * 1500 + b"</x>" * 1500 + b"</MCCI_IN200100UV01>"
    batch = read(xml)
    assert batch.unknown_count() == 1
    assert write(batch).count(b"<x") == 1500


@given(st.binary(max_size=300))
def test_no_bytes_at_all_crash_the_reader(content):
    with pytest.raises(InputError):
        read(content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(start=st.integers(0, 36_000), length=st.integers(0, 400), content=st.binary(max_size=40))
def test_no_damage_to_a_message_crashes_the_check(marketed, start, length, content):
    xml = write(marketed)
    with suppress(InputError):
        check(xml[:start] + content + xml[start + length :])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
def test_no_rearrangement_of_elements_crashes_the_check_or_is_lost(marketed, data):
    """Elements taken out, doubled or moved elsewhere: still read, checked, and written back."""
    root = etree.fromstring(write(marketed))
    every = list(root.iter())[1:]
    for _ in range(3):
        victim = data.draw(st.sampled_from(every))
        target = data.draw(st.sampled_from(every))
        if victim.getparent() is not None and target not in set(victim.iter()):
            target.append(deepcopy(victim) if data.draw(st.booleans()) else victim)
    xml = etree.tostring(root)
    check(xml)
    assert canonical(write(read(xml))) == canonical(xml)


def test_a_batch_of_any_size_is_checked_in_constant_memory(marketed, tmp_path):
    """Twenty times the messages, and the peak of memory stays below that of two messages more."""
    peaks = []
    for count in (5, 100):
        path = tmp_path / f"{count}.xml"
        save_pieces(pieces(marketed.header, (marketed.messages[0] for _ in range(count))), path)
        tracemalloc.start()
        assert sum(1 for _ in _streamed(path)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def _streamed(path: Path):
    header(path)
    yield from stream(path)


@pytest.mark.slow
def test_500_mb_are_checked_within_300_mb(marketed, tmp_path):
    path = tmp_path / "large.xml"
    one = len(write(marketed))
    save_pieces(pieces(marketed.header, (marketed.messages[0] for _ in range(500_000_000 // one))), path)
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20))
from stormwatch.safety.e2b.check import stream_check
print(sum(1 for _ in stream_check({str(path)!r})))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600)
    assert done.stdout.strip() == "0", done.stderr[-500:]


def test_a_large_batch_is_checked_the_same_way_as_a_small_one(marketed, tmp_path, monkeypatch):
    marketed.messages[0].case.set("C.1.3")
    path = tmp_path / "batch.xml"
    save(Batch(marketed.header, marketed.messages * 3), path)
    whole = list(stream_check(path))
    monkeypatch.setattr("stormwatch.safety.e2b.check._HELD_AT_ONCE", 0)
    assert list(stream_check(path)) == whole
    assert {finding.message for finding in whole} == {1, 2, 3}


def test_saving_replaces_the_old_file_as_a_whole(marketed, tmp_path):
    path = tmp_path / "case.xml"
    path.write_text("old")
    save(marketed, path)
    assert read(path) == marketed
    assert [one.name for one in tmp_path.iterdir()] == ["case.xml"]


def test_a_fault_in_the_middle_of_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "case.xml"
    path.write_text("old")

    def parts():
        yield b"new"
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError):
        save_pieces(parts(), path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["case.xml"]


def test_being_killed_in_the_middle_of_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "case.xml"
    path.write_text("old")
    program = f"""
import pathlib, time
from stormwatch.safety.e2b.saving import save_pieces
def parts():
    yield b"new" * 1000000
    print("written", flush=True)
    time.sleep(60)
save_pieces(parts(), pathlib.Path({str(path)!r}))
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert path.read_text() == "old"


def test_a_folder_that_cannot_be_written_is_named(marketed, tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        save(marketed, tmp_path / "none" / "case.xml")
