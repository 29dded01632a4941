"""Which feed a source has."""

from __future__ import annotations

from pathlib import Path

from stormwatch.cohort.feeds.feed import Feed
from stormwatch.cohort.feeds.layouts import is_long_table
from stormwatch.cohort.feeds.omop import OmopFeed
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.sparing import SparingMedsFeed, SparingSortedFeed
from stormwatch.cohort.feeds.tables import TableFeed
from stormwatch.cohort.feeds.timelines import TimelineFeed
from stormwatch.sources.formats import Kind, Options, kind_of
from stormwatch.sources.mapped.arrow import opened_parquet
from stormwatch.sources.meds.shards import shards


def feed_of(source: Source, scratch: Path | None = None, processes: int = 1) -> Feed:
    """The quickest feed that gives the same facts and the same account as the readers.

    Standard input must be a file by now. What has to be brought together on disk goes into ``scratch``; by default
    where the system keeps temporary files. ``processes`` do the work on what the feed gives, and share the memory.
    """
    kind = kind_of(source.path, Options(source.clock, frozenset(source.complete), source.map, source.schema))
    if kind is Kind.MEDS and _has_whole_numbers(source.path):
        return SparingSortedFeed(source, processes) if source.sort else SparingMedsFeed(source)
    if kind is Kind.MAPPED or (kind is Kind.FILE and is_long_table(source.path)):
        return TableFeed(source, scratch)
    return OmopFeed(source) if kind is Kind.OMOP else TimelineFeed(source)


def _has_whole_numbers(path: str) -> bool:
    """Whether the subjects are whole numbers, as MEDS asks; flat tables may have texts there."""
    import pyarrow as pa

    for shard, _ in shards(path):
        with opened_parquet(shard) as file:
            schema = file.schema_arrow
            if "subject_id" not in schema.names or not pa.types.is_integer(schema.field("subject_id").type):
                return False
    return True
