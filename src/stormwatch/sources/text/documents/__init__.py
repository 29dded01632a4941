"""Files of literature become documents: plain text, pages of a literature service, RIS, MEDLINE, BibTeX, XML, FHIR."""

from stormwatch.sources.text.documents.joining import joined
from stormwatch.sources.text.documents.reader import document_of, read_documents

__all__ = ["document_of", "joined", "read_documents"]
