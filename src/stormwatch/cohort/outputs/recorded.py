"""What the record holds of each patient, by name: how often, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from stormwatch.cohort.outputs.columns import times, words
from stormwatch.cohort.outputs.schemas import PATIENTS, RECORDED
from stormwatch.engines.columnar.clock import observed
from stormwatch.engines.columnar.facts import EXPOSURE, UNBORN, Facts, Ints, together
from stormwatch.engines.columnar.times import BEGINNING, FOREVER

_PERSON = (("person", "birth"), ("person", "sex"))


def recorded(facts: Facts, ids: Sequence[str]) -> Any:
    """The rows by patient. Drugs count where they were given; birth and sex are there where they are known."""
    names = (*sorted(facts.names), *_PERSON)
    place = np.array([names.index(name) for name in facts.names], np.int64)
    given = np.array([kind == EXPOSURE for kind, _ in facts.names], np.bool_)
    use = ~given[facts.code] | (facts.low == 1) if given.any() else np.ones(len(facts), np.bool_)
    key = facts.patient[use] * len(names) + (place[facts.code[use]] if len(place) else facts.code[use])
    order = np.argsort(key, kind="stable")
    key, usable = key[order], facts.usable[use][order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    person = _known(facts, len(names))
    keys = np.concatenate((key[starts], person))
    unsaid = np.full(len(person), BEGINNING)
    firsts = np.concatenate((usable[starts], unsaid))
    lasts = np.concatenate((usable[np.append(starts[1:], len(key)) - 1] if len(key) else starts, unsaid))
    counts = np.concatenate((np.diff(np.append(starts, len(key))), np.ones(len(person), np.int64)))
    row = np.argsort(keys, kind="stable")
    code = keys[row] % len(names)
    columns = {
        "patient": words(keys[row] // len(names), ids),
        "kind": words(code, [kind for kind, _ in names]),
        "name": words(code, [name for _, name in names]),
        "facts": pa.array(counts[row]),
        "first": times(firsts[row]),
        "last": times(lasts[row]),
    }
    return pa.table(columns, schema=RECORDED)


def _known(facts: Facts, names: int) -> Ints:
    """The keys of what is known of the patients themselves."""
    who = facts.people
    born, sexed = np.flatnonzero(who.born_last != UNBORN), np.flatnonzero(who.sex)
    return together((born * names + names - 2, sexed * names + names - 1)).astype(np.int64)


def patients(facts: Facts, ids: Sequence[str], left_out: Mapping[str, str]) -> Any:
    """One row for each patient, those without any fact among them; ``left_out`` says why some are not evaluated."""
    first, last = observed(facts)
    nothing = last < first
    why = sorted(set(left_out.values()))
    place = np.array([why.index(left_out[one]) if one in left_out else -1 for one in ids] if why else [-1] * len(ids))
    columns = {
        "patient": pa.array(ids, pa.string()),
        "facts": pa.array(np.bincount(facts.patient, minlength=len(ids)).astype(np.int64)),
        "first": times(first, nothing),
        "last": times(last, nothing),
        "death": times(np.where(facts.people.death > FOREVER, BEGINNING, facts.people.death)),
        "left_out": words(np.maximum(place, 0), why, place < 0),
    }
    return pa.table(columns, schema=PATIENTS)
