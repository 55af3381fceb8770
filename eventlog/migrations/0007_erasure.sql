-- A person's name and address go in the very transaction that records their erasure: neither can be without the other.
create function erase_contact() returns trigger language plpgsql set search_path = vekha, pg_temp as $$
begin
    delete from contact where roadmap = split_part(new.roadmap, '~', 1) and code = new.data::json ->> 'code';
    return null;
end $$;
create trigger erase_contact after insert on event for each row when (new.type = 'ContactErased')
    execute function erase_contact();
