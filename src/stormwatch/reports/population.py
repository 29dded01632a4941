"""Whether an instrument speaks about patients like this one, as its own statements say."""

from __future__ import annotations

from collections.abc import Iterable

_OUTSIDE = ("Outside its population:", "Population not certain:")


def outside(statements: Iterable[str]) -> bool:
    """Whether the patient is outside the population of an instrument, or not certainly inside it.

    >>> import stormwatch as sw
    >>> outside(sw.assess(sw.answers({"ferritin": "12000 ng/mL"}), "mas-sjia-2016").statements)
    True
    >>> outside(sw.assess(sw.answers({"ferritin": "12000 ng/mL"}), "easix").statements)
    False
    """
    return any(said.startswith(_OUTSIDE) for said in statements)
