//! The limit: the fastest bulk insert of the same rows into the same table, with nothing around it. One transaction, one
//! prepared statement, nothing synced.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};

/// Copies the calls of a database, from memory, into a new one with the same table and indexes; answers how long that took.
pub fn bulk_insert(database: &Path, expected: usize) -> Result<Duration, String> {
    let (rows, took) = measure(database).map_err(|e| format!("the bare insert: {e}"))?;
    if rows == expected { Ok(took) } else { Err(format!("{rows} calls are in the store, {expected} were sent")) }
}

fn measure(database: &Path) -> rusqlite::Result<(usize, Duration)> {
    let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut schema =
        from.prepare("select sql from sqlite_master where tbl_name = 'calls' and sql is not null order by type desc")?;
    let schema: Vec<String> = schema.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut all = from.prepare("select * from calls")?;
    let columns = all.column_count();
    let rows: Vec<Vec<Value>> =
        all.query_map([], |row| (0..columns).map(|i| row.get(i)).collect())?.collect::<Result<_, _>>()?;

    let count = rows.len();
    let path = database.with_extension("limit");
    let to = Connection::open(&path)?;
    to.pragma_update(None, "journal_mode", "wal")?;
    to.pragma_update(None, "synchronous", "off")?;
    for statement in schema {
        to.execute_batch(&statement)?;
    }
    let marks = vec!["?"; columns].join(",");
    let began = Instant::now();
    to.execute_batch("begin")?;
    {
        let mut insert = to.prepare(&format!("insert into calls values ({marks})"))?;
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
    }
    to.execute_batch("commit")?;
    Ok((count, began.elapsed()))
}
