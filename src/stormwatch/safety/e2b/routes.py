"""What a record says of a route of administration, as an EDQM code."""

from __future__ import annotations

from functools import lru_cache

from stormwatch.safety.e2b.elements import table


def route_code(text: str) -> str | None:
    """The EDQM code of a route as a record words it; None when it is not among those confirmed.

    >>> route_code("intravenous"), route_code("I.V."), route_code("into the left hand")
    ('ROA-20045000', 'ROA-20045000', None)
    """
    words = _plain(text).removesuffix(" use").removesuffix(" route")
    return _routes().get(words)


@lru_cache(maxsize=1)
def _routes() -> dict[str, str]:
    held: dict[str, dict[str, str]] = table("routes")
    return {_plain(words): code for code, words in held["codes"].items()} | held["also"]


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace("-", "").replace(".", "").split())
