//! The reading half: a few connections of their own, so that reading never waits for the writer.

use super::calls::arguments;
use super::cells::clean;
use super::{calls, history, rollups, samples, settings};
use crate::kit::mask::Secret;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::read::{CallQuery, Dids, FiledCall, OpenStates, Reader, Series, Settings, SumQuery};
use crate::store::write::{Cost, RowId};
use app::domain::{CallName, CampaignId, Moment, RealmId};
use chrono_tz::Tz;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use std::sync::Arc;

/// Reads a PostgreSQL database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// Whether the database answers is asked over a connection of its own: however many read it, that answers.
    asking: PgPool,
    zone: Tz,
    kind: Arc<str>,
    secret: Secret,
}

impl PostgresStore {
    pub(super) fn new(pool: PgPool, zone: Tz, kind: Arc<str>, secret: Secret) -> Self {
        let one = pool.options().clone().max_connections(1);
        let asking = one.connect_lazy_with(pool.connect_options().as_ref().clone());
        Self { pool, asking, zone, kind, secret }
    }

    /// The secret of its pseudonyms.
    #[must_use]
    pub const fn secret(&self) -> Secret {
        self.secret
    }

    pub(super) async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        Ok(self.pool.acquire().await?)
    }

    /// What was found: "timescaledb 2.19 (apache)", "postgresql 15.18".
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

impl Reader for PostgresStore {
    async fn all_series(&self, queries: &[SumQuery], open: OpenStates) -> Result<Vec<Series>, StoreError> {
        rollups::series(&mut *self.pool.acquire().await?, queries, open, self.zone).await
    }

    async fn calls(&self, query: &CallQuery) -> Result<Vec<FiledCall>, StoreError> {
        page(&mut *self.pool.acquire().await?, query).await
    }

    async fn call(&self, name: &CallName) -> Result<Option<FiledCall>, StoreError> {
        let found = calls::find_one(&mut *self.pool.acquire().await?, name, None).await?;
        Ok(found.map(|kept| FiledCall::of(name.clone(), kept)))
    }

    async fn up(&self, realm: &RealmId) -> Result<Vec<FiledCall>, StoreError> {
        let mut up = Vec::new();
        let each = |name, kept| up.push(FiledCall::of(name, kept));
        let tail = "where due is not null and ended_at is null and realm = $1";
        let realm = clean(realm.as_str()).into_owned();
        calls::query(&mut *self.pool.acquire().await?, tail, arguments!(realm), each).await?;
        Ok(up)
    }

    async fn realms(&self, during: Stretch) -> Result<Vec<RealmId>, StoreError> {
        let realms = sqlx::query_scalar::<_, String>(
            "select distinct realm from calls where id >= $1 and id < $2 order by realm",
        );
        let realms = realms.bind(RowId::at(during.from).0).bind(RowId::at(during.to).0).fetch_all(&self.pool).await?;
        Ok(realms.into_iter().map(RealmId::trusted).collect())
    }

    async fn settings(&self, dids: Dids) -> Result<Settings, StoreError> {
        settings::read(&mut *self.pool.acquire().await?, dids).await
    }

    /// The start of the first site day on which it had calls: known for ever, where calls are cleared away.
    async fn first_call(&self, campaign: &CampaignId) -> Result<Option<Moment>, StoreError> {
        let days = rollups::campaign_days(&mut *self.pool.acquire().await?, campaign, self.zone).await?;
        Ok(days.into_iter().find(|(_, sum)| sum.tells_of_calls()).map(|(day, _)| day))
    }

    async fn costs(&self) -> Result<Vec<Cost>, StoreError> {
        samples::costs(&mut *self.pool.acquire().await?).await
    }

    async fn revised(&self, during: Stretch) -> Result<Vec<(Moment, Moment)>, StoreError> {
        history::revised(&mut *self.pool.acquire().await?, during).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.asking).await?;
        Ok(())
    }
}

async fn page(db: &mut PgConnection, query: &CallQuery) -> Result<Vec<FiledCall>, StoreError> {
    let held = match &query.cursor {
        Some(cursor) => calls::find_one(db, &cursor.name, Some(cursor.filed_at)).await?,
        None => None,
    };
    let (since, before, limit) = query.places(held.and_then(|kept| kept.id));
    let mut page = Vec::new();
    let each = |name, kept| page.push(FiledCall::of(name, kept));
    match &query.campaign {
        Some(campaign) => {
            let campaign = clean(campaign.as_str()).into_owned();
            let tail = "where id >= $1 and id < $2 and campaign = $4 order by id desc limit $3";
            calls::query(db, tail, arguments!(since.0, before.0, limit, campaign), each).await?;
        }
        None => {
            let tail = "where id >= $1 and id < $2 order by id desc limit $3";
            calls::query(db, tail, arguments!(since.0, before.0, limit), each).await?;
        }
    }
    Ok(page)
}
