"""From a course to a drafted case: every field that the record gives, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from stormwatch.course.exposure import drug_id
from stormwatch.course.follow import Course
from stormwatch.course.infusions import DrugCourse
from stormwatch.errors import UsageError
from stormwatch.logic.truth import Truth
from stormwatch.safety.basis import Basis
from stormwatch.safety.case import Group
from stormwatch.safety.causality.naranjo import FIELD as NARANJO
from stormwatch.safety.causality.proposals import naranjo_proposals, who_umc_proposals
from stormwatch.safety.causality.who_umc import FIELD as WHO_UMC
from stormwatch.safety.details import Details, Reporter, Sender, Study
from stormwatch.safety.drafting.drugs import put_concomitants, put_suspect, put_treatments
from stormwatch.safety.drafting.events import Event, events
from stormwatch.safety.drafting.links import put_links
from stormwatch.safety.drafting.patient import put_patient
from stormwatch.safety.drafting.pen import Drafting, Place
from stormwatch.safety.drafting.reactions import put_reaction
from stormwatch.safety.drafting.reporting import put_reporting
from stormwatch.safety.drafting.results import put_levels, put_results, put_signs
from stormwatch.safety.drafting.roles import roles
from stormwatch.safety.expectedness import Answer, expectedness

_EXPECTED = {Truth.MET: "yes", Truth.NOT_MET: "no"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted case: the fields by element number, what each rests on (by path), and what the reader must know.

    Elements that begin with ``SW.`` are this program's own: what E2B(R3) has no place for, such as treatment of the
    event, the kind of dechallenge, and the answers to causality questions. They are never written into a message.
    """

    case: Group
    basis: Mapping[str, Basis]
    software: str
    as_known_at: str | None
    record_says: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def draft(
    course: Course,
    *,
    suspect: str | None = None,
    reactions: Iterable[str] = (),
    reporter: Reporter | None = None,
    sender: Sender | None = None,
    study: Study | None = None,
    literature: Iterable[str] = (),
    day_zero: date | None = None,
    documents: Iterable[str] = (),
    details: Details | None = None,
) -> Draft:
    """Draft a case from one patient's course.

    Args:
        course: from ``stormwatch.follow``; with ``suspect`` there too, where the drug is no T-cell engager or CAR-T.
        suspect: the one drug under suspicion, by id or name. Default: every drug under suspicion in the course.
        reactions: further findings to report as reactions, by id.
        reporter, sender, study, literature: what no record holds. What is not given is left out.
        day_zero: the first awareness of a valid case. Without it there are no clocks.
        documents: reference documents to put first; every label of the drug is shown all the same.
        details: all of these together, from a file; what is given beside it counts before it.

    Returns:
        The draft. A field that the record does not give is not in it; one that E2B(R3) wants a reason for has a null
        flavour. Unknown stays unknown. The same course drafts the same case.

    Raises:
        UnknownName: no drug, finding or document has such a name.
        UsageError: the suspect is not among the drugs the course follows.

    >>> import stormwatch as sw
    >>> made = draft(sw.follow(sw.answers({"drug:blinatumomab": True, "temperature": "39.1 Cel"})))
    >>> made.case.each("G.k")[0].get("G.k.1"), made.case.get("C.1.1")
    ('1', None)
    """
    named = None if suspect is None else drug_id(suspect)
    if named is not None and all(drug.drug != named for drug in course.drugs):
        raise UsageError(f"the course follows no drug {named}: follow(timeline, suspect={named!r}), if it was given")
    told = _details(details or Details(), reporter, sender, study, tuple(literature), day_zero)
    drafting = Drafting(course)
    found = events(course, reactions)
    for label in course.timeline.labels:
        drafting.case.add("SW.record").put("SW.record.says", label, "What the record says of itself as a whole.")
    put_reporting(drafting, told)
    put_patient(drafting, found)
    for event in found:
        put_reaction(drafting, event, told.country, told.language)
    put_results(drafting, found)
    put_levels(drafting)
    put_signs(drafting, found)
    _drugs(drafting, found, named, tuple(documents))
    return Draft(
        case=drafting.case.group,
        basis=drafting.bases,
        software=course.software,
        as_known_at=None if course.at is None else course.at.astimezone(course.timeline.zone).isoformat(),
        record_says=course.timeline.labels,
        notes=tuple(dict.fromkeys((*course.notes, *course.assumptions, *drafting.notes))),
    )


def _details(
    held: Details,
    reporter: Reporter | None,
    sender: Sender | None,
    study: Study | None,
    literature: tuple[str, ...],
    day_zero: date | None,
) -> Details:
    return replace(
        held,
        reporter=reporter or held.reporter,
        sender=sender or held.sender,
        study=study or held.study,
        literature=literature or held.literature,
        day_zero=day_zero or held.day_zero,
    )


def _drugs(drafting: Drafting, found: tuple[Event, ...], named: str | None, documents: tuple[str, ...]) -> None:
    course = drafting.course
    parts = roles(course, found)
    for drug in sorted(course.drugs, key=lambda one: (named is not None and one.drug != named, one.first, one.drug)):
        suspect = named in (None, drug.drug)
        place = put_suspect(drafting, drug, found, suspect=suspect)
        if suspect:
            put_links(drafting, drug, place, found)
            for link in place.group.each("G.k.9.i"):
                event = next(one for one in found if one.id == link.id)
                _assess(
                    drafting,
                    drug,
                    Place(link, f"{place.path}G.k.9.i[{link.id}]/", drafting.bases),
                    event,
                    found,
                    documents,
                )
    put_concomitants(drafting, parts)
    put_treatments(drafting, parts)


def _assess(
    drafting: Drafting,
    drug: DrugCourse,
    link: Place,
    event: Event,
    every: tuple[Event, ...],
    documents: tuple[str, ...],
) -> None:
    """Expectedness by each document, and the proposed answers to the causality questions."""
    answers = expectedness(drug.drug, event.kind.listing, documents)
    for one in answers:
        _expected(link, one)
    for asked in naranjo_proposals(drafting.course, drug, event, every, answers):
        null = None if asked.answer else "UNK"
        link.put(f"{NARANJO}{asked.question}", asked.answer, asked.why, asked.facts, null=null)
    for asked in who_umc_proposals(drafting.course, drug, event):
        null = None if asked.answer else "UNK"
        link.put(f"{WHO_UMC}{asked.question}", asked.answer, asked.why, asked.facts, null=null)


def _expected(link: Place, one: Answer) -> None:
    place = link.add("SW.expected", one.document)
    said = f"{one.text} Source: {one.source}." if one.text else one.says
    answer = _EXPECTED.get(one.expected)
    place.put("SW.expected.answer", answer, said, null=None if answer else "UNK", by="document")
    place.put("SW.expected.document", one.document, said, by="document")
    place.put("SW.expected.cited", one.cited, said, by="document")
    place.put("SW.expected.jurisdiction", one.jurisdiction or None, said, by="document")
    place.put("SW.expected.says", one.says, said, by="document")
