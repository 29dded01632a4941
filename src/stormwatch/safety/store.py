"""Cases with every version they ever had: who put it there, when and why, what changed; nothing is overwritten.

SQLite by default, PostgreSQL by its address. The database itself refuses to change or delete a version, and each
version carries a hash over itself and the one before, so that a change made behind the database's back shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stormwatch.errors import CheckFailed, UnknownName, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row, Table


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a case: its number from 1, who put it there, when, why, and the file as it was."""

    case: str
    number: int
    who: str
    at: datetime
    why: str
    content: bytes
    hash: str


class Store:
    """A store of cases. Use it as a context, or call ``close``."""

    def __init__(self, url: str) -> None:
        """Open a store, and make its table where there is none.

        Args:
            url: a path for SQLite, or an address such as ``postgresql+psycopg://host/name``.

        Raises:
            UsageError: the extra is not installed, or the database cannot be opened.
        """
        self._engine, self._table = _opened(url)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(
        self, case: str, content: bytes, *, who: str, at: datetime, why: str = "", after: int | None = None
    ) -> Version:
        """A further version of a case. The time is the caller's: nothing here reads the clock.

        Args:
            case: the number of the case.
            content: the file of the case, as it is.
            who, at, why: who puts it there, when (with a zone), and for what reason.
            after: the version it was made from; when another has come in between, it is refused.

        Raises:
            UsageError: nobody named, a time without a zone, or another version came in between.
        """
        if not who.strip() or not case.strip():
            raise UsageError("a version needs the number of its case and the name of who puts it there")
        if at.tzinfo is None:
            raise UsageError("the time of a version needs its zone")
        with self._connected() as connection:
            last = self._last(connection, case)
            held = 0 if last is None else last.number
            if after is not None and after != held:
                raise UsageError(f"version {held} of this case is newer than the one this was made from ({after})")
            moment = at.astimezone(UTC)
            chained = _hash("" if last is None else last.hash, case, held + 1, who, moment, why, content)
            self._insert(connection, Version(case, held + 1, who, moment, why, content, chained))
        return Version(case, held + 1, who, moment, why, content, chained)

    def versions(self, case: str) -> tuple[Version, ...]:
        """Every version of a case, oldest first; empty when there is none."""
        from sqlalchemy import select

        table = self._table
        with self._connected() as connection:
            rows = connection.execute(select(table).where(table.c.case == case).order_by(table.c.number))
            return tuple(_version(row) for row in rows)

    def version(self, case: str, number: int | None = None) -> Version:
        """One version of a case, by default the last.

        Raises:
            UnknownName: there is no such case or version.
        """
        found = [one for one in self.versions(case) if number in (None, one.number)]
        if not found:
            raise UnknownName("the store has no such case or version")
        return found[-1]

    def cases(self) -> tuple[str, ...]:
        """The numbers of all cases."""
        from sqlalchemy import select

        with self._connected() as connection:
            rows = connection.execute(select(self._table.c.case).distinct().order_by(self._table.c.case))
            return tuple(str(row[0]) for row in rows)

    def verify(self) -> int:
        """How many versions there are; each must fit the one before it.

        Raises:
            CheckFailed: a version was changed or is missing.
        """
        count = 0
        for case in self.cases():
            before = ""
            for expected, one in enumerate(self.versions(case), start=1):
                made = _hash(before, one.case, one.number, one.who, one.at, one.why, one.content)
                if one.number != expected or made != one.hash:
                    raise CheckFailed(f"version {expected} of a case does not fit: the store was changed from outside")
                before, count = one.hash, count + 1
        return count

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise UsageError(f"the store cannot be used ({type(error).__name__})") from None

    def _last(self, connection: Connection, case: str) -> Version | None:
        from sqlalchemy import select

        table = self._table
        row = connection.execute(
            select(table).where(table.c.case == case).order_by(table.c.number.desc()).limit(1)
        ).first()
        return None if row is None else _version(row)

    def _insert(self, connection: Connection, one: Version) -> None:
        from sqlalchemy import insert
        from sqlalchemy.exc import IntegrityError

        values: dict[str, Any] = {
            "case": one.case,
            "number": one.number,
            "who": one.who,
            "at": one.at.isoformat(),
            "why": one.why,
            "content": one.content,
            "hash": one.hash,
        }
        try:
            connection.execute(insert(self._table).values(**values))
        except IntegrityError:
            raise UsageError("another version of this case came in at the same moment; read it and try again") from None


def _opened(url: str) -> tuple[Engine, Table]:
    try:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise UsageError('a store needs one more package: pip install "stormwatch[safety]"') from None
    from stormwatch.safety.tables import case_versions

    address = url if "://" in url else f"sqlite:///{url}"
    table = case_versions()
    try:
        engine = create_engine(address)
        table.metadata.create_all(engine)
    except (SQLAlchemyError, ImportError) as error:
        raise UsageError(f"the store cannot be opened ({type(error).__name__})") from None
    return engine, table


def _version(row: Row[Any]) -> Version:
    at = datetime.fromisoformat(row.at)
    return Version(row.case, row.number, row.who, at, row.why, bytes(row.content), row.hash)


def _hash(before: str, case: str, number: int, who: str, at: datetime, why: str, content: bytes) -> str:
    head = json.dumps([before, case, number, who, at.isoformat(), why], ensure_ascii=False)
    return hashlib.sha256(head.encode() + b"\n" + content).hexdigest()
