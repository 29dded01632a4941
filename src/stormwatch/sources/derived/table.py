"""The rules, and the table of them for the documentation."""

from __future__ import annotations

from stormwatch.sources.derived import bsa, gcs, map, neutrophils, oxygen, pao2_fio2, vasopressor_dose, vasopressors
from stormwatch.sources.derived.rule import Description, Rule

RULES: tuple[Rule, ...] = (neutrophils.RULE, map.RULE, gcs.RULE, pao2_fio2.RULE, bsa.MOSTELLER)
"""What is derived unless other rules are asked for."""

LEFT_OUT = {
    "pt_prolongation": "seconds above the normal; no publication says which normal (upper limit, mean, control)",
    "calcium_corrected": "the correction is the laboratory's own",
    "ferritin:ESR": "an instrument of its own",
    "vasopressor doses in mL/h or ug/min": "they need a dilution or a weight that may not be recorded",
}
"""What is not derived, and why."""


def descriptions() -> tuple[Description, ...]:
    """Every rule in words: name, parts, window, formula and source.

    >>> [one.name for one in descriptions()][:3]
    ['neutrophils', 'map', 'gcs']
    """
    by_rule = tuple(rule.description for rule in (*RULES, bsa.DU_BOIS))
    return (*by_rule, oxygen.DESCRIPTION, vasopressors.DESCRIPTION, vasopressor_dose.DESCRIPTION)
