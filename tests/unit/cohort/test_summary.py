"""The numbers of a summary, worked out again in another way; and that nobody can work out a small cell."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from statistics import quantiles

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from stormwatch.cohort.run import run
from stormwatch.cohort.summary.kappa import kappa
from stormwatch.cohort.summary.page import save_charts, summary_html
from stormwatch.cohort.summary.payload import summary
from stormwatch.cohort.summary.suppression import Equation, suppressed
from stormwatch.cohort.summary.text import summary_rows, summary_text
from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.errors import InputError, UsageError
from stormwatch.facts import usable_from
from stormwatch.instruments.catalogue import instrument
from stormwatch.logic.truth import Truth
from stormwatch.sources import iterate
from stormwatch.terms import drugs_in_class

NAMES = ("crs-astct", "crs-lee", "hlh-2004", "hscore", "icans-astct", "mas-sjia-2016", "qsofa")


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in NAMES]


@pytest.fixture(scope="module")
def folder(meds, instruments, tmp_path_factory):
    into = tmp_path_factory.mktemp("summary") / "out"
    run(meds, instruments, into, workers=1)
    return into


@pytest.fixture(scope="module")
def timelines(meds):
    return list(iterate(meds.path, zone=meds.zone, map=meds.map))


@pytest.fixture(scope="module")
def everything(folder, instruments):
    """The summary with nothing suppressed."""
    return summary(folder, instruments, least=1)


def stands(one, timeline):
    """Where a patient stands, from the reference engine, and since when it was met."""
    begin = min(map(usable_from, timeline.facts))
    death = timeline.patient.death
    until = timeline.end if death is None else max(timeline.end, death.latest)
    moments = list(reference.changes(one, Readings(timeline), until))
    stops = [*(m.moment for m in moments[1:]), until]
    best, since = "excluded", None
    order = ("excluded", "open", "possible", "met")
    for m, stop in zip(moments, stops, strict=True):
        if stop <= begin < until:
            continue
        answer = m.verdict
        if answer is None:
            assert m.score is not None
            answer = Truth.MET if m.score.low >= 1 else Truth.NOT_MET if m.score.high < 1 else Truth.UNKNOWN
        if answer is Truth.MET:
            now = "met"
            since = since or max(m.moment, begin)
        elif answer is Truth.UNKNOWN:
            assert m.score is not None
            now = "possible" if m.score.low > one.full_range.low else "open"
        else:
            now = "excluded"
        best = max(best, now, key=order.index)
    return best, since


@pytest.fixture(scope="module")
def expected(timelines, instruments):
    return {(one.id, t.patient.id): stands(one, t) for one in instruments for t in timelines}


def test_patients_stand_where_the_reference_engine_puts_them(everything, expected):
    counted = Counter((name, where) for (name, _), (where, _) in expected.items())
    for row in everything["standings"]:
        for where in ("met", "possible", "open", "excluded"):
            assert row[where] == counted[row["instrument"], where]


def test_combinations_are_sets_of_instruments_met(everything, expected, timelines):
    (found,) = [one for one in everything["agreement"] if one["syndrome"] == "mas_hlh"]
    assert found["instruments"] == ["hlh-2004", "hscore", "mas-sjia-2016"]
    sets = Counter(
        tuple(name for name in found["instruments"] if expected[name, t.patient.id][0] == "met") for t in timelines
    )
    assert {tuple(one["met"]): one["patients"] for one in found["combinations"]} == dict(sets)


def test_kappa_of_the_flags_is_that_of_scikit_learn(everything, expected, timelines):
    pairs = [pair for one in everything["agreement"] for pair in one["pairs"]]
    assert pairs
    for pair in pairs:
        flags = [[expected[pair[side], t.patient.id][0] == "met" for t in timelines] for side in ("first", "second")]
        if len(set(flags[0] + flags[1])) == 2:
            assert pair["flagged"]["kappa"] == pytest.approx(cohen_kappa_score(*flags))


def test_hours_from_the_first_dose(everything, expected, timelines):
    for row in everything["since_first_dose"]:
        drugs = drugs_in_class(row["class"])
        waits = []
        for t in timelines:
            doses = [usable_from(f) for f in t.exposures if f.drug in drugs and f.given.value == "given"]
            met = expected[row["instrument"], t.patient.id][1]
            if doses and met:
                waits.append((met - min(doses)).total_seconds() / 3600)
        after = [hours for hours in waits if hours >= 0]
        assert (row["after"], row["before"]) == (len(after), len(waits) - len(after))
        if len(after) > 1:
            assert row["hours"] == pytest.approx(quantiles(after, n=4, method="inclusive"), abs=0.06)


def test_questions_never_answered(everything, expected, timelines):
    rows = {(row["instrument"], row["label"]): row for row in everything["missing"]}
    undecided = [t for t in timelines if expected["hscore", t.patient.id][0] in ("possible", "open")]
    without = [t for t in undecided if "ferritin" not in t.measurements]
    assert rows["hscore", "ferritin"]["undecided"] == len(undecided)
    assert rows["hscore", "ferritin"]["never"] == len(without)


# --- kappa -------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 200), min_size=4, max_size=4).filter(lambda c: min(c) > 0))
def test_the_interval_of_kappa_is_that_of_the_delta_method(cells):
    """The gradient of kappa taken by differences, with the covariance of a multinomial."""
    n = sum(cells)
    p = np.array(cells) / n

    def value(p):
        chance = (p[0] + p[1]) * (p[0] + p[2]) + (p[2] + p[3]) * (p[1] + p[3])
        return (p[0] + p[3] - chance) / (1 - chance)

    step = 1e-6
    gradient = np.array([(value(p + step * e) - value(p - step * e)) / (2 * step) for e in np.eye(4)])
    error = np.sqrt(gradient @ (np.diag(p) - np.outer(p, p)) @ gradient / n)
    found = kappa(*cells)
    assert found.value == pytest.approx(value(p))
    assert found.low == pytest.approx(max(found.value - 1.959964 * error, -1), abs=1e-5)
    assert found.high == pytest.approx(min(found.value + 1.959964 * error, 1), abs=1e-5)


def test_kappa_where_nothing_varies_is_undefined():
    assert kappa(10, 0, 0, 0).value is None
    assert kappa(0, 0, 0, 0).value is None


# --- suppression -------------------------------------------------------------------------------------------------


def possible_values(name, cells, hidden, equations, most=40):
    """Every value a hidden cell can have, by trying all."""
    unknown = sorted(hidden)
    found = set()
    for values in itertools.product(range(most), repeat=len(unknown)):
        world = cells | dict(zip(unknown, values, strict=True))
        if all(sum(s * world[c] for c, s in e.signs.items()) == e.total for e in equations):
            found.add(world[name])
    return found


@given(st.lists(st.integers(0, 12), min_size=3, max_size=4))
@settings(max_examples=40)
def test_no_small_cell_of_a_row_can_be_worked_out(counts):
    cells = {f"c{k}": count for k, count in enumerate(counts)}
    row = [Equation(dict.fromkeys(cells, 1), sum(counts))]
    hidden = suppressed(cells, row)
    assert {name for name, count in cells.items() if 0 < count < 5} <= hidden
    if len(hidden) < len(cells):
        for name in hidden:
            assert len(possible_values(name, cells, hidden, row)) >= 5


def test_margins_of_a_table_do_not_give_a_cell_away():
    """Two rows and three columns with all margins published: one cell alone would be known from its row."""
    cells = {"a1": 2, "a2": 10, "a3": 30, "b1": 20, "b2": 30, "b3": 40}
    equations = [Equation(dict.fromkeys(("a1", "a2", "a3"), 1), 42), Equation(dict.fromkeys(("b1", "b2", "b3"), 1), 90)]
    equations += [Equation({f"a{k}": 1, f"b{k}": 1}, cells[f"a{k}"] + cells[f"b{k}"]) for k in (1, 2, 3)]
    hidden = suppressed(cells, equations)
    row, column = {name[0] for name in hidden}, {name[1] for name in hidden}
    assert "a1" in hidden
    assert hidden == {r + c for r in row for c in column}
    assert (len(row), len(column)) == (2, 2)
    (other,) = column - {"1"}
    fixed = cells["a1"] + cells[f"a{other}"]  # a1 may be anything from 0 to this, each with its own world
    assert all(fixed - a1 >= 0 and cells["b1"] + 2 - a1 >= 0 for a1 in range(5))


def test_nothing_is_suppressed_without_small_cells():
    cells = {"met": 5, "open": 0, "excluded": 700}
    assert suppressed(cells, [Equation(dict.fromkeys(cells, 1), 705)]) == frozenset()


def test_a_published_summary_shows_no_small_cell(folder, instruments, everything):
    shown = summary(folder, instruments)
    numbers = [row[w] for row in shown["standings"] for w in ("met", "possible", "open", "excluded")]
    numbers += [each["patients"] for one in shown["agreement"] for each in one["combinations"]]
    numbers += [row[key] for row in shown["since_first_dose"] for key in ("after", "before")]
    numbers += [row[key] for row in shown["missing"] for key in ("never", "undecided")]
    numbers += [
        row["undecided"] - row["never"] for row in shown["missing"] if None not in (row["never"], row["undecided"])
    ]
    assert None in numbers
    assert not [count for count in numbers if count is not None and 0 < count < 5]
    for row, whole in zip(shown["standings"], everything["standings"], strict=True):
        hidden = [w for w in ("met", "possible", "open", "excluded") if row[w] is None]
        assert len(hidden) != 1
        assert sum(whole[w] for w in hidden) == 0 or sum(whole[w] for w in hidden) >= 5


# --- what is printed ---------------------------------------------------------------------------------------------


def test_text_csv_and_json_say_the_same(folder, instruments):
    payload = summary(folder, instruments)
    text = summary_text(payload)
    (row,) = [row for row in summary_rows(payload) if row["instrument"] == "qsofa"]
    line = next(line for line in text.splitlines() if line.startswith("qsofa"))
    words = ["·" if row[w] is None else str(row[w]) for w in ("met", "possible", "open", "excluded")]
    assert line.split() == ["qsofa", *words]
    assert json.loads(json.dumps(payload)) == payload


def test_the_page_holds_all_it_needs(folder, instruments, everything):
    page = summary_html(everything)
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<svg") == page.count("</svg>") >= 4
    assert "<script" not in page
    assert 'src="http' not in page
    assert "HScore for reactive haemophagocytic syndrome" in page


def test_figures_are_saved_as_svg_and_png(everything, tmp_path):
    found = save_charts(everything, tmp_path / "figures")
    assert {path.suffix for path in found} == {".svg", ".png"}
    assert all(path.read_bytes()[:4] in (b"<svg", b"\x89PNG") for path in found)


def test_no_run_is_an_input_error(tmp_path, instruments):
    with pytest.raises(InputError, match="no finished cohort run"):
        summary(tmp_path, instruments)


def test_a_smallest_cell_below_one_is_refused(folder, instruments):
    with pytest.raises(UsageError):
        summary(folder, instruments, least=0)


def test_the_tables_can_be_read_by_anything(folder):
    """The documented query on the parts of a run."""
    query = f"SELECT count(*) FROM '{folder}/standing/*.parquet' WHERE standing = 'met' AND instrument = 'crs-astct'"
    assert duckdb.execute(query).fetchall()[0][0] > 0
