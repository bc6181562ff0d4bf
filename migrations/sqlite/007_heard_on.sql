-- The day (since 1970, UTC) on which each name was last heard of: one of which nothing is kept any more is forgotten.
-- Null where it was not noted yet.
alter table campaigns add column heard_on integer;
alter table routes add column heard_on integer;
alter table dids add column heard_on integer;
