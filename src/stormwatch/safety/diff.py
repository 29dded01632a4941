"""What differs between two cases, element by element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stormwatch.safety.case import Field, Group
from stormwatch.safety.paths import fields, step


@dataclass(frozen=True, slots=True)
class Change:
    """One element that differs: what stood there before and after, None where nothing did."""

    path: str
    before: Field | None
    after: Field | None

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def payload(self) -> dict[str, object]:
        return {"path": self.path, "kind": self.kind, "before": _plain(self.before), "after": _plain(self.after)}


def diff(before: Group, after: Group) -> tuple[Change, ...]:
    """Every element that differs, in the order of the first case, then what only the second has.

    Groups with the same id are the same group; those without an id in common are compared in their order.

    >>> [(one.path, one.kind) for one in diff(Group("case").set("D.5", "1"), Group("case").set("D.5", "2"))]
    [('D.5', 'changed')]
    """
    return tuple(_diff(before, after, ""))


def _diff(before: Group, after: Group, at: str) -> Iterator[Change]:
    for number in dict.fromkeys((*before.fields, *after.fields)):
        one, other = before.fields.get(number), after.fields.get(number)
        if one != other:
            yield Change(f"{at}{number}", one, other)
    for number in dict.fromkeys((*before.groups, *after.groups)):
        yield from _groups(number, before.each(number), after.each(number), at)


def _groups(number: str, before: list[Group], after: list[Group], at: str) -> Iterator[Change]:
    named = {one.id: one for one in after if one.id}
    used: set[int] = set()
    alone: list[tuple[int, Group]] = []
    for position, one in enumerate(before, start=1):
        other = named.get(one.id) if one.id else None
        if other is None:
            alone.append((position, one))
        else:
            used.add(id(other))
            yield from _diff(one, other, f"{at}{step(number, one, position)}/")
    rest = [(position, one) for position, one in enumerate(after, start=1) if id(one) not in used]
    paired = zip(alone, rest, strict=False)
    for (position, one), (_, other) in paired:
        yield from _diff(one, other, f"{at}{step(number, one, position)}/")
    for position, one in alone[len(rest) :]:
        yield from (Change(path, held, None) for path, held in fields(one, f"{at}{step(number, one, position)}/"))
    for position, one in rest[len(alone) :]:
        yield from (Change(path, None, held) for path, held in fields(one, f"{at}{step(number, one, position)}/"))


def _plain(held: Field | None) -> dict[str, str | None] | None:
    return None if held is None else {"value": held.value, "null": held.null}
