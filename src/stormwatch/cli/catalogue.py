"""The instruments a command can use: the published ones, and those in a folder of the user's own."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InstrumentError, UnknownName, UsageError

if TYPE_CHECKING:
    from stormwatch.instruments.instrument import Instrument


class Catalogue:
    """Published instruments, and the ``*.toml`` files of one folder beside them.

    A file of the folder with a published id stands in its place: a hospital completes or corrects a definition so,
    and its own hash stands on every result.
    """

    def __init__(self, folder: Path | None = None, *, withhold: bool = True) -> None:
        self._withhold = withhold
        self._own: dict[str, Instrument] = {}
        for path in _files(folder):
            self._add(path)

    @property
    def names(self) -> list[str]:
        from stormwatch.instruments.catalogue import shipped

        return sorted({*shipped(), *self._own})

    def find(self, name: str) -> Instrument:
        """An instrument by its id. Raises UnknownName with the nearest names."""
        from stormwatch.instruments.catalogue import instrument, shipped

        if name in self._own:
            return self._own[name]
        if name in shipped():
            return instrument(name, withhold=self._withhold)
        near = ", ".join(get_close_matches(name, self.names, n=3, cutoff=0.4)) or "see `stormwatch instruments list`"
        raise UnknownName(f"no instrument is called {name!r}; the nearest names: {near}")

    def _add(self, path: Path) -> None:
        from stormwatch.instruments.catalogue import load

        loaded = load(path, withhold=self._withhold)
        if loaded.id in self._own:
            raise InstrumentError(f"{path}: another file of this folder has the id {loaded.id!r} too")
        self._own[loaded.id] = loaded


def _files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of instrument files")
    return sorted(folder.glob("*.toml"))
