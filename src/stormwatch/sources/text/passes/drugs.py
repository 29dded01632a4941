"""Drugs, each with the doses that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from stormwatch import terms
from stormwatch.sources.text.lexicon import Hit, Lexicon, data, flat
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.passes.doses import Dose, doses
from stormwatch.sources.text.sentences import Sentence

# Between a drug and its dose: the words of giving, no other clause.
_TIE = re.compile(
    r"(?:\s|,|\([A-Za-z]{2,5}\)|\(|:|-|–|\b(?:at|a|an|the|was|were|is|then|with|of|in|and|dose|doses|dosed|dosage|dosing|daily|total|flat|fixed|full|single|once|initial|starting|started|restarted|resumed|given|administered|reintroduced|reinitiated|re-?started|"
    r"initiated|commenced|begun|continued|increased|raised|escalated|reduced|decreased|intravenous|intravenously|IV|iv|oral|orally|PO|subcutaneous|subcutaneously|SC|infusion|infused|continuous|as|by|to|on|from|high|low|"
    r"pulse|pulsed|therapy|treatment|monotherapy|rate|again|later|only|also|every|other|day|days|weekly|twice|first|second|cycle|loading|maintenance|intramuscular|intrathecal|step-up|priming|reduced-dose|tablets|tablet|prescribed|successfully|safely|added|injection|permanently|first|dose|level|lower|higher|required|received|needed|had|been|be|being|able|she|he|after|recovery|without|further|"
    r"complications?|incident|under|cover)\b|\d+(?!\s*(?:mg|g|mcg|µg|ug)))*",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\s*(?:,?\s*(?:once|daily|twice daily|IV|intravenous|oral)\s*)?(?:doses?\s+)?(?:of\s+)?(?:intravenous|"
    r"oral|IV|subcutaneous|pulse)?\s*",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"(?:\s|,|;|\(|-|–|\b(?:and|then|later|raised|increased|escalated|reduced|decreased|stepped|tapered|lowered|escalation|followed|by|to|dose|daily|the|was|after|up|down|with|for|on|a|of|from|weekly|IV|once|twice|four|three|times|in|cycle|day|days|week|every|at|hours?|h|it)\b|\d+(?!\s*(?:mg|g|mcg|µg|ug)))*",
    re.IGNORECASE,
)
_SHORT = re.compile(r"\s*\(([A-Z]{2,5})\)")
_INDUCED = re.compile(r"-(?:induced|associated|related|mediated|treated)\b|\s*-\s*based\b", re.IGNORECASE)


def drug_mentions(sentence: Sentence, suspect: str = "", short: Mapping[str, str] | None = None) -> Iterator[Mention]:
    """Drugs of a sentence; one with several doses is mentioned once for each.

    A dose without a drug beside it, after words such as "restarted at", is that of ``suspect`` when the report has
    only one suspect drug, and is flagged so. ``short`` are the short forms that the report itself introduces.
    """
    text = sentence.text
    names, found = drug_hits(text, short), list(doses(text))
    owner = {dose: _owner(text, dose, names) for dose in found}
    for at, dose in enumerate(found):
        if (
            owner[dose] is None
            and at
            and owner[found[at - 1]]
            and _RAISED.fullmatch(text[found[at - 1].end : dose.start])
        ):
            owner[dose] = owner[found[at - 1]]
    for name in names:
        own = [dose for dose in found if owner[dose] == name]
        if not own:
            yield _mention(sentence, name, None)
        yield from (_mention(sentence, name, dose, alone=at > 0) for at, dose in enumerate(own))
    for dose in found:
        if owner[dose] is None and suspect and _REPEATED.search(text, 0, dose.start):
            yield _resolved(sentence, dose, suspect)


_REPEATED = re.compile(
    r"\b(?:restarted|resumed|reintroduced|reinitiated|rechallenged?|restart(?:ing)?|resumption|"
    r"the (?:drug|infusion|agent|dose))\b[^.;]{0,40}$",
    re.IGNORECASE,
)
SUSPECT_ASSUMED = "the drug is not named here: the one suspect drug of the report is taken"


def _owner(text: str, dose: Dose, names: list[Hit]) -> Hit | None:
    """The drug a dose belongs to: the one named just before it, or just behind it ("10 mg of ...")."""
    before = [n for n in names if n.end <= dose.start]
    after = [n for n in names if n.start >= dose.end]
    if after and _OF.fullmatch(text[dose.end : after[0].start]) and not (before and _close(text, before[-1], dose)):
        return after[0]
    if before and dose.start - before[-1].end <= 90 and _TIE.fullmatch(text[before[-1].end : dose.start]):
        return before[-1]
    return None


def _close(text: str, name: Hit, dose: Dose) -> bool:
    return re.fullmatch(r"[\s(,:]*(?:at|IV|iv|PO|oral|intravenous)?\s*", text[name.end : dose.start]) is not None


def _mention(sentence: Sentence, name: Hit, dose: Dose | None, *, alone: bool = False) -> Mention:
    """A drug with one of its doses; a second dose stands ``alone``, as another one is between it and the name."""
    start, end = name.start, name.end
    if dose is not None:
        start, end = (dose.start, dose.end) if alone else (min(start, dose.start), max(end, dose.end))
    kinds = ("frequency", "route", "duration")
    details = tuple((kind, getattr(dose, kind)) for kind in kinds if dose and getattr(dose, kind))
    if _INDUCED.match(sentence.text, name.end):
        details += (("role", "suspect"),)
    return Mention(
        Kind.DRUG, name.id, sentence.start + start, sentence.start + end, sentence.text[start:end], "name of a drug",
        word=dose.text if dose else "", details=details,
    )  # fmt: skip


def _resolved(sentence: Sentence, dose: Dose, suspect: str) -> Mention:
    details = tuple((k, getattr(dose, k)) for k in ("frequency", "route", "duration") if getattr(dose, k))
    return Mention(
        Kind.DRUG, suspect, sentence.start + dose.start, sentence.start + dose.end,
        sentence.text[dose.start : dose.end], "a dose of the suspect drug", word=dose.text, details=details,
        flags=(SUSPECT_ASSUMED,),
    )  # fmt: skip


def drug_hits(text: str, short: Mapping[str, str] | None = None) -> list[Hit]:
    """Names of drugs in a text, with the short forms of a report."""
    found = list(_lexicon().find(text))
    if not short:
        return found
    forms = re.finditer(rf"(?<![\w(-])(?:{'|'.join(map(re.escape, short))})(?![\w)-])", text)
    more = [Hit(m.start(), m.end(), short[m[0]]) for m in forms]
    return sorted(
        [*found, *(h for h in more if not any(f.start < h.end and h.start < f.end for f in found))], key=_place
    )


def _place(hit: Hit) -> int:
    return hit.start


def short_forms(texts: Iterable[str]) -> dict[str, str]:
    """What a report calls its drugs after their first mention: "tocilizumab (TCZ)".

    Only capitals that stand in the name in this order count; a form given to two drugs is nobody's.

    >>> short_forms(["She received tocilizumab (TCZ) and prednisolone (PSL)."])
    {'TCZ': 'tocilizumab', 'PSL': 'prednisolone'}
    """
    found: dict[str, set[str]] = {}
    for text in texts:
        for hit in _lexicon().find(text) if _SHORT.search(text) else ():
            form = _SHORT.match(text, hit.end)
            if form and re.search(".*".join(form[1]), text[hit.start : hit.end], re.IGNORECASE):
                found.setdefault(form[1], set()).add(hit.id)
    return {form: min(ids) for form, ids in found.items() if len(ids) == 1}


@cache
def _lexicon() -> Lexicon:
    catalogue = {n: id for id, term in terms.drugs().items() for n in term.names if len(n) > 4 or n == "ivig"}
    prose = data("drugs.toml")
    return Lexicon({**catalogue, **flat(prose["catalogue"]), **flat(prose["other"])})
