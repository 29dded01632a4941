"""The columns of every table a run writes."""

from __future__ import annotations

import pyarrow as pa

_WORD = pa.dictionary(pa.int32(), pa.string())
_TIME = pa.timestamp("us", "UTC")

ASSESSMENTS = pa.schema(
    {
        "patient": _WORD,
        "instrument": _WORD,
        "edition": _WORD,
        "moment": _TIME,  # empty: from the beginning, before anything was known
        "verdict": _WORD,  # met, not met, unknown; empty where the instrument has none
        "low": pa.float64(),
        "high": pa.float64(),
        "low_open": pa.bool_(),
        "high_open": pa.bool_(),
    }
)
EPISODES = pa.schema(
    {
        "patient": _WORD,
        "syndrome": _WORD,
        "instrument": _WORD,
        "edition": _WORD,
        "number": pa.int32(),
        "onset": _TIME,
        "possible_onset": _TIME,
        "last_met": _TIME,
        "resolved": _TIME,
        "end": _WORD,
        "peak_low": pa.float64(),
        "peak_high": pa.float64(),
        "peak_at": _TIME,
        "peak_possible": pa.float64(),
    }
)
STANDING = pa.schema(
    {
        "patient": _WORD,
        "instrument": _WORD,
        "standing": _WORD,
        "first_met": _TIME,
        "first_possible": _TIME,
    }
)
RECORDED = pa.schema(
    {
        "patient": _WORD,
        "kind": _WORD,  # measurement, finding, exposure (given ones only), person
        "name": _WORD,
        "facts": pa.int64(),
        "first": _TIME,
        "last": _TIME,
    }
)
PATIENTS = pa.schema(
    {
        "patient": pa.string(),
        "facts": pa.int64(),
        "first": _TIME,
        "last": _TIME,
        "death": _TIME,
        "left_out": _WORD,  # why none of the patient's rows is evaluated; empty where they are
    }
)
REJECTED = pa.schema(
    {
        "record": pa.string(),
        "reason": _WORD,
        "rows": pa.int64(),  # more than 1 where a patient is left out as a whole; the record is the first of the rows
    }
)

PARTS = {
    "patients": PATIENTS,
    "recorded": RECORDED,
    "assessments": ASSESSMENTS,
    "standing": STANDING,
    "episodes": EPISODES,
    "rejected": REJECTED,
}
"""Tables written chunk by chunk, by name."""
