"""A stretch of MEDS events as a portion: the same facts and the same account as the reader's, in columns."""

from __future__ import annotations

import numpy as np

from stormwatch.cohort.feeds.meds.chapter import Chapter
from stormwatch.cohort.feeds.meds.derived import derived
from stormwatch.cohort.feeds.meds.different import Different, different, expanded
from stormwatch.cohort.feeds.meds.events import Events, placed
from stormwatch.cohort.feeds.meds.people import people
from stormwatch.cohort.feeds.meds.reading import why_no_moment
from stormwatch.cohort.feeds.meds.stretches import check_apart
from stormwatch.cohort.feeds.rows import Rows, assembled
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, Portion
from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.sources.mapped.code_map import CodeMap


def portion_of(events: Events, meanings: CodeMap, source: Source) -> Portion:
    """The patients of some events, which are those of whole patients.

    Bare numbers of a known analyte in a known unit are taken as columns. Every other row is read by the reader's own
    functions, each different one once.

    Raises:
        InputError: the rows of a patient stand apart.
    """
    account = Account()
    chapter = Chapter(events, meanings, source)
    subjects = events.subject_of(chapter.starts)
    check_apart(subjects, source.path)
    who, nobodys = people(chapter, account)
    others = chapter.others(nobodys)
    read = different(chapter, others)
    _account(chapter, read, others, account)
    more = [expanded(chapter, read, others)]
    if source.derive:
        more += derived(chapter, _giving_facts(chapter, read, others))
    parts = [_plain(chapter, alone=not any(map(len, more))), *more]
    return Portion(tuple(map(str, subjects.tolist())), assembled(parts, who), _in_order(account))


def _giving_facts(chapter: Chapter, read: Different, others: Ints) -> Bools:
    """Which rows give facts and are more than a bare number."""
    found = np.zeros(len(chapter.events), np.bool_)
    found[others] = np.array([bool(one.facts) for one in read.outcomes], np.bool_)[read.place] & chapter.timed_of(
        others
    )
    return found


def _plain(chapter: Chapter, *, alone: bool) -> Rows:
    codes, kept = chapter.codes, chapter.kept
    columns = {"patient": kept.patient, "usable": kept.usable, "code": kept.code, "low": kept.low}
    if len(codes.lines) > 1:
        columns["line"] = codes.line.take(chapter.events.code[chapter.timely])
    rank = kept.rank
    if rank is None and not alone:
        rank = placed(chapter.events.rank, chapter.timely)
    return Rows(codes.names, codes.lines, rank, columns)


def _account(chapter: Chapter, read: Different, others: Ints, account: Account) -> None:
    """What became of every row but those that describe the patients."""
    account.used += len(chapter.kept.patient)
    _reject_times(chapter, chapter.late, account)
    before_time = np.array([one.before_time for one in read.outcomes], np.bool_)[read.place]
    fine = chapter.timed_of(others) | before_time
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
