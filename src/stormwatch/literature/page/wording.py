"""A mention in words: what it says, and what it becomes."""

from __future__ import annotations

from stormwatch import analytes, terms
from stormwatch.sources.text import Kind, Mention, Reading
from stormwatch.sources.text.llm import Answered, by_both, by_model_alone, readers

_A_PERSON = "by a person"


def says(mention: Mention) -> str:
    """What a mention says, in a few words.

    >>> from stormwatch.sources.text import read_prose
    >>> [says(m) for m in read_prose("Ferritin was 900 ng/mL and AST was elevated.").mentions]
    ['ferritin: 900 ng/mL', 'aspartate aminotransferase: high (> 1 × ULN)']
    """
    value = _value(mention)
    word = mention.word.replace("_", " ")
    told = f"{word} ({value})" if word and value and word != value else word or value
    return f"{_title(mention)}: {told}" if told else _title(mention)


def remarks(mention: Mention) -> list[str]:
    """What stands on a mention: its time, its qualifiers, whose it is, what is wrong with it, and who read it."""
    by = readers(mention)
    found = [mention.time, *sorted(q.value for q in mention.qualifiers)]
    found += [f"patient {mention.patient}" if mention.patient else "", *mention.flags, f"read by {by}" if by else ""]
    found += [mention.rule] if mention.rule.endswith(_A_PERSON) else []
    return [remark for remark in found if remark]


def of_readers(reading: Reading, answered: Answered | None = None) -> list[str]:
    """What there is to say of the readers, where a language model was one: what it found, and what was thrown away."""
    both, alone = by_both(reading), by_model_alone(reading)
    told = f"Facts read by the rules and by a language model: {both}; by the model alone: {alone}."
    found = [told] if both or alone or answered else []
    if answered is not None:
        found.append(
            f"Facts the model stated: {answered.rows}; thrown away because their quote is not in the text: "
            f"{answered.not_in_text}, because the quote does not say them: {answered.not_borne_out}."
        )
    return found


def _title(mention: Mention) -> str:
    name = mention.name
    if mention.kind in (Kind.LAB, Kind.LEVEL) and name in analytes.catalogue():
        return _lower(analytes.analyte(name).title)
    if mention.kind in (Kind.FINDING, Kind.DISEASE) and name in terms.findings():
        return _lower(terms.findings()[name].title)
    if mention.kind is Kind.DRUG and name in terms.drugs():
        return _lower(terms.drugs()[name].title)
    return name.replace("_", " ")


def _lower(title: str) -> str:
    """Lower case for the middle of a line, leaving abbreviations such as CRS and B-cell alone."""
    first = title.partition(" ")[0]
    return title if "-" in first[:2] or any(letter.isupper() for letter in first[1:]) else title[:1].lower() + title[1:]


def _value(mention: Mention) -> str:
    if mention.value is None:
        return ""
    unit = ""
    if mention.relative_to:
        unit = f"× {mention.relative_to.upper()}"
    elif mention.kind in (Kind.LAB, Kind.LEVEL) and mention.name in analytes.catalogue():
        unit = analytes.analyte(mention.name).unit
    elif mention.kind is Kind.AGE:
        return str(mention.value)
    return f"{mention.value} {unit}".strip()
