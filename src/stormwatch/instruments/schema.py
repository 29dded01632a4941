"""The format of an instrument file. One TOML file is one edition of one published instrument.

The vocabulary is closed: there are no expressions to evaluate, so a file can be reviewed like a table and checked
without running anything. Numbers are exact decimals. A criterion inherits ``analyte``, ``take``, ``within``, ``unit``
and ``relative_to`` from its item, and ``take`` and ``within`` from the file's ``look_back``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Evidence = Literal["primary", "secondary", "unconfirmed"]
Operator = Literal[">", ">=", "<", "<="]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Duration = Annotated[str, Field(pattern=r"^(ever|\d+ (min|h|d))$", description="a number of min, h or d; or ever")]


class Table(BaseModel):
    """Every table refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(Table):
    """How a criterion looks back: which value in the window counts, and how old it may be."""

    take: Literal["latest", "highest", "lowest", "any"] | None = None
    within: Duration | None = None
    unit: str | None = None
    relative_to: Literal["uln", "lln", "baseline"] | None = None
    at_baseline: bool | None = Field(None, description="the value before treatment itself, not the present one")


class Criterion(Look):
    """One question with three possible answers. Exactly one of the kinds below is filled in."""

    analyte: Identifier | None = Field(None, description="a measurement compared with op, value and unit")
    finding: Identifier | None = Field(None, description="something stated to be present")
    drug: Identifier | None = Field(None, description="a drug or drug class given; at_least counts different drugs")
    but_not: tuple[Identifier, ...] = Field((), description="drug classes left out of a drug count")
    stated: Identifier | None = Field(None, description="the finding that says outright whether such a drug runs")
    undefined: bool | None = Field(None, description="the publication does not say: always unknown")
    died: bool | None = Field(None, description="the patient has died; a record that goes on shows that not")
    age: bool | None = Field(None, description="age in completed years compared with op and value")
    sex: Literal["female", "male"] | None = None
    item: Identifier | None = Field(None, description="another item of this file, met")
    all: tuple[Criterion, ...] | None = None
    any: tuple[Criterion, ...] | None = None
    of: tuple[Criterion, ...] | None = Field(None, description="at least at_least of these")
    items: tuple[Identifier, ...] | None = Field(None, description="at least at_least of these items")
    not_: Criterion | None = Field(None, alias="not")
    first_of: tuple[Criterion, ...] | None = Field(None, description="the first that the record has decides")
    op: Operator | None = None
    value: Decimal | int | None = None
    at_least: int | None = Field(None, ge=1)

    KINDS: ClassVar[tuple[str, ...]] = (
        *("analyte", "finding", "drug", "undefined", "died", "age", "sex", "item"),
        *("all", "any", "of", "items", "not_", "first_of"),
    )

    @property
    def kinds(self) -> list[str]:
        return [kind for kind in self.KINDS if getattr(self, kind) is not None]


class Row(Criterion):
    """A line of a points or grade table: the number this row gives when its criterion is met."""

    points: Decimal | int = Field(description="the points or the grade of this row")
    text: str = Field("", description="short wording of the row, ours")


class Item(Look):
    """One criterion or one scored line, as the publication names it."""

    id: Identifier
    title: str
    published: str = Field(description="what the publication asks, in our own short words, with its numbers")
    evidence: Evidence
    source: str = Field("", description="where the numbers were seen, when not in the cited publication itself")
    note: str = Field("", description="the interpretive decision taken, if any")
    missing: Literal["unknown"] = Field("unknown", description="what an unanswered item counts as: always unknown")
    analyte: Identifier | None = None
    when: Criterion | None = None
    count: tuple[Criterion, ...] | None = None
    rows: tuple[Row, ...] | None = None
    otherwise: Decimal | int = 0

    @model_validator(mode="after")
    def _is_criterion_or_table(self) -> Item:
        if (self.when is None) == (self.rows is None):
            raise ValueError("an item has either `when` (a criterion) or `rows` (a table of points)")
        return self


