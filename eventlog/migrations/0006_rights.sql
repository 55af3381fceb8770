-- Who tries to change the log leaves a trace in the server's log, which no rollback takes back: a table of attempts
-- would be rolled back with the statement that it tells of.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise log 'vekha: % on %.% refused to % (logged in as %, application %, from %): %', tg_op, tg_table_schema,
        tg_table_name, current_user, session_user, current_setting('application_name'),
        coalesce(inet_client_addr()::text, 'a local socket'), left(current_query(), 1000);
    raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end $$;

-- The sealer may shut writers out for a moment, without a right to change events.
create function hold_writers() returns void language sql security definer set search_path = vekha, pg_temp as $$
    lock table event in share row exclusive mode;
$$;

-- Where read models are rebuilt: who rebuilds them need not be able to make schemas.
create schema if not exists vekha_shadow;
