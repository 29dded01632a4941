"""Qualifiers: negated, uncertain, hypothetical, of the family, of the past, of the literature."""

from stormwatch.sources.text.qualifiers.literature import is_about_literature
from stormwatch.sources.text.qualifiers.reach import qualified

__all__ = ["is_about_literature", "qualified"]
