"""Quarterly files into Parquet: both layouts, known dirt by rule, and an account that closes."""

import zipfile

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import InputError
from stormwatch.signals.sources import mending
from stormwatch.signals.sources.ascii_table import NO_NUMBER
from stormwatch.signals.sources.lines import BrokenLine, LineScan
from stormwatch.signals.sources.mending import Mender
from stormwatch.signals.sources.reading import accounts, read_sources, withdrawn_accounts


def read(raw, table, source="2017Q2"):
    files = f"{raw}/source={source}/{table}*.parquet"
    return duckdb.connect().execute(f"SELECT * FROM read_parquet('{files}', union_by_name = true)").df()


def account(raw, table, source="2017Q2"):
    [one] = [a for a in accounts(raw) if a.source == source]
    return next(file for file in one.files if file.table == table)


@pytest.fixture
def simple(quarter):
    one = quarter()
    for case in (100, 101, 102):
        one.report(case, sex="F", drugs=("IMATINIB", ("DIGOXIN", "C")), events=("Nausea", "Rash"))
    return one


def test_a_folder_and_its_zip_give_the_same_rows(simple, tmp_path):
    read_sources([simple.write(tmp_path / "folder")], tmp_path / "a")
    read_sources([simple.zip(tmp_path / "q.zip")], tmp_path / "b")
    for table, rows in (("reports", 3), ("drugs", 6), ("reactions", 6), ("outcomes", 0)):
        first, second = read(tmp_path / "a", table), read(tmp_path / "b", table)
        assert len(first) == rows
        assert sorted(map(str, first.values.tolist())) == sorted(map(str, second.values.tolist()))


def test_columns_are_found_by_name_in_any_order(simple, tmp_path):
    lines = [line.split("$") for line in simple.text("DRUG").split("\r\n")[:-1]]
    turned = "".join("$".join(reversed(line)) + "\n" for line in lines)
    read_sources([simple.write(tmp_path / "q", DRUG=turned)], tmp_path / "raw")
    drugs = read(tmp_path / "raw", "drugs")
    assert sorted(drugs["name"]) == ["DIGOXIN"] * 3 + ["IMATINIB"] * 3
    assert set(drugs["report"]) == {"1001", "1011", "1021"}


def test_legacy_lines_end_in_a_delimiter_that_the_header_lacks(legacy, tmp_path):
    one = legacy()
    one.add("DEMO", isr=4263742, case=4061110, fda_dt="20040102", gndr_cod="F")
    one.add("DRUG", isr=4263742, drug_seq=1004492716, role_cod="PS", drugname="TAVOR")
    one.add("REAC", isr=4263742, pt="DIARRHOEA")
    read_sources([one.write(tmp_path / "q")], tmp_path / "raw")
    [report] = read(tmp_path / "raw", "reports", "2004Q1").to_dict("records")
    assert (report["report"], report["case"], report["sex"]) == ("4263742", "4061110", "F")
    assert account(tmp_path / "raw", "reports", "2004Q1").absent == ("reporter_country",)


def test_quotes_are_part_of_a_name(simple, tmp_path):
    text = simple.text("DRUG").replace("IMATINIB$IMATINIB", "CHILDREN'S \"TYLENOL$X", 1)
    read_sources([simple.write(tmp_path / "q", DRUG=text)], tmp_path / "raw")
    assert "CHILDREN'S \"TYLENOL" in set(read(tmp_path / "raw", "drugs")["name"])


def drug_line(name="ASPIRIN", dose="", key="1001", last=""):
    return f"{key}$100$1$PS${name}$ASPIRIN$1$Oral${dose}$$$U$U$$$$$$${last}"


