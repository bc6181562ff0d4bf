-- Nothing to do here: PostgreSQL packs long values, SQLite does not. The numbers of both stay the same.
select 1;
