-- The log. An event row is written once, by vekha.append, and never changed.

create table event (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    stream text not null,
    version integer not null check (version > 0),
    type text not null,
    schema_version integer not null,
    occurred_on date not null,
    at timestamptz not null,
    received_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    actor text not null,
    command_id text,
    signed boolean not null,
    -- Canonical JSON as text: jsonb would rewrite it, and the text is what is hashed.
    data text not null,
    command text,
    writer text not null,
    xid xid8 not null default pg_current_xact_id(),
    roadmap text not null generated always as (split_part(stream, '/', 1)) stored,
    unique (stream, version)
);
create index event_xid on event (xid);
create index event_command on event (command_id) where command_id is not null;
create index event_roadmap on event (roadmap, seq);

-- The gapless place of an event, given after its commit by the one sealer.
create table seal (
    position bigint primary key check (position > 0),
    seq bigint not null unique references event (seq)
);

-- What one round of the sealer took up. The primary key fences a rival sealer. The next round takes what the snapshot
-- does not show, above floor_seq; the snapshot means something in the cluster of this identifier only.
create table block (
    no bigint primary key,
    first_position bigint not null,
    last_position bigint not null,
    floor_seq bigint not null,
    snapshot pg_snapshot not null,
    system_identifier text not null,
    sealed_at timestamptz not null default clock_timestamp()
);
insert into block (no, first_position, last_position, floor_seq, snapshot, system_identifier)
select 0, 1, 0, 0, pg_current_snapshot(), system_identifier::text from pg_control_system();

-- How far a read model has come. The fence is the epoch of the projector that may move it.
create table projection (
    name text primary key,
    version integer not null,
    position bigint not null,
    fence bigint not null,
    status text not null check (status in ('following', 'quarantined')),
    error text
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete or truncate on event execute function refuse_change();
create trigger append_only before update or delete or truncate on seal execute function refuse_change();
create trigger append_only before update or delete or truncate on block execute function refuse_change();

-- Append after the expected version, all or nothing, and return what the stream then holds after it. Where it is
-- further already, nothing is inserted: its rows are the answer, and the caller decides anew. A stream that ends before
-- the expected version was cut: errcode VK001. Versions have no gaps because nobody but this function gives them.
create function append(
    p_stream text, p_expected integer, p_ids uuid[], p_types text[], p_schema_versions integer[], p_occurred date[],
    p_at timestamptz[], p_received timestamptz[], p_actors text[], p_command_ids text[], p_signed boolean[],
    p_data text[], p_commands text[], p_writers text[], p_limit_behind integer
) returns table (appended boolean, stored event) language plpgsql security definer set search_path = vekha, pg_temp as $$
declare
    last_version integer;
    taken boolean := false;
begin
    select coalesce(max(version), 0) into last_version from event where stream = p_stream;
    if last_version < p_expected then
        raise exception 'stream % ends at %', p_stream, last_version
            using errcode = 'VK001', detail = last_version::text;
    elsif last_version = p_expected then
        begin
            insert into event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor,
                               command_id, signed, data, command, writer)
            select p_stream, p_expected + place, id, type, schema_version, occurred, moment, received, actor,
                   command_id, was_signed, content, command, writer
            from unnest(p_ids, p_types, p_schema_versions, p_occurred, p_at, p_received, p_actors, p_command_ids,
                        p_signed, p_data, p_commands, p_writers) with ordinality
                 as proposal(id, type, schema_version, occurred, moment, received, actor, command_id, was_signed,
                             content, command, writer, place)
            order by place;
            taken := true;
        exception
            when unique_violation then null;  -- another writer was faster: its rows are the answer
        end;
    end if;
    return query
        select taken, event from event where stream = p_stream and version > p_expected
        order by version limit case when taken then null else p_limit_behind end;
    if not found and not taken then
        raise exception 'what stands in the way of stream % is out of sight', p_stream using errcode = 'unique_violation';
    end if;
end $$;
revoke execute on function append from public;
