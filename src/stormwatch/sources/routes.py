"""Drugs that act where they are put: an eye drop or a cream is no systemic treatment."""

from __future__ import annotations

import re

from stormwatch.sources.draft import Outside
from stormwatch.terms import Term

# Words of dose forms and routes. What is absorbed on purpose (rectal, transdermal, sublingual) is not among them.
_LOCAL = re.compile(
    r"\b(ophthalmic|eye|eyes|otic|ear|ears|nasal|topical|topically|cutaneous|cream|ointment|lotion|shampoo"
    r"|inhalation|inhaler|inhaled|intra-?articular|intravitreal|mouthwash|vaginal)\b",
    re.IGNORECASE,
)


def refuse_local(drug: Term, *texts: str) -> None:
    """Raises Outside when the name of the product, or the route, says that the drug acts only locally."""
    if any(_LOCAL.search(text) for text in texts):
        raise Outside(f"drug {drug.id}, applied locally")
