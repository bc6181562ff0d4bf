-- What the source of a call can't know of it: bit 0 agent, 1 progress, 2 queue, 3 answered_by. Null where nothing was told.
alter table calls add column cannot_tell bigint;
