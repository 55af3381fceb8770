-- The chain: a sealed event can no longer be changed, moved, added or taken away without a trace. eventlog/chain.py has
-- the layout. `frontier` holds the roots of the full subtrees of the Merkle tree, the largest first: the next block
-- goes on from there.

-- The name that checkpoints bear: it goes along with a dump, and tells this log from every other.
create table log (origin text primary key);
insert into log select 'vekha/' || gen_random_uuid();
create trigger append_only before update or delete or truncate on log execute function refuse_change();

alter table seal add column hash bytea;
alter table block add column head bytea, add column merkle_root bytea, add column frontier bytea;

-- What was sealed before there was a chain.
alter table seal disable trigger append_only;
alter table block disable trigger append_only;
do $$
declare
    head bytea := decode(repeat('00', 32), 'hex');
    root bytea := sha256('');
    peaks bytea[] := '{}';
    sealed record;
    part record;
    leaf bytea;
    size bigint;
begin
    for part in select no, first_position, last_position from block order by no loop
        for sealed in
            select position, event.* from seal join event using (seq)
            where position between part.first_position and part.last_position order by position
        loop
            leaf := sha256('\x00' || record_send(row(
                sealed.position, sealed.seq, sealed.id, sealed.stream, sealed.version, sealed.type,
                sealed.schema_version, sealed.occurred_on, sealed.at, sealed.received_at, sealed.recorded_at,
                sealed.actor, sealed.command_id, sealed.signed, sealed.data, sealed.command, sealed.writer,
                sealed.xid, sealed.roadmap)));
            head := sha256('\x02' || head || leaf);
            update seal set hash = head where seal.position = sealed.position;
            size := sealed.position - 1;
            while size % 2 = 1 loop
                leaf := sha256('\x01' || peaks[cardinality(peaks)] || leaf);
                peaks := trim_array(peaks, 1);
                size := size / 2;
            end loop;
            peaks := peaks || leaf;
        end loop;
        if cardinality(peaks) > 0 then
            root := peaks[cardinality(peaks)];
            for place in reverse cardinality(peaks) - 1 .. 1 loop
                root := sha256('\x01' || peaks[place] || root);
            end loop;
        end if;
        update block set head = part_head.head, merkle_root = root, frontier = part_head.frontier
        from (select head, coalesce((select string_agg(peak, '' order by place)
                                     from unnest(peaks) with ordinality as one(peak, place)), '') as frontier) as part_head
        where block.no = part.no;
    end loop;
end $$;
alter table seal enable trigger append_only;
alter table block enable trigger append_only;
alter table seal alter column hash set not null, add check (length(hash) = 32);
alter table block alter column head set not null, alter column merkle_root set not null,
    alter column frontier set not null;
create index block_end on block (last_position);
