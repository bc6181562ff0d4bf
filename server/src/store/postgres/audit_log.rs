//! The audit log's table: a connection of its own to append by, and one to read by.

use super::cells::{clean, plain};
use super::{PostgresAddress, WRITING};
use crate::audit::entry::Draft;
use crate::audit::seal::{Head, Sealed, seal};
use crate::store::StoreError;
use crate::store::audit_log::{self, AuditLog, AuditQuery, integer, sealed};
use app::domain::CampaignId;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Executor, Postgres, QueryBuilder};

/// The log in a PostgreSQL database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresAuditLog {
    writer: PgPool,
    reader: PgPool,
}

impl PostgresAuditLog {
    /// Opens the log of a database that [`super::open`] has made.
    #[must_use]
    pub fn new(address: &PostgresAddress) -> Self {
        let options = || address.options.as_ref().clone().disable_statement_logging();
        let one = || PgPoolOptions::new().max_connections(1).acquire_timeout(super::CONNECT);
        let durable = one().after_connect(|db, _| {
            Box::pin(async move {
                db.execute(WRITING).await?;
                Ok(())
            })
        });
        Self { writer: durable.connect_lazy_with(options()), reader: one().connect_lazy_with(options()) }
    }

    async fn put(&self, drafts: &[Draft]) -> Result<Head, StoreError> {
        let mut transaction = self.writer.begin().await?;
        // Every server may append: one at a time, so that the chain has one end.
        transaction.execute("lock table audit in share row exclusive mode").await?;
        let mut head = head(&mut transaction).await?;
        for draft in drafts {
            let sealed = seal(&mut head, draft).map_err(|e| StoreError::Unreadable(format!("audit: {e}")))?;
            let insert = "insert into audit (n, at, campaign, step, entry, hash) values ($1, $2, $3, $4, $5, $6)";
            sqlx::query(insert)
                .bind(integer(sealed.n))
                .bind(draft.at.micros())
                .bind(clean(draft.campaign.as_str()))
                .bind(draft.step.word())
                .bind(clean(&sealed.text))
                .bind(&sealed.hash)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(head)
    }

    async fn read(&self, query: &AuditQuery) -> Result<Vec<Sealed>, StoreError> {
        let mut sql: QueryBuilder<Postgres> = query.select(|text| clean(text).into_owned());
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(sealed).collect()
    }
}

impl AuditLog for PostgresAuditLog {
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
            Ok(all.fetch_all(&self.reader).await?.iter().map(|name| CampaignId::trusted(plain(name))).collect())
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        Box::pin(async { head(&mut *self.reader.acquire().await?).await })
    }
}

async fn head(db: &mut PgConnection) -> Result<Head, StoreError> {
    let last = sqlx::query("select n, entry, hash from audit order by n desc limit 1").fetch_optional(db).await?;
    audit_log::head(last.as_ref())
}
