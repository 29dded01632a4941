"""One account of a record that was read once for each of its patients."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from stormwatch.facts import Accounting, Rejection
from stormwatch.sources.table.reader import ANOTHER

_ABOUT = re.compile(r"(?:plausible range of|not in the table of|names no unit of|^negative) (\w+)")


class Accounts:
    """Sums the accounts of readings so that every row of the record counts once.

    A reading that holds rows of other patients has gone over the whole record: rows that belong to nobody then stand in
    every reading, and are the same rows. Readings without such rows are of records apart, and simply add up.
    """

    def __init__(self) -> None:
        self._used = 0
        self._whole = 0
        self._apart: Counter[Rejection] = Counter()
        self._shared: Counter[Rejection] = Counter()
        self.outside: Counter[str] = Counter()

    def add(self, account: Accounting) -> None:
        self._used += account.used
        self.outside.update({label: rows for label, rows in account.outside.items() if label != ANOTHER})
        rejected = Counter(account.rejected)
        if account.outside[ANOTHER]:
            self._whole = max(self._whole, account.read)
            self._shared |= rejected
        else:
            self._apart += rejected

    @property
    def rejected(self) -> Counter[str]:
        """Rows by reason, most frequent first."""
        reasons: Counter[str] = Counter()
        for rejections in (self._apart, self._shared):
            for rejection, rows in rejections.items():
                reasons[rejection.reason] += rows
        return Counter(dict(reasons.most_common()))

    def rejected_of(self, analyte: str) -> list[dict[str, Any]]:
        """Reasons for rejecting values of one analyte. A reason that names no analyte is in the whole account only."""
        return [_reason(reason, rows) for reason, rows in self.rejected.items() if analyte_of(reason) == analyte]

    def payload(self) -> dict[str, Any]:
        """Read = used + rejected + not needed + of other patients."""
        rejected, labelled = self.rejected.total(), self.outside.total()
        read = self._whole or self._used + rejected + labelled
        left = read - self._used - rejected
        not_needed = min(left, labelled)
        return {
            "read": read,
            "used": self._used,
            "rejected": rejected,
            "not_needed": not_needed,
            "other_patients": left - not_needed,
            "reasons": [_reason(reason, rows) for reason, rows in self.rejected.items()],
        }


def analyte_of(reason: str) -> str:
    """The analyte a reason is about; empty where it names none.

    >>> analyte_of("outside the plausible range of ferritin")
    'ferritin'
    """
    found = _ABOUT.search(reason)
    return found[1] if found else ""


def _reason(reason: str, rows: int) -> dict[str, Any]:
    return {"reason": reason, "rows": rows}
