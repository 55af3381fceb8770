-- What could stop a reader of the log does not get into it; what is there already stops its own stream only.

-- Whether domain/codec.py can read a row back, as far as the database can tell: a test holds the types against it. SQL that
-- was parsed when the function was made: no caller's search_path can put another operator in its place, and the planner puts
-- it in the place of the call.
create function readable(
    p_type text, p_schema_version integer, p_occurred_on date, p_at timestamptz, p_received_at timestamptz, p_actor text,
    p_command_id text, p_data text, p_command text, p_writer text
) returns boolean language sql immutable begin atomic
    select p_type in (
               'MeasurePlanned', 'AssignmentOpened', 'ReminderIssued', 'ReminderSuppressed', 'ProgressReported',
               'InterimMissed', 'ExecutionReported', 'ExecutionAccepted', 'ReturnedForRework', 'DeadlineMissed',
               'Escalated', 'ExtensionRequested', 'DeadlineExtended', 'ExtensionRefused', 'AssignmentWithdrawn',
               'AssignmentReassigned', 'ScheduleSet', 'MeasureCompleted', 'CommandRefused', 'NoticeDelivered',
               'NoticeFiled', 'NoticeFailed', 'NoticeSuppressed', 'LetterResent', 'LeftOpenAtClose', 'MeasureClosed', 'YearStarted',
               'IndicatorMeasured', 'ContactErased', 'YearClosed')
       and p_schema_version between 1 and 2
       and p_occurred_on between '0001-01-01'::date and '9999-12-31'::date
       and p_at between '0002-01-01 00:00:00+00'::timestamptz and '9998-12-31 23:59:59.999999+00'::timestamptz
       and p_received_at between '0002-01-01 00:00:00+00'::timestamptz and '9998-12-31 23:59:59.999999+00'::timestamptz
       and char_length(p_actor) between 1 and 200
       and (p_command_id is null or char_length(p_command_id) between 1 and 200)
       and char_length(p_writer) between 1 and 200
       and octet_length(p_data) <= 16777216 and json_typeof(p_data::json) = 'object'
       and (p_command is null or octet_length(p_command) <= 4194304 and json_typeof(p_command::json) = 'object');
end;

-- The moment of a row: when the clock had planned it, or when its command or outcome was received.
create function moment(p_actor text, p_command_id text, p_at timestamptz, p_received_at timestamptz)
returns timestamptz language sql immutable begin atomic
    select case when p_actor = 'clock' and p_command_id is null then p_at else p_received_at end;
end;

create function unfit(p_stream text, p_version integer, p_why text) returns integer language plpgsql as $$
begin
    raise exception '%/%: %', p_stream, p_version, p_why using errcode = 'VK003', detail = p_version::pg_catalog.text;
end $$;

-- Behind a row that was set aside its receipt binds nobody: it may lie in any future.
create function out_of_order(p_stream text, p_version integer) returns integer language plpgsql as $$
begin
    if exists (select from vekha.aside where stream operator(pg_catalog.=) p_stream
                                             and version operator(pg_catalog.+) 1 operator(pg_catalog.=) p_version) then
        return p_version;
    end if;
    raise exception '%/%: received before the moment of what stands above it', p_stream, p_version
        using errcode = 'VK004', detail = p_version::pg_catalog.text;
end $$;

-- A stream has the form of one, and begins with a year's definition, or with a measure of a year that has begun.
create function check_beginning(p_stream text, p_type text) returns void language plpgsql
set search_path = vekha, pg_temp as $$
begin
    if p_stream !~ '^[^/[:space:][:cntrl:]]{1,80}/(year|m/[^/[:space:][:cntrl:]]{1,40})$' then
        perform unfit(p_stream, 1, 'no name of a stream');
    elsif p_type is distinct from (case when p_stream ~ '^[^/]+/year$' then 'YearStarted' else 'MeasurePlanned' end) then
        perform unfit(p_stream, 1, 'a stream does not begin with ' || coalesce(p_type, 'nothing'));
    elsif p_type = 'MeasurePlanned' and not exists (
        select from event where stream = split_part(p_stream, '/', 1) || '/year' and version = 1)
    then
        perform unfit(p_stream, 1, 'nobody has started its year');
    end if;
