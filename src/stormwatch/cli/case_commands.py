"""``stormwatch case``: draft a case from a record, correct it, judge it, tell it, compare it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormwatch.cli.moment import moment
from stormwatch.cli.record import At, MapFile, PatientId

if TYPE_CHECKING:
    from stormwatch.safety.casefile import CaseFile
    from stormwatch.safety.coding import Match, WhoDrug

_DRAFTED = "A drafted case (JSON)."
_EITHER = "A drafted case (JSON) or an E2B(R3) message."


def new(
    record: Annotated[str, typer.Argument(help="The record, as for `stormwatch assess`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The case file; edits in an existing one are kept.")],
    suspect: Annotated[str | None, typer.Option(help="The drug under suspicion. Default: all of the course's.")] = None,
    reaction: Annotated[
        list[str] | None, typer.Option(help="A further finding to report, by id; may be repeated.")
    ] = None,
    details: Annotated[
        Path | None, typer.Option(help="Number, reporter, sender, study, literature, day zero (TOML).")
    ] = None,
    day_zero: Annotated[
        datetime | None, typer.Option(help="First awareness of a valid case.", formats=["%Y-%m-%d"])
    ] = None,
    document: Annotated[list[str] | None, typer.Option(help="A reference document to put first, by id.")] = None,
    meddra: Annotated[Path | None, typer.Option(help="Your MedDRA, the folder of its ASCII files.")] = None,
    patient: PatientId = None,
    at: At = None,
    zone: Annotated[str | None, typer.Option("--time-zone", help="Zone of clock times without offset.")] = None,
    map_file: MapFile = None,
    complete: Annotated[
        list[str] | None, typer.Option(help="Vouch that silence means no: exposures or findings.")
    ] = None,
) -> None:
    """Draft a case from one patient's record. Every field keeps what it rests on.

    Example: stormwatch case new examples/blinatumomab-mas.json --suspect blinatumomab -o case.json
    """
    from dataclasses import replace

    from stormwatch import sources
    from stormwatch.cli import output as out
    from stormwatch.course.follow import follow
    from stormwatch.safety.casefile import CaseFile, save
    from stormwatch.safety.details import read_details
    from stormwatch.safety.draft import draft

    timeline = sources.read(
        record, patient=patient, zone=zone, complete=complete or (), map=map_file, progress=out.progress()
    )
    out.account(timeline, None)
    made = draft(
        follow(timeline, suspect=suspect, at=at),
        suspect=suspect,
        reactions=reaction or (),
        details=None if details is None else read_details(details),
        day_zero=None if day_zero is None else day_zero.date(),
        documents=document or (),
    )
    if meddra is not None:
        from stormwatch.safety.coding import coded, read_meddra

        made = replace(made, case=coded(made.case, read_meddra(meddra)))
    before = _existing(output)
    held = CaseFile(made) if before is None else before.redrafted(made)
    save(held, output)
    for said in (*made.record_says, *made.notes):
        typer.echo(f"  to know: {said}", err=True)
    typer.echo(f"Written: {output}{f', with {len(held.edits)} edits kept' if held.edits else ''}", err=True)


def edit(
    file: Annotated[Path, typer.Argument(help=_DRAFTED)],
    path: Annotated[str, typer.Argument(help="The element, such as D.5 or E.i[mas_hlh]/E.i.7.")],
    value: Annotated[
        str | None, typer.Argument(help="The value. Without one, and without --null, it is taken out.")
    ] = None,
    null: Annotated[str | None, typer.Option(help="A null flavour instead of a value, such as UNK.")] = None,
    who: Annotated[str, typer.Option(help="Who makes the edit.")] = "",
    why: Annotated[str, typer.Option(help="For what reason.")] = "",
    at: Annotated[datetime | None, typer.Option(help="When (UTC). Default: now.")] = None,
) -> None:
    """Correct one element. The draft stays as it was, and the correction wins.

    Example: stormwatch case edit case.json "E.i[mas_hlh]/E.i.3.2f" true --who "A. Reviewer"
    """
    from stormwatch.errors import UsageError
    from stormwatch.safety.casefile import Edit, save

    if value is not None and null is not None:
        raise UsageError("an element has a value or a null flavour, not both")
    held = _drafted(file)
    save(held.edited(path, Edit(value, null, who, moment(at).isoformat(), why)), file)
    typer.echo(f"Written: {file}", err=True)


def assess(
    file: Annotated[Path, typer.Argument(help=_EITHER)],
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """What there is to judge: minimum elements, seriousness, expectedness by each document, clocks, causality.

    Example: stormwatch case assess case.json
    """
    from stormwatch.safety.assessment import assessment, assessment_text
    from stormwatch.safety.casefile import CaseFile, read_file

    held = read_file(file)
    if isinstance(held, CaseFile):
        payloads = [assessment(held.case, held.basis)]
    else:
        payloads = [assessment(message.case) for message in held.messages]
    if form == "json":
        typer.echo(json.dumps(payloads, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(map(assessment_text, payloads)), nl=False)


def narrate(
    file: Annotated[Path, typer.Argument(help=_EITHER)],
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Tell the case in the standard order; with --format json each sentence names the fields it restates.

    Example: stormwatch case narrate case.json
    """
    from stormwatch.safety.casefile import cases
    from stormwatch.safety.completion import completed
    from stormwatch.safety.narrative import narrative, text

    for case in cases(file):
        told = narrative(completed(case))
        if form == "json":
            rows = [{"text": one.text, "fields": list(one.paths)} for one in told]
            typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            typer.echo(text(told))


