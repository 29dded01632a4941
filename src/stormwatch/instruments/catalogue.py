"""Where instruments are found: the published ones that ship with Stormwatch, and a user's own files."""

from __future__ import annotations

import hashlib
import tomllib
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stormwatch.errors import InstrumentError, UnknownName
from stormwatch.instruments.compile import compiled
from stormwatch.instruments.instrument import Instrument
from stormwatch.instruments.locate import complaint
from stormwatch.instruments.schema import InstrumentFile


@lru_cache(maxsize=1)
def shipped() -> dict[str, Path]:
    """The files of the published instruments, by id, in alphabetical order."""
    folder = Path(str(files("stormwatch.instruments") / "data"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"), key=lambda path: path.stem)}


@lru_cache(maxsize=256)
def instrument(name: str, *, withhold: bool = True) -> Instrument:
    """A published instrument by its id, such as ``hscore``.

    Raises:
        UnknownName: no instrument has this id; the message lists the nearest.

    >>> instrument("hscore").edition
    '2014'
    """
    try:
        path = shipped()[name]
    except KeyError:
        near = ", ".join(get_close_matches(name, shipped(), n=3, cutoff=0.4)) or "see `stormwatch instruments list`"
        raise UnknownName(f"no instrument is called {name!r}; the nearest names: {near}") from None
    return load(path, withhold=withhold)


def load(path: Path, *, withhold: bool = True) -> Instrument:
    """The instrument in a TOML file, checked and compiled.

    Raises:
        InstrumentError: the file is not TOML, has a key or value the format does not know, or names something that
            no catalogue has. Each complaint carries its line.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InstrumentError(f"{path}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    try:
        definition = InstrumentFile.model_validate(tomllib.loads(text, parse_float=Decimal))
        return compiled(definition, hashlib.sha256(content).hexdigest(), withhold=withhold)
    except tomllib.TOMLDecodeError as error:
        raise InstrumentError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        lines = (complaint(text, fault["loc"], _in_words(fault)) for fault in faults)
        raise InstrumentError("\n".join(f"{path}:{line}" for line in lines)) from None
    except InstrumentError as error:
        where = tuple(int(part) if part.isdigit() else part for part in error.where.split(".") if part)
        raise InstrumentError(f"{path}:{complaint(text, where, str(error))}") from None


def _in_words(fault: ErrorDetails) -> str:
    """What a person should change, for the two commonest faults; else the validator's own words."""
    if fault["type"] == "extra_forbidden":
        return "the format has no such key; check its spelling"
    if fault["type"] == "missing":
        return "this key is required here"
    return fault["msg"]
