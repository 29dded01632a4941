"""Symptoms, signs, diseases and states of disease, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from stormwatch import terms
from stormwatch.sources.text.lexicon import Lexicon, data, flat
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.sentences import Sentence

_GRADE = re.compile(r"\bgrade\s+(?P<grade>[1-5]|I{1,3}|IV|V)\s+(?:\w+\s+)?$", re.IGNORECASE)
# Names of the catalogue that prose uses for other things, or that a pass of its own reads.
_NOT_FROM_CATALOGUE = re.compile(
    r"naranjo|death|transfusion_|remission|grade_3|fibrin_marker|blood_counts|dic_assoc|creatinine_rise|malignancy|disease_progression|awakens|unarousable"
    r"|positive_pressure|infection_suspected|anticoagulation|_life_threatening|developmental|sudden|other_cause"
)
_PERFORMED = re.compile(
    r"(?:\s*\([A-Z]+\)|\))?\s*(?:(?:titers?|titres?|serolog(?:y|ies)|tests?|PCR)\s+(?:was|were)\s+(?:ordered|sent|pending|requested)"
    r"|monitoring|team|clinic|guidelines?|management|protocol|workup|work-up|screen(?:ing)?|prodrome)\b",
    re.IGNORECASE,
)


def finding_mentions(sentence: Sentence) -> Iterator[Mention]:
    """Findings and diseases of a sentence. Words that state an absence (afebrile) are negated findings."""
    text = sentence.text
    for hit in _lexicon().find(text):
        kind, _, ids = hit.id.partition(":")
        if kind == "nothing" or _PERFORMED.match(text, hit.end):
            continue
        absent = frozenset({Qualifier.NEGATED}) if kind == "absent" else frozenset()
        grade = _GRADE.search(text, 0, hit.start)
        details = (("grade", grade["grade"]),) if grade else ()
        for name in ids.split():
            yield Mention(
                Kind.DISEASE if kind == "disease" else Kind.FINDING,
                name,
                sentence.start + hit.start,
                sentence.start + hit.end,
                text[hit.start : hit.end],
                f"name of a {'disease' if kind == 'disease' else 'finding'}",
                qualifiers=absent,
                details=details,
            )


@cache
def _lexicon() -> Lexicon:
    """All names, with the kind and the ids they mean."""
    prose = data("findings.toml")
    diseases = {id: names for id, names in data("diseases.toml").items() if id != "nothing"}
    nothing = dict.fromkeys(data("diseases.toml")["nothing"]["names"], "nothing:")
    both = {name: f"finding:{' '.join(ids)}" for name, ids in prose["both"].items()}
    absent = {name: f"absent:{' '.join(ids)}" for name, ids in prose["absent"].items()}
    found = {n: f"finding:{i}" for n, i in flat({k: v for k, v in prose.items() if isinstance(v, list)}).items()}
    ill = {n: f"disease:{i}" for n, i in flat(diseases).items()}
    catalogued = {
        n: f"{'disease' if id in diseases else 'finding'}:{id}"
        for id, term in terms.findings().items()
        if not _NOT_FROM_CATALOGUE.search(id)
        for n in term.names
        if len(n) > 5 and n != "mrd negative remission"
    }
    return Lexicon({**catalogued, **found, **ill, **both, **absent, **nothing})
