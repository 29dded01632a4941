"""Whether a charted answer says present or absent. Anything else says neither."""

from __future__ import annotations

PRESENT_TEXTS = frozenset({"present", "yes", "positive", "detected"})
ABSENT_TEXTS = frozenset({"absent", "no", "negative", "not detected"})

# SNOMED CT qualifier values and LOINC answer codes: present, yes, positive; absent, no, negative.
PRESENT_CODES = frozenset(
    {
        ("snomed", "52101004"),
        ("snomed", "373066001"),
        ("snomed", "10828004"),
        ("loinc", "LA9633-4"),
        ("loinc", "LA33-6"),
    }
)
ABSENT_CODES = frozenset(
    {
        ("snomed", "2667000"),
        ("snomed", "373067005"),
        ("snomed", "260385009"),
        ("loinc", "LA9634-2"),
        ("loinc", "LA32-8"),
    }
)


def of_text(text: str) -> bool | None:
    """
    >>> of_text("Not detected"), of_text("Positive"), of_text("unlikely")
    (False, True, None)
    """
    folded = " ".join(text.split()).casefold()
    if folded in PRESENT_TEXTS:
        return True
    return False if folded in ABSENT_TEXTS else None


def of_code(system: str, code: str) -> bool | None:
    if (system, code) in PRESENT_CODES:
        return True
    return False if (system, code) in ABSENT_CODES else None


def of_answer(text: str) -> bool | None:
    """As a table or a form says it: also true, false, 1 and 0."""
    return {"1": True, "true": True, "0": False, "false": False}.get(text.strip().casefold(), of_text(text))
