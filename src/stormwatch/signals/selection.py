"""Which reports, drugs and roles an analysis looks at: said once, and written beside every result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from stormwatch.errors import UnknownName, UsageError
from stormwatch.signals.duck import text
from stormwatch.signals.measures import Context
from stormwatch.signals.names.ingredients import substance_of
from stormwatch.terms import classes, drug_by_name, drugs_in_class
from stormwatch.terms.tables import fold

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

Deduplication = Literal["versions", "probable"]

ROLES = {
    "PS": "primary suspect",
    "SS": "secondary suspect",
    "S": "suspect, primary or secondary not stated",
    "I": "interacting",
    "C": "concomitant",
}
SUSPECT = ("PS", "SS", "S", "I")
"""The roles counted by default: any suspicion, interaction included."""

RULES: dict[Deduplication, str] = {
    "versions": "latest version of each case, withdrawn cases out (FDA); probable duplicates count",
    "probable": "latest version of each case, withdrawn cases out (FDA); probable duplicates out (hit-miss weight)",
}


@dataclass(frozen=True, slots=True)
class Drug:
    """What was asked for, and the substances of the database that it means."""

    label: str
    substances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """How reports are chosen: drug roles, de-duplication, and the background the drug is compared with."""

    roles: tuple[str, ...] = SUSPECT
    deduplication: Deduplication = "probable"
    background: str = "all"

    def __post_init__(self) -> None:
        unknown = set(self.roles) - set(ROLES)
        if unknown or not self.roles:
            raise UsageError(f"no such drug role: {', '.join(sorted(unknown)) or 'none'}; roles: {', '.join(ROLES)}")
        if self.deduplication not in RULES:
            raise UsageError(f"no such rule of de-duplication: {self.deduplication!r}; rules: {', '.join(RULES)}")

    def context(self, store: Store, background: str) -> Context:
        """The words that stand beside every number."""
        stated = store.manifest["meddra"]
        return Context(
            drug_roles=", ".join(f"{role} ({ROLES[role]})" for role in self.roles),
            deduplication=RULES[self.deduplication],
            background=background,
            meddra=", ".join(stated) if stated else "as coded by the source in each quarter; it states no version",
        )

    @property
    def role_sql(self) -> str:
        return f"role IN ({', '.join(text(role) for role in self.roles)})"

    @property
    def report_sql(self) -> str:
        """The reports that are cases under the rule of de-duplication."""
        cases = "SELECT n FROM reports WHERE status = 'case'"
        return cases if self.deduplication == "versions" else f"{cases} AND n NOT IN (SELECT n FROM duplicates)"


def drug(name: str, store: Store) -> Drug:
    """The drug a name means: a substance of the database by any name of ours, or a class such as ``car_t``.

    Raises:
        UnknownName: no report names it, and no class is called so.
    """
    wanted = fold(name)
    known = {one for (one,) in store.rows("SELECT DISTINCT substance FROM drugs")}
    if wanted.replace(" ", "_") in classes():
        members = drugs_in_class(wanted.replace(" ", "_"))
        substances = tuple(sorted(substance_of(one) for one in members))
        return Drug(f"class {wanted.replace(' ', '_')}", tuple(one for one in substances if one in known))
    ours = drug_by_name(name)
    substance = wanted if wanted in known or ours is None else substance_of(ours.id)
    if substance not in known:
        near = ", ".join(get_close_matches(wanted, known, n=3)) or "none is near"
        raise UnknownName(f"no report names the drug {name!r}, and no class is called so; nearest: {near}")
    return Drug(substance, (substance,))


def in_list(values: Sequence[str]) -> str:
    """Values as a list of SQL; an empty one matches nothing."""
    return f"({', '.join(text(value) for value in values) or 'NULL'})"


def selection(roles: Sequence[str], deduplication: str, background: str) -> Selection:
    """A selection from words, as a command line has them.

    Raises:
        UsageError: a role or rule is not known.
    """
    for rule in RULES:
        if rule == deduplication:
            return Selection(tuple(role.upper() for role in roles), rule, background)
    raise UsageError(f"no such rule of de-duplication: {deduplication!r}; rules: {', '.join(RULES)}")
