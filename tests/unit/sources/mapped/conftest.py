"""Tables and maps, written where a test can read them."""

from __future__ import annotations

import pytest

from stormwatch.sources.mapped import read_mapped

LONG = """
shape = "long"
zone = "Europe/Berlin"
[patient]
column = "pid"
[time]
columns = ["time"]
[columns]
name = "test"
value = "value"
unit = "unit"
"""


@pytest.fixture(scope="session")
def long_map():
    return LONG


@pytest.fixture
def save_map(save):
    def save_map(content):
        return save(content, "map.toml")

    return save_map


@pytest.fixture
def long_table(save, save_map):
    """Reads rows of pid,time,test,value,unit; ``change`` replaces texts of the map."""

    def long_table(*rows, header="pid,time,test,value,unit", change=None, name="t.csv", **options):
        content = LONG
        for old, new in (change or {}).items():
            assert old in content
            content = content.replace(old, new)
        return read_mapped(save("\n".join([header, *rows]) + "\n", name), save_map(content), **options)

    return long_table


@pytest.fixture
def one(long_table):
    """The value, or the reason for rejection, of one row given as test, value and unit."""

    def one(test, value, unit, **options):
        timeline = long_table(f'1,2024-03-02T06:00:00,"{test}","{value}",{unit}', **options)
        (answer,) = [f.value for f in timeline.facts] or [r.reason for r in timeline.accounting.rejected]
        return answer

    return one
