"""The format of a table map: how one local table is laid out, and what its codes, names or columns mean."""

from __future__ import annotations

import re
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from stormwatch.errors import UsageError
from stormwatch.sources.mapped.code_map import CodeMap, merge_maps
from stormwatch.sources.mapped.files import checked, read_toml
from stormwatch.sources.mapped.target import Table, Target
from stormwatch.sources.opening import StrPath, file_name
from stormwatch.sources.times import zone_of

_WHOLE_DATE = re.compile(r"(?=.*%d)(?=.*%[mbB])(?=.*%Y)(?!.*%[ycxDG]).*")


class PatientColumn(Table):
    """The column of patient ids. ``fill_down`` where the id stands only in the first row of a block."""

    column: str
    fill_down: bool = False


class TimeColumns(Table):
    """A column of times, or one of dates and one of clock times; an empty clock time leaves the whole day.

    ``formats`` has one ``strptime`` format a column, such as ``%d.%m.%Y``; without it the texts are ISO 8601.
    """

    columns: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    formats: tuple[str, ...] = ()

    @field_validator("formats")
    @classmethod
    def _whole_dates(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        """What a format leaves out would be made up: a century, a month, a day."""
        if formats and formats[0] and not _WHOLE_DATE.fullmatch(formats[0]):
            raise ValueError("the first format needs a day (%d), a month (%m, %b, %B) and a year of four figures (%Y)")
        return formats

    @model_validator(mode="after")
    def _one_format_a_column(self) -> TimeColumns:
        if self.formats and len(self.formats) != len(self.columns):
            raise ValueError("give one format for each column, or none")
        return self


class LongColumns(Table):
    """The columns of a long table. ``value_text`` stands beside a numeric ``value`` and holds what is no number."""

    code: str = ""
    name: str = ""
    value: str = ""
    value_text: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    source_id: str = ""

    @model_validator(mode="after")
    def _says_what_and_how_much(self) -> LongColumns:
        if not (self.code or self.name) or not (self.value or self.value_text):
            raise ValueError("a long table needs a column of codes or names, and one of values")
        return self


class WideTarget(Target):
    """What one column of a wide table holds; its unit is fixed, or stands in a column of its own."""

    unit_column: str = ""


class TableMap(Table):
    """A table map. A long table has one result a row, a wide table one column for each test."""

    shape: Literal["long", "wide"]
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: str = ""
    zone: str = ""
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'", "’"] = ""
    unit: str = Field("", description="the unit of every value that names none")
    unit_names: dict[str, str] = Field({}, description="local spellings of units, and what they mean")
    patient: PatientColumn
    time: TimeColumns
    known_at: TimeColumns | None = None
    stop: TimeColumns | None = None
    columns: LongColumns | None = None
    code_maps: tuple[str, ...] = Field((), description="files beside this one, read by merge_maps")
    codes: dict[str, Target] = Field(default_factory=dict)
    names: dict[str, Target] = Field(default_factory=dict)
    values: dict[str, WideTarget] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            zone_of(zone or None)
        except UsageError as problem:
            raise ValueError(str(problem)) from None
        return zone

    @model_validator(mode="after")
    def _signs_differ(self) -> TableMap:
        if self.decimal == self.thousands:
            raise ValueError("the decimal and the thousands sign are the same; one of them is another")
        return self

    @model_validator(mode="after")
    def _fits_its_shape(self) -> TableMap:
        if self.shape == "long" and (self.columns is None or self.values):
            raise ValueError("a long table has [columns] and no [values]")
        if self.shape == "wide" and (not self.values or self.columns or self.codes or self.names or self.code_maps):
            raise ValueError("a wide table has [values], and no [columns], codes or names")
        return self

    @property
    def place(self) -> tzinfo | None:
        """The zone of clock times without an offset."""
        return zone_of(self.zone or None)


def load_map(path: StrPath) -> tuple[TableMap, CodeMap]:
    """A table map, and its own codes together with those of the code maps it names.

    Raises:
        InputError: a file cannot be read, still holds a ``?``, does not fit the format (the message lists every
            fault), or code maps contradict each other.
    """
    table = checked(TableMap, read_toml(path), file_name(path))
    shared = merge_maps(*(Path(path).parent / name for name in table.code_maps))
    return table, CodeMap({**shared.codes, **table.codes})
