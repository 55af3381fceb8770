-- What a turn needs of the database. The worker keeps no list of all the commands that a stream has answered: it says which
-- ids are fresh, and an append with one that the stream has already is refused (errcode VK002); the worker then looks up what
-- was answered and decides anew. Asked within the insert, as the place of the stream is: a statement of its own would cost more.
create function repeated(p_command_id text) returns text language plpgsql as $$
begin
    raise exception 'command % was answered before', p_command_id using errcode = 'VK002', detail = p_command_id;
end $$;
revoke execute on function repeated from public;

alter function append rename to append_before;
create function append(
    p_stream text, p_expected integer, p_fresh text[], p_id uuid, p_type text, p_schema_version integer,
    p_occurred_on date, p_at timestamptz, p_received_at timestamptz, p_actor text, p_command_id text, p_signed boolean,
    p_data text, p_command text, p_writer text, p_more proposal[] default null
) returns boolean language plpgsql security definer as $$
begin
    insert into vekha.event (version, stream, id, type, schema_version, occurred_on, at, received_at, actor, command_id,
                             signed, data, command, writer)
    values (
        case when p_expected operator(pg_catalog.=) 0 then 1
             else coalesce((select version operator(pg_catalog.+) 1 from vekha.event
                            where stream operator(pg_catalog.=) p_stream and version operator(pg_catalog.=) p_expected),
                           vekha.cut(p_stream, p_expected))
        end,
        p_stream, p_id, p_type, p_schema_version, p_occurred_on, p_at, p_received_at, p_actor,
        case when p_fresh is null then p_command_id
             else coalesce((select vekha.repeated(command_id) from vekha.event
                            where command_id operator(pg_catalog.=) any (p_fresh)
                              and stream operator(pg_catalog.=) p_stream limit 1),
                           p_command_id)
        end,
        p_signed, p_data, p_command, p_writer);
    -- Who else appends here now stands in the way of the first insert; behind it nobody can.
    if p_more is not null then
        insert into vekha.event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor,
                                 command_id, signed, data, command, writer)
        select p_stream, p_expected operator(pg_catalog.+) 1 operator(pg_catalog.+) place::pg_catalog.int4, id, type,
               schema_version, occurred_on, at, received_at, actor, command_id, signed, data, command, writer
        from pg_catalog.unnest(p_more) with ordinality
             as more(id, type, schema_version, occurred_on, at, received_at, actor, command_id, signed, data, command,
                     writer, place)
        order by place;
    end if;
    return true;
end $$;
revoke execute on function append from public;

-- Whoever could append goes on.
do $$
declare
    role text;
begin
    for role in
        select grantee::regrole from pg_proc, aclexplode(proacl)
        where oid = 'append_before'::regproc and grantee not in (0, proowner)
    loop
        execute format('grant execute on function append to %s', role);
    end loop;
end $$;
drop function append_before;

-- What a long stream had come to at some of its versions, so that it need not be folded from its first event. It can be
-- thrown away: `shape` is the digest of the rules that folded it, `anchor` the SHA-256 of the data of the event at `version`,
-- and a snapshot of which either does not fit is passed over.
create table snapshot (
    stream text not null,
    version integer not null,
    shape text not null,
    anchor text not null,
    state text not null,
    primary key (stream, version)
);
