//! A leader that hangs: its process stands still, but its connection lives on, and with that the lock.
//!
//! A leader says something on its connection at least every second, if only to see that it is there. Who stands by finds in
//! the database's list of sessions when the holder of the lock did so last. A session that has kept the database waiting for
//! too long is ended: the lead is free then, what its transaction had written is undone, and all that its process may still
//! send when it wakes fails, since everything that a leader writes goes over that connection.

use super::follow::LEAD;
use crate::store::StoreError;
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};
use std::time::{Duration, Instant};

/// A leader that has said nothing for so long hangs: some times what the busiest one is silent for.
const HANGS_AFTER: Duration = Duration::from_secs(5);

/// Who holds the lead, and when its last statement began and ended; nobody where the database is not waiting for it, or we
/// may not see its session, which is another role's.
const HOLDER: &str = "select a.pid, a.query_start::text || ' ' || a.state_change::text from pg_locks l \
     join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted and l.classid = $1::int4::oid \
     and l.objid = hashtext(current_schema())::oid and l.objsubid = 2 \
     and l.database = (select oid from pg_database where datname = current_database()) and a.wait_event = 'ClientRead'";

/// What was seen of the leader, looking again and again.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Its process in the database, what it last did there, and since when it is seen so.
    seen: Option<(i32, String, Instant)>,
}

impl Watch {
    /// Looks at who leads instead of us, and ends its session if it hangs.
    pub(super) async fn look(&mut self, db: &mut PgConnection) -> Result<(), StoreError> {
        let holder = sqlx::query(HOLDER).bind(LEAD).fetch_optional(&mut *db).await?;
        let said = |row: &PgRow| Ok::<_, sqlx::Error>((row.try_get::<i32, _>(0)?, row.try_get::<String, _>(1)?));
        let Some((pid, last)) = holder.as_ref().map(said).transpose()? else {
            self.seen = None;
            return Ok(());
        };
        match &self.seen {
            Some((as_before, before, since)) if *as_before == pid && *before == last => {
                if since.elapsed() >= HANGS_AFTER {
                    tracing::warn!(
                        pid,
                        "the leader hangs: its session in the database is ended, and its lead taken over"
                    );
                    let end = sqlx::query("select pg_terminate_backend($1)").bind(pid);
                    if let Err(refused) = end.execute(db).await {
                        if refused.as_database_error().is_none() {
                            return Err(refused.into());
                        }
                        tracing::warn!(%refused, "we may not end it: see that all servers use one role");
                    }
                    self.seen = None;
                }
            }
            Some(_) | None => self.seen = Some((pid, last, Instant::now())),
        }
        Ok(())
    }
}
