"""Numbers as reports print them, and what they can mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fourteen": 14, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "thirteen": 13, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "a": 1, "an": 1,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
NUMBER_WORD = rf"(?:(?:{_TENS})(?:[- ](?:{_UNITS}))?|" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
NUMBER = r"(?:\d{1,3}(?:[, ']\d{3})+(?!\d)(?:[.·]\d+)?|\d+(?:[.·]\d{3}){2,}(?!\d)|\d+(?:[.,·]\d+)?)"
ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}

AMBIGUOUS = "a point before three digits: decimal or thousands, it does not say"
_THOUSANDS = re.compile(r"\d{1,3}(?:[, ']\d{3})+(?:[.·]\d+)?")
_POINTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_MANY_POINTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True, slots=True)
class Read:
    """The values a printed number can have: one, or two when it does not say which."""

    values: tuple[Fraction, ...]

    @property
    def is_ambiguous(self) -> bool:
        return len(self.values) > 1


def read_number(text: str) -> Read:
    """The values of a printed number.

    Commas, spaces and apostrophes before three digits separate thousands; a comma before other than three digits is a
    decimal. A single point before three digits may be either, and both values are given.

    >>> [float(value) for value in read_number("85 000").values]
    [85000.0]
    >>> [float(value) for value in read_number("138.244").values]
    [138.244, 138244.0]
    """
    text = text.strip().replace("·", ".")
    if _THOUSANDS.fullmatch(text):
        return Read((Fraction(re.sub(r"[, ']", "", text)),))
    if _MANY_POINTS.fullmatch(text):
        return Read((Fraction(text.replace(".", "")),))
    if _POINTED.fullmatch(text):
        return Read((Fraction(text), Fraction(text.replace(".", ""))))
    return Read((Fraction(text.replace(",", ".")),))


def number_word(text: str) -> int | None:
    """The value of a number in digits or words up to ninety-nine.

    >>> number_word("forty-eight"), number_word("3"), number_word("many")
    (48, 3, None)
    """
    folded = text.strip().casefold()
    if folded.isdigit():
        return int(folded)
    parts = re.split(r"[- ]+", folded)
    values = [WORDS.get(part) for part in parts]
    return None if None in values or not values else sum(value for value in values if value)