DAMAGE = {
    "a line break inside a text": (drug_line(dose="5 MG\nDAILY"), ["5 MG DAILY"], {mending.JOINED: 1}, 1, 0),
    "two line breaks": (drug_line(dose="5\nMG\r\nDAILY"), ["5 MG DAILY"], {mending.JOINED: 1}, 2, 0),
    "bytes that are not UTF-8": (drug_line(dose="caf\xe9"), ["café"], {mending.DECODED: 1}, 0, 0),
    "two records in a line": (
        drug_line(dose="A") + drug_line(dose="B", key="1011"), ["A", "B"], {mending.PARTED: 1}, 0, 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_known_damage_is_mended_and_counted(damage, simple, tmp_path):
    text, doses, done, joined, parted = DAMAGE[damage]
    header = simple.text("DRUG").split("\r\n")[0]
    whole = "\n".join([header, drug_line(dose="BEFORE"), text, drug_line(dose="AFTER"), ""])
    read_sources([simple.write(tmp_path / "q", DRUG=whole.encode("latin-1"))], tmp_path / "raw")
    one = account(tmp_path / "raw", "drugs")
    assert sorted(read(tmp_path / "raw", "drugs")["dose"]) == sorted(["BEFORE", "AFTER", *doses])
    assert (dict(one.mended), one.joined, one.parted, dict(one.rejected)) == (done, joined, parted, {})
    assert one.closed
    assert one.lines == whole.count("\n") - 1


def test_a_delimiter_in_a_text_is_mended_only_where_one_reading_fits(simple, tmp_path):
    header = simple.text("DRUG").split("\r\n")[0]
    # Between name (free) and ingredient (free) no reading is the only one; before the coded role there is none.
    unclear = drug_line(name="A$B")
    nonsense = "1001$100$1$PS$X"
    fits = drug_line().replace("$U$U$", "$U$U$LOT$7$", 1).replace("$$$$$$$", "$01/02/2017$12345$$$$", 1)
    whole = "\n".join([header, drug_line(), drug_line(), unclear, drug_line(), fits, drug_line(), nonsense, ""])
    read_sources([simple.write(tmp_path / "q", DRUG=whole)], tmp_path / "raw")
    one = account(tmp_path / "raw", "drugs")
    assert dict(one.rejected) == {mending.WRONG_FIELDS: 2}
    assert dict(one.mended) == {mending.STRAY: 1}
    assert "01/02/2017" not in set(read(tmp_path / "raw", "drugs")["dose_amount"])
    assert one.closed


def test_rows_without_a_report_number_are_rejected_and_counted(simple, tmp_path):
    text = simple.text("REAC") + "$100$Rash$\r\nNOTANUMBER$100$Rash$\r\n"
    read_sources([simple.write(tmp_path / "q", REAC=text)], tmp_path / "raw")
    one = account(tmp_path / "raw", "reactions")
    assert (one.lines, one.used, dict(one.rejected)) == (8, 6, {NO_NUMBER: 2})


def test_blank_lines_are_no_rows(simple, tmp_path):
    text = simple.text("REAC").replace("\r\n", "\r\n\r\n").rstrip()
    read_sources([simple.write(tmp_path / "q", REAC=text)], tmp_path / "raw")
    assert account(tmp_path / "raw", "reactions").lines == 6


PIECE = st.sampled_from([b"1$a", b"2$b\r", b"", b"3", b"4$c$d", b"5$", b"6$\xe9", b"7$\xc3\xa9", b"\r", b"8\r9$x"])


@given(st.lists(PIECE, max_size=12), st.booleans(), st.integers(1, 7))
def test_lines_are_told_apart_in_whatever_pieces_they_come(lines, last_break, size):
    """An independent reading, line by line, of what is sound."""
    whole = b"k$v\n0$0\n0$0\n" + b"\n".join(lines) + (b"\n" if last_break else b"")
    scan = LineScan()
    scan.add(whole[:12])
    found = [whole[:12], *(scan.add(whole[at : at + size]) for at in range(12, len(whole), size)), scan.end()]
    assert scan.delimiters == 1

    def is_utf8(line):
        try:
            return bool(line.decode() or True)
        except UnicodeDecodeError:
            return False

    rest = whole[12:].split(b"\n")
    held = [line for line in rest if line not in (b"", b"\r")]
    sound = [line for line in held if line.count(b"$") == 1 and b"\r" not in line and is_utf8(line)]
    assert [line for line in b"".join(found[1:]).split(b"\n") if line not in (b"", b"\r")] == sound
    assert [line.raw for line in scan.broken] == [line.rstrip(b"\r") for line in held if line not in sound]
    assert all(whole[line.start :].startswith(line.raw) for line in scan.broken)
    assert scan.lines == 3 + len(held)


FREE = st.text(st.characters(codec="ascii", exclude_characters="$", min_codepoint=32), max_size=8)


@given(st.lists(st.tuples(FREE, st.integers(0, 3)), min_size=1, max_size=6))
def test_lines_broken_at_random_come_back_whole(rows):
    """Every record is cut at up to three places of its free text; joining must give the texts with spaces."""
    columns = ("primaryid", "caseid", "pt", "drug_rec_act")
    lines, expected, place = [], [], 0
    for number, (word, cuts) in enumerate(rows):
        pieces = [word, *["x"] * cuts]
        expected.append((str(1000 + number), "1", " ".join(pieces), ""))
        for piece in ("\n".join((f"{1000 + number}$1$" + "\n".join(pieces) + "$").split("\n"))).split("\n"):
            raw = piece.encode()
            lines.append((BrokenLine(place, place + len(raw) + 1, raw), cuts))
            place += len(raw) + 1
    broken = [line for line, cuts in lines if cuts]
    found = Mender(columns, extra=False).mend(broken)
    assert found.rows == [row for row, (_, cuts) in zip(expected, rows, strict=True) if cuts]
    assert found.joined == sum(cuts for _, cuts in rows)
    assert not found.rejected


# --- Bad input


def test_a_quarter_that_lacks_a_file_is_refused(simple, tmp_path):
    with pytest.raises(InputError, match=r"2017Q2: the quarter lacks THER; .* seven files"):
        read_sources([simple.write(tmp_path / "q", THER=None)], tmp_path / "raw")


def test_a_file_of_the_other_layout_in_a_quarter_is_refused(simple, legacy, tmp_path):
    with pytest.raises(InputError, match=r"REAC17Q2.txt: this file is legacy AERS"):
        read_sources([simple.write(tmp_path / "q", REAC=legacy().text("REAC"))], tmp_path / "raw")
    assert not list((tmp_path / "raw").iterdir())


def test_two_quarters_of_different_layouts_may_share_a_folder(simple, legacy, tmp_path):
    simple.write(tmp_path / "q")
    one = legacy()
    one.add("DEMO", isr=1, case=1, fda_dt="20040101")
    one.write(tmp_path / "q")
    found = read_sources([tmp_path / "q"], tmp_path / "raw")
    assert [(a.source, a.era) for a in found] == [("2004Q1", 0), ("2017Q2", 1)]


def test_the_same_quarter_twice_is_refused(simple, tmp_path):
    paths = [simple.write(tmp_path / "one"), simple.zip(tmp_path / "two.zip")]
    with pytest.raises(InputError, match="two files claim to be DEMO"):
        read_sources(paths, tmp_path / "raw")


def test_a_truncated_zip_is_refused(simple, tmp_path):
    whole = simple.zip(tmp_path / "q.zip").read_bytes()
    (tmp_path / "q.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="broken or cut short"):
        read_sources([tmp_path / "q.zip"], tmp_path / "raw")


def test_a_zip_with_a_damaged_file_is_refused_and_leaves_nothing_half_read(simple, tmp_path):
    for _ in range(500):
        simple.report(5)
    whole = bytearray(simple.zip(tmp_path / "q.zip").read_bytes())
    whole[300:340] = b"\0" * 40
    (tmp_path / "q.zip").write_bytes(whole)
    with pytest.raises(InputError, match=r"17Q2.txt is broken or cut short"):
        read_sources([tmp_path / "q.zip"], tmp_path / "raw")
    assert not list((tmp_path / "raw").iterdir())


def test_a_zip_bomb_is_refused_before_it_is_opened(simple, tmp_path):
    simple.zip(tmp_path / "q.zip")
    with zipfile.ZipFile(tmp_path / "q.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ascii/THER17Q3.txt", b"0" * 50_000_000)
    with pytest.raises(InputError, match=r"would expand .* limits are 100-fold"):
        read_sources([tmp_path / "q.zip"], tmp_path / "raw")


def test_an_empty_file_is_refused(simple, tmp_path):
    with pytest.raises(InputError, match=r"INDI17Q2.txt: the file is empty"):
        read_sources([simple.write(tmp_path / "q", INDI="")], tmp_path / "raw")


def test_a_file_without_a_needed_column_is_refused(simple, tmp_path):
    text = simple.text("DRUG").replace("role_cod", "role")
    with pytest.raises(InputError, match="the header has no column role_cod"):
        read_sources([simple.write(tmp_path / "q", DRUG=text)], tmp_path / "raw")


def test_a_folder_without_anything_known_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="nothing here is a FAERS quarter"):
        read_sources([tmp_path], tmp_path / "raw")


# --- Going on where it stopped


def test_what_was_read_is_not_read_again_and_a_new_issue_is(simple, quarter, tmp_path):
    other = quarter("17Q3")
    other.report(900)
    first, second = simple.write(tmp_path / "a"), other.write(tmp_path / "b")
    read_sources([first], tmp_path / "raw")
    stamp = (tmp_path / "raw/source=2017Q2/reports.parquet").stat().st_mtime_ns
    read_sources([first, second], tmp_path / "raw")
    assert (tmp_path / "raw/source=2017Q2/reports.parquet").stat().st_mtime_ns == stamp
    simple.report(777)
    simple.write(tmp_path / "a")
    read_sources([first], tmp_path / "raw")
    assert account(tmp_path / "raw", "reports").used == 4
    assert len(accounts(tmp_path / "raw")) == 2


def test_an_interrupt_leaves_whole_quarters_only(simple, quarter, tmp_path):
    other = quarter("17Q3")
    other.report(900)
    paths = [simple.write(tmp_path / "a"), other.write(tmp_path / "b")]

    def stop(what):
        if what.startswith("2017Q3 REAC"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_sources(paths, tmp_path / "raw", progress=stop)
    assert [folder.name for folder in (tmp_path / "raw").iterdir()] == ["source=2017Q2"]
    assert len(read_sources(paths, tmp_path / "raw")) == 2


# --- Withdrawn cases


def test_lists_of_withdrawn_cases_are_united(simple, tmp_path):
    folder = simple.write(tmp_path / "q")
    (folder / "Deleted").mkdir()
    (folder / "Deleted" / "DELETE17Q2.txt").write_text("CASEID\n0100\n555\nsomething else\n")
    (folder / "ADR18Q1DeletedCases.txt").write_text("555\r\n101\r\n")
    for _ in range(2):
        read_sources([folder], tmp_path / "raw")
    held = duckdb.connect().execute(f"SELECT * FROM read_parquet('{tmp_path}/raw/withdrawn.parquet')").fetchall()
    assert sorted(held) == [("100",), ("101",), ("555",)]
    assert sorted((a.used, sum(a.rejected.values())) for a in withdrawn_accounts(tmp_path / "raw")) == [(2, 0), (2, 1)]
