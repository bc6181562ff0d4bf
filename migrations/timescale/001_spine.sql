-- The spine: calls, their sums, agents, samples, settings. For TimescaleDB, and for PostgreSQL without it.
-- Moments are microseconds since 1970 UTC, buckets whole seconds. Numbers are in clear: the database is the boundary.
-- A zero character, which PostgreSQL can't keep in text, stands there as U+0001 0; U+0001 itself as U+0001 1.

create table meta (
    name text collate "C" not null primary key,
    value text not null
);

-- One row a call, as merged. The id bears the order: filed_at in microseconds times 1024, plus a running number. It is what
-- the table is partitioned by, and never changes.
create table calls (
    id bigint not null primary key,
    -- A hash of realm and call_id: short and stable, where an index of the names themselves would double the table.
    name_hash bigint not null,
    realm text collate "C" not null,
    call_id text collate "C" not null,
    started_at bigint,
    progress_at bigint,
    answered_at bigint,
    greeted_at bigint,
    queued_at bigint,
    bridged_at bigint,
    transferred_at bigint,
    ended_at bigint,
    direction text collate "C",
    campaign text collate "C",
    mode text collate "C",
    route text collate "C",
    from_number text collate "C",
    to_number text collate "C",
    country text collate "C",
    placed_in text collate "C",
    list text collate "C",
    attempt bigint,
    room text collate "C",
    answered_by text collate "C",
    queue text collate "C",
    agent text collate "C",
    transfer_kind text collate "C",
    transfer_target text collate "C",
    outcome text collate "C",
    sip_code bigint,
    sip_reason text collate "C",
    q850 bigint,
    hung_up_by text collate "C",
    final boolean,
    right_party boolean,
    wrap_ms bigint,
    hold_ms bigint,
    disposition text collate "C",
    recording_url text collate "C",
    metadata text collate "C",
    -- When each field that is not null was told, in the columns' order, as differences.
    stamps bytea not null,
    -- What the call was last judged with; with it, what it added to the sums can be taken back exactly.
    judged_at bigint not null,
    campaign_mode text collate "C",
    max_attempts bigint,
    -- When time alone will alter it; null where it never will.
    due bigint,
    -- Its last moment, where that is more than half an hour from filed_at: so that a restart finds the long calls.
    long_until bigint
);
create index calls_name on calls (name_hash);
create index calls_campaign on calls (campaign, id);
create index calls_due on calls (due) where due is not null;
create index calls_long on calls (long_until) where long_until is not null;

-- Sums of facts by grain (0: 5 min, 1: hour, 2: site day) and dimension, within one campaign; block: of each key its counts.
create table rollups (
    grain bigint not null,
    dimension bigint not null,
    bucket bigint not null,
    campaign text collate "C" not null,
    block bytea not null,
    primary key (grain, dimension, bucket, campaign)
);

-- What each commit told: what it added to the sums (entries), and the rest of what a live view must know of it (rest). The
-- commits are numbered without a gap; the number fences: two writers can't both write the same one. Entries up to
-- journal_mark are in the rollups already, and stay a while for servers that stand by. Sums are rollups and the rest of
-- the journal.
create table journal (
    id bigint not null primary key,
    at timestamptz not null default clock_timestamp(),
    entries bytea not null,
    rest bytea not null
);
create table journal_mark (
    one boolean not null primary key default true check (one),
    folded bigint not null
);
insert into journal_mark (folded) values (0);

create table agents (
    agent text collate "C" not null primary key,
    judged_at bigint not null,
    due bigint
);
create index agents_due on agents (due) where due is not null;

create table agent_states (
    agent text collate "C" not null,
    at bigint not null,
    campaign text collate "C" not null,
    state text collate "C" not null,
    reason text collate "C",
    primary key (agent, at)
);

-- kind: channels, trunk, health, metric; name: the trunk or component; part: the metric's name.
create table samples (
    kind text collate "C" not null,
    name text collate "C" not null,
    part text collate "C" not null,
    source text collate "C" not null,
    at bigint not null,
    body text collate "C" not null,
    primary key (kind, name, part, source, at)
);

create table latest_samples (
    kind text collate "C" not null,
    name text collate "C" not null,
    part text collate "C" not null,
    source text collate "C" not null,
    at bigint not null,
    body text collate "C" not null,
    primary key (kind, name, part, source)
);

-- settings: of each field its value and when it was told; of modes and attempts the history.
create table campaigns (
    campaign text collate "C" not null primary key,
    settings text collate "C" not null
);

create table routes (
    route text collate "C" not null primary key,
    settings text collate "C" not null
);

create table dids (
    did text collate "C" not null primary key,
    settings text collate "C" not null
);

create table costs (
    month text collate "C" not null,
    kind text collate "C" not null,
    amount text collate "C" not null,
    currency text collate "C" not null,
    told_at bigint not null,
    primary key (month, kind)
);

-- Spans of a campaign's calls still to be judged again since a setting came late.
create table rejudgements (
    id bigint generated always as identity primary key,
    campaign text collate "C" not null,
    after_id bigint not null,
    to_id bigint not null
);

-- Where TimescaleDB is, what grows with time is kept in chunks: of calls a day each (in units of their id), of the others a
-- week. Which layout a database has is decided here, once.
do $$
begin
    if exists (select from pg_extension where extname = 'timescaledb') then
        perform create_hypertable('calls', 'id', chunk_time_interval => 86400000000 * 1024, create_default_indexes => false);
        perform create_hypertable('agent_states', 'at', chunk_time_interval => 7 * 86400000000, create_default_indexes => false);
        perform create_hypertable('samples', 'at', chunk_time_interval => 7 * 86400000000, create_default_indexes => false);
        insert into meta (name, value) values ('layout', 'hypertables');
    else
        insert into meta (name, value) values ('layout', 'plain');
    end if;
end
$$;
