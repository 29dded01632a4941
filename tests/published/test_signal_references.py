"""Signal measures against other people's programs and papers, on their own data.

The reference files were made with openEBGM, PhViD and pvda (R); their README says how. Tolerances are the digits the
files have.
"""

import csv
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from stormwatch.signals.counts import Counts, Mentions, count, count_strata
from stormwatch.signals.measures import Posterior, Prior, Tables, Triples, chi_squared, ic, omega, prr, quantile, ror
from stormwatch.signals.measures.fit import fit_prior
from stormwatch.signals.measures.prior import log_likelihood
from stormwatch.signals.measures.stratified import expected as stratified_expected

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "anchors" / "signals_reference"


@pytest.fixture(scope="module")
def references() -> Path:
    """The reference outputs beside the repository; skipped without, but not in CI."""
    if FOLDER.is_dir():
        return FOLDER
    if os.environ.get("CI") and os.environ.get("STORMWATCH_NO_SHARED") != "1":
        pytest.fail("CI must run on the references: ../shared/anchors is absent (STORMWATCH_NO_SHARED=1 allows it)")
    pytest.skip("../shared/anchors beside the repository is not on this machine")


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return list(csv.DictReader(file))


def column(table: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in table])


class Named:
    """Counts together with the names of drugs and events."""

    def __init__(self, drugs: list[str], events: list[str]) -> None:
        self.drug_names, self.drug = np.unique(drugs, return_inverse=True)
        self.event_names, self.event = np.unique(events, return_inverse=True)
        self.counts: Counts

    def find(self, drugs: list[str], events: list[str]) -> tuple[np.ndarray, np.ndarray]:
        return np.searchsorted(self.drug_names, drugs), np.searchsorted(self.event_names, events)


@pytest.fixture(scope="module")
def caers(references: Path) -> tuple[Named, list[dict[str, str]], tuple[Mentions, Mentions]]:
    """FDA's food and supplement reports as openEBGM ships them, counted by us."""
    table = sorted(rows(references / "openEBGM_caers_input.csv.gz"), key=lambda row: int(row["id"]))
    named = Named([row["var1"] for row in table], [row["var2"] for row in table])
    report = [int(row["id"]) for row in table]
    mentions = Mentions.of(report, named.drug), Mentions.of(report, named.event)
    named.counts = count(*mentions, engine="numpy")
    return named, table, mentions


@pytest.fixture(scope="module")
def phvid(references: Path) -> Named:
    """PhViD's simulated database: pairs already counted, so margins are sums of pairs."""
    table = rows(references / "PhViD_input.csv.gz")
    named = Named([row["Drug lab"] for row in table], [row["AE lab"] for row in table])
    n = column(table, "n11").astype(np.int64)
    order = np.lexsort((named.event, named.drug))
    drug_n, event_n = (np.bincount(part, n).astype(np.int64) for part in (named.drug, named.event))
    drug, event = named.drug[order], named.event[order]
    named.counts = Counts(drug, event, n[order], drug_n, event_n, reports=int(n.sum()), unit="mention")
    return named


def exact_log_likelihood(counts: Counts, prior: Prior) -> float:
    """Over every cell of the table: no bins, and the cells nobody reported found by looking at each."""
    n = np.zeros((len(counts.drug_n), len(counts.event_n)), dtype=np.int64)
    n[counts.pair_drug, counts.pair_event] = counts.n
    expected = np.outer(counts.drug_n, counts.event_n) / counts.reports
    unreported, times = np.unique(expected[n == 0], return_counts=True)
    zeros = log_likelihood(prior, np.zeros(len(unreported), dtype=np.int64), unreported, times.astype(np.float64))
    return zeros + log_likelihood(prior, n[n > 0], expected[n > 0])


def test_caers_has_the_pairs_and_reports_openebgm_counts(caers):
    named, _, _ = caers
    assert len(named.counts) == 17_189
    assert named.counts.reports == 3_356
    assert named.counts.cells == 3_816_672


