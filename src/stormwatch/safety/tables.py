"""The one table of a store of cases, which its database keeps append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Table

_NAME = "case_versions"
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {name}_{verb} BEFORE {verb} ON {name}
BEGIN SELECT RAISE(ABORT, 'versions are never changed or deleted'); END
"""
_POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'versions are never changed or deleted'; END $$
""",
    """
CREATE TRIGGER {name}_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse()
""",
)


def case_versions() -> Table:
    """The table, with what makes SQLite and PostgreSQL refuse to change or delete a row."""
    from sqlalchemy import DDL, Column, Integer, LargeBinary, MetaData, String, Table, Text, event

    table = Table(
        _NAME,
        MetaData(),
        Column("case", String(200), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("who", Text, nullable=False),
        Column("at", String(40), nullable=False),
        Column("why", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("hash", String(64), nullable=False),
    )
    # SQLAlchemy's DDL has no types.
    statement: Any = DDL
    for verb in ("UPDATE", "DELETE"):
        made = statement(_SQLITE.format(name=_NAME, verb=verb).strip())
        event.listen(table, "after_create", made.execute_if(dialect="sqlite"))
    for text in _POSTGRESQL:
        made = statement(text.format(name=_NAME).strip())
        event.listen(table, "after_create", made.execute_if(dialect="postgresql"))
    return table
