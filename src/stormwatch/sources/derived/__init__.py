"""Quantities computed from their parts, each with its parts as provenance, where none was measured."""

from stormwatch.sources.derived.adding import with_derived
from stormwatch.sources.derived.bsa import DU_BOIS
from stormwatch.sources.derived.rule import Description, Part, Rule
from stormwatch.sources.derived.table import LEFT_OUT, RULES, descriptions

__all__ = ["DU_BOIS", "LEFT_OUT", "RULES", "Description", "Part", "Rule", "descriptions", "with_derived"]
