"""The compiled pass where it must stop, grow and begin anew; NumPy's passes say what is right."""

from typing import Any

import numpy as np
import pytest

from stormwatch import analytes
from stormwatch.engines.columnar.changes import Changes, changes
from stormwatch.engines.columnar.facts import UNBORN, Facts, People
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.onepass import circuit, driving
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import NEVER
from stormwatch.instruments.catalogue import instrument

HOUR = 3_600_000_000
NAMES = ("ferritin", "temperature", "platelets", "haemoglobin", "triglycerides", "fibrinogen", "ast", "sil2r")
PATIENTS, EACH = 12, 80


def awkward(seed, *, two_ends=False):
    """Patients with values all over what is plausible, several at a time, and gaps longer than any look-back."""
    random = np.random.default_rng(seed)
    patient = np.repeat(np.arange(PATIENTS), EACH)
    steps = random.choice([0, 0, 1, 6, 24, 71, 72, 73, 400], PATIENTS * EACH) * HOUR
    usable = np.concatenate([np.cumsum(part) for part in steps.reshape(PATIENTS, EACH)])
    code = random.integers(0, len(NAMES), len(patient))
    tops = np.array([float(min(analytes.analyte(name).plausible.high, 5000)) for name in NAMES])
    low = np.round(tops[code] * random.random(len(code)) ** 3, 1)
    nobody = np.zeros(PATIENTS, np.bool_)
    people = People(
        np.full(PATIENTS, UNBORN),
        np.full(PATIENTS, UNBORN),
        np.zeros(PATIENTS, np.int8),
        np.full(PATIENTS, NEVER),
        nobody,
        nobody,
    )
    ends: dict[str, Any] = {}
    if two_ends:
        ends = {"high": np.where(random.random(len(low)) < 0.1, np.inf, low), "high_open": low < 0}
        ends["low_open"] = np.isinf(ends["high"])
    return Facts(tuple(("measurement", name) for name in NAMES), people, patient, usable, code, low, **ends)


def same(one, other):
    for name in Changes.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def plan():
    return Plan([instrument(name) for name in ("hlh-2004", "hscore", "mas-sjia-2016", "easix")])


@pytest.mark.parametrize("two_ends", [False, True])
def test_room_and_tables_grow_while_the_pass_is_on_its_way(two_ends):
    facts, chosen = awkward(1, two_ends=two_ends), plan()
    driving.board_of(chosen).rows_for_a_fact = 0.0
    found = changes(facts, chosen, passes=compiled_passes())
    assert len(found) > 4 * (PATIENTS + 1)  # what there was room for at first
    same(found, changes(facts, plan()))


def test_an_earlier_end_may_be_asked_for():
    facts = awkward(2)
    until = facts.usable[EACH // 2 :: EACH]
    same(changes(facts, plan(), until=until, passes=compiled_passes()), changes(facts, plan(), until=until))


@pytest.mark.parametrize("bits", [3, 6, 9, 12])
def test_what_outgrows_its_table_is_told_instead(bits, monkeypatch):
    facts, right = awkward(3), changes(awkward(3), plan())
    monkeypatch.setattr(circuit, "TABLE_BITS", bits)
    chosen = plan()
    before = circuit.circuit_of(chosen)
    same(changes(facts, chosen, passes=compiled_passes()), right)
    after = driving.board_of(chosen).circuit
    assert len(after.lookups) <= len(before.lookups)
    if bits == 9:
        assert len(after.lookups) < len(before.lookups)  # it began anew on the way
