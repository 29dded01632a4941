"""Coding with the user's own dictionaries. Terms and codes here are invented, in the layout of the distribution."""

import pytest

from stormwatch.errors import InputError
from stormwatch.safety.case import Group
from stormwatch.safety.coding import coded, drug_matches, matches, propose, read_meddra, read_whodrug

LLT = (
    "90000001$Invented storm$90000002$$$$$$$Y$$\n"
    "90000002$Invented storms$90000002$$$$$$$Y$$\n"
    "90000003$Storm, invented, old name$90000002$$$$$$$N$$\n"
    "90000004$Quite another term$90000004$$$$$$$Y$$\n"
)
PT = "90000002$Invented storms$$90000009$$$$$$$$\n90000004$Quite another term$$90000009$$$$$$$$\n"
HIERARCHY = (
    "90000002$90000005$90000006$90000009$Invented storms$Group$Higher$Invented disorders$Inv$$90000009$Y$\n"
    "90000002$90000005$90000006$90000008$Invented storms$Group$Higher$Other disorders$Oth$$90000009$N$\n"
)


@pytest.fixture
def folder(tmp_path):
    for name, text in (("llt", LLT), ("pt", PT), ("mdhier", HIERARCHY), ("meddra_release", "27.1$English$$\n")):
        (tmp_path / f"{name}.asc").write_text(text, encoding="utf-8")
    return tmp_path


def a_case(words="invented STORM"):
    case = Group("case")
    case.add("E.i").set("E.i.1.1a", words)
    case.add("SW.history", id="x").set("SW.history.term", "Quite another term").set("SW.history.start", "2020")
    return case


def test_a_copy_is_read_with_version_and_hierarchy(folder):
    held = read_meddra(folder)
    term = held.terms["90000001"]
    assert (held.version, term.pt, term.soc, term.current) == ("27.1", "Invented storms", "Invented disorders", True)
    assert held.named("Storm, invented, old name") is None  # not current


def test_the_very_name_is_coded_and_nothing_else(folder):
    meddra = read_meddra(folder)
    made = coded(a_case(), meddra)
    assert (made.each("E.i")[0].get("E.i.2.1a"), made.each("E.i")[0].get("E.i.2.1b")) == ("27.1", "90000001")
    assert made.each("D.7.1.r")[0].get("D.7.1.r.1b") == "90000004"
    assert coded(a_case("storm, of the invented kind"), meddra).each("E.i")[0].get("E.i.2.1b") is None


def test_a_code_that_is_there_stays(folder):
    case = a_case()
    case.each("E.i")[0].set("E.i.2.1a", "26.0").set("E.i.2.1b", "91111111")
    assert coded(case, read_meddra(folder)).each("E.i")[0].get("E.i.2.1b") == "91111111"


def test_near_terms_are_shown_with_their_scores_best_first(folder):
    (one,) = propose(a_case("storm invented"), read_meddra(folder))
    assert one.nearest[0].name == "Invented storm"
    assert one.nearest[0].score == 100
    assert [match.score for match in one.nearest] == sorted((match.score for match in one.nearest), reverse=True)
    assert "Invented storm (100)" in one.text


def test_without_a_copy_words_stay_and_codes_are_missing():
    (one,) = propose(a_case())
    assert one.words == "invented STORM"
    assert one.text.startswith("codes are missing")


def test_nothing_near_is_no_match():
    assert matches("xyzzy", ["Invented storm"]) == ()


def test_an_older_copy_in_latin_letters_is_read(folder):
    (folder / "llt.asc").write_bytes("90000001$Guillain-Barré, invented$90000002$$$$$$$Y$$\n".encode("iso-8859-1"))
    assert read_meddra(folder).terms["90000001"].name == "Guillain-Barré, invented"


@pytest.mark.parametrize("gone", ["llt.asc", "pt.asc", "mdhier.asc", "meddra_release.asc"])
def test_a_copy_without_a_file_is_refused(folder, gone):
    (folder / gone).unlink()
    with pytest.raises(InputError, match=r"asc"):
        read_meddra(folder)


def test_the_version_may_be_named(folder):
    (folder / "meddra_release.asc").unlink()
    assert read_meddra(folder, version="28.0").version == "28.0"


