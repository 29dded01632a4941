"""What labels and guidelines say, as dated and cited data. It reports documents; it never says what to do."""

from stormwatch.guidance.contradictions import Contradiction, contradictions
from stormwatch.guidance.document import document, documents, load
from stormwatch.guidance.rows import Dose, Restart, dose_for_weight, restart_after
from stormwatch.guidance.said import Occasion, Said
from stormwatch.guidance.says import says
from stormwatch.guidance.schema import Document, Row

__all__ = [
    "Contradiction",
    "Document",
    "Dose",
    "Occasion",
    "Restart",
    "Row",
    "Said",
    "contradictions",
    "document",
    "documents",
    "dose_for_weight",
    "load",
    "restart_after",
    "says",
]
