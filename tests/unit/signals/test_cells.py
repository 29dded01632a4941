"""Every cell of the table leads to its reports: as many as the table counts, and the ones plain SQL finds."""

import csv
import io
import json
import shlex
from collections import Counter
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from stormwatch.cli.signals import app
from stormwatch.errors import CheckFailed, UsageError
from stormwatch.signals.cells import CELLS, cell, cell_command
from stormwatch.signals.comparison import Counted
from stormwatch.signals.counts import Counts
from stormwatch.signals.measures import NotConverged, fit_prior
from stormwatch.signals.pair import pair
from stormwatch.signals.scan import scan
from stormwatch.signals.selection import Selection, drug
from stormwatch.signals.series import described, reports_of, series

RUN = CliRunner()
CASES = [
    (("BLINATUMOMAB",), ("Cytokine release syndrome",)),
    (("BLINATUMOMAB", ("ASPIRIN", "C")), ("Cytokine storm", "Nausea")),
    (("BLINATUMOMAB",), ("Nausea",)),
    ((("BLINATUMOMAB", "C"), "ASPIRIN"), ("Cytokine release syndrome",)),
    (("ASPIRIN",), ("Cytokine release syndrome", "Rash")),
    (("ASPIRIN", "DIGOXIN"), ("Rash",)),
    (("DIGOXIN",), ("Headache",)),
    (("METFORMIN",), ("Death", "Rash")),
]
"""Reports 1 to 8; blinatumomab with CRS are 1 and 2. In report 4 it is concomitant only, which is not counted."""
EXPECTED = {"a": [1, 2], "b": [3], "c": [4, 5], "d": [6, 7, 8]}


@pytest.fixture
def store(quarter, database):
    one = quarter()
    for number, (drugs, events) in enumerate(CASES, start=1):
        one.report(number, drugs=drugs, events=events, age=str(number * 7), age_cod="YR")
    return database(one)


def case_numbers(found):
    return [int(one["case_number"]) for one in found]


@pytest.mark.parametrize("which", CELLS)
def test_a_cell_lists_the_reports_counted_by_hand(which, store):
    assert case_numbers(series(store, "blinatumomab", "crs", cell=which)) == EXPECTED[which]


@pytest.mark.parametrize("which", CELLS)
@pytest.mark.parametrize("background", ["all", "class:t_cell_engager"])
def test_a_cell_has_as_many_reports_as_the_table_says_and_as_sql_finds(which, background, store):
    chosen = Selection(background=background)
    numbers = reports_of(store, "blinatumomab", "crs", chosen, cell=which)
    table = pair(store, "blinatumomab", "crs", selection=chosen, empirical_bayes=False)["measures"]["crude"]["table"]
    assert len(numbers) == table[which]
    drug_side, event_side = {"a": (1, 1), "b": (1, 0), "c": (0, 1), "d": (0, 0)}[which]
    inside = "bool_or(d.substance = 'blinatumomab' AND d.role != 'C')" if background != "all" else "true"
    rows = store.rows(f"""
        SELECT r.n FROM reports AS r JOIN drugs AS d USING (n) JOIN reactions AS e USING (n) GROUP BY r.n
        HAVING max(CAST(d.substance = 'blinatumomab' AND d.role != 'C' AS INTEGER)) = {drug_side}
            AND max(CAST(e.term IN ('cytokine release syndrome', 'cytokine storm') AS INTEGER)) = {event_side}
            AND {inside} ORDER BY r.n
    """)
    assert numbers == [n for (n,) in rows]


def test_the_four_cells_are_the_whole_background(store):
    numbers = [n for which in CELLS for n in reports_of(store, "blinatumomab", "crs", cell=which)]
    assert sorted(numbers) == [n for (n,) in store.rows("SELECT n FROM reports ORDER BY n")]


def test_a_series_in_parts_is_the_series_in_one(store, monkeypatch):
    whole = series(store, "blinatumomab", "crs", cell="d")
    monkeypatch.setattr("stormwatch.signals.series.PART", 2)
    assert list(described(store, reports_of(store, "blinatumomab", "crs", cell="d"))) == whole
    assert [one["reactions"] for one in whole] == [["rash"], ["headache"], ["death", "rash"]]


