-- A door begins a year with a definition that bears the year's name, and with the text that it was made of: what is none
-- would stand in the way of everybody, and could not be set aside.
create or replace function append_as_door(
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
        if p_type = 'YearStarted' and (
            p_data::json #>> '{definition,id}' = split_part(p_stream, '/', 1)
            and json_typeof(p_data::json #> '{definition,measures}') = 'array'
            and p_data::json ->> 'source_sha256' = encode(sha256(convert_to(p_data::json ->> 'source', 'UTF8')), 'hex')
        ) is not true then
            perform unfit(p_stream, 1, 'no definition of this year');
        end if;
        return append(p_stream, p_expected, p_fresh, p_id, p_type, p_schema_version, p_occurred_on, p_at, p_received_at,
                      p_actor, p_command_id, p_signed, p_data, p_command, 'door');
    end if;
    raise exception '% of stream % is written by a worker alone', p_type, p_stream using errcode = 'insufficient_privilege';
end $$;
