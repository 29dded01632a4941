"""Records hold dates like 9999-12-31 and 0001-01-01: they are read or refused, and never break an assessment."""

import pytest

from stormwatch.engines.api import assess, track
from stormwatch.facts import When
from stormwatch.instruments.catalogue import shipped
from stormwatch.sources import read

TABLE = """patient_id,time,name,value,unit,stop
p,{time},ferritin,10749,ng/mL,
p,{time},splenomegaly,present,,
p,{time},blinatumomab,28,ug,
p,{time},norepinephrine,given,,{time}
"""


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "9999-12-31", "0001-01-01T00:00:00Z", "0001"])
@pytest.mark.parametrize("name", ["hscore", "crs-astct", "ctcae-v5"])
def test_facts_at_the_ends_of_the_calendar_are_assessed(tmp_path, time, name):
    path = tmp_path / "table.csv"
    path.write_text(TABLE.format(time=time))
    timeline = read(path)
    assert name in shipped()
    assert assess(timeline, name).instrument.id == name
    assert track(timeline, name).moments


def test_a_time_beyond_the_calendar_is_refused():
    with pytest.raises(ValueError, match="outside the calendar"):
        When.parse("9999-12-31T23:59:59-10:00")
    with pytest.raises(ValueError, match="outside the calendar"):
        When.parse("0001-01-01T00:00:00+10:00")
