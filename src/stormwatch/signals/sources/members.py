"""Files as they come: in a folder or in a zip. Sizes are limited, so a small zip cannot fill the disk."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stormwatch.errors import InputError
from stormwatch.signals.sources.lines import BrokenLine, LineScan

MOST_EXPANSION = 100
"""How many times larger than in the zip a file may be (ours; a quarter expands about eightfold)."""
MOST_BYTES = 20_000_000_000
"""How large one file may be (ours; the largest file of a quarter has about 0.5 GB)."""
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a folder, or of a zip when ``inner`` names it there."""

    path: Path
    inner: str = ""

    @property
    def name(self) -> str:
        return self.inner.rpartition("/")[2] if self.inner else self.path.name

    @property
    def folder(self) -> str:
        """The name of the folder it stands in."""
        return self.inner.rpartition("/")[0].rpartition("/")[2] if self.inner else self.path.parent.name


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The sound lines of a file as a plain file, the hash of the whole, and what the lines were like.

    ``own`` says that the plain file is a copy, ours to delete. ``lines`` counts those that hold anything, header
    included; ``delimiters`` is how many a sound line has.
    """

    path: Path
    own: bool
    sha256: str
    header: bytes
    delimiters: int
    lines: int
    broken: tuple[BrokenLine, ...]


def members(path: Path) -> list[Member]:
    """All files under a path: a file, a folder with its folders, or a zip.

    Raises:
        InputError: there is no such path, or a zip is broken or expands beyond the limits.
    """
    if not path.exists():
        raise InputError(f"{path.name}: there is no such file or folder; check the path")
    if path.is_dir():
        return [one for file in sorted(path.rglob("*")) if file.is_file() for one in _one(file)]
    return _one(path)


@contextmanager
def opened(member: Member) -> Iterator[IO[bytes]]:
    """The bytes of a member.

    Raises:
        InputError: the zip is broken or cut short.
    """
    try:
        if not member.inner:
            with member.path.open("rb") as plain:
                yield plain
        else:
            with zipfile.ZipFile(member.path) as archive, archive.open(member.inner) as packed:
                yield packed
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise InputError(f"{member.path.name}: {member.name} is broken or cut short; fetch the zip again") from None


def unpack(member: Member, target: Path) -> Unpacked:
    """Take the sound lines of a file apart from the broken ones, hashing and counting on the way.

    A plain file that is all sound is used where it stands; else the sound lines are copied to ``target``.

    Raises:
        InputError: the zip is broken or cut short, or the file is too large.
    """
    found = _copied(member, target if member.inner else None)
    if not member.inner and found.broken:
        found = _copied(member, target)
    return found


def plain(member: Member, target: Path) -> tuple[Path, str]:
    """A member as a plain file, whatever it holds (copied to ``target`` where it is in a zip), and its hash.

    Raises:
        InputError: the zip is broken or cut short, or the file is too large.
    """
    digest, read = hashlib.sha256(), 0
    with opened(member) as stream, target.open("wb") if member.inner else nullcontext() as copy:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)
            _limit(member, read)
            digest.update(chunk)
            if copy is not None:
                copy.write(chunk)
    return (target if member.inner else member.path), digest.hexdigest()


def _copied(member: Member, target: Path | None) -> Unpacked:
    digest, scan, read = hashlib.sha256(), LineScan(), 0
    with opened(member) as stream, target.open("wb") if target else nullcontext() as copy:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)
            _limit(member, read)
            digest.update(chunk)
            sound = scan.add(chunk)
            if copy is not None:
                copy.write(sound)
        last = scan.end()
        if copy is not None:
            copy.write(last)
    return Unpacked(
        target or member.path,
        target is not None,
        digest.hexdigest(),
        scan.header,
        scan.delimiters or 0,
        scan.lines,
        tuple(scan.broken),
    )


def _one(file: Path) -> list[Member]:
    if file.suffix.lower() != ".zip":
        return [Member(file)]
    try:
        with zipfile.ZipFile(file) as archive:
            held = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, OSError):
        raise InputError(f"{file.name}: this zip is broken or cut short; fetch it again") from None
    for one in held:
        _check(file, one)
    return [Member(file, one.filename) for one in held]


def _check(file: Path, one: zipfile.ZipInfo) -> None:
    if one.flag_bits & 1:
        raise InputError(f"{file.name}: a file in it is encrypted; unpack it first and give the folder")
    if one.file_size > MOST_EXPANSION * max(one.compress_size, 1024) or one.file_size > MOST_BYTES:
        raise InputError(
            f"{file.name}: a file in it would expand {one.file_size / max(one.compress_size, 1):,.0f}-fold to "
            f"{one.file_size:,} bytes; the limits are {MOST_EXPANSION}-fold and {MOST_BYTES:,} bytes. If it is sound, "
            "unpack it yourself and give the folder"
        )


def _limit(member: Member, read: int) -> None:
    if read > MOST_BYTES:
        raise InputError(f"{member.path.name}: {member.name} is larger than the limit of {MOST_BYTES:,} bytes")
