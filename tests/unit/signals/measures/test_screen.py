"""The screen: the same as its measures one by one, in any number of parts, with its method on every row."""

import importlib
import json
from dataclasses import replace

import numpy as np
import pytest

from stormwatch.errors import UsageError
from stormwatch.signals.counts import Counts, Mentions, count, count_strata
from stormwatch.signals.measures import (
    Context,
    Cover,
    NotConverged,
    Posterior,
    Prior,
    Screen,
    Tables,
    chi_squared,
    fit_prior,
    ic,
    mantel_haenszel,
    poisson_mid_p,
    prr,
    q_values,
    quantile,
    reasons,
    ror,
    screen,
)
from stormwatch.signals.measures.stratified import expected

PRIOR = Prior(0.2041, 0.05816, 1.415, 1.838, 0.0969)
DRUGS, EVENTS = 30, 40


@pytest.fixture(scope="module")
def database() -> tuple[Mentions, Mentions]:
    chance = np.random.default_rng(11)
    report = np.sort(chance.integers(0, 2_000, 5_000))
    drug = (DRUGS * chance.random(5_000) ** 2).astype(int)
    event = (EVENTS * chance.random(5_000) ** 2).astype(int)
    return Mentions.of(report, drug), Mentions.of(report, event)


@pytest.fixture(scope="module")
def counts(database) -> Counts:
    return count(*database, n_drugs=DRUGS, n_events=EVENTS, engine="numpy")


@pytest.fixture(scope="module")
def found(counts) -> Screen:
    return screen(counts, prior=PRIOR, context=Context(background="all reports"))


def test_every_column_is_its_measure(counts, found):
    tables = Tables.from_counts(counts, counts.pair_drug, counts.pair_event)
    posterior = Posterior.of(PRIOR, counts.n, tables.expected)
    p = poisson_mid_p(counts.n, tables.expected)
    alone = {
        "n": tables.a,
        "expected": tables.expected,
        "prr": prr(tables).value,
        "prr025": prr(tables).low,
        "ror975": ror(tables).high,
        "chi_squared": chi_squared(tables),
        "chi_squared_yates": chi_squared(tables, yates=True),
        "ic025": ic(counts.n, tables.expected).low,
        "ebgm": posterior.ebgm,
        "eb05": quantile(posterior, 0.05),
        "eb95": quantile(posterior, 0.95),
        "p": p,
        "q": q_values(p, counts.cells),
    }
    for name, values in alone.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, err_msg=name)


def test_parts_do_not_matter(counts, found, monkeypatch):
    module = importlib.import_module("stormwatch.signals.measures.screen")
    monkeypatch.setattr(module, "PART", 97)
    again = screen(counts, prior=PRIOR)
    for name in found.columns:
        np.testing.assert_allclose(again[name], found[name], rtol=1e-9, err_msg=name)


def test_chosen_pairs_may_have_no_report(counts):
    grid = np.indices((DRUGS, EVENTS)).reshape(2, -1)
    unreported = np.flatnonzero(counts.look_up(*grid) == 0)[:3]
    drug, event = grid[:, unreported]
    found = screen(counts, pairs=(drug, event), prior=PRIOR)
    assert found["n"].tolist() == [0, 0, 0]
    assert (found["ebgm"] < 1).all()
    assert np.isnan(found["prr025"]).all()
    assert all(any("a = 0" in text for text in reasons(int(bits))) for bits in found.reason)
    assert found.method.tests == 3


