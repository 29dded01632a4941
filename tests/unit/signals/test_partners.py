"""Interaction with every other drug, against counting the reports one by one."""

import random

import pytest

from stormwatch.signals.partners import partners, partners_text
from stormwatch.signals.selection import Selection

EVERY_ROLE = Selection(roles=("PS", "SS", "C", "I"), deduplication="versions")


def test_the_counts_are_those_of_the_reports_and_a_planted_partner_comes_first(quarter, database):
    chance = random.Random(5)
    one, reports = quarter(), []
    for case in range(1, 601):
        drugs = {name for name in ("AA", "BB", "CC", "DD") if chance.random() < 0.3} or {"DD"}
        share = 0.8 if {"AA", "BB"} <= drugs else 0.1
        events = {"Cough"} if chance.random() < share else {"Rash"}
        one.report(case, drugs=tuple(sorted(drugs)), events=tuple(events))
        reports.append((drugs, "Cough" in events))
    found = partners(database(one), "aa", "cough", selection=EVERY_ROLE)
    assert found["rows"][0]["partner"] == "bb"
    for row in found["rows"]:
        other = row["partner"].upper()
        cells = {
            (a, b): [e for drugs, e in reports if ("AA" in drugs, other in drugs) == (a, b)]
            for a in (0, 1)
            for b in (0, 1)
        }
        odds = {place: sum(held) / (len(held) - sum(held)) for place, held in cells.items()}
        added = max(odds[0, 0], odds[1, 0]) + max(odds[0, 0], odds[0, 1]) - odds[0, 0]
        assert row["n"] == sum(cells[1, 1])
        assert row["expected"] == pytest.approx(len(cells[1, 1]) * added / (1 + added))
    assert "bb" in partners_text(found)
