-- One event an append is the rule, so the first one stands in the arguments: an array of one costs a fifth of the whole
-- append. The answer is a word, not the rows: what was taken is what was given, and who is behind reads what is stored.
alter function append rename to append_before;

-- An event as it is proposed: what of it the log does not give itself.
create type proposal as (
    id uuid, type text, schema_version integer, occurred_on date, at timestamptz, received_at timestamptz, actor text,
    command_id text, signed boolean, data text, command text, writer text
);

-- Append one event, and those of p_more behind it, after the expected version, all or nothing: true. Where the stream is
-- further already, nothing is inserted: false, and the caller reads it and decides anew. A stream that ends before the
-- expected version was cut: errcode VK001. Versions have no gaps because nobody but this function gives them.
create function append(
    p_stream text, p_expected integer, p_id uuid, p_type text, p_schema_version integer, p_occurred_on date,
    p_at timestamptz, p_received_at timestamptz, p_actor text, p_command_id text, p_signed boolean, p_data text,
    p_command text, p_writer text, p_more proposal[] default null
) returns boolean language plpgsql security definer set search_path = vekha, pg_temp as $$
declare
    last_version integer;
begin
    perform from event where stream = p_stream and version = p_expected;
    if not found and p_expected > 0 then
        select coalesce(max(version), 0) into last_version from event where stream = p_stream;
        raise exception 'stream % ends at %', p_stream, last_version
            using errcode = 'VK001', detail = last_version::text;
    end if;
    -- Who else appends here now stands in the way of the first insert; behind it nobody can.
    insert into event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor, command_id,
                       signed, data, command, writer)
    values (p_stream, p_expected + 1, p_id, p_type, p_schema_version, p_occurred_on, p_at, p_received_at, p_actor,
            p_command_id, p_signed, p_data, p_command, p_writer);
    if p_more is not null then
        insert into event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor, command_id,
                           signed, data, command, writer)
        select p_stream, p_expected + 1 + place, id, type, schema_version, occurred_on, at, received_at, actor,
               command_id, signed, data, command, writer
        from unnest(p_more) with ordinality
             as more(id, type, schema_version, occurred_on, at, received_at, actor, command_id, signed, data, command,
                     writer, place)
        order by place;
    end if;
    return true;
exception
    when unique_violation then  -- another writer was faster: its rows are the answer
        perform from event where stream = p_stream and version > p_expected;
        if not found then
            raise exception 'what stands in the way of stream % is out of sight', p_stream
                using errcode = 'unique_violation';
        end if;
        return false;
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
