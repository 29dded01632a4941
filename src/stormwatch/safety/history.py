"""What each version of a case changed against the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stormwatch.errors import InputError
from stormwatch.safety.case import Group
from stormwatch.safety.casefile import loaded
from stormwatch.safety.diff import Change, diff
from stormwatch.safety.store import Version


def history(versions: Sequence[Version]) -> Iterator[tuple[Version, tuple[Change, ...]]]:
    """Each version with the elements that differ from the one before; the first has none.

    Raises:
        InputError: a version is neither a drafted case nor a message with one case.
    """
    before: Group | None = None
    for one in versions:
        case = _case(one.content)
        yield one, () if before is None else diff(before, case)
        before = case


def _case(content: bytes) -> Group:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return loaded(content).case
    from stormwatch.safety.e2b.reader import read

    messages = read(content).messages
    if len(messages) != 1:
        raise InputError("a version holds several cases and cannot be compared")
    return messages[0].case