class Cutoff(Table):
    """The score at which the instrument counts as met."""

    op: Operator
    value: Decimal | int
    above_baseline: Identifier | None = Field(None, description="an analyte that holds the score before the illness")


class Band(Table):
    """What the publication says of a stretch of the score, both ends included."""

    low: Decimal | int | None = None
    high: Decimal | int | None = None
    text: str


class Factor(Table):
    """A quantity in a formula, in the unit the formula was published with; findings count 1 or 0."""

    analyte: Identifier | None = None
    finding: Identifier | None = None
    unit: str | None = None
    take: Literal["latest", "highest", "lowest", "any"] | None = None
    within: Duration | None = None
    coefficient: Decimal | int = 1


class Grade(Table):
    """One row of a grading scale, worst first: the first whose criterion is met gives the grade."""

    grade: Decimal | int
    when: Criterion
    text: str


class Result(Table):
    """How the items become a score and a verdict."""

    unit: str = Field("", description="what the score counts: points, criteria, grade")
    count: tuple[Identifier, ...] | None = Field(None, description="the score is how many of these items are met")
    sum: tuple[Identifier, ...] | None = Field(None, description="the score is the sum of these items")
    most: tuple[Identifier, ...] | None = Field(None, description="the score is the worst of these items")
    grades: tuple[Grade, ...] | None = None
    otherwise: Decimal | int = Field(0, description="the grade when no row is met")
    linear: tuple[Factor, ...] | None = None
    constant: Decimal | int = 0
    above: tuple[Factor, ...] | None = Field(None, description="quantities multiplied above the line")
    below: tuple[Factor, ...] | None = Field(None, description="quantities multiplied below the line")
    met: Criterion | None = Field(None, description="the verdict as a criterion over items")
    cutoff: Cutoff | None = Field(None, description="the verdict as a cut-off of the score")
    also: Criterion | None = Field(None, description="a criterion the verdict needs besides the cut-off")
    verdict: str = Field("", description="what a met verdict is called")
    evidence: Evidence
    published: str
    note: str = ""
    bands: tuple[Band, ...] = ()
    bands_source: str = ""


class Citation(Table):
    text: str
    doi: str = ""
    pmid: str = ""


class Requirement(Table):
    """A condition of the population; when it is not met the result says ``outside``."""

    when: Criterion
    outside: str
    untold: str = Field("", description="what is said when the record cannot tell")


class Population(Table):
    text: str
    requires: tuple[Requirement, ...] = ()


class Confounder(Table):
    """Something in the record that makes the instrument read higher or lower than the illness."""

    when: Criterion
    text: str
    source: str


class LookBack(Table):
    """The default look-back of the file, and whose choice it is."""

    take: Literal["latest", "highest", "lowest", "any"] = "latest"
    within: Duration
    basis: Literal["published", "ours"]
    note: str


class BaselineRule(Table):
    """What baseline means here: the latest value before the first dose of these drugs."""

    drug: Identifier
    within: Duration
    basis: Literal["published", "ours"]
    note: str


class Example(Table):
    """A worked example: answers in, result out. The tests run it."""

    source: str
    evidence: Literal["primary", "secondary", "derived"]
    given: dict[str, str | bool | int]
    score: Decimal | int | None = None
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    verdict: Literal["met", "not met", "unknown"] | None = None


class InstrumentFile(Table):
    """One edition of one published instrument."""

    format: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    edition: str
    title: str
    kind: Literal["criteria", "points", "grade", "formula"]
    syndromes: tuple[str, ...]
    purpose: str
    pitfalls: tuple[str, ...] = ()
    citations: Annotated[tuple[Citation, ...], Field(min_length=1)]
    population: Population
    look_back: LookBack
    baseline: BaselineRule | None = None
    items: tuple[Item, ...] = ()
    result: Result
    confounders: tuple[Confounder, ...] = ()
    examples: tuple[Example, ...] = ()
