"""What must agree throughout a case: one MedDRA version, and identities that tell reactions and drugs apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from stormwatch.safety.case import Field, absent
from stormwatch.safety.e2b.elements import elements
from stormwatch.safety.e2b.findings import Finding, Trails, finding_at
from stormwatch.safety.e2b.rules import Trail


def versions(trails: Trails, index: int) -> Iterator[Finding]:
    """MedDRA is used in one version throughout a case; those that differ from the most frequent are named."""
    used: list[tuple[str, Field, Trail, tuple[int, ...]]] = []
    for held in trails.values():
        for trail, indices in held:
            for number, field in trail[-1].fields.items():
                element = elements().get(number)
                if element is not None and element.kind == "meddra-version" and field.value:
                    used.append((number, field, trail, indices))
    counts = Counter(field.value for _, field, *_ in used)
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        text = "another MedDRA version than elsewhere in the case; one version is allowed"
        for number, field, trail, indices in used:
            if field.value != usual:
                yield finding_at("ICH.meddra", number, "reject", text, trail, indices, index)


def identities(trails: Trails, index: int) -> Iterator[Finding]:
    """Reactions and drugs are referred to by identity, so each has its own, and each reference leads somewhere."""
    for number in ("E.i", "G.k"):
        counts = Counter(trail[-1].id for trail, _ in trails.get(number, ()))
        for trail, _ in trails.get(number, ()):
            identity = trail[-1].id
            if not identity or counts[identity] > 1:
                text = "has no identity" if not identity else "has the same identity as another"
                text += ", so what refers to it cannot be told apart"
                yield Finding("ICH.identity", number, "warn", text, "", trail[-1].line, index)
    for trail, _ in trails.get(absent("G.k"), ()):
        text = "said of a drug the case does not have; kept as it is"
        for number in (number for group in trail[-1].walk() for number in group.fields):
            yield Finding("ICH.reference", number, "warn", text, "", trail[-1].line, index)
    reactions = {trail[-1].id for trail, _ in trails.get("E.i", ())}
    for trail, indices in trails.get("G.k.9.i", ()):
        assessed = trail[-1].get("G.k.9.i.1")
        if assessed is not None and assessed not in reactions:
            text = "refers to a reaction the case does not have"
            yield finding_at("ICH.reference", "G.k.9.i.1", "warn", text, trail, indices, index)
