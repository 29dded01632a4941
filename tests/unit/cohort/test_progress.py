"""The line that says how far a run is."""

from __future__ import annotations

from stormwatch.cohort.ledger import Entry
from stormwatch.cohort.progress import Progress


def entry(rows):
    return Entry(0, 10, rows, {"used": rows - 3, "rejected": {"no time": 1}, "outside": {"x": 2}}, [], None, {})


def test_a_bar_the_rate_and_the_time_left():
    """250 of 1,000 rows in 10 s are 25 a second; 750 more take 30 s."""
    progress = Progress(of=1000)
    progress.take(entry(250))
    assert progress.line(10) == "[#####               ]  25% 10 patients, 250 of 1,000 rows, 25 rows/s, 30 s left"


def test_what_an_earlier_call_did_does_not_count_towards_the_rate():
    progress = Progress(of=1000)
    progress.take(entry(500), earlier=True)
    progress.take(entry(250))
    assert "250 rows/s, 1 s left" in progress.line(1)


def test_without_a_total_there_is_no_bar_and_no_time_left():
    progress = Progress()
    progress.take(entry(250))
    assert progress.line(10) == "10 patients, 250 rows, 25 rows/s"
