"""Runs: stretches in which an answer stays the same, of many patients (see ``stormwatch.course.stretches``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stormwatch.cohort.outputs.answers import MET, NOT_MET
from stormwatch.course.judging import Rules
from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.engines.columnar.times import span


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """One row for each run, by patient and time; ``first`` and ``last`` are the first and last answer in it."""

    patient: Ints
    answer: npt.NDArray[np.int8]
    start: Ints
    stop: Ints
    first: Ints
    last: Ints

    def __len__(self) -> int:
        return len(self.patient)


def runs(patient: Ints, answer: npt.NDArray[np.int8], start: Ints, stop: Ints) -> Runs:
    """Answers, by patient and time, joined while they are the same."""
    if not len(patient):
        return Runs(patient, answer, start, stop, patient, patient)
    new = np.append(True, (patient[1:] != patient[:-1]) | (answer[1:] != answer[:-1]))
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(patient)) - 1
    return Runs(patient[first], answer[first], start[first], stop[last], first, last)


def episodes_of(found: Runs, rules: Rules) -> tuple[Ints, Ints, Ints]:
    """The first and the last run of each episode, and the run after everything that belongs to it.

    Two stretches that were certainly met are one episode by the rules of ``stormwatch.course.stretches.joined``.
    """
    met = np.flatnonzero(found.answer == MET)
    if not len(met):
        return met, met, met
    goes_on = _goes_on(found, met, rules)
    begins = np.append(True, ~goes_on)
    first, last = met[begins], met[np.append(begins[1:], True)]
    ends = np.searchsorted(found.patient, found.patient[first], side="right")
    following = np.append(first[1:], len(found))
    return first, last, np.minimum(following, ends)


def _goes_on(found: Runs, met: Ints, rules: Rules) -> Bools:
    """Whether each met stretch but the first goes on with the episode of the one before it."""
    before, again = met[:-1], found.start[met[1:]]
    over = next_not_met(found)[before]
    lies_between = over < met[1:]
    quiet = again - found.start[np.minimum(over, len(found) - 1)] < span(rules.quiet)
    silent = again - found.stop[before] < span(rules.silent)
    same: Bools = (found.patient[before] == found.patient[met[1:]]) & np.where(lies_between, quiet, silent)
    return same


def next_not_met(found: Runs) -> Ints:
    """For each run the next one that is certainly not met; the number of runs where there is none."""
    place = np.where(found.answer == NOT_MET, np.arange(len(found)), len(found))
    after = np.minimum.accumulate(place[::-1])[::-1]
    return np.append(after[1:], len(found))