def test_caers_counts_and_expected_counts_equal_openebgm(references, caers):
    named, _, _ = caers
    table = rows(references / "openEBGM_caers_top50_by_EB05.csv")
    pair = named.find([row["var1"] for row in table], [row["var2"] for row in table])
    np.testing.assert_array_equal(named.counts.look_up(*pair), column(table, "N"))
    np.testing.assert_allclose(named.counts.expected(*pair), column(table, "E_full"), rtol=1e-13)


def test_stratified_expected_counts_equal_openebgm(references, caers):
    named, given, mentions = caers
    reports, first = np.unique([int(row["id"]) for row in given], return_index=True)
    _, stratum = np.unique([given[row]["strat1"] for row in first], return_inverse=True)
    n_drugs, n_events = len(named.drug_names), len(named.event_names)
    by_sex = Mentions.of(reports, stratum)
    strata = count_strata(mentions[0], mentions[1], by_sex, n_drugs=n_drugs, n_events=n_events, engine="numpy")
    table = rows(references / "openEBGM_caers_stratified_gender_top200_by_N.csv")
    pair = named.find([row["var1"] for row in table], [row["var2"] for row in table])
    assert len(strata) == 3
    np.testing.assert_allclose(stratified_expected(strata, *pair), column(table, "E"), rtol=1e-12)


def test_ebgm_and_quantiles_equal_openebgm_at_its_hyperparameters(references, caers):
    theta = rows(references / "openEBGM_caers_theta_hat.csv")[0]
    prior = Prior(*(float(theta[name]) for name in ("alpha1", "beta1", "alpha2", "beta2", "P")))
    table = rows(references / "openEBGM_caers_top50_by_EB05.csv")
    posterior = Posterior.of(prior, column(table, "N").astype(np.int64), column(table, "E_full"))
    np.testing.assert_allclose(posterior.weight, column(table, "qn"), rtol=0, atol=1e-12)
    np.testing.assert_allclose(posterior.ebgm, column(table, "EBGM"), rtol=0, atol=1e-6)
    np.testing.assert_allclose(quantile(posterior, 0.05), column(table, "EB05"), rtol=0, atol=1e-6)
    np.testing.assert_allclose(quantile(posterior, 0.95), column(table, "EB95"), rtol=0, atol=1e-6)


def test_theta_with_zeros_equals_the_exact_maximum_on_caers(references, caers):
    named, _, _ = caers
    published = json.loads((references / "proto_caers_theta_exact_three_likelihoods.json").read_text())
    fit = fit_prior(named.counts)
    assert fit.converged
    assert fit.cells == 3_816_672
    np.testing.assert_allclose(fit.prior.theta, published["zeros"], rtol=1e-5)
    ours = exact_log_likelihood(named.counts, fit.prior)
    assert ours == pytest.approx(-87_348.3172, abs=1e-4)
    for theta in published.values():
        assert ours >= exact_log_likelihood(named.counts, Prior(*theta)) - 1e-6


def test_theta_with_zeros_equals_phvid(references, phvid):
    table = rows(references / "PhViD_GPS_priors.csv")
    theirs = Prior(*column(table, "notrunc_with_zeros"))
    fit = fit_prior(phvid.counts)
    np.testing.assert_allclose(fit.prior.theta, theirs.theta, rtol=1e-5)
    at_theirs = exact_log_likelihood(phvid.counts, theirs)
    assert at_theirs == pytest.approx(-340_267.5486, abs=1e-3)
    assert exact_log_likelihood(phvid.counts, fit.prior) >= at_theirs - 1e-6


def test_phvid_posterior_means_at_its_prior(references, phvid):
    theta = Prior(*column(rows(references / "PhViD_GPS_priors.csv"), "notrunc_with_zeros"))
    table = rows(references / "PhViD_GPS_notrunc_postE_top200.csv")
    pair = phvid.find([row["drug"] for row in table], [row["event"] for row in table])
    n = phvid.counts.look_up(*pair)
    np.testing.assert_array_equal(n, column(table, "count"))
    posterior = Posterior.of(theta, n, phvid.counts.expected(*pair))
    np.testing.assert_allclose(np.log2(posterior.ebgm), column(table, "post E(Lambda)"), rtol=1e-9)


