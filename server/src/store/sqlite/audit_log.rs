//! The audit log's table: a connection of its own to append by, and one to read by.

use super::BUSY;
use crate::audit::entry::Draft;
use crate::audit::seal::{Head, Sealed, seal};
use crate::store::StoreError;
use crate::store::audit_log::{self, AuditLog, AuditQuery, integer, sealed};
use app::domain::CampaignId;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{QueryBuilder, Sqlite};
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
        let mut sql: QueryBuilder<Sqlite> = query.select(str::to_owned);
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
            let all = sqlx::query_scalar::<_, String>(
                "select distinct campaign from audit where campaign <> '' order by campaign",
            );
            Ok(all.fetch_all(&self.reader).await?.into_iter().map(CampaignId::trusted).collect())
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        Box::pin(async { head(&mut *self.reader.acquire().await?).await })
    }
}

async fn head(db: &mut SqliteConnection) -> Result<Head, StoreError> {
    let last = sqlx::query("select n, entry, hash from audit order by n desc limit 1").fetch_optional(db).await?;
    audit_log::head(last.as_ref())
}