def test_stratified_measures_stand_in_the_same_columns(database, counts):
    reports = np.arange(2_000)
    thirds = Mentions.of(reports, reports % 3)
    strata = count_strata(database[0], database[1], thirds, n_drugs=DRUGS, n_events=EVENTS, engine="numpy")
    found = screen(counts, strata=strata, prior=PRIOR)
    pair = counts.pair_drug, counts.pair_event
    adjusted = mantel_haenszel([Tables.from_counts(part, *pair) for part in strata])
    e = expected(strata, *pair)
    np.testing.assert_allclose(found["ror"], adjusted.ror.value)
    np.testing.assert_allclose(found["prr025"], adjusted.prr.low)
    np.testing.assert_allclose(found["chi_squared"], adjusted.chi_squared)
    np.testing.assert_allclose(found["ebgm"], Posterior.of(PRIOR, counts.n, e).ebgm)
    assert "3 strata" in found.method.ratios
    undefined = np.isnan(found["prr"]) | np.isnan(found["ror"])
    assert (found.reason[undefined] > 0).all()


def test_without_a_prior_the_columns_are_empty_and_the_method_says_so(counts):
    found = screen(counts, empirical_bayes=False)
    assert np.isnan(found["ebgm"]).all()
    assert found.method.empirical_bayes == "left out"


def test_a_given_prior_is_named_as_given(found):
    assert "not fitted to this table" in found.method.empirical_bayes
    assert found.method.fit is None


def test_a_fitted_screen_holds_its_fit_and_its_cover():
    chance = np.random.default_rng(2)
    drug_n, event_n = (np.sort(chance.pareto(0.8, size) * 40 + 5).astype(np.int64) for size in (300, 300))
    reports = int(max(drug_n.max(), event_n.max()) * 2)
    mean = np.outer(drug_n, event_n) / reports
    n = chance.poisson(mean * chance.gamma(1.0, 1.0, mean.shape))
    n += chance.poisson(mean * np.where(chance.random(mean.shape) < 0.1, chance.gamma(2.0, 3.0, mean.shape), 0))
    drug, event = np.nonzero(n)
    found = screen(Counts(drug, event, n[drug, event], drug_n, event_n, reports))
    assert found.method.fit is not None
    assert found.method.fit.converged
    assert found.method.cover is not None
    assert 0.85 < found.method.cover.inside < 0.95
    assert found.method.likelihood.startswith("full, zero cells included")


def test_a_half_too_small_for_a_prior_leaves_the_cover_unknown(counts, monkeypatch):
    module = importlib.import_module("stormwatch.signals.measures.screen")
    with pytest.raises(NotConverged) as failed:
        fit_prior(flat())

    def fails(*_: object) -> Cover:
        raise failed.value

    monkeypatch.setattr(module, "hold_out", fails)
    cover = screen(counts, prior=replace(failed.value.fit, prior=PRIOR)).method.cover
    assert cover is not None
    assert np.isnan(cover.inside)
    assert "not known" in cover.split


def flat() -> Counts:
    """Every rate 1: a table without a mixture to find."""
    margin = np.full(12, 100)
    drug, event = np.indices((12, 12)).reshape(2, -1)
    return Counts(drug, event, np.full(144, 10), margin, margin, 1000)


def test_arrow_rows_carry_the_method(found):
    table = found.to_arrow()
    row = table.slice(0, 1).to_pylist()[0]
    assert row["counting_unit"] == "report"
    assert row["background"] == "all reports"
    assert row["drug_roles"] == "not stated"
    assert json.loads(table.schema.metadata[b"stormwatch.method"])["tests"] == found.method.tests
    assert table.num_rows == len(found)


def test_a_screen_can_be_stopped_between_two_parts(counts, monkeypatch):
    module = importlib.import_module("stormwatch.signals.measures.screen")
    monkeypatch.setattr(module, "PART", 100)
    seen = []

    def stop(what: str, done: int, of: int) -> None:
        seen.append((what, done, of))
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(counts, prior=PRIOR, progress=stop)
    assert seen == [("measures", 100, len(counts)), ("measures", 200, len(counts))]


def test_pairs_the_counts_do_not_have_are_refused(counts):
    with pytest.raises(UsageError, match="do not have"):
        screen(counts, pairs=(np.array([DRUGS]), np.array([0])), prior=PRIOR)
    with pytest.raises(UsageError, match="A pair is"):
        screen(counts, pairs=(np.array([0]), np.array([0, 1])), prior=PRIOR)
