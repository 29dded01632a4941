"""The differential table as data: which questions point for and against which diagnosis, with their sources."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stormwatch.instruments import catalogue
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.nodes import Node

_FOLDER = Path(__file__).with_name("data")
Direction = Literal["for", "against", ""]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feature(_Table):
    """One question, and where its answers point. Without ``item`` it is the verdict of the instrument.

    ``counts`` is the answer that stands when a stretch of time holds both: a sign that was there once was there
    (``met``), the absence of a cause must last (``not_met``), and of statements the last one stands (``last``).
    """

    instrument: str
    item: str = ""
    met: Direction = ""
    not_met: Direction = ""
    counts: Literal["met", "not_met", "last"] = "met"


class Note(_Table):
    """What does not tell one diagnosis from another, or what a reader must know, with its source."""

    text: str
    source: str


class DiagnosisFile(_Table):
    """One diagnosis of the table."""

    id: str
    title: str
    source: str
    features: tuple[Feature, ...]
    notes: tuple[Note, ...] = ()


class WindowRule(_Table):
    """The stretch of time the table looks at. Ours, as ``basis`` says."""

    days_before: int
    days_without_episode: int
    basis: Literal["published", "ours"]
    text: str


class _File(_Table):
    window: WindowRule
    diagnoses: tuple[DiagnosisFile, ...]


@cache
def table() -> tuple[DiagnosisFile, ...]:
    """The diagnoses, in the order of the table, which is no ranking.

    >>> [diagnosis.id for diagnosis in table()][:3]
    ['crs', 'mas_hlh', 'iec_hs']
    """
    return _read().diagnoses


def window_rule() -> WindowRule:
    """The stretch of time the table looks at.

    >>> window_rule().basis
    'ours'
    """
    return _read().window


@cache
def instrument_of(feature: Feature) -> Instrument:
    """The instrument that asks the question; ``record`` is our own collection of questions."""
    if feature.instrument == "record":
        return catalogue.load(_FOLDER / "differential-items.toml")
    return catalogue.instrument(feature.instrument)


@cache
def node_of(feature: Feature) -> Node:
    """The item, or the verdict, that a feature names. A file that names none is our bug, and a test finds it."""
    instrument = instrument_of(feature)
    if feature.item:
        return next(item for item in instrument.items if item.id == feature.item)
    assert instrument.verdict is not None
    return instrument.verdict


def source_of(feature: Feature) -> str:
    """Where the question was published: the source of the item, else the citation of its instrument."""
    definition = instrument_of(feature).definition
    own = next((item.source for item in definition.items if item.id == feature.item), "")
    cited = definition.citations[0]
    where = f"{definition.title}. {cited.text}" + (f" doi {cited.doi}" if cited.doi else "")
    if feature.instrument == "record":
        return own
    return f"{where} Numbers: {own}" if own else where


@cache
def _read() -> _File:
    return _File.model_validate(tomllib.loads((_FOLDER / "differential.toml").read_text(encoding="utf-8")))
