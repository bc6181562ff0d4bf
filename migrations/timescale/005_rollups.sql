-- Sums of each grain in a table of their own: those of days, which trends read, lie close together however many five minutes
-- there are, and no statistics of the others can mislead the planner. The running buckets are written every few seconds:
-- pages keep room for that, and what is left over is vacuumed before it outgrows what counts.

-- Makes the table under a name, since a rebuild makes it beside the one in use.
create function make_rollups(name text) returns void language plpgsql as $$
declare
    grains constant text[] := array['minutes', 'hours', 'days'];
begin
    execute format('create table %I (
        grain bigint not null,
        dimension bigint not null,
        bucket bigint not null,
        campaign text collate "C" not null,
        block bytea not null,
        primary key (grain, dimension, bucket, campaign)
    ) partition by list (grain)', name);
    for grain in 0..2 loop
        execute format('create table %I partition of %I for values in (%s) with (fillfactor = 80,
            autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05,
            toast.autovacuum_vacuum_scale_factor = 0.05)', name || '_' || grains[grain + 1], name, grain);
    end loop;
end;
$$;

-- Puts a table so made in the place of the one in use.
create function use_rollups(name text) returns void language plpgsql as $$
declare
    part text;
begin
    drop table rollups;
    execute format('alter table %I rename to rollups', name);
    for part in select inhrelid::regclass::text from pg_inherits where inhparent = 'rollups'::regclass loop
        execute format('alter table %I rename to %I', part, replace(part, name, 'rollups'));
    end loop;
end;
$$;

select make_rollups('parted_rollups');
insert into parted_rollups (grain, dimension, bucket, campaign, block)
    select grain, dimension, bucket, campaign, block from rollups order by grain, dimension, bucket, campaign;
select use_rollups('parted_rollups');
analyze rollups;
