"""Labels and guidelines as files: one TOML file is one document in one revision, as it was seen."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from stormwatch.errors import InstrumentError, UnknownName
from stormwatch.guidance.schema import Document

_FOLDER = Path(__file__).with_name("data")


@lru_cache(maxsize=1)
def documents() -> dict[str, Path]:
    """The files, by id."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.toml"), key=lambda path: path.stem)}


@lru_cache(maxsize=64)
def document(name: str) -> Document:
    """A document by its id.

    Raises:
        UnknownName: there is no such document; the message lists the nearest names.

    >>> document("tocilizumab-us").drug
    'tocilizumab'
    """
    try:
        path = documents()[name]
    except KeyError:
        near = ", ".join(get_close_matches(name, documents(), n=3, cutoff=0.4)) or "none"
        raise UnknownName(f"no document is called {name!r}; the nearest names: {near}") from None
    return load(path)


def load(path: Path) -> Document:
    """Read one file.

    Raises:
        InstrumentError: the file is no TOML, or does not keep to the format; the message says where.
    """
    from pydantic import ValidationError

    try:
        return Document.model_validate(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise InstrumentError(f"{path.name}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InstrumentError(f"{path.name}: {where}: {first['msg']}", where) from None
