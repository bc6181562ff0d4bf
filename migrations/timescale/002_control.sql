-- What dialers were asked, by whom, and what became of it: appended only, each entry chained to the one before it.

create table audit (
    -- Counts from 1, without gaps.
    n bigint not null primary key,
    at bigint not null,
    campaign text collate "C" not null,
    step text collate "C" not null,
    -- The entry as JSON, byte for byte as it was hashed; the columns before repeat what is looked for.
    entry text collate "C" not null,
    -- SHA-256 of the hash before and the entry, in hexadecimal digits.
    hash text collate "C" not null
);
create index audit_campaign on audit (campaign, n);
create index audit_step on audit (step, at);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end;
$$;

create trigger audit_is_not_changed before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
