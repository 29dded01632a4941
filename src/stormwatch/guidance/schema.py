"""The format of guidance files: a closed vocabulary of rows, so that a file can be reviewed like a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Evidence = Literal["primary", "secondary", "unconfirmed"]
Unit = Literal["mcg", "mcg/day", "mg", "mg/day", "g"]
Toxicity = Literal["crs", "neurotoxicity", "seizure", "mas_hlh", "other"]
Indication = Literal["relapsed_refractory", "mrd_positive", "consolidation", "first_relapse_high_risk"]
Action = Literal["continue", "consider_interruption", "withhold", "discontinue", "consider_discontinuation"]
Moment = Literal["cycle", "first_cycle", "step", "restart", "start"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Amount(_Table):
    """A dose as the document states it: flat, or per kg or m2 with its upper limit in the unit itself."""

    value: Decimal
    unit: Unit
    per: Literal["", "kg", "m2"] = ""
    most: Decimal | None = None
    every_hours: int | None = None
    days: str = ""

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.value <= 0 or (self.most is not None and self.most <= 0):
            raise ValueError("a dose is above zero")
        return self


class _Row(_Table):
    """What every row says of itself. The conditions in it must all hold for the row to apply.

    ``weight_from`` (kg) is included, ``weight_below`` is not. ``finding`` must be stated to be present. ``topic`` and
    ``answer`` say which question the row answers, and how: one topic with unlike answers is a contradiction.
    """

    id: str
    section: str
    text: str
    evidence: Evidence
    source: str
    note: str = ""
    topic: str = ""
    answer: str = ""
    indication: Indication | None = None
    weight_from: Decimal | None = None
    weight_below: Decimal | None = None
    age: Literal["adult", "child"] | None = None
    finding: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.topic) != bool(self.answer):
            raise ValueError(f"row {self.id!r}: a topic needs an answer, and an answer its topic")
        return self


class Stretch(_Table):
    """The dose on some days of some cycles, first and last included; no last cycle means every later one."""

    first_cycle: int
    last_cycle: int | None = None
    first_day: int
    last_day: int
    amount: Amount


class Dosing(_Row):
    """The planned dose by day of the cycle."""

    kind: Literal["dosing"]
    schedule: tuple[Stretch, ...]
    rest_days: int | None = None


class Premedication(_Row):
    """What is given before the drug. Each of ``options`` is an alternative to the others."""

    kind: Literal["premedication"]
    drug: str
    options: tuple[Amount, ...] = ()
    before: tuple[Moment, ...]
    restart_after_hours: int | None = None


class HospitalPeriod(_Table):
    cycle: int
    days: int


class Hospital(_Row):
    """The days in hospital that the document recommends, by cycle."""

    kind: Literal["hospital"]
    periods: tuple[HospitalPeriod, ...]


class Interruption(_Row):
    """What an interruption of some length means: ``longer_than_hours`` is not included, ``at_most_hours`` is."""

    kind: Literal["interruption"]
    longer_than_hours: int | None = None
    at_least_hours: int | None = None
    at_most_hours: int | None = None
    means: Literal["same_cycle", "new_cycle", "discontinue", "supervised_restart"]


class ToxicityRow(_Row):
    """What the document names for a toxicity of a grade; ``repeated`` asks for a second event of that kind."""

    kind: Literal["toxicity"]
    toxicity: Toxicity
    grades: tuple[int, ...] = ()
    more_than: int | None = None
    action: Action
    resume: str = ""
    resume_after_days: int | None = None
    restart: Amount | None = None
    escalate: Amount | None = None
    escalate_after_days: int | None = None
    discontinue_at_mcg_per_day: Decimal | None = None
    discontinue_after_days: int | None = None
    treatment: tuple[Amount, ...] = ()
    treatment_drug: str = ""


class Limit(_Table):
    analyte: str
    above_times_uln: Decimal


class Laboratory(_Row):
    """An action named for a laboratory value above a multiple of the upper limit; one of ``limits`` is enough."""

    kind: Literal["laboratory"]
    limits: tuple[Limit, ...]
    action: Action


class Monitoring(_Row):
    """What the document says to watch, or to do in preparation; it holds for every patient given the drug.

    ``depends_on`` is what it depends on that no fact of a record is asked for here: then it cannot be told.
    """

    kind: Literal["monitoring"]
    depends_on: str = ""


class WeightDose(_Row):
    """A single dose against a toxicity, by weight."""

    kind: Literal["dose"]
    toxicity: Toxicity
    drug: str
    amount: Amount


class Repeat(_Row):
    """How often and how soon a dose may be repeated; ``most_total`` counts the first one."""

    kind: Literal["repeat"]
    toxicity: Toxicity
    drug: str
    interval_hours: int | None = None
    most_in_24_hours: int | None = None
    most_total: int | None = None


class Regimen(_Row):
    """A course of a drug against a toxicity, for some grades or for all."""

    kind: Literal["regimen"]
    toxicity: Toxicity
    drug: str
    grades: tuple[int, ...] = ()
    steps: tuple[Amount, ...]


class Dose(_Table):
    """One dose of a schedule that is counted from the first dose: day 1 is the day of the first."""

    day: int
    amount: Amount
    drug: str = ""


class StepUp(_Row):
    """The first doses of a drug, each larger than the one before."""

    kind: Literal["step_up"]
    doses: tuple[Dose, ...]


class Delay(_Row):
    """What follows when the next dose is late, counted from the last dose of the amount ``after``."""

    kind: Literal["delay"]
    after: Amount
    longer_than_days: int | None = None
    at_least_days: int | None = None
    at_most_days: int | None = None
    then: Literal["restart", "repeat", "continue"]
    dose: Amount | None = None


class Listing(_Row):
    """Whether and where a document lists a reaction: what decides if the reaction is expected by that document."""

    kind: Literal["listing"]
    reaction: Toxicity
    listed: Literal["own_term", "within_crs", "not_in_table_seen"]


class Prompt(_Row):
    """A thought the document asks for when a toxicity lasts."""

    kind: Literal["prompt"]
    toxicity: Toxicity
    longer_than_days: int


Row = (
    Dosing
    | Premedication
    | Hospital
    | Interruption
    | ToxicityRow
    | Laboratory
    | Monitoring
    | WeightDose
    | Repeat
    | Regimen
    | StepUp
    | Delay
    | Listing
    | Prompt
)


class Document(_Table):
    """One label or guideline, as it was seen on a date.

    ``drug`` is the drug the document is about, empty for a guideline on a toxicity. ``covers`` names the drugs, or
    classes of drugs, whose toxicity the document is about, ``excludes`` those whose toxicity is outside it, and
    ``toxicities`` the toxicities it treats. ``grading`` names
    the instrument by which a toxicity is graded here, and ``grading_note`` what the document itself says of grading.
    """

    format: Literal[1]
    id: str
    title: str
    kind: Literal["label", "guideline", "protocol", "review"]
    drug: str = ""
    jurisdiction: Literal["US", "EU", "HK", "JP", ""] = ""
    revision: str
    seen: str
    population: str
    covers: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    toxicities: tuple[Toxicity, ...] = ()
    grading: dict[Toxicity, str] = {}
    grading_note: str = ""
    notes: tuple[str, ...] = ()
    rows: tuple[Annotated[Row, Field(discriminator="kind")], ...]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [row.id for row in self.rows]
        if len(names) != len(set(names)):
            raise ValueError("two rows have one id")
        return self
