"""Which earlier published cases pair this class of drug and this event, and how alike they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stormwatch import terms
from stormwatch.errors import UsageError
from stormwatch.literature.case import Case, Statement
from stormwatch.literature.library import Library
from stormwatch.literature.matching import Match, any_name
from stormwatch.literature.names import Group, class_of, drug, event, events
from stormwatch.literature.search import Hit, search
from stormwatch.literature.told import Told
from stormwatch.sources.text import joined


@dataclass(frozen=True, slots=True)
class Precedent:
    """A published case of the pair.

    ``same_drug`` tells whether it is the drug itself and not another of its class. ``agree``, ``differ`` and ``untold``
    share out the facts of the case in hand: told alike there, told otherwise, not told. The pair itself is no fact.
    """

    hit: Hit
    patient: str
    same_drug: bool
    agree: tuple[Statement, ...]
    differ: tuple[Statement, ...]
    untold: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Precedents:
    """What the library holds of a pair.

    ``earlier`` are cases published in an earlier year. Of those in ``same_year`` and ``undated`` the order is not
    known. ``only_named`` are publications that name both and tell no case of the pair; ``later`` counts what came
    after. ``facts`` is how many facts of the case were compared.
    """

    drug: Group
    event: Group
    before: int | None
    facts: int
    earlier: tuple[Precedent, ...]
    same_year: tuple[Precedent, ...]
    undated: tuple[Precedent, ...]
    only_named: tuple[Hit, ...]
    later: int
    report_says: str


def pair_of(case: Case, drug_name: str = "", event_name: str = "") -> tuple[Group, Group]:
    """The drug under suspicion and the event of a case: as named, or the only ones it has.

    Raises:
        UsageError: the case has none, or several, and none is named.
        UnknownName: there is no such drug or event.
    """
    own_drugs = sorted(case.drugs & terms.drugs_in_class("t_cell_therapy"))
    own_events = [one.id for one in events().values() if one.members & case.events]
    return (
        drug(drug_name or _only(own_drugs, "T-cell engager or CAR-T product", "--drug")),
        event(event_name or _only(own_events, "event that is kept as a group of names", "--event")),
    )


def precedents(
    library: Library,
    case: Case,
    pair: tuple[Group, Group],
    before: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Precedents:
    """The published cases of a pair, those with the largest share of agreeing facts first.

    Args:
        library: where to look.
        case: the case in hand. Its own publication is left out.
        pair: drug and event, from ``pair_of``. Cases on any drug of the same class count.
        before: a year; cases published earlier are precedents. Default: the year of the case. Without any, all are.
        progress: called with how many publications have been read.
    """
    one_drug, one_event = pair
    whole = class_of(one_drug)
    until = before if before is not None else case.year
    hits = search(library, Match(f"{any_name(whole)} AND {any_name(one_event)}", ()))
    found: list[Precedent] = []
    only_named: list[Hit] = []
    with Told(library) as reports:
        for done, hit in enumerate(hits, 1):
            if case.document is None or len(joined([library.document(hit.number), case.document])) > 1:
                told = list(_told(reports.cases(hit.number), hit, case, (one_drug, whole, one_event)))
                found += told
                only_named += [] if told else [hit]
            if progress is not None:
                progress(done)
    found.sort(key=lambda one: (-len(one.agree), len(one.differ), one.hit.number))
    return Precedents(
        one_drug,
        one_event,
        until,
        len(_compared(case, whole, one_event)),
        tuple(p for p in found if p.hit.year is not None and (until is None or p.hit.year < until)),
        tuple(p for p in found if p.hit.year is not None and p.hit.year == until),
        tuple(p for p in found if p.hit.year is None),
        tuple(only_named),
        sum(p.hit.year is not None and until is not None and p.hit.year > until for p in found),
        case.prior_reports,
    )


def _told(others: Iterable[Case], hit: Hit, case: Case, pair: tuple[Group, Group, Group]) -> Iterator[Precedent]:
    """Every patient of a publication who had the drug, or another of its class, and the event."""
    one_drug, whole, one_event = pair
    for other in others:
        of_class = whole.members | {whole.id}
        if other.drugs & of_class and other.events & one_event.members:
            mine = _compared(case, whole, one_event)
            both = [s for s in mine if s in other.facts]
            yield Precedent(
                hit,
                other.patient,
                bool(other.drugs & one_drug.members),
                tuple(s for s in both if case.facts[s] & other.facts[s]),
                tuple(s for s in both if not case.facts[s] & other.facts[s]),
                tuple(s for s in mine if s not in other.facts),
            )


def _compared(case: Case, whole: Group, one_event: Group) -> list[Statement]:
    """The facts of the case that are compared: all but the pair itself."""
    own = {*(("drug", name) for name in whole.members), *(("finding", name) for name in one_event.members)}
    return sorted(statement for statement in case.facts if statement not in own)


def _only(found: list[str], what: str, option: str) -> str:
    if len(found) == 1:
        return found[0]
    told = f"several: {', '.join(found)}" if found else "none"
    raise UsageError(f"of the {what} this case has {told}; name one with {option}")
