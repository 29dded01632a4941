"""What each test is: its codes, canonical unit, exact conversions and plausible range."""

from stormwatch.analytes.catalogue import Also, Analyte, analyte, by_code, by_name, catalogue
from stormwatch.analytes.conversion import UnknownUnit, from_canonical, to_canonical
from stormwatch.analytes.measuring import measure
from stormwatch.analytes.reading import read_value
from stormwatch.analytes.units import Unit, units

__all__ = [
    "Also",
    "Analyte",
    "Unit",
    "UnknownUnit",
    "analyte",
    "by_code",
    "by_name",
    "catalogue",
    "from_canonical",
    "measure",
    "read_value",
    "to_canonical",
    "units",
]
