//! The reading half: a few connections of their own, so that reading never waits for the writer.

use super::held::Whereabouts;
use super::{calls, history, rollups, samples, settings};
use crate::kit::mask::Secret;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::Sink;
use crate::store::read::{CallQuery, Dids, FiledCall, OpenStates, Reader, Series, Settings, SumQuery};
use crate::store::write::{Cost, RowId};
use app::domain::{CallName, CampaignId, Moment, RealmId};
use chrono_tz::Tz;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

/// Reads the embedded database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
    /// Whether the database can be read is asked over a connection of its own: however many read it, that answers.
    asking: SqlitePool,
    zone: Tz,
    secret: Secret,
    whereabouts: Whereabouts,
}

impl SqliteStore {
    pub(super) fn new(pool: SqlitePool, zone: Tz, secret: Secret, whereabouts: Whereabouts) -> Self {
        let one = pool.options().clone().max_connections(1);
        let asking = one.connect_lazy_with(pool.connect_options().as_ref().clone());
        Self { pool, asking, zone, secret, whereabouts }
    }

    /// The secret of its pseudonyms.
    #[must_use]
    pub const fn secret(&self) -> Secret {
        self.secret
    }

    pub(super) async fn connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.pool.acquire().await?)
    }
}

impl Reader for SqliteStore {
    async fn all_series(&self, queries: &[SumQuery], open: OpenStates) -> Result<Vec<Series>, StoreError> {
        rollups::series(&mut *self.pool.acquire().await?, queries, open, self.zone).await
    }

    async fn calls(&self, query: &CallQuery) -> Result<Vec<FiledCall>, StoreError> {
        page(&mut *self.pool.acquire().await?, query).await
    }

    async fn call(&self, name: &CallName) -> Result<Option<FiledCall>, StoreError> {
        let found = calls::find_one(&mut *self.pool.acquire().await?, name).await?;
        Ok(found.map(|kept| FiledCall::of(name.clone(), kept)))
    }

    async fn up(&self, realm: &RealmId) -> Result<Vec<FiledCall>, StoreError> {
        let mut up = Vec::new();
        let each = |name, kept| up.push(FiledCall::of(name, kept));
        let tail = "where due is not null and ended_at is null and realm = ?";
        calls::query(&mut *self.pool.acquire().await?, tail, |to| to.text(realm.as_str()), each).await?;
        Ok(up)
    }

    async fn realms(&self, during: Stretch) -> Result<Vec<RealmId>, StoreError> {
        let realms =
            sqlx::query_scalar::<_, String>("select distinct realm from calls where id >= ? and id < ? order by realm");
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
        self.whereabouts.check()?;
        sqlx::query("select 1").execute(&self.asking).await?;
        Ok(())
    }
}

async fn page(db: &mut SqliteConnection, query: &CallQuery) -> Result<Vec<FiledCall>, StoreError> {
    let held = match &query.cursor {
        Some(cursor) => calls::find_one(db, &cursor.name).await?,
        None => None,
    };
    let (since, before, limit) = query.places(held.and_then(|kept| kept.id));
    let mut page = Vec::new();
    let each = |name, kept| page.push(FiledCall::of(name, kept));
    let put = |to: &mut super::cells::Values| {
        to.integer(since.0);
        to.integer(before.0);
        to.integer(limit);
        to.optional(query.campaign.as_ref());
    };
    let tail = if query.campaign.is_some() {
        "where id >= ?1 and id < ?2 and campaign = ?4 order by id desc limit ?3"
    } else {
        "where id >= ?1 and id < ?2 order by id desc limit ?3"
    };
    calls::query(db, tail, put, each).await?;
    Ok(page)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn whether_it_can_be_read_is_answered_while_all_readers_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (_writer, store) = super::super::open(&folder.path().join("busy.db"), Tz::UTC).await.unwrap();
        let mut taken = Vec::new();
        for _ in 0..super::super::READERS {
            taken.push(store.connection().await.unwrap());
        }
        let asked = tokio::time::timeout(Duration::from_secs(5), store.ping()).await;
        asked.unwrap().unwrap();
    }
}
