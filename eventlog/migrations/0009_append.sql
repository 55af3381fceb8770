-- Append by one plain insert. Who comes second has a unique violation, and reads what is stored: an insert that passes
-- conflicts over writes a second record for every row, and looks at each key twice. That the stream stands as expected is
-- seen within the insert: a statement before it costs five times as much. Every name and operator says its schema, so that
-- no caller's search_path can put another in its place; a search_path of the function's own would be set and taken back at
-- every append, which costs a tenth of the whole. The answer is always true.
create function cut(p_stream text, p_expected integer) returns integer language plpgsql as $$
declare
    last_version integer;
begin
    select coalesce(pg_catalog.max(version), 0) into last_version from vekha.event
    where stream operator(pg_catalog.=) p_stream and version operator(pg_catalog.<) p_expected;
    raise exception 'stream % ends at %', p_stream, last_version
        using errcode = 'VK001', detail = last_version::pg_catalog.text;
end $$;
revoke execute on function cut from public;

create or replace function append(
    p_stream text, p_expected integer, p_id uuid, p_type text, p_schema_version integer, p_occurred_on date,
    p_at timestamptz, p_received_at timestamptz, p_actor text, p_command_id text, p_signed boolean, p_data text,
    p_command text, p_writer text, p_more proposal[] default null
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
        p_stream, p_id, p_type, p_schema_version, p_occurred_on, p_at, p_received_at, p_actor, p_command_id, p_signed,
        p_data, p_command, p_writer);
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
