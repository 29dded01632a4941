"""A stretch of MEDS events as a portion: the same facts and the same account as the reader's, in columns."""

from __future__ import annotations

import numpy as np

from stormwatch.cohort.feeds.meds.chapter import Chapter
from stormwatch.cohort.feeds.meds.derived import derived
from stormwatch.cohort.feeds.meds.different import Different, different, expanded
from stormwatch.cohort.feeds.meds.events import Events
from stormwatch.cohort.feeds.meds.people import people
from stormwatch.cohort.feeds.meds.reading import why_no_moment
from stormwatch.cohort.feeds.rows import Rows, assembled
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, Portion
from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.sources.mapped.code_map import CodeMap


def portion_of(events: Events, meanings: CodeMap, source: Source) -> Portion:
    """The patients of some events, which are those of whole patients.

    Bare numbers of a known analyte in a known unit are taken as columns. Every other row is read by the reader's own
    functions, each different one once.
    """
    account = Account()
    chapter = Chapter(events, meanings, source)
    who, nobodys = people(chapter, account)
    others = chapter.others(nobodys)
    read = different(chapter, others)
    _account(chapter, read, others, account)
    parts = [_plain(chapter), expanded(chapter, read, others)]
    if source.derive:
        parts += derived(chapter, _giving_facts(chapter, read, others))
    ids = tuple(map(str, events.subject[chapter.starts].tolist()))
    return Portion(ids, assembled(parts, who), _in_order(account))


def _giving_facts(chapter: Chapter, read: Different, others: Ints) -> Bools:
    """Which rows give facts and are more than a bare number."""
    found = np.zeros(len(chapter.events), np.bool_)
    found[others] = np.array([bool(one.facts) for one in read.outcomes], np.bool_)[read.place] & chapter.timed[others]
    return found


def _plain(chapter: Chapter) -> Rows:
    codes, events = chapter.codes, chapter.events
    rows: Ints | slice = chapter.plain[chapter.timed[chapter.plain]]
    if len(chapter.plain) == len(events) and len(rows) == len(events):  # type: ignore[arg-type]
        rows = slice(None)  # nothing is left out, and nothing need be copied
    code = events.code[rows]
    columns = {
        "patient": chapter.patient[rows],
        "usable": chapter.time.latest[rows],
        "code": codes.name[code],
        "low": events.number[rows],
        "line": codes.line[code] if codes.line.any() else np.zeros(len(code), np.int64),
    }
    return Rows(codes.names, codes.lines, events.rank[rows], columns)


def _account(chapter: Chapter, read: Different, others: Ints, account: Account) -> None:
    """What became of every row but those that describe the patients."""
    late = chapter.plain[~chapter.timed[chapter.plain]]
    account.used += len(chapter.plain) - len(late)
    _reject_times(chapter, late, account)
    before_time = np.array([one.before_time for one in read.outcomes], np.bool_)[read.place]
    fine = chapter.timed[others] | before_time
    _reject_times(chapter, others[~fine], account)
    counts = np.bincount(read.place[fine], minlength=len(read.outcomes))
    for one, count in zip(read.outcomes, counts.tolist(), strict=True):
        if one.label and count:
            account.outside[one.label] += count
        elif not one.reason:
            account.used += count
    refused = np.array([bool(one.reason) for one in read.outcomes], np.bool_)[read.place] & fine
    for row, place in zip(others[refused].tolist(), read.place[refused].tolist(), strict=True):
        account.reject(chapter.record(row), read.outcomes[place].reason)


def _reject_times(chapter: Chapter, rows: Ints, account: Account) -> None:
    for row in rows.tolist():
        account.reject(chapter.record(row), why_no_moment(chapter.clock_text(row), chapter.source.zone))


def _in_order(account: Account) -> Account:
    """Rejections in the order of the rows they are about."""
    order = sorted(range(len(account.places)), key=lambda k: _place(account.places[k]))
    places, reasons = ([column[k] for k in order] for column in (account.places, account.reasons))
    return Account(account.used, account.outside, places, reasons)


def _place(record: str) -> tuple[str, int]:
    file, _, row = record.rpartition(" ")
    return file, int(row)
