"""How a hospital prints a value: its unit, its decimals, the ends of its assays, its reference limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random

from stormwatch import analytes
from stormwatch.cohort.synth.tables import table, usual


@dataclass(frozen=True, slots=True)
class Print:
    """What a hospital prints for one analyte. ``above`` and ``below`` are the ends of its assay, in its unit."""

    unit: str
    decimals: int
    slope: float
    offset: float
    above: Decimal | None
    below: Decimal | None
    low: str
    high: str

    def text(self, canonical: float) -> str:
        """The value as printed; beyond the ends of the assay it is a bound.

        >>> printed("north", "ferritin").text(92204.0)
        '> 40000'
        """
        shown = f"{self.slope * canonical + self.offset:.{self.decimals}f}"
        if self.above is not None and Decimal(shown) > self.above:
            return f"> {self.above}"
        if self.below is not None and Decimal(shown) < self.below:
            return f"< {self.below}"
        return shown


def site(random: Random) -> str:
    """A hospital, by its share of the patients."""
    names = list(table("sites")["sites"])
    found: str = random.choices(names, [table("sites")["sites"][name]["share"] for name in names])[0]
    return found


@cache
def printed(of_site: str, analyte: str) -> Print:
    """What a hospital prints for an analyte: what it declares, or else the canonical unit."""
    known = analytes.analyte(analyte)
    row = table("sites")["sites"][of_site]["units"].get(analyte, {})
    unit, decimals = row.get("unit", known.unit), row.get("decimals", table("sites")["decimals"][analyte])
    slope, offset = map(float, analytes.from_canonical(known, unit))
    limits = usual()[analyte].reference or ()
    low, high = (f"{slope * limit + offset:.{decimals}f}" for limit in limits) if limits else ("", "")
    above, below = (Decimal(row[end]) if end in row else None for end in ("above", "below"))
    return Print(unit, decimals, slope, offset, above, below, low, high)
