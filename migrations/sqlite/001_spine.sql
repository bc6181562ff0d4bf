-- The spine: calls, their sums, agents, samples, settings.
-- Moments are microseconds since 1970 UTC, buckets whole seconds. Numbers are in clear: the database is the boundary.

create table meta (
    name text not null primary key,
    value text not null
) without rowid;

-- One row a call, as merged. The id bears the order: filed_at in microseconds times 1024, plus a running number.
create table calls (
    id integer primary key,
    -- A hash of realm and call_id: short and stable, where an index of the names themselves would double the table.
    name_hash integer not null,
    realm text not null,
    call_id text not null,
    started_at integer,
    progress_at integer,
    answered_at integer,
    greeted_at integer,
    queued_at integer,
    bridged_at integer,
    transferred_at integer,
    ended_at integer,
    direction text,
    campaign text,
    mode text,
    route text,
    from_number text,
    to_number text,
    country text,
    placed_in text,
    list text,
    attempt integer,
    room text,
    answered_by text,
    queue text,
    agent text,
    transfer_kind text,
    transfer_target text,
    outcome text,
    sip_code integer,
    sip_reason text,
    q850 integer,
    hung_up_by text,
    final integer,
    right_party integer,
    wrap_ms integer,
    hold_ms integer,
    disposition text,
    recording_url text,
    metadata text,
    -- When each field that is not null was told, in the columns' order, as differences.
    stamps blob not null,
    -- What the call was last judged with; with it, what it added to the sums can be taken back exactly.
    judged_at integer not null,
    campaign_mode text,
    max_attempts integer,
    -- When time alone will alter it; null where it never will.
    due integer,
    -- Its last moment, where that is more than half an hour from filed_at: so that a restart finds the long calls.
    long_until integer
);
create index calls_name on calls (name_hash);
create index calls_campaign on calls (campaign);
create index calls_due on calls (due) where due is not null;
create index calls_long on calls (long_until) where long_until is not null;

-- Sums of facts by grain (0: 5 min, 1: hour, 2: site day) and dimension, within one campaign; block: of each key its counts.
create table rollups (
    grain integer not null,
    dimension integer not null,
    bucket integer not null,
    campaign text not null,
    block blob not null,
    primary key (grain, dimension, bucket, campaign)
) without rowid;

-- What commits added to the sums and is not yet folded into them: some seconds' worth. Sums are rollups and journal.
create table journal (
    id integer primary key,
    entries blob not null
);

create table agents (
    agent text not null primary key,
    judged_at integer not null,
    due integer
) without rowid;
create index agents_due on agents (due) where due is not null;

create table agent_states (
    agent text not null,
    at integer not null,
    campaign text not null,
    state text not null,
    reason text,
    primary key (agent, at)
) without rowid;

-- kind: channels, trunk, health, metric; name: the trunk or component; part: the metric's name.
create table samples (
    kind text not null,
    name text not null,
    part text not null,
    source text not null,
    at integer not null,
    body text not null,
    primary key (kind, name, part, source, at)
) without rowid;

create table latest_samples (
    kind text not null,
    name text not null,
    part text not null,
    source text not null,
    at integer not null,
    body text not null,
    primary key (kind, name, part, source)
) without rowid;

-- settings: of each field its value and when it was told; of modes and attempts the history.
create table campaigns (
    campaign text not null primary key,
    settings text not null
) without rowid;

create table routes (
    route text not null primary key,
    settings text not null
) without rowid;

create table dids (
    did text not null primary key,
    settings text not null
) without rowid;

create table costs (
    month text not null,
    kind text not null,
    amount text not null,
    currency text not null,
    told_at integer not null,
    primary key (month, kind)
) without rowid;

-- Spans of a campaign's calls still to be judged again since a setting came late.
create table rejudgements (
    id integer primary key,
    campaign text not null,
    after_id integer not null,
    to_id integer not null
);
