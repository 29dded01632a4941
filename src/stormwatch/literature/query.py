"""What a person asks of the library: words, "phrases", AND, OR, NOT and parentheses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from stormwatch.errors import UsageError

_TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|"(?P<phrase>[^"]*)"|(?P<quote>")|(?P<word>[^\s()"]+))')
_JOINS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Words:
    """Words as typed. A ``phrase`` stood in quotes and is looked for as it is."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """Every part, and none of those in ``without``."""

    parts: tuple[Query, ...]
    without: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part."""

    parts: tuple[Query, ...]


Query = Words | Both | Either


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


def parse(text: str) -> Query:
    """Read a query. NOT binds before AND, AND before OR; words side by side must all be found.

    Raises:
        UsageError: the query is empty, a parenthesis or quote is not closed, something stands missing beside a
            connective, or there is only a NOT. The message names the character.

    >>> parse('blinatumomab AND "macrophage activation"').parts[1]
    Words(text='macrophage activation', phrase=True)
    """
    parser = _Parser(_tokens(text), len(text))
    found = parser.either()
    parser.end()
    return found


def _tokens(text: str) -> list[_Token]:
    found = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        assert match is not None
        kind = str(match.lastgroup)
        at = match.start(kind) + 1
        if kind == "quote":
            _fail("a quote is opened and not closed", at)
        if kind == "word" and match["word"] in _JOINS:
            kind = "join"
        found.append(_Token(kind, match[str(match.lastgroup)], at))
        place = match.end()
    return found


def _fail(what: str, place: int) -> NoReturn:
    raise UsageError(f"the query cannot be read at character {place}: {what}")


class _Parser:
    """Goes through the tokens once; each method reads what its name says."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._length = length

    def either(self) -> Query:
        parts = [self._both()]
        while self._take("join", "OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def end(self) -> None:
        if (token := self._peek()) is not None:
            _fail("a parenthesis is closed that was not opened", token.place)

    def _both(self) -> Query:
        parts: list[Query] = []
        without: list[Query] = []
        place = self._place()
        while True:
            denied = self._take("join", "NOT")
            (without if denied else parts).append(self._one())
            joined = self._take("join", "AND")
            token = self._peek()
            if not joined and (token is None or (token.text in ("OR", ")") and token.kind in ("join", "mark"))):
                break
        if not parts:
            _fail("NOT takes away from something; say first what is looked for", place)
        return parts[0] if len(parts) == 1 and not without else Both(tuple(parts), tuple(without))

    def _one(self) -> Query:
        token = self._peek()
        if token is None:
            _fail("something is missing here" if self._next else "it is empty", self._length + 1)
        if token.kind == "join":
            _fail(f"{token.text} stands where words are missing", token.place)
        self._next += 1
        if token.kind == "mark":
            return self._group(token)
        if token.kind == "phrase":
            if not token.text.strip():
                _fail("there is nothing between the quotes", token.place)
            return Words(token.text.strip(), phrase=True)
        return self._words(token)

    def _group(self, token: _Token) -> Query:
        if token.text == ")":
            _fail("a parenthesis is closed where words are missing", token.place)
        inside = self.either()
        if not self._take("mark", ")"):
            _fail("a parenthesis is opened and not closed", token.place)
        return inside

    def _words(self, token: _Token) -> Words:
        """Words side by side are one part, so that a name of several words is known as one."""
        words = [token.text]
        while (following := self._peek()) is not None and following.kind == "word":
            words.append(following.text)
            self._next += 1
        return Words(" ".join(words))

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _place(self) -> int:
        token = self._peek()
        return token.place if token else self._length + 1

    def _take(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token is None or (token.kind, token.text) != (kind, text):
            return False
        self._next += 1
        return True
