"""MedDRA from the user's own copy, in the layout of its ASCII distribution: fields divided by ``$``, one term a line.

Read are ``llt.asc`` (code, name, preferred term, ... tenth field: current or not), ``pt.asc`` (code, name),
``mdhier.asc`` (preferred term, ..., names of the levels above, twelfth field: primary path) and, for the version,
``meddra_release.asc`` (version, language).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stormwatch.errors import InputError


@dataclass(frozen=True, slots=True)
class Term:
    """One lowest level term: its code and name, whether it is current, its preferred term and primary organ class."""

    code: str
    name: str
    current: bool
    pt_code: str
    pt: str
    soc: str


@dataclass(frozen=True, slots=True)
class MedDra:
    """The terms of one version by code, with an index by name in lower case."""

    version: str
    terms: dict[str, Term] = field(repr=False)
    by_name: dict[str, Term] = field(repr=False)

    def named(self, name: str) -> Term | None:
        """The current term with exactly this name, whatever its case; None when there is none."""
        return self.by_name.get(" ".join(name.casefold().split()))


def read_meddra(folder: Path, *, version: str = "") -> MedDra:
    """A user's copy of MedDRA.

    Args:
        folder: the folder with ``llt.asc``, ``pt.asc`` and ``mdhier.asc`` (often called ``MedAscii``).
        version: such as ``27.1``, where the folder has no ``meddra_release.asc``.

    Raises:
        InputError: a file is missing or not in that layout, or the version is not known.
    """
    pts = {row[0]: row[1] for row in _rows(folder / "pt.asc", 2)}
    socs = {row[0]: row[7] for row in _rows(folder / "mdhier.asc", 12) if row[11] == "Y"}
    terms = {
        row[0]: Term(row[0], row[1], row[9] == "Y", row[2], pts.get(row[2], ""), socs.get(row[2], ""))
        for row in _rows(folder / "llt.asc", 10)
    }
    by_name = {" ".join(one.name.casefold().split()): one for one in terms.values() if one.current}
    return MedDra(version or _version(folder), terms, by_name)


def _version(folder: Path) -> str:
    release = folder / "meddra_release.asc"
    if not release.is_file():
        raise InputError(f"{folder.name}: no meddra_release.asc, so the MedDRA version is not known; name it")
    return next(_rows(release, 1))[0].strip()


def _rows(path: Path, least: int) -> Iterator[list[str]]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); it belongs to the MedDRA distribution") from None
    try:
        lines = text.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        # Older distributions are in ISO 8859-1.
        lines = text.decode("iso-8859-1").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = line.split("$")
        if len(row) < least:
            raise InputError(f"{path.name}: line {number} has {len(row)} fields, at least {least} are asked for")
        yield row
