"""Adjudication and validation: nothing shown gives the verdict away, no decision is lost, and the shares are exact."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from stormwatch.cohort.review.choosing import chosen, flags, instruments_of
from stormwatch.cohort.review.decisions import Decision, add_decision, agreed, read_decisions
from stormwatch.cohort.review.exact import Share
from stormwatch.cohort.review.session import Review, review
from stormwatch.cohort.review.showing import shown
from stormwatch.cohort.review.text import validation_rows, validation_text
from stormwatch.cohort.review.validation import STRATA, Case, Fourfold, fourfold, validation
from stormwatch.cohort.run import run
from stormwatch.cohort.store import Tables
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources import iterate, read

NAMES = ("crs-astct", "crs-lee")
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in NAMES]


@pytest.fixture(scope="module")
def folder(meds, instruments, tmp_path_factory):
    into = tmp_path_factory.mktemp("review") / "out"
    run(meds, instruments, into, workers=1)
    return into


def decision(patient, answer, reviewer="AB", flagged=True):
    return Decision(patient, "crs", answer, reviewer, START.isoformat(), flagged)


# --- choosing and showing ----------------------------------------------------------------------------------------


def test_flagged_patients_met_an_instrument_of_the_syndrome(folder):
    found = flags(folder, "crs")
    with Tables(folder) as tables:
        met = {p for (p,) in tables.rows("SELECT DISTINCT patient FROM episodes WHERE syndrome = 'crs'")}
        everyone = {p for (p,) in tables.rows("SELECT patient FROM patients WHERE facts > 0")}
    assert set(found) == everyone
    assert {patient for patient, is_so in found.items() if is_so} == met
    assert met
    assert met != everyone


def test_everyone_flagged_and_a_sample_of_the_others_in_mixed_order():
    flagged = {str(k): k % 3 == 0 for k in range(90)}
    found = chosen(flagged, 20, seed=1)
    assert sum(one.flagged for one in found) == 30
    assert sum(not one.flagged for one in found) == 20
    assert found == chosen(flagged, 20, seed=1) != chosen(flagged, 20, seed=2)
    changes = sum(a.flagged != b.flagged for a, b in pairwise(found))
    assert changes > 10  # not first the ones, then the others


def test_there_are_only_the_syndromes_that_are_judged():
    assert instruments_of("icans") == ["icans-astct", "icans-astct-child"]
    with pytest.raises(UsageError, match=r"crs, iec_hs, icans, mas_hlh|crs, icans"):
        instruments_of("gout")


def test_the_reviewer_sees_the_record_and_no_verdict(meds):
    for timeline in iterate(meds.path, zone=meds.zone, map=meds.map):
        text = shown(timeline).casefold()
        assert "measurements" in text
        for word in (*shipped(), "verdict", "met", "possible", "criteria"):
            assert word not in text.replace("measurements", "").split()
        assert "derived" not in text


def test_what_is_shown_is_what_was_recorded(meds):
    timeline = read(meds.path, patient="1", zone="UTC", map=meds.map)
    temperatures = [str(m.value) for m in timeline.measurements["temperature"]]
    (line,) = [one for one in shown(timeline).splitlines() if one.strip().startswith("Body temperature")]
    assert f": {temperatures[0]}" in line
    assert f": {temperatures[-1]}" in line


# --- decisions ---------------------------------------------------------------------------------------------------


def test_the_last_decision_of_a_reviewer_stands(tmp_path):
    path = tmp_path / "d.ndjson"
    for one in (decision("1", "yes"), decision("1", "no"), decision("2", "yes"), decision("2", "taken back")):
        add_decision(path, one)
    assert read_decisions(path) == [decision("1", "no")]
    assert len(path.read_text().splitlines()) == 4


def test_a_line_that_is_no_decision_is_an_input_error(tmp_path):
    path = tmp_path / "d.ndjson"
    add_decision(path, decision("1", "yes"))
    path.write_text(path.read_text() + '{"patient": "2", "answer": "perhaps"}\n')
    with pytest.raises(InputError, match="line 2"):
        read_decisions(path)


def test_reviewers_who_differ_are_counted_apart():
    found = [decision("1", "yes", "A"), decision("1", "yes", "B"), decision("2", "yes", "A"), decision("2", "no", "B")]
    found += [decision("3", "cannot tell", "A"), decision("4", "no", "A"), decision("4", "cannot tell", "B")]
    assert agreed(found) == ({"1": True, "4": False}, 1, 1)


def test_a_decision_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UsageError, match="not kept"):
        add_decision(tmp_path / "absent" / "d.ndjson", decision("1", "yes"))


def sitting(tmp_path, keys, count=4):
    """One sitting with the keys pressed; what was shown, and what was told."""
    patients = chosen({str(k): k % 2 == 0 for k in range(count)}, count, seed=1)
    asked = Review(patients, tmp_path / "d.ndjson", "crs", "AB")
    pressed = iter(keys)
    seen: list[Any] = []
    told: list[Any] = []
    clock = iter(START + timedelta(minutes=k) for k in range(100))

    def show(one):
        seen.append(one)
        return one

    made = review(asked, show, lambda _: next(pressed), told.append, lambda: next(clock))
    return asked, made, seen, told


def test_a_review_goes_on_where_it_stopped(tmp_path):
    asked, made, seen, _ = sitting(tmp_path, "yq")
    assert (made, len(asked.left())) == (1, 3)
    asked, made, again, _ = sitting(tmp_path, "nyc")
    assert (made, len(asked.left())) == (3, 0)
    assert again == seen[1:2] + [one.patient for one in asked.patients[2:]]
    assert [one.answer for one in read_decisions(asked.decisions)] == ["yes", "no", "yes", "cannot tell"]
    assert sitting(tmp_path, "")[1] == 0


def test_the_last_decision_can_be_taken_back(tmp_path):
    asked, made, seen, _ = sitting(tmp_path, "yunq")
    assert made == 1
    assert seen[0] == seen[2]
    assert [one.answer for one in read_decisions(asked.decisions)] == ["no"]
    lines = [json.loads(line)["answer"] for line in asked.decisions.read_text().splitlines()]
    assert lines == ["yes", "taken back", "no"]


def test_skipping_and_other_keys(tmp_path):
    asked, made, _, told = sitting(tmp_path, "sxuyq")
    assert made == 1
    assert any("Press one of" in line for line in told)
    assert any("Nothing was decided" in line for line in told)
    assert len(asked.left()) == 3


def test_nothing_told_says_who_is_flagged(tmp_path):
    _, _, _, told = sitting(tmp_path, "ynyn")
    assert not [line for line in told if "flag" in line]


# --- shares ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 300), st.integers(0, 300))
def test_intervals_are_those_of_clopper_and_pearson(count, more):
    share = Share(count, count + more)
    if share.of == 0:
        assert (share.value, share.low, share.high) == (None, None, None)
        return
    expected = binomtest(count, share.of).proportion_ci(method="exact")
    assert share.low == pytest.approx(expected.low, abs=1e-9)
    assert share.high == pytest.approx(expected.high, abs=1e-9)


def test_none_of_ten_has_the_published_upper_limit():
    """The rule of three is its approximation: 1 - 0.025 ** (1 / 10) = 0.3085 exactly."""
    assert Share(0, 10).high == pytest.approx(1 - 0.025**0.1)
    assert Share(10, 10).low == pytest.approx(0.025**0.1)


def test_a_table_worked_out_by_hand():
    """20 with the syndrome, 18 of them met; 80 without, 4 of them met."""
    shares = Fourfold(18, 4, 2, 76).shares()
    found = {name: (one.count, one.of) for name, one in shares.items()}
    assert found == {"sensitivity": (18, 20), "specificity": (76, 80), "ppv": (18, 22), "npv": (76, 78)}


def test_possible_counts_as_positive_only_where_that_is_asked():
    cases = [
        Case(str(k), where, STRATA[0], truth)
        for k, (where, truth) in enumerate(
            [("met", True), ("possible", True), ("open", True), ("excluded", False), ("possible", False)]
        )
    ]
    assert fourfold(cases, frozenset({"met"})) == Fourfold(1, 0, 2, 2)
    assert fourfold(cases, frozenset({"met", "possible"})) == Fourfold(2, 1, 1, 1)


def test_a_validation_counts_every_reviewed_patient_once(folder, instruments):
    found = flags(folder, "crs")
    told = [
        decision(patient, "yes" if k % 2 else "no", flagged=is_so) for k, (patient, is_so) in enumerate(found.items())
    ]
    payload = validation(folder, instruments, told, "crs")
    truth = {one.patient: one.answer == "yes" for one in told}
    with Tables(folder) as tables:
        standing = dict(tables.rows("SELECT patient, standing FROM standing WHERE instrument = 'crs-astct'"))
    (one,) = [one for one in payload["instruments"] if one["instrument"] == "crs-astct"]
    row = one["rows"][0]
    assert (row["test"], row["stratum"]) == ("met", "all")
    assert row["true_positive"] == sum(standing[p] == "met" and is_so for p, is_so in truth.items())
    assert row["true_negative"] == sum(standing[p] != "met" and not is_so for p, is_so in truth.items())
    assert row["whole"]["sensitivity"] == pytest.approx(row["sensitivity"]["value"])
    strata = [r for r in one["rows"] if r["test"] == "met" and r["stratum"] != "all"]
    for name in Fourfold.__slots__:
        assert sum(r[name] for r in strata) == row[name]
    assert payload["flagged"]["reviewed"] == payload["flagged"]["of"] == sum(found.values())


def test_a_sample_of_the_unflagged_weighs_as_much_as_it_stands_for(folder, instruments):
    """All flagged are ill, and so is one of two unflagged reviewed: it stands for half of all unflagged."""
    found = flags(folder, "crs")
    flagged, others = ([p for p, is_so in found.items() if is_so is wanted] for wanted in (True, False))
    told = [decision(p, "yes") for p in flagged] + [decision(others[0], "yes"), decision(others[1], "no")]
    payload = validation(folder, [instrument("crs-astct")], told, "crs")
    row = payload["instruments"][0]["rows"][0]
    with Tables(folder) as tables:
        query = "SELECT patient FROM standing WHERE instrument = 'crs-astct' AND standing = 'met'"
        met = len({p for (p,) in tables.rows(query)})
    assert row["whole"]["sensitivity"] == pytest.approx(met / (len(flagged) + len(others) / 2))
    assert "Not everyone was reviewed" in validation_text(payload)


def test_strata_are_by_the_questions_answered(folder, instruments, meds):
    """Every patient of one stratum, counted again from the timelines."""
    told = [decision(patient, "yes") for patient in flags(folder, "crs")]
    payload = validation(folder, instruments, told, "crs")
    (one,) = [one for one in payload["instruments"] if one["instrument"] == "crs-astct"]
    counts = {r["stratum"]: r["true_positive"] + r["false_negative"] for r in one["rows"] if r["test"] == "met"}
    assert counts.pop("all") == len(told) == sum(counts.values())
    assert set(counts) <= set(STRATA)


def test_decisions_about_another_syndrome_are_no_decisions(folder, instruments):
    with pytest.raises(InputError, match="no clear decision about icans"):
        validation(folder, instruments, [decision("1", "yes")], "icans")


def test_rows_for_csv_are_flat(folder, instruments):
    told = [decision(patient, "yes") for patient in flags(folder, "crs")]
    rows = validation_rows(validation(folder, instruments, told, "crs"))
    assert {"instrument", "test", "stratum", "true_positive", "sensitivity_low", "npv_value"} <= set(rows[0])
    assert not [cell for row in rows for cell in row.values() if isinstance(cell, dict)]