def diff(
    before: Annotated[Path, typer.Argument(help=_EITHER)],
    after: Annotated[Path, typer.Argument(help=_EITHER)],
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Say which elements differ between two cases, or two versions of one.

    Example: stormwatch case diff first.json second.json
    """
    from stormwatch.errors import UsageError
    from stormwatch.safety.casefile import cases
    from stormwatch.safety.diff import diff as compared

    ones, others = cases(before), cases(after)
    if len(ones) != 1 or len(others) != 1:
        raise UsageError("two single cases can be compared; one of these files holds another number of them")
    changes = compared(ones[0], others[0])
    if form == "json":
        typer.echo(json.dumps([one.payload() for one in changes], ensure_ascii=False, indent=1))
        return
    for one in changes:
        was, now = (_shown(held) for held in (one.before, one.after))
        typer.echo(f"{one.kind:<8} {one.path}: {was} -> {now}")
    typer.echo(f"{len(changes)} elements differ.", err=True)


def codes(
    file: Annotated[Path, typer.Argument(help=_EITHER)],
    meddra: Annotated[Path | None, typer.Option(help="Your MedDRA, the folder of its ASCII files.")] = None,
    whodrug: Annotated[
        Path | None, typer.Option(help="Your WHODrug: the folder of its B3 or C3 files, or a CSV of code and name.")
    ] = None,
) -> None:
    """Reported terms without a code, with the nearest terms of your own dictionaries and their scores.

    Without a dictionary the terms are listed as missing codes. Exit code 5 when any is missing.

    Example: stormwatch case codes case.json --meddra MedAscii
    """
    from stormwatch.errors import CheckFailed
    from stormwatch.safety.casefile import cases
    from stormwatch.safety.coding import drug_matches, propose, read_meddra, read_whodrug

    dictionary = None if meddra is None else read_meddra(meddra)
    drugs = None if whodrug is None else read_whodrug(whodrug, version="")
    missing = 0
    for case in cases(file):
        for one in propose(case, dictionary):
            missing += 1
            typer.echo(f"{one.path} {one.element}: {one.words}: {one.text}")
        if drugs is not None:
            for path, words, found in drug_matches(case, drugs):
                typer.echo(f"{path}: {words}: {_near(drugs, found)}")
    if missing:
        raise CheckFailed(f"{missing} reported terms have no code")


def _near(drugs: WhoDrug, found: tuple[Match, ...]) -> str:
    """The nearest names, each with its code and its score."""
    codes = {one.name: one.code for match in found if (one := drugs.named(match.name)) is not None}
    return "; ".join(f"{match.name} ({codes[match.name]}, {match.score:.0f})" for match in found) or "no name is near"


def _shown(held: object) -> str:
    from stormwatch.safety.case import Field

    if not isinstance(held, Field):
        return "nothing"
    return f"null flavour {held.null}" if held.value is None else held.value


def _existing(path: Path) -> CaseFile | None:
    return _drafted(path) if path.exists() else None


def _drafted(path: Path) -> CaseFile:
    from stormwatch.errors import InputError
    from stormwatch.safety.casefile import CaseFile, read_file

    held = read_file(path)
    if not isinstance(held, CaseFile):
        raise InputError(f"{path}: a message that was read cannot be edited; draft a case from its record")
    return held


def register(app: typer.Typer) -> None:
    """Put every command that works on drafted cases under ``stormwatch case``."""
    from stormwatch.cli import case_export, case_reply, case_store

    for command in (new, edit, assess, narrate, codes, diff, case_export.export, case_reply.reply):
        app.command()(command)
    app.add_typer(case_store.app, name="store")
