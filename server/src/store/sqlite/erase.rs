//! Forgetting a person's number in the table of calls.

use super::{calls, lock, migrate, options, schema};
use crate::store::StoreError;
use crate::store::call_row::Places;
use crate::store::cells::Sink;
use crate::store::erase::{Erased, Key, hide, pseudonym, tells};
use crate::store::write::{CallWrite, Kept, RowId};
use app::domain::{CallName, Number};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

/// Calls changed in one transaction.
const SLICE: usize = 1_000;

/// Puts a pseudonym in the place of a far end's number in all calls. The server must be stopped: it holds calls in memory.
///
/// # Errors
/// If there is no such database, somebody uses it, or it can't be read or written. What was erased before stays so.
pub async fn erase(path: &Path, number: &Number) -> Result<Erased, StoreError> {
    schema::check_there(path)?;
    let _lock = lock(path)?;
    let mut db = options(path).pragma("synchronous", "full").connect().await?;
    migrate(&mut db).await?;
    let stands = pseudonym(&key(&mut db).await?, number);
    let statements = calls::Statements::new();
    let mut erased = Erased::default();
    let mut after = RowId::FIRST;
    loop {
        let mut found: Vec<(CallName, Kept)> = Vec::new();
        let asked = |to: &mut super::cells::Values| {
            to.text(number.reveal());
            to.integer(after.0);
            to.integer(SLICE as i64);
        };
        let tail = "where (from_number = ?1 or to_number = ?1) and id > ?2 order by id limit ?3";
        calls::query(&mut db, tail, asked, |name, kept| found.push((name, kept))).await?;
        let Some(last) = found.last().and_then(|(_, kept)| kept.id) else { break };
        after = last;
        let mut writes = Vec::new();
        for (name, kept) in &mut found {
            if hide(&mut kept.call, number, &stands) {
                erased.calls += 1;
                erased.telling_ids += u64::from(tells(name.call_id.as_str(), number));
                writes.push(CallWrite { name, kept });
            }
        }
        let mut transaction = db.begin_with("begin immediate").await?;
        calls::write(&mut transaction, &statements, &mut Places::default(), &mut writes).await?;
        transaction.commit().await?;
    }
    if erased.calls > 0 {
        // Rows that moved since they were written have left copies in the unused parts of pages: the file is written anew.
        sqlx::query("vacuum").execute(&mut db).await?;
    }
    sqlx::query("pragma wal_checkpoint(truncate)").fetch_all(&mut db).await?;
    db.close().await?;
    Ok(erased)
}

/// The store's own key, made when it is first needed.
async fn key(db: &mut SqliteConnection) -> Result<Key, StoreError> {
    let stored: Option<String> =
        sqlx::query_scalar("select value from meta where name = 'erase_key'").fetch_optional(&mut *db).await?;
    let unreadable = || StoreError::Unreadable("meta: erase_key".to_owned());
    if let Some(text) = stored {
        let mut key = Key::default();
        for (at, byte) in key.iter_mut().enumerate() {
            let digits = text.get(at * 2..at * 2 + 2).ok_or_else(unreadable)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| unreadable())?;
        }
        return Ok(key);
    }
    let mut key = Key::default();
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut key).map_err(|_| StoreError::Io(std::io::Error::other("no random numbers")))?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    sqlx::query("insert into meta (name, value) values ('erase_key', ?)").bind(text).execute(db).await?;
    Ok(key)
}
