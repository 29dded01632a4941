"""The MedDRA hierarchy, read from the user's own licensed copy. Nothing of MedDRA ships with Stormwatch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from stormwatch.errors import InputError, UnknownName, UsageError

LEVELS = ("hlt", "hlgt", "soc", "smq")
# Places of the names and codes in mdhier.asc, as the MedDRA distribution format document has them.
_PT_NAME, _PLACE = 4, {"hlt": 5, "hlgt": 6, "soc": 7}
_PRIMARY = 11
_SMQ_ACTIVE, _NARROW = "A", "2"


@dataclass(frozen=True, slots=True)
class MedDRA:
    """Which preferred terms belong to which group, by level and name; all names without differences of case.

    A system organ class has the terms whose primary class it is, so that no term counts in two.
    ``current`` gives the preferred term a lowest-level term belongs to.
    """

    version: str
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    current: Mapping[str, str]

    def preferred_terms(self, level: str, name: str) -> tuple[str, ...]:
        """The preferred terms of a group; of an SMQ the narrow scope.

        Raises:
            UsageError: there is no such level.
            UnknownName: this copy has no such group.
        """
        if level.strip().lower() not in LEVELS:
            raise UsageError(f"{level!r} is no level of MedDRA here; levels: {', '.join(LEVELS)}")
        held = self.groups[level.strip().lower()]
        wanted = _plain(name)
        if wanted not in held:
            near = ", ".join(get_close_matches(wanted, held, n=3)) or "none is near"
            raise UnknownName(f"MedDRA {self.version} has no {level.upper()} {name!r}; nearest: {near}")
        return held[wanted]


def read_meddra(folder: Path, version: str) -> MedDRA:
    """Read ``mdhier.asc``, ``pt.asc``, and, where they are, ``llt.asc`` and the two SMQ files.

    ``version`` is what results will name, as the files do not state it.

    Raises:
        InputError: a file is not there, or has fewer fields than its format.
    """
    files = {file.name.lower(): file for file in sorted(folder.rglob("*.asc"))} if folder.is_dir() else {}
    for needed in ("mdhier.asc", "pt.asc"):
        if needed not in files:
            raise InputError(f"{folder.name}: there is no {needed}; give the folder MedAscii of your MedDRA copy")
    names = {row[0]: _plain(row[1]) for row in _rows(files["pt.asc"], 2)}
    groups = {level: _hierarchy(files["mdhier.asc"], place) for level, place in _PLACE.items()}
    smq = _smq(files["smq_list.asc"], files["smq_content.asc"], names) if _has_smq(files) else {}
    current = _current(files["llt.asc"], names) if "llt.asc" in files else {}
    return MedDRA(version, {**groups, "smq": smq}, current)


def _has_smq(files: Mapping[str, Path]) -> bool:
    return {"smq_list.asc", "smq_content.asc"} <= files.keys()


def _hierarchy(file: Path, place: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(file, _PRIMARY + 1):
        if place != _PLACE["soc"] or row[_PRIMARY] == "Y":
            found[_plain(row[place])].add(_plain(row[_PT_NAME]))
    return {name: tuple(sorted(terms)) for name, terms in found.items()}


def _smq(names_file: Path, content: Path, pts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Narrow terms that are active; a query made of queries has the terms of all of them."""
    terms: dict[str, set[str]] = defaultdict(set)
    inside: dict[str, set[str]] = defaultdict(set)
    for row in _rows(content, 7):
        code, term, level, scope, status = row[0], row[1], row[2], row[3], row[6]
        if level == "0":
            inside[code].add(term)
        elif scope == _NARROW and status == _SMQ_ACTIVE and term in pts:
            terms[code].add(pts[term])
    return {_plain(row[1]): tuple(sorted(_all_terms(row[0], terms, inside))) for row in _rows(names_file, 2)}


def _all_terms(code: str, terms: Mapping[str, set[str]], inside: Mapping[str, set[str]]) -> set[str]:
    open_, seen, found = [code], set(), set[str]()
    while open_:
        one = open_.pop()
        if one not in seen:
            seen.add(one)
            found |= terms.get(one, set())
            open_.extend(inside.get(one, ()))
    return found


def _current(file: Path, pts: Mapping[str, str]) -> dict[str, str]:
    return {_plain(row[1]): pts[row[2]] for row in _rows(file, 3) if row[2] in pts}


def _rows(file: Path, least: int) -> Iterator[list[str]]:
    with file.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                row = line.rstrip("\r\n").split("$")
                if len(row) < least:
                    raise InputError(f"{file.name}: line {number} has {len(row)} fields, not {least} or more")
                yield row


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