def test_another_layout_is_refused_with_its_line(folder):
    (folder / "llt.asc").write_text("90000001,Invented storm\n")
    with pytest.raises(InputError, match="line 1"):
        read_meddra(folder)


def test_drugs_are_matched_in_a_table_of_the_users_own(tmp_path):
    path = tmp_path / "who.csv"
    path.write_text("code,name,atc\n0001,Blinatumomab,X\n0002,Something else,\n", encoding="utf-8")
    case = Group("case")
    case.add("G.k").set("G.k.2.2", "blinatumomab")
    held = read_whodrug(path, version="invented")
    ((at, words, found),) = drug_matches(case, held)
    assert (at, words, found[0].name, found[0].score) == ("G.k[1]", "blinatumomab", "Blinatumomab", 100)
    named = held.named("BLINATUMOMAB")
    assert named is not None
    assert named.code == "0001"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="column"):
        read_whodrug(path, version="invented")


# Names and codes are invented. The text lays its columns out by their widths: record number 6, sequences 2 and 3, check
# digit 1, designation 1, year 2, source 4, country 3, company 5, ingredients 2, salt 1, then the name.
DRUGS = [
    ("000001", "01", "001", "Inventumab"),
    ("000001", "01", "A3D", "STORMEX, new"),
    ("000002", "02", "001", "Other"),
]
CLASSES = [("000001", "01", "001", "L01XX99"), ("000001", "01", "001", "L04AA99"), ("000002", "02", "001", "N02BA")]


def b3_as_text(folder):
    lines = [f"{one}{two}{three}4N24SRC USA12345 1 {name}".ljust(1530) for one, two, three, name in DRUGS]
    assert all(line[30] != " " for line in lines)
    (folder / "DD.txt").write_text("\r\n".join(lines), encoding="utf-8", newline="")
    classes = [f"{one}{two}{three}4{atc:<7}241Y" for one, two, three, atc in CLASSES]
    (folder / "DDA.txt").write_text("\n".join(classes) + "\n", encoding="utf-8")


def b3_as_columns(folder):
    rows = [f'"{one}","{two}","{three}",4,N,24,SRC,USA,12345,1,,"{name}"' for one, two, three, name in DRUGS]
    (folder / "DD.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = [f'"{one}","{two}","{three}",4,"{atc}",24,1,Y' for one, two, three, atc in CLASSES]
    (folder / "DDA.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def c3_as_columns(folder):
    rows = [f'17,8,"{one}","{two}","{three}",9,Y,1,"{name}"' + "," * 13 for one, two, three, name in DRUGS]
    (folder / "MP.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize(("lay_out", "atc"), [(b3_as_text, True), (b3_as_columns, True), (c3_as_columns, False)])
def test_the_files_of_whodrug_are_read(lay_out, atc, tmp_path):
    lay_out(tmp_path)
    held = read_whodrug(tmp_path, version="invented")
    assert sorted((one.code, one.name) for one in held.drugs.values()) == [
        ("00000101001", "Inventumab"),
        ("00000101A3D", "STORMEX, new"),
        ("00000202001", "Other"),
    ]
    found = held.named("inventumab")
    assert found is not None
    assert found.atc == ("L01XX99; L04AA99" if atc else "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DD.txt", "0000010100\n"),
        ("DD.txt", "Inventumab, 000001 01 001\n"),
        ("DD.txt", "00000101001                   \n"),
        ("DD.csv", "1,1,1,4,N,24,SRC,USA,12345,1,,Inventumab\n"),
        ("DD.csv", "000001,01,001,Inventumab\n"),
        ("MP.csv", "17;8;000001;01;001;9;Y;1;Inventumab\n"),
    ],
)
def test_whodrug_in_another_layout_is_refused_with_its_line(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"{name}: line 1"):
        read_whodrug(tmp_path, version="invented")


def test_a_folder_without_whodrug_or_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"DD\.csv"):
        read_whodrug(tmp_path, version="invented")
    (tmp_path / "DD.txt").write_bytes(b"00000101001" + b" " * 19 + b"Invent\xfcmab\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_whodrug(tmp_path, version="invented")
