"""Reading the projector's tables back, as rows and the position that they reflect."""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from projections.projector import LIVE, Projection

R = TypeVar("R")

KNOWN = "select from vekha.projection where name = %s"
# One statement is one snapshot: the position is that of the rows.
ROWS = """
select projection.position, read_model.stream is not null, {columns}
from vekha.projection left join {table} as read_model on read_model.roadmap = %s
where projection.name = %s
"""


def read_rows(connection: psycopg.Connection[Any], projection: Projection[R], roadmap: str) -> tuple[list[R], int]:
    """Return the rows of a roadmap and the position of the log that they reflect; nothing, at 0, before the first."""
    query = sql.SQL(ROWS).format(
        columns=sql.SQL(", ").join(sql.Identifier("read_model", column) for column in projection.columns),
        table=sql.Identifier(LIVE, projection.name),
    )
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute(KNOWN, (projection.name,)).fetchone() is None:
            return [], 0
        found = cursor.execute(query, (roadmap, projection.name)).fetchall()
    rows = [projection.row(*row[2:]) for row in found if row[1]]
    return rows, found[0][0] if found else 0