end $$;

-- As before, and: what could not be read back is refused (errcode VK003), and so is a row that was received before the
-- moment of the row above it (errcode VK004). The first is told without a look at the log, the second within the insert.
create or replace function append(
    p_stream text, p_expected integer, p_fresh text[], p_id uuid, p_type text, p_schema_version integer,
    p_occurred_on date, p_at timestamptz, p_received_at timestamptz, p_actor text, p_command_id text, p_signed boolean,
    p_data text, p_command text, p_writer text, p_more proposal[] default null
) returns boolean language plpgsql security definer as $$
declare
    here integer;
    latest timestamptz;
    one vekha.proposal;
begin
    if p_expected operator(pg_catalog.=) 0 then
        perform vekha.check_beginning(p_stream, p_type);
    elsif p_type operator(pg_catalog.=) 'YearStarted' or p_type operator(pg_catalog.=) 'MeasurePlanned' then
        perform vekha.unfit(p_stream, p_expected operator(pg_catalog.+) 1, 'only a stream begins so');
    end if;
    if vekha.readable(p_type, p_schema_version, p_occurred_on, p_at, p_received_at, p_actor, p_command_id, p_data,
                      p_command, p_writer) is not true then
        perform vekha.unfit(p_stream, p_expected operator(pg_catalog.+) 1, 'nobody could read it back');
    end if;
    if p_more is not null then
        here := p_expected operator(pg_catalog.+) 1;
        latest := vekha.moment(p_actor, p_command_id, p_at, p_received_at);
        foreach one in array p_more loop
            here := here operator(pg_catalog.+) 1;
            if one.type operator(pg_catalog.=) 'YearStarted' or one.type operator(pg_catalog.=) 'MeasurePlanned'
               or vekha.readable(one.type, one.schema_version, one.occurred_on, one.at, one.received_at, one.actor,
                                 one.command_id, one.data, one.command, one.writer) is not true then
                perform vekha.unfit(p_stream, here, 'nobody could read it back');
            elsif one.received_at operator(pg_catalog.<) latest then
                perform vekha.out_of_order(p_stream, here);
            end if;
            latest := vekha.moment(one.actor, one.command_id, one.at, one.received_at);
        end loop;
    end if;
    insert into vekha.event (version, stream, id, type, schema_version, occurred_on, at, received_at, actor, command_id,
                             signed, data, command, writer)
    values (
        case when p_expected operator(pg_catalog.=) 0 then 1
             else coalesce((select case when vekha.moment(actor, command_id, at, received_at)
                                             operator(pg_catalog.<=) p_received_at
                                        then version operator(pg_catalog.+) 1
                                        else vekha.out_of_order(p_stream, version operator(pg_catalog.+) 1)
                                   end
                            from vekha.event
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

-- What the doors have to write themselves, and no more: a year's beginning, and the erasure of a contact once the year is
-- over and its workflow gone. Whatever they say, the writer is `door`: none of them can pass for a worker.
create function append_as_door(
    p_stream text, p_expected integer, p_fresh text[], p_id uuid, p_type text, p_schema_version integer,
    p_occurred_on date, p_at timestamptz, p_received_at timestamptz, p_actor text, p_command_id text, p_signed boolean,
    p_data text, p_command text, p_writer text
) returns boolean language plpgsql security definer set search_path = vekha, pg_temp as $$
begin
    if p_stream ~ '^[^/]+/year$' and (
        p_expected = 0 and p_type = 'YearStarted'
        or p_type in ('ContactErased', 'CommandRefused')
           and exists (select from event where stream = p_stream and type = 'YearClosed'))
    then
        return append(p_stream, p_expected, p_fresh, p_id, p_type, p_schema_version, p_occurred_on, p_at, p_received_at,
                      p_actor, p_command_id, p_signed, p_data, p_command, 'door');
    end if;
    raise exception '% of stream % is written by a worker alone', p_type, p_stream using errcode = 'insufficient_privilege';
end $$;

-- From here on no row of a stream was received before the moment of any row above it: audit.py verify holds the log to it.
create table receipt_rule (after_seq bigint primary key);
insert into receipt_rule select coalesce(max(seq), 0) from event;

-- A row that nobody can take up, set aside by an act: its stream goes on behind it.
create table aside (
    stream text not null,
    version integer not null check (version > 1),
    act text not null check (act ~ '\S' and char_length(act) <= 2000),
    login text not null default session_user,
    set_aside_at timestamptz not null default clock_timestamp(),
    primary key (stream, version),
    foreign key (stream, version) references event (stream, version)
);

-- Read models have a schema of their own: who makes them could otherwise put a function in the append's place, with other
-- parameters, and have it run with the rights of whoever appends.
create schema if not exists vekha_live;
do $$
declare
    one text;
begin
    foreach one in array array['board', 'indicators'] loop
        if to_regclass('vekha.' || one) is not null then
            execute format('alter table vekha.%I set schema vekha_live', one);
        end if;
    end loop;
end $$;

-- Where a read model stopped in a stream, and why; the others of its streams go on.
create table quarantine (
    projection text not null,
    stream text not null,
    version integer not null,
    position bigint not null,
    error text not null,
    since timestamptz not null default clock_timestamp(),
    primary key (projection, stream)
);
alter table projection drop column status, drop column error;

-- A name or an address that takes the place of another: that it did, when and by whose hand; neither of the two themselves,
-- which can be erased.
create table contact_change (
    seq bigint generated always as identity primary key,
    roadmap text not null,
    code text not null,
    name_changed boolean not null,
    email_changed boolean not null,
    login text not null default session_user,
    application text not null default current_setting('application_name'),
    changed_at timestamptz not null default clock_timestamp()
);
create index event_erased on event (roadmap) where type = 'ContactErased';

-- Keep a contact: a new one, or in the place of the one of that code. One that was erased does not come back.
create function keep_contact(p_roadmap text, p_code text, p_name text, p_email text) returns void
language plpgsql security definer set search_path = vekha, pg_temp as $$
declare
    known contact;
begin
    if exists (select from event where split_part(roadmap, '~', 1) = p_roadmap and type = 'ContactErased'
                                   and data::json ->> 'code' = p_code) then
        return;
    end if;
    insert into contact (roadmap, code, name, email) values (p_roadmap, p_code, p_name, p_email) on conflict do nothing;
    if found then
        return;
    end if;
    select * into known from contact where roadmap = p_roadmap and code = p_code for update;
    if (known.name, known.email) is distinct from (p_name, p_email) then
        update contact set name = p_name, email = p_email where roadmap = p_roadmap and code = p_code;
        insert into contact_change (roadmap, code, name_changed, email_changed)
        values (p_roadmap, p_code, known.name is distinct from p_name, known.email is distinct from p_email);
    end if;
end $$;

revoke execute on all functions in schema vekha from public;
create trigger append_only before update or delete or truncate on receipt_rule execute function refuse_change();
create trigger append_only before update or delete or truncate on aside execute function refuse_change();
create trigger append_only before update or delete or truncate on contact_change execute function refuse_change();
-- Whatever a session, a role or the database sets as session_replication_role, the guards stand.
alter table event enable always trigger append_only;
alter table event enable always trigger erase_contact;
alter table seal enable always trigger append_only;
alter table block enable always trigger append_only;
alter table log enable always trigger append_only;
alter table receipt_rule enable always trigger append_only;
alter table aside enable always trigger append_only;
alter table contact_change enable always trigger append_only;
