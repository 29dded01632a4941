"""What differs between two cases."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from stormwatch.safety.case import Field, Group
from stormwatch.safety.casefile import cases
from stormwatch.safety.diff import diff
from stormwatch.safety.paths import fields


def test_a_case_does_not_differ_from_itself(drafted):
    assert diff(drafted.case, deepcopy(drafted.case)) == ()


def test_groups_are_the_same_by_identity_whatever_their_order(drafted):
    other = deepcopy(drafted.case)
    other.groups["E.i"].reverse()
    assert diff(drafted.case, other) == ()
    other.each("E.i")[0].set("E.i.7", "5")
    (change,) = diff(drafted.case, other)
    assert (change.path, change.before, change.after) == ("E.i[mas_hlh]/E.i.7", Field("1"), Field("5"))


def test_whole_groups_are_added_and_removed_element_by_element():
    before, after = Group("case"), Group("case")
    before.add("E.i", id="a").set("E.i.7", "1")
    after.add("E.i", id="a").set("E.i.7", "1")
    after.add("E.i", id="b").set("E.i.7", "2").set("E.i.4", "2024")
    assert {(one.path, one.kind) for one in diff(before, after)} == {
        ("E.i[b]/E.i.7", "added"),
        ("E.i[b]/E.i.4", "added"),
    }
    assert {one.kind for one in diff(after, before)} == {"removed"}


@given(st.dictionaries(st.sampled_from(["D.3", "D.5", "H.1"]), st.text(max_size=3)), st.data())
def test_every_difference_is_found_and_no_other(held, data):
    other = data.draw(st.dictionaries(st.sampled_from(["D.3", "D.5", "H.1"]), st.text(max_size=3)))
    before, after = Group("case"), Group("case")
    for group, values in ((before, held), (after, other)):
        for number, value in values.items():
            group.set(number, value)
    expected = {number for number in held.keys() | other.keys() if held.get(number) != other.get(number)}
    assert {one.path for one in diff(before, after)} == expected


def test_two_official_messages_are_compared(shared_data):
    folder = shared_data / "e2b_r3_fda_instances"
    (one,), (other,) = cases(folder / "FAERS2022Scenario5-1.xml"), cases(folder / "FAERS2022Scenario5-2.xml")
    changes = diff(one, other)
    assert changes
    assert {path for path, _ in fields(one)} >= {change.path for change in changes if change.kind == "removed"}
