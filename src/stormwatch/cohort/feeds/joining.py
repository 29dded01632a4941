"""Portions as one: the facts of some patients after those of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from stormwatch.cohort.feeds.rows import Rows, assembled
from stormwatch.cohort.portion import Account, Portion
from stormwatch.engines.columnar.facts import Facts, People

_IN_ORDER = 10**17
"""Ranks of one length: rows stay in the order they have."""


def joined(portions: Sequence[Portion]) -> Portion:
    """Several portions of different patients as one."""
    if len(portions) == 1:
        return portions[0]
    account = Account()
    notes: dict[str, None] = {}
    parts, before, rank = [], 0, _IN_ORDER
    for one in portions:
        parts.append(_moved(one.facts, before, rank))
        before, rank = before + len(one.ids), rank + len(one.facts)
        account.used += one.account.used
        account.outside.update(one.account.outside)
        account.places += one.account.places
        account.reasons += one.account.reasons
        account.left_out += one.account.left_out
        notes.update(dict.fromkeys(one.notes))
    ids = tuple(patient for one in portions for patient in one.ids)
    return Portion(ids, assembled(parts, _people([one.facts.people for one in portions])), account, tuple(notes))


def _moved(facts: Facts, patients: int, rank: int) -> Rows:
    columns = dict(facts.columns())
    columns["patient"] = facts.patient + patients
    columns.setdefault("line", np.zeros(len(facts), np.int64))
    return Rows(facts.names, facts.lines, np.arange(rank, rank + len(facts)), columns)


def _people(parts: Sequence[People]) -> People:
    names = [one.name for one in fields(People) if getattr(parts[0], one.name) is not None]
    return People(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
