"""Times of a local table, from one column or from a date and a clock time, as ISO 8601."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import zip_longest

from stormwatch.sources.draft import Rejected
from stormwatch.sources.mapped.grid import Cells
from stormwatch.sources.mapped.header import Header
from stormwatch.sources.mapped.schema import TimeColumns

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}(:\d{2})?$")
_CLOCK = ("%H", "%I")


def iso_time(times: TimeColumns | None, cells: Cells, header: Header) -> str:
    """The time a row names, or nothing. Without a clock time it is the day alone, and no hour is made up.

    Raises:
        Rejected: there is a clock time and no date, or a text does not fit its format.
    """
    if times is None:
        return ""
    texts = [header.text(cells, column) for column in times.columns]
    if not texts[0] and any(texts):
        raise Rejected("a clock time without a date")
    pairs = zip_longest(texts, times.formats, fillvalue="")
    return " ".join(_iso(text, form) for text, form in pairs if text)


def _iso(text: str, form: str) -> str:
    # Spreadsheets and Parquet store times as such, whatever format is written for the texts beside them.
    if not form or _ISO.match(text):
        return text
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        raise Rejected("the time does not fit the format in the map") from None
    if not any(part in form for part in _CLOCK):
        return moment.date().isoformat()
    if "%d" not in form:
        return moment.time().isoformat()
    return moment.isoformat()
