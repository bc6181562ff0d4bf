-- Nothing to do here: SQLite keeps these rows in the order of their key. The numbers of both stay the same.
select 1;
