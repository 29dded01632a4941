"""Dose rates of vasopressors from infusions whose rate is stated per kilogram and minute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stormwatch import analytes
from stormwatch.facts import Exposure, Given, Measurement, Origin
from stormwatch.sources.derived.rule import DERIVED, Description

RATES = {"norepinephrine": "norepinephrine_rate", "epinephrine": "epinephrine_rate", "dopamine": "dopamine_rate"}

DESCRIPTION = Description(
    ", ".join(RATES.values()),
    "the rate of an infusion as recorded, such as 0.1 ug/kg/min",
    "at the start of the infusion or of its new rate",
    "the stated rate; one in mL/h or ug/min is left out, since its dilution or the weight may not be recorded",
    "As recorded",
)

_RATE = re.compile(r"(?P<value>[\d.]+)\s*(?P<unit>[^\d\s].*)")


def vasopressor_doses(exposures: Sequence[Exposure]) -> Iterator[Measurement]:
    """A dose rate for each infusion that states one."""
    for exposure in exposures:
        if exposure.drug in RATES and exposure.given is Given.GIVEN:
            found = _dose(exposure)
            if found is not None:
                yield found


def _dose(exposure: Exposure) -> Measurement | None:
    stated = _RATE.fullmatch(exposure.rate.strip())
    if stated is None:
        return None
    analyte = analytes.analyte(RATES[exposure.drug])
    try:
        value = analytes.measure(analyte, stated["value"], stated["unit"])
    except ValueError:
        return None
    origin = Origin(DERIVED, f"{analyte.id} from {exposure.origin}")
    recorded = f"{exposure.rate} (derived)"
    return Measurement(analyte.id, value, recorded, exposure.time, exposure.known_at, origin)
