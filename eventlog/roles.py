"""Who may do what in the database: group roles of the cluster, and what each may do in this log.

The groups cannot log in. A login is made a member of those that its work needs; every connection of ours then gives up
what it does not need (`act_as`), so that a mistake in a report cannot write, nor one in the sealer append.

| group | may |
| --- | --- |
| `vekha_owner` | owns the schema and the log's tables; whatever changes a stored event is refused to it too, by triggers |
| `vekha_migrator` | become the owner: who applies migrations |
| `vekha_writer` | run `vekha.append`, and keep snapshots of what streams have come to: the worker alone |
| `vekha_sealer` | read the log, add seals and blocks |
| `vekha_projector` | read the log; own the read models and their checkpoints |
| `vekha_reader` | read the log and the reports; no names and addresses |
| `vekha_registrar` | a reader that also keeps names and addresses, and begins years |
| `vekha_auditor` | a reader that also knows the log's own name, which checkpoints are held against |

`python -m eventlog.roles` prints the SQL for somebody who may create roles.
"""

from __future__ import annotations

from psycopg import sql

from eventlog.sessions import Connection

OWNER = "vekha_owner"
MIGRATOR = "vekha_migrator"
WRITER = "vekha_writer"
SEALER = "vekha_sealer"
PROJECTOR = "vekha_projector"
READER = "vekha_reader"
REGISTRAR = "vekha_registrar"
AUDITOR = "vekha_auditor"
GROUPS = (OWNER, MIGRATOR, WRITER, SEALER, PROJECTOR, READER, REGISTRAR, AUDITOR)

OF_WORKER = (WRITER, READER, SEALER, PROJECTOR, REGISTRAR)
OF_DOORS = (READER, AUDITOR, REGISTRAR)
OF_INSPECTOR = (READER, AUDITOR)

# Who owns what, by name: what stands in a table must not decide who may change another. Tables of no name here stay whose
# they are, and so does a routine that neither this login nor the log's owner has made: a projector can make some too.
OF_OWNER = (
    *(
        "event",
        "seal",
        "block",
        "log",
        "migration",
        "projection",
        "quarantine",
        "contact",
        "contact_change",
        "snapshot",
    ),
    *("aside", "receipt_rule"),
)
READ_MODELS = ("board", "indicators")

CLUSTER = f"""
do $$
declare
    name text;
begin
    foreach name in array array['{"', '".join(GROUPS)}'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
end $$;
grant {READER} to {AUDITOR}, {REGISTRAR};
grant {WRITER}, {SEALER}, {PROJECTOR}, {REGISTRAR}, {AUDITOR} to {OWNER};
grant {OWNER} to {MIGRATOR};
"""

# Statements are gathered before the first is run: a table that is being read cannot change hands. Schemas come first, as
# who is to own a table must be able to make one there; read models belong to the projector, which swaps them.
DATABASE = f"""
do $$
declare
    one text;
begin
    foreach one in array array(
        select format('alter schema %I owner to {OWNER}', nspname) from pg_namespace
        where nspname in ('vekha', 'vekha_live', 'vekha_shadow') and nspowner <> '{OWNER}'::regrole)
    loop
        execute one;
    end loop;
    grant usage on schema vekha, vekha_live to {", ".join(GROUPS[2:])};
    revoke create on schema vekha from {PROJECTOR};
    grant usage, create on schema vekha_live, vekha_shadow to {PROJECTOR};
    foreach one in array array(
        select format('alter table %s owner to %s', pg_class.oid::regclass, owner)
        from pg_class join (
            select 'vekha'::regnamespace as place, unnest(array['{"', '".join(OF_OWNER)}']) as name, '{OWNER}'::regrole as owner
            union all
            select 'vekha_live'::regnamespace, unnest(array['{"', '".join(READ_MODELS)}']), '{PROJECTOR}'::regrole
        ) as ours on place = relnamespace and name = relname
        where relkind = 'r' and relowner <> owner::oid
        union all
        select format('alter routine %s owner to {OWNER}', oid::regprocedure) from pg_proc
        where pronamespace = 'vekha'::regnamespace and proowner <> '{OWNER}'::regrole
          and proowner in (session_user::regrole, (select relowner from pg_class where oid = 'vekha.event'::regclass))
        union all
        select format('grant select on %s to {READER}', oid::regclass) from pg_class
        where relnamespace = 'vekha_live'::regnamespace and relkind = 'r'
          and relname = any(array['{"', '".join(READ_MODELS)}']))
    loop
        execute one;
    end loop;
end $$;
do $$
declare
    one text;
begin
    -- By their owner: another could have made one of the same name.
    foreach one in array array(
        select format('grant execute on routine %s to %s', oid::regprocedure, of_group)
        from pg_proc join (values ('append', '{WRITER}'), ('append_as_door', '{REGISTRAR}'), ('keep_contact', '{REGISTRAR}'),
                                  ('hold_writers', '{SEALER}')) as given (name, of_group) on name = proname
        where pronamespace = 'vekha'::regnamespace and proowner = '{OWNER}'::regrole)
    loop
        execute one;
    end loop;
end $$;
grant select, insert, update on vekha.snapshot to {WRITER};
grant select on vekha.snapshot to {READER};
grant select on vekha.event, vekha.seal, vekha.block, vekha.projection, vekha.migration, vekha.aside, vekha.quarantine,
    vekha.receipt_rule, vekha.contact_change
    to {READER}, {SEALER}, {PROJECTOR};
grant select on vekha.log to {SEALER}, {AUDITOR};
grant insert on vekha.seal, vekha.block to {SEALER};
grant insert, update on vekha.projection to {PROJECTOR};
grant insert, delete on vekha.quarantine to {PROJECTOR};
grant select on vekha.contact to {REGISTRAR};
revoke insert, update, delete on vekha.contact from {REGISTRAR};
alter default privileges for role {PROJECTOR} in schema vekha_live grant select on tables to {READER};
alter default privileges for role {PROJECTOR} in schema vekha_shadow grant select on tables to {READER};
"""


