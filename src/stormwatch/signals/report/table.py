"""The analyses as flat rows, for a spreadsheet: every measure, how it came about, and what each threshold says."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

_NESTED = {"table", "cells", "judged", "ror_exact", "method", "undefined", "strata", "list"}


def table(report: Mapping[str, Any]) -> str:
    """One line an analysis, as CSV. A measure that is undefined is empty, and ``undefined`` says why."""
    rows = [_row(report, one) for one in report["analyses"]]
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def _row(report: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: cell for name, cell in one.items() if name not in _NESTED}
    exact = one["ror_exact"] or dict.fromkeys(("value", "low", "high"))
    return {
        "drug": report["asked"]["drug"]["label"],
        "event": report["asked"]["event"]["label"],
        **plain,
        **one["table"],
        **{f"ror_exact_{name}": exact[name] for name in ("value", "low", "high")},
        "strata": " ".join(one.get("strata", ())),
        **{f"list_{cell}": held["command"] for cell, held in one["cells"].items()},
        "undefined": "; ".join(one["undefined"]),
        **{f"threshold_{name}": said for name, said in one["judged"].items()},
    }
