"""Made-up reports with a planted signal, held as plain rows, and the report made of them."""

from __future__ import annotations

import random

import pytest

from stormwatch.signals.build import build
from stormwatch.signals.report.payload import signal_report
from stormwatch.signals.store import Store

DRUG, EVENT, TERM = "blinatumomab", "hlh", "Haemophagocytic lymphohistiocytosis"
OTHERS = [f"DRUG {place}" for place in range(60)]
TERMS = [f"Event {place}" for place in range(79)] + ["Odd <script>alert(1)</script> event"]
STARTS = {"20170301": 0, "20170228": 1, "20170226": 3, "20170220": 9, "20170110": 50, "2017": None}
"""Starts of therapy, and the days from each to the event on 1 March 2017."""


def _reports():
    chance = random.Random(7)
    drugs, terms = ([1 / place for place in range(1, len(names) + 1)] for names in (OTHERS, TERMS))
    for case in range(1, 1201):
        named = dict.fromkeys(chance.choices(OTHERS, drugs, k=chance.randint(1, 3)))
        events = list(dict.fromkeys(chance.choices(TERMS, terms, k=chance.randint(1, 3))))
        # Some drugs have an event of their own, so that a prior can be fitted.
        events += [TERMS[OTHERS.index(drug) * 7 % 79] for drug in named if chance.random() < 0.3]
        events = list(dict.fromkeys(events))
        ours = case % 25 == 0
        if ours:
            named = {"BLINATUMOMAB": None, **named}
        if (ours and chance.random() < 0.6) or chance.random() < 0.01:
            events.append(TERM)
        if case == 25:
            events = [TERM, TERMS[-1]]
        yield {
            "case": case, "drugs": list(named), "events": events, "start": chance.choice(list(STARTS)),
            "outcomes": chance.sample(["DE", "HO", "OT"], chance.randint(0, 2)),
            "reporter": chance.choice(["MD", "CN", ""]), "day": f"2017{chance.randint(4, 9):02d}15",
            "dechallenge": chance.choice(["Y", "N", "U", ""]), "age": chance.choice(["", "1", "30", "70"]),
            "sex": chance.choice("FM"),
        }  # fmt: skip


@pytest.fixture(scope="package")
def rows():
    return list(_reports())


@pytest.fixture(scope="package")
def store(rows, quarter_type, tmp_path_factory):
    one = quarter_type()
    for row in rows:
        demo = {"sex": row["sex"], "age": row["age"], "age_cod": "YR", "fda_dt": row["day"], "event_dt": "20170301"}
        both = one.report(
            row["case"],
            drugs=row["drugs"],
            events=row["events"],
            occp_cod=row["reporter"],
            reporter_country="US",
            **demo,
        )
        first = next(drug for drug in one.rows["DRUG"] if drug["primaryid"] == both["primaryid"])
        first["dechal"] = row["dechallenge"]
        one.add("THER", **both, dsg_drug_seq=1, start_dt=row["start"])
        for outcome in row["outcomes"]:
            one.add("OUTC", **both, outc_cod=outcome)
    folder = tmp_path_factory.mktemp("report")
    build([one.write(folder / "q")], folder / "db")
    with Store(folder / "db") as opened:
        yield opened


@pytest.fixture(scope="package")
def made(store):
    return signal_report(store, DRUG, EVENT, strata=("sex",), restricted=("class:t_cell_engager", "oncology"))


@pytest.fixture(scope="package")
def cases(rows, store):
    """The planted cases that are no probable duplicates, by plain search."""
    out = {int(case) for (case,) in store.rows("SELECT case_number FROM reports WHERE n IN (SELECT n FROM duplicates)")}
    return [row for row in rows if "BLINATUMOMAB" in row["drugs"] and TERM in row["events"] and row["case"] not in out]