@pytest.mark.parametrize("which", CELLS)
def test_the_command_beside_a_cell_lists_its_reports(which, store):
    chosen = Selection(("PS", "C"), "versions", "class:t_cell_engager")
    words = shlex.split(cell_command(which, store.folder, "blinatumomab", "crs", chosen))
    assert words[:3] == ["stormwatch", "signals", "series"]
    numbers = reports_of(store, "blinatumomab", "crs", chosen, cell=which)
    held = RUN.invoke(app, [*words[2:], "--format", "json"], catch_exceptions=False)
    assert [one["n"] for one in json.loads(held.stdout)] == numbers
    lines = RUN.invoke(app, [*words[2:], "--format", "csv"], catch_exceptions=False)
    assert [int(row["n"]) for row in csv.DictReader(io.StringIO(lines.stdout))] == numbers
    text = RUN.invoke(app, words[2:], catch_exceptions=False).stdout
    assert text.startswith(f"{len(numbers)} cases" if which == "a" else f"{len(numbers)} reports: {CELLS[which]}")


def test_there_are_four_cells():
    with pytest.raises(UsageError, match="there is no cell 'e'; cells: a"):
        cell("e")


# --- EBGM where the prior does not converge --------------------------------------------------------------------------


def test_a_prior_that_does_not_converge_raises_in_python():
    drugs, events, both, of_drug, of_event = (np.array(x) for x in ([0, 1], [0, 1], [3, 1], [4, 6], [5, 5]))
    few = Counts(drugs, events, both, of_drug, of_event, 10)
    with pytest.raises(NotConverged, match="could not be fitted"):
        fit_prior(few)


def test_a_refused_ebgm_is_said_in_every_row_and_on_stderr(store):
    found = pair(store, "blinatumomab", "crs", restricted=("class:t_cell_engager",), strata=("sex",))
    for row in (*found["measures"].values(), *found["restricted"], *scan(store, "blinatumomab")["rows"]):
        assert row["ebgm"] is None
        assert row["ebgm_refused"].startswith("EBGM refused: The prior")
        assert row["ic"] is not None
    words = ["--db", str(store.folder), "--drug", "blinatumomab"]
    for command in (["pair", *words, "--event", "crs"], ["scan", *words, "--least", "1"]):
        for form in ("text", "csv"):
            done = RUN.invoke(app, [*command, "--format", form], catch_exceptions=False)
            assert done.exit_code == 0
            assert "EBGM refused: The prior" in done.stdout
            assert done.stderr.count("EBGM refused: The prior") == 1
        with pytest.raises(CheckFailed, match="EBGM refused") as stopped:
            RUN.invoke(app, [*command, "--require-ebgm"], catch_exceptions=False)
        assert stopped.value.exit_code == 5


def test_an_ebgm_left_out_as_asked_is_no_refusal_by_the_fit(store):
    row = pair(store, "blinatumomab", "crs", empirical_bayes=False)["measures"]["crude"]
    assert row["ebgm_refused"] == "EBGM left out, as asked"


# --- a background is counted once ------------------------------------------------------------------------------------


def test_a_counted_background_answers_as_one_counted_anew(store):
    chosen, studied = Selection(), drug("blinatumomab", store)
    counted = Counted(store, chosen, studied, ("sex", "age"), empirical_bayes=False)
    how: dict[str, Any] = {"selection": chosen, "strata": ("sex", "age"), "empirical_bayes": False}
    assert pair(store, "blinatumomab", "crs", **how, counted=counted) == pair(store, "blinatumomab", "crs", **how)
    assert scan(store, "blinatumomab", **how, counted=counted) == scan(store, "blinatumomab", **how)
    with pytest.raises(UsageError, match="read without strata"):
        Counted(store, chosen, studied, empirical_bayes=False).comparison((), stratified=True)


def test_a_report_fits_each_prior_once(store, monkeypatch):
    from stormwatch.signals import comparison
    from stormwatch.signals.report.payload import signal_report

    asked: Counter[str] = Counter()

    def noted(name):
        real = getattr(comparison, name)

        def call(*given):
            asked[name] += 1
            return real(*given)

        return call

    for name in ("_fitted", "load"):
        monkeypatch.setattr(comparison, name, noted(name))
    signal_report(store, "blinatumomab", "crs", strata=("sex",), restricted=("class:t_cell_engager",))
    # Crude, stratified, restricted, the other de-duplication; the scan shares the stratified one.
    assert asked == {"_fitted": 4, "load": 3}
