"""Strata by age, sex and year of receipt; what is unknown is a stratum of its own.

Age groups are those of ICH E11: under 2, 2 to 11, 12 to 17, 18 to 64, 65 and over.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormwatch.errors import UsageError

STRATA = {
    "age": """CASE WHEN age IS NULL THEN 'unknown' WHEN age < 2 THEN 'under 2' WHEN age < 12 THEN '2 to 11'
        WHEN age < 18 THEN '12 to 17' WHEN age < 65 THEN '18 to 64' ELSE '65 and over' END""",
    "sex": "coalesce(sex, 'unknown')",
    "year": "coalesce(CAST(year(received) AS VARCHAR), 'unknown')",
}


def stratum_sql(names: Sequence[str]) -> str:
    """The stratum of a report, as a column of the table ``reports``.

    Raises:
        UsageError: there is no such stratum.
    """
    unknown = [name for name in names if name not in STRATA]
    if unknown:
        raise UsageError(f"no such stratum: {', '.join(unknown)}; there are: {', '.join(STRATA)}")
    return " || ', ' || ".join(f"({STRATA[name]})" for name in names) or "'all'"
