"""Rates: as printed in the published cohorts, and met by the cohort within exact binomial limits."""

from __future__ import annotations

import json

import pytest
from scipy.stats import binomtest

from stormwatch.cohort.synth.tables import rates, table

# group, name, the words of the published row, and the two numbers in them.
PRINTED = [
    ("blinatumomab", "crs", "14 patients (56%) experienced CRS", 14, 25),
    ("blinatumomab", "crs_grade_3", "Cytokine release syndrome 13 (4.9) blinatumomab N=267", 13, 267),
    ("blinatumomab", "icans", "ICANS 2 (6.1%)", 2, 33),
    ("blinatumomab", "fever", "drug-related fever 21 cases (63.6%) including 16 cases (48.5%) of CRS", 21 - 16, 33),
    ("blinatumomab", "liver", "Elevated liver enzyme 34 (12.7) vs 16 (14.7)", 34, 267),
    ("none", "crs", "0 chemotherapy N=109", 0, 109),
    ("none", "liver", "Elevated liver enzyme 34 (12.7) vs 16 (14.7)", 16, 109),
    ("car_t", "mas", "28 of 803; 3.6%", 28, 803),
    ("car_t", "crs", "N=27: carHLH 4, CRS alone 11, no CRS 12", 4 + 11, 27),
    ("car_t", "high_grade_without_mas", "n=26; HG-CRS without 5 467 (2 186-14 614) n=15; NLG-CRS 2 035", 15, 15 + 119),
    ("car_t", "icans_with_mas", "ICANS 54.2% vs 37.5% vs 14.3%", 542, 1000),
    ("car_t", "icans_high_grade", "ICANS 54.2% vs 37.5% vs 14.3%", 375, 1000),
    ("car_t", "icans_low_grade", "ICANS 54.2% vs 37.5% vs 14.3%", 143, 1000),
    ("together", "crs_with_mas", "93% had CRS (34% grade 3-4)", 93, 100),
    ("together", "high_grade_with_mas", "93% had CRS (34% grade 3-4)", 34, 100),
    ("together", "grade_2_of_low", "79 (32%) any grade; 19 (8%) G2; 12 (5%) G3+", 19, 79 - 12),
]


@pytest.mark.parametrize(("group", "name", "words", "events", "of"), PRINTED)
def test_a_published_rate_is_the_printed_one(shared_clinical, group, name, words, events, of):
    rows = json.loads((shared_clinical / "published_cohorts.json").read_text("utf-8"))
    (row,) = [row for row in rows if words in row["as_printed"]]
    rate = rates()[group][name]
    assert rate.published
    assert rate.value * of == events
    assert row["url"] is None or table("rates")[group][name]["url"] == row["url"]


def test_every_rate_is_published_with_a_source_or_marked_as_ours():
    published = {(group, name) for group, name, *_ in PRINTED}
    for group, rows in rates().items():
        for name, rate in rows.items():
            assert rate.published == ((group, name) in published)
            assert rate.note
            assert bool(rate.source) == rate.published
            assert 0 <= rate.value <= 1


@pytest.mark.parametrize(
    ("course", "median", "low", "high", "words"),
    [
        ("mas", 92204, 38305, 221638, "92 204 (38 305-221 638)"),
        ("crs4", 5467, 2186, 14614, "5 467 (2 186-14 614)"),
        ("crs3", 5467, 2186, 14614, "5 467 (2 186-14 614)"),
        ("crs2", 2035, 855, 4048, "2 035 (855-4 048)"),
        ("crs1", 2035, 855, 4048, "2 035 (855-4 048)"),
    ],
)
def test_peak_ferritin_has_the_printed_median_and_quartiles(shared_clinical, course, median, low, high, words):
    assert words in (shared_clinical / "published_cohorts.json").read_text("utf-8")
    row = table("courses")[course]["up"]["ferritin"]
    assert (row["median"], row["q1"], row["q3"]) == (median, low, high)


def test_times_of_onset_with_a_source_are_the_printed_ones():
    timing = table("timing")
    assert (timing["car_t"]["crs"]["onset"]["median"], timing["car_t"]["crs"]["onset"]["q3"]) == (2.5, 7.25)
    assert [timing["car_t"]["mas"]["onset"][end] for end in ("median", "low", "high")] == [11, 5, 86]
    assert [timing["blinatumomab"]["icans"]["onset"][end] for end in ("median", "low", "high")] == [3, 1, 17]


def grade(one, syndrome):
    """The grade; 1 for a syndrome without grades, 0 where the patient does not have it."""
    return max((label.grade or 1 for label in one.labels if label.syndrome == syndrome), default=0)


EXPECTED = [
    ("blinatumomab", "crs", 1, 14 / 25),
    ("blinatumomab", "crs", 3, 13 / 267),
    ("blinatumomab", "icans", 1, 2 / 33),
    ("car_t", "mas", 1, 28 / 803),
    ("car_t", "crs", 1, 15 / 27),
    ("blinatumomab", "mas", 1, 0.02),
    ("blinatumomab", "sepsis", 1, 0.08),
    ("car_t", "sepsis", 1, 0.10),
    ("none", "sepsis", 1, 0.15),
    ("none", "tls", 1, 0.06),
    ("none", "crs", 1, 0.0),
    ("none", "icans", 1, 0.0),
]


@pytest.mark.parametrize(("arm", "syndrome", "from_grade", "expected"), EXPECTED)
def test_incidence_lies_within_binomial_limits_of_the_table(cohort, arm, syndrome, from_grade, expected):
    members = [one for one in cohort if one.arm == arm]
    affected = sum(grade(one, syndrome) >= from_grade for one in members)
    assert len(members) > 300
    assert binomtest(affected, len(members), expected).pvalue > 0.001


def test_neurotoxicity_after_car_t_follows_the_printed_groups(cohort):
    groups: dict[str, list[bool]] = {"icans_with_mas": [], "icans_high_grade": [], "icans_low_grade": []}
    for one in (one for one in cohort if one.arm == "car_t"):
        group = "with_mas" if grade(one, "mas") else "high_grade" if grade(one, "crs") >= 3 else "low_grade"
        groups[f"icans_{group}"].append(grade(one, "icans") > 0)
    for (name, members), expected in zip(groups.items(), (0.542, 0.375, 0.143), strict=True):
        assert members, name
        assert binomtest(sum(members), len(members), expected).pvalue > 0.001


def test_high_grade_crs_without_mas_is_as_frequent_as_printed(cohort):
    members = [one for one in cohort if one.arm == "car_t" and not grade(one, "mas")]
    high = sum(grade(one, "crs") >= 3 for one in members)
    assert binomtest(high, len(members), 15 / 134).pvalue > 0.001


def test_the_arms_are_mixed_as_the_table_says(cohort):
    for arm, share in (("blinatumomab", 0.45), ("car_t", 0.35), ("none", 0.20)):
        assert binomtest(sum(one.arm == arm for one in cohort), len(cohort), share).pvalue > 0.001
