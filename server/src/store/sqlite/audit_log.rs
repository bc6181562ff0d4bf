//! The audit log's table: a connection of its own to append by, and one to read by.

use super::BUSY;
use crate::control::audit::{Draft, Head, Sealed, seal};
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use app::domain::CampaignId;
use futures_util::future::BoxFuture;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteSynchronous};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
};
use std::path::Path;

/// The log in the embedded database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteAuditLog {
    writer: SqlitePool,
    reader: SqlitePool,
}

impl SqliteAuditLog {
    /// Opens the log of a database that [`super::open`] has made.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let one = || SqlitePoolOptions::new().max_connections(1);
        Self {
            reader: one().connect_lazy_with(options.clone().pragma("query_only", "on")),
            writer: one().connect_lazy_with(options),
        }
    }

    async fn put(&self, drafts: &[Draft]) -> Result<Head, StoreError> {
        let mut db = self.writer.acquire().await?;
        let mut transaction = sqlx::Connection::begin_with(&mut *db, "begin immediate").await?;
        let mut head = head(&mut transaction).await?;
        for draft in drafts {
            let sealed = seal(&mut head, draft).map_err(|e| StoreError::Unreadable(format!("audit: {e}")))?;
            let insert = "insert into audit (n, at, campaign, step, entry, hash) values (?, ?, ?, ?, ?, ?)";
            sqlx::query(insert)
                .bind(integer(sealed.n))
                .bind(draft.at.micros())
                .bind(draft.campaign.as_str())
                .bind(draft.step.word())
                .bind(sealed.text)
                .bind(sealed.hash)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(head)
    }

    async fn read(&self, query: &AuditQuery) -> Result<Vec<Sealed>, StoreError> {
        let mut sql = sqlx::QueryBuilder::<Sqlite>::new("select n, entry, hash from audit where true");
        if let Some(campaign) = &query.campaign {
            sql.push(" and campaign = ").push_bind(campaign.as_str());
        }
        if let Some(step) = query.step {
            sql.push(" and step = ").push_bind(step.word());
        }
        if let Some(from) = query.from {
            sql.push(" and at >= ").push_bind(from.micros());
        }
        if let Some(to) = query.to {
            sql.push(" and at < ").push_bind(to.micros());
        }
        if let Some(before) = query.before {
            sql.push(" and n < ").push_bind(integer(before));
        }
        match query.after {
            Some(after) => sql.push(" and n > ").push_bind(integer(after)).push(" order by n"),
            None => sql.push(" order by n desc"),
        };
        sql.push(" limit ").push_bind(integer(query.limit as u64));
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(sealed).collect()
    }
}

impl AuditLog for SqliteAuditLog {
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>> {
        Box::pin(self.put(drafts))
    }

    fn page<'a>(&'a self, query: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>> {
        Box::pin(self.read(query))
    }

    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>> {
        Box::pin(async {
            let all = sqlx::query_scalar::<_, String>("select distinct campaign from audit order by campaign");
            Ok(all.fetch_all(&self.reader).await?.into_iter().map(CampaignId::trusted).collect())
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        Box::pin(async { head(&mut *self.reader.acquire().await?).await })
    }
}

async fn head(db: &mut SqliteConnection) -> Result<Head, StoreError> {
    let last = sqlx::query("select n, entry, hash from audit order by n desc limit 1").fetch_optional(db).await?;
    let last = last.as_ref().map(sealed).transpose()?;
    Ok(last.map_or_else(Head::default, |last| Head { entries: last.n, hash: last.hash }))
}

fn sealed(row: &SqliteRow) -> Result<Sealed, StoreError> {
    let n: i64 = row.try_get(0)?;
    Ok(Sealed { n: n.unsigned_abs(), text: row.try_get(1)?, hash: row.try_get(2)? })
}

/// There are never so many entries.
fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
