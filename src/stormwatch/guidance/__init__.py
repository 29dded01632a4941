"""What labels say, as dated and cited data. It reports the document; it never says what to do with a patient."""

from stormwatch.guidance.document import Document, document, documents
from stormwatch.guidance.rows import Dose, Restart, dose_for_weight, restart_after

__all__ = ["Document", "Dose", "Restart", "document", "documents", "dose_for_weight", "restart_after"]
