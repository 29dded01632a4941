"""What a report says of the patient and of itself, as values: dates with their precision, age in years, weight in kg.

A value that cannot be is unknown, and counted by rule. The limits are ours: ages of 0 to 120 years, dates from 1900 to
the day the report was received, weights above 0 up to 700 kg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.signals.duck import dicts

if TYPE_CHECKING:
    import duckdb

TEXTS = (
    *("case", "version", "first_receipt_date", "event_date", "age", "age_unit", "age_group", "sex", "weight"),
    *("weight_unit", "reporter_country", "event_country", "reporter", "report_type", "sender", "sender_number"),
    "literature",
)
"""The columns of a raw report that are not its number or its day of receipt."""

MACROS = """
CREATE OR REPLACE TEMP MACRO date_first(t) AS CASE length(trim(t))
    WHEN 8 THEN CAST(try_strptime(trim(t), '%Y%m%d') AS DATE)
    WHEN 6 THEN CAST(try_strptime(trim(t) || '01', '%Y%m%d') AS DATE)
    WHEN 4 THEN CAST(try_strptime(trim(t) || '0101', '%Y%m%d') AS DATE) END;
CREATE OR REPLACE TEMP MACRO date_last(t) AS CASE length(trim(t))
    WHEN 8 THEN CAST(try_strptime(trim(t), '%Y%m%d') AS DATE)
    WHEN 6 THEN last_day(CAST(try_strptime(trim(t) || '01', '%Y%m%d') AS DATE))
    WHEN 4 THEN CAST(try_strptime(trim(t) || '1231', '%Y%m%d') AS DATE) END;
CREATE OR REPLACE TEMP MACRO day_of(t) AS CASE WHEN length(trim(t)) = 8 THEN date_first(t) END;
CREATE OR REPLACE TEMP MACRO can_be(t, limit_day) AS
    date_first(t) >= DATE '1900-01-01' AND (limit_day IS NULL OR date_first(t) <= limit_day);
CREATE OR REPLACE TEMP MACRO years(value, unit) AS TRY_CAST(trim(value) AS DOUBLE) * CASE upper(trim(unit))
    WHEN 'DEC' THEN 10 WHEN 'YR' THEN 1 WHEN 'MON' THEN 1 / 12 WHEN 'WK' THEN 7 / 365.25
    WHEN 'DY' THEN 1 / 365.25 WHEN 'HR' THEN 1 / 8766 END;
CREATE OR REPLACE TEMP MACRO kilograms(value, unit) AS TRY_CAST(trim(value) AS DOUBLE) * CASE upper(trim(unit))
    WHEN 'KG' THEN 1 WHEN 'KGS' THEN 1 WHEN 'LBS' THEN 0.45359237 WHEN 'LB' THEN 0.45359237
    WHEN 'GMS' THEN 0.001 END;
"""

PEOPLE = """
    TRY_CAST(trim(version) AS INTEGER) AS version,
    date_last(receipt_date) AS received,
    CASE WHEN can_be(event_date, date_last(receipt_date)) THEN date_first(event_date) END AS event_first,
    CASE WHEN can_be(event_date, date_last(receipt_date)) THEN date_last(event_date) END AS event_last,
    trim(event_date) AS event_text,
    CASE WHEN years(age, age_unit) BETWEEN 0 AND 120 THEN years(age, age_unit) END AS age,
    CASE WHEN trim(age) != '' THEN trim(age) || ' ' || coalesce(trim(age_unit), '') END AS age_text,
    CASE WHEN upper(trim(sex)) IN ('M', 'F') THEN upper(trim(sex)) END AS sex,
    CASE WHEN kilograms(weight, weight_unit) > 0 AND kilograms(weight, weight_unit) <= 700
        THEN kilograms(weight, weight_unit) END AS weight,
    CASE WHEN trim(weight) != '' THEN trim(weight) || ' ' || coalesce(trim(weight_unit), '') END AS weight_text,
    nullif(upper(trim(reporter_country)), '') AS reporter_country,
    coalesce(nullif(upper(trim(event_country)), ''), nullif(upper(trim(reporter_country)), '')) AS country,
    nullif(upper(trim(reporter)), '') AS reporter,
    nullif(upper(trim(report_type)), '') AS report_type,
    nullif(trim(age_group), '') AS age_group,
    nullif(trim(sender), '') AS sender,
    nullif(trim(sender_number), '') AS sender_number,
    nullif(trim(literature), '') AS literature
"""

_RULES = """
SELECT
    count(*) FILTER (length(event_text) = 6 AND event_first IS NOT NULL) AS "event date: month only, kept as month",
    count(*) FILTER (length(event_text) = 4 AND event_first IS NOT NULL) AS "event date: year only, kept as year",
    count(*) FILTER (event_text != '' AND event_first IS NULL)
        AS "event date: impossible, before 1900 or after receipt; unknown",
    count(*) FILTER (age_text IS NOT NULL AND age IS NULL) AS "age: no known unit, or not 0-120 years; unknown",
    count(*) FILTER (age_text IS NOT NULL AND age IS NOT NULL AND NOT ends_with(age_text, ' YR'))
        AS "age: converted to years from another unit",
    count(*) FILTER (weight_text IS NOT NULL AND weight IS NULL) AS "weight: no known unit, or impossible; unknown",
    count(*) FILTER (weight IS NOT NULL AND (weight_text LIKE '% LB%' OR weight_text LIKE '% GM%'))
        AS "weight: converted to kilograms"
FROM reports WHERE status = 'case'
"""


def rules_applied(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How often each rule was applied to the reports that are cases."""
    found: dict[str, Any] = dicts(connection, _RULES)[0]
    return {rule: int(count) for rule, count in found.items()}
