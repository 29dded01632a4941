"""WHODrug from the user's own copy, as a plain table the user exports: CSV with columns ``code``, ``name``, ``atc``.

The licensed B3 and C3 files come in several layouts; none of them is read here. The table holds one name a line, the
same code as often as it has names; ``atc`` may be empty. Other columns are left alone. This layout is ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from stormwatch.errors import InputError

_COLUMNS = ("code", "name")


@dataclass(frozen=True, slots=True)
class Drug:
    """One name of a drug, with its code and ATC code (empty when the table has none)."""

    code: str
    name: str
    atc: str


@dataclass(frozen=True, slots=True)
class WhoDrug:
    """The names of one version."""

    version: str
    drugs: dict[str, Drug] = field(repr=False)

    def named(self, name: str) -> Drug | None:
        """The drug with exactly this name, whatever its case; None when there is none."""
        return self.drugs.get(" ".join(name.casefold().split()))


def read_whodrug(path: Path, *, version: str) -> WhoDrug:
    """A user's table of drug names.

    Raises:
        InputError: it cannot be read, or has no columns ``code`` and ``name``.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise InputError(f"{path.name}: no column {missing[0]!r}; the columns are code, name and, if held, atc")
            drugs = [Drug(row["code"] or "", row["name"] or "", row.get("atc") or "") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: cannot be read as CSV in UTF-8 ({type(error).__name__})") from None
    return WhoDrug(version, {" ".join(one.name.casefold().split()): one for one in drugs if one.name})
