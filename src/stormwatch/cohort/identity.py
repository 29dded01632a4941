"""What a run is: the source, the instruments and the parameters. A run is taken up again only when all are the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stormwatch._version import version
from stormwatch.cohort.feeds.piped import PIPED
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.outputs.storing import store_json
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.instrument import Instrument

PLAN = "plan.json"
_FORM = 1


def identity(source: Source, instruments: Sequence[Instrument]) -> dict[str, Any]:
    """Everything that decides what is written. No password: of a database only the schema is kept."""
    parameters = asdict(source) | {"path": source.name, "map": None if source.map is None else Path(source.map).name}
    del parameters["fast"]  # the answers are the same
    if not source.digest:
        del parameters["digest"]
    return {
        "form": _FORM,
        "software": f"stormwatch {version()}",
        "source": parameters,
        "files": source.files() | ({} if source.map is None else Source(source.map).files()),
        "instruments": {one.id: {"edition": one.edition, "sha256": one.hash} for one in instruments},
    }


def settle(into: Path, asked: dict[str, Any]) -> None:
    """Begin a run in a folder, or take up the same run there.

    Raises:
        UsageError: the folder holds something else, or it cannot be written to.
        InputError: the plan of the run cannot be read.
    """
    asked = json.loads(json.dumps(asked))
    path = into / PLAN
    if path.exists():
        different = [name for name, value in asked.items() if _read(path).get(name) != value]
        if different:
            message = f"another run is in this folder (different: {', '.join(different)}); name another folder"
            raise UsageError(f"{into.name}: {message}")
    elif into.exists() and any(not one.name.startswith(PIPED) for one in into.iterdir()):
        raise UsageError(f"{into.name}: the folder holds something else already; name an empty or new one")
    else:
        store_json(path, asked)


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{path.parent.name}/{path.name} cannot be read; start again in another folder") from None
    return found
