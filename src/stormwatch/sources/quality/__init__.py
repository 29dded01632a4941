"""Data quality: what was understood of a record, what was not, and what its patients lack."""

from stormwatch.sources.quality.page import quality_html
from stormwatch.sources.quality.payload import quality
from stormwatch.sources.quality.text import quality_text

__all__ = ["quality", "quality_html", "quality_text"]
