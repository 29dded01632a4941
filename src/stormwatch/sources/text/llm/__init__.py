"""An optional reader of reports: a language model behind an address the user gives. Off unless it is asked for.

Whatever the model answers has to quote the report; a quote that is not in the text is thrown away, and numbers, units
and doses are read from the quotes by the same rules as everywhere, never taken from the answer.
"""

from stormwatch.sources.text.llm.cache import Cache
from stormwatch.sources.text.llm.client import ChatClient, Model
from stormwatch.sources.text.llm.joining import by_both, by_model_alone, readers, together
from stormwatch.sources.text.llm.reader import KINDS, Answered, ModelReader, Unusable

__all__ = [
    "KINDS",
    "Answered",
    "Cache",
    "ChatClient",
    "Model",
    "ModelReader",
    "Unusable",
    "by_both",
    "by_model_alone",
    "readers",
    "together",
]
