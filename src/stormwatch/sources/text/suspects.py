"""The one drug that a report is about, where it says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stormwatch import terms
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.passes.drugs import drug_hits
from stormwatch.sources.text.sentences import Sentence, plain

_INDUCED = re.compile(r"-(?:induced|associated|related|mediated)\b", re.IGNORECASE)


def suspect_of(document: Document, sentences: Sequence[Sentence]) -> str:
    """The id of the only drug that the report calls inducing, or names in its title, or the only T-cell therapy in it.

    Empty when there is none, or when several qualify: then "the drug" is nobody's.
    """
    texts = [plain(document.title), *(sentence.text for sentence in sentences)]
    inducing = {h.id for t in texts for h in drug_hits(t) if _INDUCED.match(t, h.end)}
    titled = {h.id for h in drug_hits(plain(document.title))}
    engaging = {h.id for t in texts for h in drug_hits(t) if _is_t_cell_therapy(h.id)}
    return next((min(found) for found in (inducing, titled, engaging) if len(found) == 1), "")


def _is_t_cell_therapy(drug: str) -> bool:
    known = terms.drugs().get(drug)
    return known is not None and "t_cell_therapy" in known.classes
