"""``stormwatch case reply``: what a receiver said of messages that were sent, beside the cases it speaks of."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.errors import CheckFailed

if TYPE_CHECKING:
    from stormwatch.safety.e2b.acknowledgements import Acknowledgement


def reply(
    file: Annotated[Path, typer.Argument(help="An acknowledgement (MCCI_IN200101UV01).")],
    to: Annotated[list[Path] | None, typer.Option(help="A message that was sent; may be repeated.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Read an acknowledgement, and join each reply to the case it answers.

    Exit code 5 when the batch or a message was not accepted, or a reply answers none of the messages given.

    Example: stormwatch case reply answer.ack --to report.xml
    """
    from stormwatch.safety.e2b.acknowledgements import read_acknowledgement

    answer = read_acknowledgement(file)
    rows = _rows(answer, to or [])
    if form == "json":
        head = {name: held for name, held in asdict(answer).items() if name != "replies"}
        typer.echo(json.dumps({**head, "meaning": answer.meaning, "replies": rows}, ensure_ascii=False, indent=1))
    else:
        typer.echo(f"Batch {answer.target}: {answer.meaning} ({answer.code}){_said(answer.text)}")
        for row in rows:
            case = f"case {row['case']}" if row["case"] else "no case of the messages given" if to else "not joined"
            typer.echo(f"  {row['target']}: {row['meaning']} ({row['code']}), {case}{_said(row['text'])}")
    refused = sum(not row["accepted"] for row in rows)
    lost = sum(row["case"] is None for row in rows) if to else 0
    if refused or lost or answer.code != "AA":
        raise CheckFailed(f"{refused} messages were not accepted, {lost} replies answer none of the messages given")


def _rows(answer: Acknowledgement, sent: list[Path]) -> list[dict[str, Any]]:
    """Every reply as plain data, with the number of the case it answers."""
    from stormwatch.safety.e2b.acknowledgements import join
    from stormwatch.safety.e2b.reader import read

    joined = [join(answer, read(path)) for path in sent]
    return [
        {
            **asdict(one),
            "accepted": one.is_accepted,
            "meaning": one.meaning,
            "case": next((case.number for held in joined if (case := held[at][1]) is not None), None),
        }
        for at, one in enumerate(answer.replies)
    ]


def _said(text: str | None) -> str:
    return f": {' '.join(text.split())}" if text and text.strip() else ""
