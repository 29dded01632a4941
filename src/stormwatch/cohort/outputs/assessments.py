"""The table of assessments: one row for each moment at which an answer changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from stormwatch.cohort.outputs.columns import numbers, times, words
from stormwatch.cohort.outputs.schemas import ASSESSMENTS
from stormwatch.engines.columnar.changes import NO_VERDICT, Changes
from stormwatch.engines.columnar.meanings import VERDICTS
from stormwatch.instruments.instrument import Instrument

WORDS = tuple(verdict.value for verdict in VERDICTS)


def assessments(found: Changes, ids: Sequence[str], instruments: Sequence[Instrument]) -> Any:
    """The rows by patient, instrument and moment; the patients are indexes of ``ids``."""
    order = np.argsort(found.patient, kind="stable")  # rows stand by instrument, patient and moment
    if not len(order):
        return ASSESSMENTS.empty_table()
    first, last = int(found.patient.min()), int(found.patient.max())
    place, verdict, low, high = (getattr(found, name)[order] for name in ("instrument", "verdict", "low", "high"))
    scoreless = np.array([one.score is None for one in instruments], np.bool_)[place]
    columns = {
        "patient": words(found.patient[order] - first, ids[first : last + 1]),
        "instrument": words(place, [one.id for one in instruments]),
        "edition": words(place, [one.edition for one in instruments]),
        "moment": times(found.moment[order]),
        "verdict": words(np.maximum(verdict, 0), WORDS, verdict == NO_VERDICT),
        "low": numbers(low, scoreless),
        "high": numbers(high, scoreless),
        "low_open": pa.array(found.low_open[order], mask=scoreless),
        "high_open": pa.array(found.high_open[order], mask=scoreless),
    }
    return pa.table(columns, schema=ASSESSMENTS)
