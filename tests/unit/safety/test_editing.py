"""A person's edits: kept apart from the draft, always winning, never lost, and safe on disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import InputError, UsageError
from stormwatch.safety.case import Field, Group
from stormwatch.safety.casefile import CaseFile, Edit, cases, dumped, loaded, save
from stormwatch.safety.draft import Draft, draft
from stormwatch.safety.paths import field_at, fields, groups, place

VALUES = st.text(min_size=1, max_size=20)


def small() -> CaseFile:
    case = Group("case").set("D.5", "2")
    case.add("E.i", id="one").set("E.i.7", "1")
    case.add("E.i").set("E.i.7", "3")
    return CaseFile(Draft(case, {}, "test", None))


def test_an_edit_wins_and_the_draft_stays(drafted):
    held = CaseFile(drafted).edited("E.i[mas_hlh]/E.i.3.2f", Edit("true", who="Me"))
    assert field_at(held.case, "E.i[mas_hlh]/E.i.3.2f") == Field("true")
    assert field_at(held.draft.case, "E.i[mas_hlh]/E.i.3.2f") == Field(None, "NI")


def test_edits_survive_a_new_draft(course, drafted, details):
    held = CaseFile(drafted).edited("D.3", Edit("70")).redrafted(draft(course, details=details))
    assert held.case.get("D.3") == "70"


@pytest.mark.parametrize(
    "path", ["D.5", "E.i[one]/E.i.7", "E.i[2]/E.i.7", "E.i[new]/E.i.7", "G.k[9]/G.k.4.r[1]/G.k.4.r.8"]
)
@given(value=VALUES)
def test_whatever_is_put_at_a_path_stands_there(path, value):
    assert field_at(
        small().edited(path, Edit(value)).case, path if "9" not in path else path.replace("9", "1")
    ) == Field(value)


@given(st.lists(st.tuples(st.sampled_from(["D.5", "D.3", "E.i[one]/E.i.7"]), VALUES), max_size=8))
def test_of_several_edits_at_one_path_the_last_wins(edits):
    held = small()
    for path, value in edits:
        held = held.edited(path, Edit(value))
    assert all(field_at(held.case, path) == Field(value) for path, value in dict(edits).items())
    assert loaded(dumped(held)) == held


def test_an_element_or_a_group_can_be_taken_out():
    held = small().edited("D.5", Edit()).edited("E.i[one]", Edit())
    assert held.case.get("D.5") is None
    assert [one.get("E.i.7") for one in held.case.each("E.i")] == ["3"]
    assert small().edited("F.r[3]/F.r.1", Edit()).case == small().case


@pytest.mark.parametrize("path", ["", "E.i[one]", "E.i/E.i.7", "D 5", "E.i[one]/", "[1]/D.5"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(UsageError):
        small().edited(path, Edit("1"))


def test_the_basis_of_an_edited_field_is_the_person(drafted):
    held = CaseFile(drafted).edited("D.3", Edit("70", why="weighed again"))
    assert held.basis["D.3"].by == "person"
    assert "weighed again" in held.basis["D.3"].why
    assert held.draft.basis["D.3"].by == "record"


# --- on disk


def test_a_case_file_reads_back_equal(drafted, tmp_path):
    held = CaseFile(drafted).edited("D.3", Edit("70", who="Me", when="2024-03-02T10:00:00+00:00", why="weighed"))
    save(held, tmp_path / "case.json")
    assert loaded((tmp_path / "case.json").read_bytes()) == held
    assert cases(tmp_path / "case.json") == [held.case]


def test_the_same_case_gives_the_same_bytes(course, drafted, details):
    assert dumped(CaseFile(drafted)) == dumped(CaseFile(draft(course, suspect="blinatumomab", details=details)))


def test_a_break_while_writing_leaves_the_old_file(drafted, tmp_path, monkeypatch):
    target = tmp_path / "case.json"
    save(CaseFile(drafted), target)
    before = target.read_bytes()

    def broken(self: Path, target: object) -> None:
        raise OSError(5, "no power")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(UsageError):
        save(CaseFile(drafted).edited("D.3", Edit("70")), target)
    assert target.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["case.json"]


@given(st.binary(max_size=60))
def test_what_is_no_case_file_is_refused_without_showing_it(text):
    with pytest.raises(InputError) as caught:
        loaded(text)
    assert "neither" in str(caught.value) or "not a case file" in str(caught.value)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_half_a_file_is_refused(drafted, cut):
    whole = dumped(CaseFile(drafted))
    with pytest.raises(InputError):
        loaded(whole[: int(len(whole) * cut)])


@pytest.mark.parametrize("gone", ["drafted", "edited"])
def test_a_damaged_file_says_so_and_shows_no_value(drafted, gone):
    text = dumped(CaseFile(drafted)).decode().replace(f'"{gone}"', '"other"')
    with pytest.raises(InputError, match="damaged") as caught:
        loaded(text)
    assert "19790514" not in str(caught.value)


def test_a_message_is_read_as_cases(shared_data):
    (case,) = cases(shared_data / "e2b_r3_fda_instances" / "FAERS2022Scenario1.xml")
    assert case.each("G.k")
    places = [path for path, _ in fields(case)]
    assert len(places) == len(set(places))
    assert all(field_at(case, path) is not None for path in places)
    assert len(list(groups(case))) == len(list(case.walk())) - 1


def test_place_adds_groups_in_order():
    case = Group("case")
    place(case, "E.i[1]/E.i.7", Field("1"))
    place(case, "E.i[2]/E.i.7", Field("2"))
    assert [one.get("E.i.7") for one in case.each("E.i")] == ["1", "2"]
