-- What dialers were asked, by whom, and what became of it: appended only, each entry chained to the one before it.

create table audit (
    -- Counts from 1, without gaps.
    n integer primary key,
    at integer not null,
    campaign text not null,
    step text not null,
    -- The entry as JSON, byte for byte as it was hashed; the columns before repeat what is looked for.
    entry text not null,
    -- SHA-256 of the hash before and the entry, in hexadecimal digits.
    hash text not null
);
create index audit_campaign on audit (campaign, n);
create index audit_step on audit (step, at);

create trigger audit_is_not_changed before update on audit
begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger audit_is_not_cut before delete on audit
begin
    select raise(abort, 'the audit log is append-only');
end;
