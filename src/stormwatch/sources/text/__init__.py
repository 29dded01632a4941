"""Case reports: prose and literature records become facts, each tied to the words it came from."""

from stormwatch.sources.text.document import Document, Section
from stormwatch.sources.text.documents import document_of, joined, read_documents
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.reading import Reading, read_document, read_prose, read_text
from stormwatch.sources.text.saved import Correction, Saved, is_reading, load_reading, read_saved, reading_json
from stormwatch.sources.text.timeline import timeline_of

__all__ = [
    "Correction",
    "Document",
    "Kind",
    "Mention",
    "Qualifier",
    "Reading",
    "Saved",
    "Section",
    "document_of",
    "is_reading",
    "joined",
    "load_reading",
    "read_document",
    "read_documents",
    "read_prose",
    "read_saved",
    "read_text",
    "reading_json",
    "timeline_of",
]
