//! The audit log's table: a connection of its own to append by, and one to read by.

use super::cells::{clean, plain};
use super::{PostgresAddress, WRITING};
use crate::control::audit::{Draft, Head, Sealed, seal};
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use crate::store::cells::get;
use app::domain::CampaignId;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::{ConnectOptions, Executor, Row};

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
        let mut sql = sqlx::QueryBuilder::<Postgres>::new("select n, entry, hash from audit where true");
        if let Some(campaign) = &query.campaign {
            sql.push(" and campaign = ").push_bind(clean(campaign.as_str()).into_owned());
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

impl AuditLog for PostgresAuditLog {
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>> {
        Box::pin(self.put(drafts))
    }

    fn page<'a>(&'a self, query: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>> {
        Box::pin(self.read(query))
    }

    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>> {
        Box::pin(async {
            let all = sqlx::query_scalar::<_, String>("select distinct campaign from audit order by campaign");
            Ok(all.fetch_all(&self.reader).await?.iter().map(|name| CampaignId::trusted(plain(name))).collect())
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        Box::pin(async { head(&mut *self.reader.acquire().await?).await })
    }
}

async fn head(db: &mut PgConnection) -> Result<Head, StoreError> {
    let last = sqlx::query("select n, entry, hash from audit order by n desc limit 1").fetch_optional(db).await?;
    let last = last.as_ref().map(sealed).transpose()?;
    Ok(last.map_or_else(Head::default, |last| Head { entries: last.n, hash: last.hash }))
}

fn sealed(row: &PgRow) -> Result<Sealed, StoreError> {
    let n: i64 = row.try_get(0)?;
    Ok(Sealed { n: n.unsigned_abs(), text: get(row, 1)?, hash: row.try_get(2)? })
}

/// There are never so many entries.
fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