@pytest.mark.parametrize(("name", "measure"), [("PRR", prr), ("ROR", ror)])
def test_ratios_and_their_lower_limits_equal_phvid(references, phvid, name, measure):
    table = rows(references / f"PhViD_{name}_LB_top200.csv")
    pair = phvid.find([row["drug code"] for row in table], [row["event effect"] for row in table])
    found = measure(Tables.from_counts(phvid.counts, *pair))
    np.testing.assert_allclose(found.value, column(table, name), rtol=1e-12)
    np.testing.assert_allclose(np.log(found.low), column(table, f"LB95(log({name}))"), rtol=1e-9)


def test_ic_and_its_limits_equal_pvda_to_eight_decimals(references):
    table = rows(references / "pvda_ic_grid_exact_gamma.csv")
    found = ic(column(table, "obs").astype(np.int64), column(table, "exp"))
    for ours, theirs in ((found.low, "ic2.5"), (found.value, "ic"), (found.high, "ic97.5")):
        np.testing.assert_allclose(ours, column(table, theirs), rtol=0, atol=1e-8)


def test_all_pairs_of_pvda_agree_to_its_rounding(references):
    """Its input links drug and event within a report, so the pairs are counted here as they are linked."""
    given = rows(references / "pvda_drug_event_df_input.csv")
    named = Named([row["drug"] for row in given], [row["event"] for row in given])
    report = np.array([int(row["report_id"]) for row in given])
    pairs, n = np.unique(np.unique((named.drug, named.event, report), axis=1)[:2], axis=1, return_counts=True)
    in_reports = (np.unique((item, report), axis=1)[0] for item in (named.drug, named.event))
    drug_n, event_n = (np.bincount(items).astype(np.int64) for items in in_reports)
    counts = Counts(pairs[0], pairs[1], n, drug_n, event_n, len(np.unique(report)))
    table = rows(references / "pvda_da_output.csv")
    tables = Tables.from_counts(counts, *named.find([r["drug"] for r in table], [r["event"] for r in table]))
    np.testing.assert_array_equal(tables.a, column(table, "obs"))
    np.testing.assert_allclose(tables.expected, column(table, "exp_rrr"), atol=0.005001)
    estimates = {"ic": ic(tables.a, tables.expected), "prr": prr(tables), "ror": ror(tables)}
    for name, found in estimates.items():
        for ours, suffix in ((found.low, "2.5"), (found.value, ""), (found.high, "97.5")):
            theirs = column(table, f"{name}{suffix}")
            shown = np.isfinite(theirs)  # pvda leaves PRR and ROR out below three reports
            np.testing.assert_allclose(ours[shown], theirs[shown], atol=0.005001)


def test_evans_2001_rifabutin_and_uveitis():
    """Evans, Waller and Davis, Pharmacoepidemiol Drug Saf 2001;10:483: 41 of 55 against 754 of 592,712."""
    table = Tables.of(41, 14, 754, 591_958)
    assert prr(table).value[0] == pytest.approx((41 / 55) / (754 / 592_712), rel=1e-14)
    assert round(prr(table).value[0]) == 586
    assert chi_squared(table)[0] == pytest.approx(22_739.50, abs=0.005)
    assert chi_squared(table, yates=True)[0] == pytest.approx(22_187.27, abs=0.005)


def test_noren_2008_worked_example(references):
    """Diuretics, NSAIDs and cardiac events: Norén et al., Stat Med 2008;27:3057, Table II."""
    given = {row["quantity"]: float(row["value"]) for row in rows(references / "omega_noren2008_worked_example.csv")}
    cells = ("n111", "n110", "n101", "n100", "n011", "n010", "n001", "n000")
    found = omega(Triples.of(**{cell: given[cell] for cell in cells}))
    assert found.expected[0] == pytest.approx(given["E111"], rel=1e-12)
    assert found.omega.value[0] == pytest.approx(given["Omega"], rel=1e-12)
    assert found.omega.low[0] == pytest.approx(given["Omega025_exact_gamma"], rel=1e-9)
    assert (round(found.omega.value[0], 2), round(found.omega.low[0], 2)) == (1.16, 0.54)
