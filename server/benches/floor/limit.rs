//! The limit: the fastest bulk insert of the same rows into the same table, with nothing around it. One transaction, one
//! prepared statement, nothing synced.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};

/// What was inserted, and how long that took.
pub struct Bare {
    pub took: Duration,
    pub rows: usize,
    pub columns: usize,
    pub indexes: usize,
    /// Of the values, without what SQLite adds.
    pub bytes: usize,
}

/// Copies the calls of a database, from memory, into a new one with the same table and indexes; all but the first are timed.
pub fn bulk_insert(database: &Path, warm: usize, expected: usize) -> Result<Bare, String> {
    let bare = measure(database, warm).map_err(|e| format!("the bare insert: {e}"))?;
    if bare.rows == expected {
        Ok(bare)
    } else {
        Err(format!("{} calls are in the store, {expected} were sent", bare.rows))
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
    }
}

fn measure(database: &Path, warm: usize) -> rusqlite::Result<Bare> {
    let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut schema =
        from.prepare("select sql from sqlite_master where tbl_name = 'calls' and sql is not null order by type desc")?;
    let schema: Vec<String> = schema.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut all = from.prepare("select * from calls")?;
    let columns = all.column_count();
    let rows: Vec<Vec<Value>> =
        all.query_map([], |row| (0..columns).map(|i| row.get(i)).collect())?.collect::<Result<_, _>>()?;

    let count = rows.len();
    let bytes = rows.iter().flatten().map(weight).sum();
    let indexes = schema.iter().filter(|sql| sql.to_ascii_lowercase().starts_with("create index")).count();
    let path = database.with_extension("limit");
    let to = Connection::open(&path)?;
    to.pragma_update(None, "journal_mode", "wal")?;
    to.pragma_update(None, "synchronous", "off")?;
    for statement in schema {
        to.execute_batch(&statement)?;
    }
    let marks = vec!["?"; columns].join(",");
    to.execute_batch("begin")?;
    let began = {
        let mut insert = to.prepare(&format!("insert into calls values ({marks})"))?;
        let mut rows = rows.into_iter();
        for row in rows.by_ref().take(warm) {
            insert.execute(params_from_iter(row))?;
        }
        let began = Instant::now();
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
        began
    };
    to.execute_batch("commit")?;
    Ok(Bare { took: began.elapsed(), rows: count, columns, indexes, bytes })
}