def make_groups(connection: Connection) -> None:
    """Make the groups of the cluster where they are missing. InsufficientPrivilege for who may not create roles."""
    connection.execute(CLUSTER)


def let_in(connection: Connection, login: str, groups: tuple[str, ...]) -> None:
    """Make a login a member of groups."""
    names = sql.SQL(", ").join(map(sql.Identifier, groups))
    connection.execute(sql.SQL("grant {} to {}").format(names, sql.Identifier(login)))


def keep_out(connection: Connection, login: str, groups: tuple[str, ...]) -> None:
    """Let a login no longer be a member of groups."""
    names = sql.SQL(", ").join(map(sql.Identifier, groups))
    connection.execute(sql.SQL("revoke {} from {}").format(names, sql.Identifier(login)))


def become_owner(connection: Connection) -> bool:
    """Go on as the log's owner, the groups made first where this login may create roles; tell whether that went.

    It does not where the groups are missing or this login is no migrator: then the schema stays the login's own.
    """
    if not _there(connection):
        row = connection.execute(
            "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
        if row is None or not row[0]:
            return False
        make_groups(connection)
        let_in(connection, connection.info.user, (MIGRATOR,))
    connection.execute(
        f"do $$ begin if (select pg_has_role(datdba, 'member') from pg_database where datname = current_database())"
        f" and not has_database_privilege('{OWNER}', current_database(), 'create')"
        f" then execute format('grant create on database %I to {OWNER}', current_database()); end if; end $$"
    )
    row = connection.execute(
        f"select pg_has_role('{OWNER}', 'member') and has_database_privilege('{OWNER}', current_database(), 'create')"
    ).fetchone()
    return row is not None and bool(row[0])


def give_rights(connection: Connection) -> None:
    """Give the groups their rights in this database, and the owner what is his; what stands already stays."""
    connection.execute(DATABASE)


def act_as(connection: Connection, group: str) -> None:
    """Give up every right but the group's for the rest of the session.

    Who is no member of it, or whose log knows no groups, goes on with the rights that the login has.
    """
    connection.execute(
        "select set_config('role', rolname, false) from pg_roles, pg_namespace"
        " where rolname = %s and nspname = 'vekha' and pg_has_role(pg_roles.oid, 'member')"
        " and has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'usage')",
        (group,),
    )


# What each of the worker's jobs needs, of tables with the names of privileges and of functions.
NEEDS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "temporal": (
        {"event": "select", "snapshot": "select, insert, update", "contact": "select"},
        ("append",),
    ),
    "sealer": (
        {"event": "select", "seal": "select, insert", "block": "select, insert", "log": "select"},
        ("hold_writers",),
    ),
    "projector": ({"event": "select", "seal": "select", "block": "select", "projection": "select, insert, update"}, ()),
}


def lacking(connection: Connection, job: str) -> list[str]:
    """Return the rights that a job of NEEDS needs and this connection's login lacks, such as `insert on vekha.seal`."""
    tables, functions = NEEDS[job]
    asked = [(f"vekha.{table}", right) for table, rights in tables.items() for right in rights.split(", ")]
    rows = connection.execute(
        "select privilege || ' on ' || name from unnest(%s::text[], %s::text[]) as asked(name, privilege)"
        " where not has_schema_privilege(session_user, 'vekha', 'usage')"
        " or not has_table_privilege(session_user, name, privilege)"
        " union all select 'execute on ' || pronamespace::regnamespace || '.' || proname from pg_proc"
        " where pronamespace = 'vekha'::regnamespace and proname = any(%s)"
        " and not has_function_privilege(session_user, oid, 'execute')",
        ([name for name, _ in asked], [right for _, right in asked], list(functions)),
    ).fetchall()
    return [row[0] for row in rows]


def sql_for_administrator(database: str, login: str) -> str:
    """Return the SQL that a database administrator runs once, so that a login may migrate a database by groups."""
    return (
        f'{CLUSTER.strip()}\ngrant create on database "{database}" to {OWNER};\ngrant {MIGRATOR} to "{login}";\n'
        "-- PostgreSQL 16 and newer, PostgreSQL 15; as a superuser or a role with CREATEROLE.\n"
    )


def _there(connection: Connection) -> bool:
    row = connection.execute("select count(*) from pg_roles where rolname = any(%s)", (list(GROUPS),)).fetchone()
    return row is not None and row[0] == len(GROUPS)


if __name__ == "__main__":
    print(sql_for_administrator("vekha", "vekha"), end="")  # noqa: T201 - what it is called for
