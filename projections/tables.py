"""The tables of read models: made of their rows' fields, their statements put together by SQLAlchemy.

Loaded by who writes a read model only: SQLAlchemy takes longer to load than most doors take to answer.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    MetaData,
    Numeric,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert, psycopg
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

TYPES: dict[type, type[TypeEngine[Any]]] = {
    str: Text,
    int: BigInteger,
    bool: Boolean,
    date: Date,
    Decimal: Numeric,
}
DIALECT = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this one untyped


@dataclass(frozen=True, slots=True)
class Statements:
    """What is asked of a read model's table, as texts for psycopg.

    `load` takes `streams`, a list; `upsert` and `delete` take a list for each column, and for each of the primary key.
    """

    create: str
    drop: str
    load: str
    upsert: str
    delete: str


@cache
def statements(schema: str, name: str, row: type, primary_key: tuple[str, ...]) -> Statements:
    """Return the statements of a table `stream` and a row's fields; KeyError for a field of no type in TYPES.

    Kept: putting them together takes longer than a batch of one event.
    """
    hints = typing.get_type_hints(row)
    table = Table(
        name,
        MetaData(schema=schema),
        # The order of bytes for streams, so that all streams of a roadmap are a range of the primary key.
        Column("stream", Text(collation="C"), primary_key=True),
        *(
            Column(field.name, TYPES[_bare(hints[field.name])], primary_key=field.name in primary_key)
            for field in fields(row)
        ),
    )
    own = insert(table).from_select(table.columns.keys(), select(*_lists(table.columns)))
    return Statements(
        create=_text(CreateTable(table)),
        drop=_text(DropTable(table, if_exists=True)),
        load=_text(select(table).where(table.c.stream == any_(bindparam("streams", type_=ARRAY(Text))))),
        upsert=_text(
            own.on_conflict_do_update(
                index_elements=list(table.primary_key),
                set_={column.name: own.excluded[column.name] for column in table.columns if not column.primary_key},
            )
        ),
        delete=_text(delete(table).where(tuple_(*table.primary_key).in_(select(*_lists(table.primary_key))))),
    )


def _bare(hint: Any) -> type:
    """Return the type of a field that may be null."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    (kind,) = (option for option in options if option is not types.NoneType)
    bare: type = kind
    return bare


def _lists(columns: Iterable[Column[Any]]) -> list[Any]:
    """Return a parameter for each column: a list of its values, a row each."""
    return [func.unnest(bindparam(column.name, type_=ARRAY(column.type))) for column in columns]


def _text(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=DIALECT))
