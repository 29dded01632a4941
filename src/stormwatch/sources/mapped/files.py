"""Map files: TOML that is checked, with messages that say what to mend."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stormwatch.errors import InputError
from stormwatch.sources.opening import StrPath, file_name

M = TypeVar("M", bound=BaseModel)
OPEN = "?"
"""What a drafted map holds where a person has to decide."""


def read_text(path: StrPath) -> str:
    """The text of a map file. Raises InputError when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file_name(path)}: the map is not UTF-8 text; save it as UTF-8") from None
    except OSError:
        raise InputError(f"{file_name(path)}: the map cannot be read; check the path") from None


def read_toml(path: StrPath) -> dict[str, Any]:
    """The tables of a map file.

    Raises:
        InputError: it cannot be read, is no TOML, or still holds a ``?``.
    """
    try:
        tables = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as problem:
        raise InputError(f"{file_name(path)}: the map is not valid TOML: {problem}") from None
    left = list(_open_keys(tables))
    if left:
        raise InputError(f'{file_name(path)}: "?" is left at {", ".join(left)}; put in what is true of your table')
    return tables


def checked(model: type[M], tables: Mapping[str, Any], file: str) -> M:
    """The tables as the model. Raises InputError with everything that is wrong, one fault a line."""
    try:
        return model.model_validate(tables)
    except ValidationError as problem:
        faults = [f"{_where(error['loc'])}: {_why(error['type'], error['msg'])}" for error in problem.errors()]
        raise InputError(f"{file}: the map does not fit its format\n" + "\n".join(f"  {f}" for f in faults)) from None


def _where(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "the file as a whole"


def _why(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "no such key here; check its spelling and the table it stands in"
    if kind == "missing":
        return "is missing; add it"
    return message.removeprefix("Value error, ")


def _open_keys(value: object, path: str = "") -> Iterator[str]:
    if value == OPEN:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _open_keys(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _open_keys(inner, path)
