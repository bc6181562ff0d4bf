//! Compression of old calls, by TimescaleDB's own policy in the background: only where its licence has it, which is the
//! Community edition.
//!
//! Set up once a database: whoever changes the policy or takes it off afterwards is not overruled. Compressed calls are read
//! and changed like others, only slower; they are rarely changed by then.

use super::Edition;
use crate::store::StoreError;
use app::domain::Span;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// Calls this old change no more but by imports and corrections.
const AFTER: Span = Span::days(14);
/// What the server says of what its licence does not have.
const NOT_LICENSED: &str = "0A000";

/// Asks for compression where it can be had. That it can't is no reason not to start: it is only said in the log.
pub(super) async fn set_up(db: &mut PgConnection, edition: Edition) {
    match edition {
        Edition::Community => {}
        Edition::Apache | Edition::Unknown => return,
    }
    match ask(db).await {
        Ok(true) => tracing::info!("calls older than {} days are compressed from now on", AFTER.as_secs() / 86_400),
        Ok(false) => {}
        Err(error) if is_not_licensed(&error) => {
            tracing::info!(%error, "this TimescaleDB compresses nothing: calls are kept as they are");
        }
        Err(error) => tracing::warn!(%error, "compression could not be set up: calls are kept as they are"),
    }
}

/// Whether it was set up by this.
async fn ask(db: &mut PgConnection) -> Result<bool, StoreError> {
    let mut transaction = db.begin().await?;
    // Of several servers that start at once the others wait here, and find it done.
    let mark = "insert into meta (name, value) values ('compression', 'asked for') on conflict (name) do nothing";
    if transaction.execute(mark).await?.rows_affected() == 0 {
        return Ok(false);
    }
    // Microseconds times 1024, as ids are (`RowId`).
    let after = AFTER.as_millis() * 1_000 * 1_024;
    for step in [
        "create or replace function calls_now() returns bigint language sql stable as \
         $$ select (extract(epoch from now()) * 1000000)::bigint * 1024 $$"
            .to_owned(),
        "select set_integer_now_func('calls', 'calls_now', replace_if_exists => true)".to_owned(),
        // By id, as they are read for a recount; in no segments, which would each hold but a few calls of a chunk.
        "alter table calls set (timescaledb.compress, timescaledb.compress_segmentby = '', \
         timescaledb.compress_orderby = 'id')"
            .to_owned(),
        format!("select add_compression_policy('calls', compress_after => {after}::bigint, if_not_exists => true)"),
    ] {
        transaction.execute(AssertSqlSafe(step)).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

fn is_not_licensed(error: &StoreError) -> bool {
    let StoreError::Database(sqlx::Error::Database(told)) = error else { return false };
    told.code().is_some_and(|code| code == NOT_LICENSED)
}
