"""What the text says, and where: a mention is one fact in the words of the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from stormwatch.facts import Interval


class Kind(StrEnum):
    """The kinds of mention."""

    LAB = "lab"
    LEVEL = "level"
    DRUG = "drug"
    FINDING = "finding"
    DISEASE = "disease"
    AGE = "age"
    SEX = "sex"
    SCORE = "score"
    INTERVENTION = "intervention"
    COURSE = "course"


class Qualifier(StrEnum):
    """Why a mention does not simply say that something is so of this patient now."""

    NEGATED = "negated"
    UNCERTAIN = "uncertain"
    HYPOTHETICAL = "hypothetical"
    FAMILY = "family"
    PAST = "past"
    LITERATURE = "literature"


READ_BY = "read_by"
"""The detail that says who read a mention; without it the rules alone did."""
RULES_AND = "the rules and "


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing the report says, tied to ``text[start:end]``.

    ``name`` is an id: of an analyte, a drug, a finding, a score, an action. ``value`` is in the canonical unit; where
    the words give none, or one that cannot be used, it is None and ``flags`` says why. ``relative_to`` (``uln`` or
    ``lln``) says that the value is a multiple of the laboratory's own upper or lower limit, which the report need not
    state. ``word`` is what is said in words: a direction, an outcome, the drug of an intervention, a dose.
    ``time`` is the time expression that belongs to it in a plain form; empty when the words give none. ``low`` and
    ``high`` are the reference limits printed with a value.
    """

    kind: Kind
    name: str
    start: int
    end: int
    text: str
    rule: str
    value: Interval | None = None
    word: str = ""
    relative_to: str = ""
    time: str = ""
    qualifiers: frozenset[Qualifier] = frozenset()
    patient: str = ""
    flags: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def stated(self) -> bool:
        """Whether it is said of the patient, as something that is so: no qualifier stands on it."""
        return not self.qualifiers

    @property
    def by_model_alone(self) -> bool:
        """Whether a language model found it and no rule did."""
        reader = self.detail(READ_BY)
        return bool(reader) and not reader.startswith(RULES_AND)

    def detail(self, name: str) -> str:
        """A detail such as ``route`` or ``frequency``; empty when the words give none."""
        return dict(self.details).get(name, "")
