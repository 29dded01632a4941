"""Which kinds of fact a record is vouched to be complete in."""

from __future__ import annotations

from collections.abc import Iterable

from stormwatch.errors import UsageError

KINDS = frozenset({"exposures", "findings"})


def complete_kinds(complete: Iterable[str]) -> frozenset[str]:
    """The kinds of fact a record is vouched to be complete in. Raises UsageError for any other word."""
    kinds = frozenset([complete] if isinstance(complete, str) else complete)
    if not kinds <= KINDS:
        raise UsageError(f"only {' and '.join(sorted(KINDS))} can be vouched to be complete")
    return kinds
