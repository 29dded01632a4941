"""Sentences about the drug, the disease or other reports, and not about the patient."""

from __future__ import annotations

import re
from functools import cache

from stormwatch.sources.text.document import TABLE, TITLE
from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.sentences import Sentence


def is_about_literature(sentence: Sentence) -> bool:
    """Whether the sentence speaks of others: it has a cue of general statements and none of the patient.

    In a section about background or discussion every sentence does that does not name the patient.
    """
    if sentence.section in (TITLE, TABLE):
        return False
    about_patient = _pattern("patient").search(sentence.text) is not None
    if sentence.general:
        return not about_patient
    if about_patient or re.match(r"(?:if|should|in case)\b", sentence.text, re.IGNORECASE):
        return False
    return _pattern("sentence").search(sentence.text) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(data('cues.toml')['literature'][name])})", re.IGNORECASE)
