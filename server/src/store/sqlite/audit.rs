//! Proving and rebuilding the sums: a snapshot beside whoever writes, and the store held alone.

use super::held::{Lock, Whereabouts};
use super::statement::values;
use super::{agents, calls, history, migrate, options, rollups, schema, settings};
use crate::law;
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::SumKey;
use crate::law::components::Beat;
use crate::law::grain::Grain;
use crate::law::span::Stretch;
use crate::store::audit::{Audit, Rebuild, is_far};
use crate::store::call_row::{NAMESAKES, namesakes_among};
use crate::store::cells::{Columns, Sink};
use crate::store::read::Dids;
use crate::store::tally::{encode_block, read_block};
use crate::store::write::{CallWrite, Commit, KnownAgent, KnownComponent, Rejudgement, RowId, StoredCall};
use crate::store::{EDITION, StoreError};
use app::domain::call::LONGEST_CALL;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Did, Dimension, Moment, Number, Tally};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use smol_str::SmolStr;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Row};

use std::path::Path;
use std::str::FromStr;

/// The database as of one instant.
#[derive(Debug)]
pub struct SqliteAudit {
    db: SqliteConnection,
    /// Held where nobody else may write meanwhile.
    held: Option<(Lock, Whereabouts)>,
}

/// Opens a snapshot, whoever uses the database.
///
/// # Errors
/// If there is no such database, or its schema is not this version's.
pub async fn audit(path: &Path) -> Result<SqliteAudit, StoreError> {
    schema::check_there(path)?;
    let mut db = options(path).pragma("query_only", "on").connect().await?;
    schema::check_current(&mut db).await?;
    // The first read begins the snapshot; it ends with the connection.
    sqlx::query("begin").execute(&mut db).await?;
    Ok(SqliteAudit { db, held: None })
}

/// Opens the database for nobody else.
///
/// # Errors
/// If there is no such database, another ringside uses it, or its schema is newer than this program's.
pub async fn rebuild(path: &Path) -> Result<SqliteAudit, StoreError> {
    schema::check_there(path)?;
    let lock = Lock::take(path)?;
    let mut db = options(path).pragma("synchronous", "full").connect().await?;
    migrate(&mut db).await?;
    let whereabouts = Whereabouts::of_file(path)?;
    Ok(SqliteAudit { db, held: Some((lock, whereabouts)) })
}

impl Audit for SqliteAudit {
    async fn zone(&mut self) -> Result<Option<Tz>, StoreError> {
        schema::zone(&mut self.db).await
    }

    async fn edition(&mut self) -> Result<Option<u32>, StoreError> {
        noted(&mut self.db, EDITION).await
    }

    async fn cleared_to(&mut self) -> Result<Option<Moment>, StoreError> {
        mark(&mut self.db, "cleared_to").await
    }

    async fn days_carried_to(&mut self) -> Result<Option<Moment>, StoreError> {
        mark(&mut self.db, "days_carried_to").await
    }

    async fn calls(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        calls::after(&mut self.db, after, limit).await
    }

    async fn calls_of(
        &mut self,
        campaign: &CampaignId,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> Result<Vec<StoredCall>, StoreError> {
        let found = calls::of_campaign(&mut self.db, campaign, after, to, limit).await?;
        Ok(found.into_iter().map(|(_, kept)| kept).collect())
    }

    async fn far_calls(&mut self, each: &mut dyn FnMut(StoredCall)) -> Result<(), StoreError> {
        // The shift gives the microsecond that an id is filed at (`RowId`).
        let tail = "where min(coalesce(started_at, id >> 10), coalesce(progress_at, id >> 10), coalesce(answered_at, id >> 10), \
             coalesce(greeted_at, id >> 10), coalesce(queued_at, id >> 10), coalesce(bridged_at, id >> 10), \
             coalesce(transferred_at, id >> 10), coalesce(ended_at, id >> 10)) < (id >> 10) - ?1 \
             or max(coalesce(started_at, id >> 10), coalesce(progress_at, id >> 10), coalesce(answered_at, id >> 10), \
             coalesce(greeted_at, id >> 10), coalesce(queued_at, id >> 10), coalesce(bridged_at, id >> 10), \
             coalesce(transferred_at, id >> 10), coalesce(ended_at, id >> 10)) > (id >> 10) + ?1";
        let put = |to: &mut super::cells::Values| to.integer(LONGEST_CALL.as_millis() * 1_000);
        calls::query(&mut self.db, tail, put, |_, kept| {
            if is_far(&kept) {
                each(kept);
            }
        })
        .await
    }

    async fn namesakes(&mut self) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        calls::query(&mut self.db, NAMESAKES, |_| {}, |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn namesakes_among(&mut self, calls: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        calls::query(&mut self.db, &namesakes_among(calls), |_| {}, |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn agents(&mut self) -> Result<Vec<AgentId>, StoreError> {
        let rows = sqlx::query("select agent from agents order by agent").fetch_all(&mut self.db).await?;
        rows.iter().map(|row| Ok(AgentId::trusted(row.try_get::<&str, _>(0)?))).collect()
    }

    async fn agent(&mut self, agent: &AgentId, during: Stretch) -> Result<KnownAgent, StoreError> {
        agents::during(&mut self.db, agent, during).await
    }

    async fn dids(&mut self) -> Result<Vec<(Number, Did)>, StoreError> {
        Ok(settings::read(&mut self.db, Dids::With).await?.dids)
    }

    async fn components(&mut self) -> Result<Vec<KnownComponent>, StoreError> {
        history::components(&mut self.db).await
    }

    async fn beats(&mut self, component: &ComponentId, during: Stretch) -> Result<Vec<Beat>, StoreError> {
        history::beats(&mut self.db, component, during).await
    }

    async fn blocks(
        &mut self,
        grain: Grain,
        dimension: Dimension,
        during: Stretch,
        each: &mut dyn FnMut(Moment, CampaignId, Block),
    ) -> Result<(), StoreError> {
        let asked = values(|to| {
            to.integer(grain.code());
            to.integer(dimension as i64);
            to.integer(during.from.secs());
            to.integer(during.to.secs());
        })?;
        let find = "select bucket, campaign, block from rollups where grain = ? and dimension = ? and bucket >= ? \
             and bucket < ? order by bucket, campaign";
        let mut rows = sqlx::query_with(find, asked).fetch(&mut self.db);
        while let Some(row) = rows.try_next().await? {
            let mut block = Block::new();
            read_block(row.blob(2)?, |key, tally| *block.entry(key.into()).or_default() += &tally)?;
            let campaign = CampaignId::trusted(row.try_get::<&str, _>(1).map(SmolStr::new)?);
            each(Moment::from_secs(row.try_get(0)?), campaign, block);
        }
        Ok(())
    }

    async fn some_blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError> {
        rollups::find(&mut self.db, &rollups::Statements::new(), of).await
    }

    async fn buckets(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<Vec<Moment>, StoreError> {
        let find =
            "select distinct bucket from rollups where grain = ? and dimension = ? and bucket < ? order by bucket";
        let find = sqlx::query_scalar(find).bind(grain.code()).bind(dimension as i64).bind(before.secs());
        let found: Vec<i64> = find.fetch_all(&mut self.db).await?;
        Ok(found.into_iter().map(Moment::from_secs).collect())
    }

    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<(), StoreError> {
        rollups::journal(&mut self.db, each).await.map(drop)
    }
}

impl Rebuild for SqliteAudit {
    async fn unite(
        &mut self,
        calls: &mut [CallWrite<'_>],
        gone: &[RowId],
        rejudged: Vec<&mut Rejudgement>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        calls::write(&mut transaction, &calls::Statements::new(), calls, |_| {}).await?;
        for id in gone {
            sqlx::query("delete from calls where id = ?").bind(id.0).execute(&mut *transaction).await?;
        }
        settings::write(&mut transaction, &mut Commit { rejudged, ..Commit::default() }).await?;
        Ok(transaction.commit().await?)
    }

    async fn put_dids(&mut self, dids: &[(Number, Did)]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        settings::write(&mut transaction, &mut Commit { dids, ..Commit::default() }).await?;
        Ok(transaction.commit().await?)
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        sqlx::query("drop table if exists rebuilt_rollups").execute(&mut *transaction).await?;
        // The same table by another name, whatever the schema's version made of it.
        let made: String =
            sqlx::query_scalar("select sql from sqlite_master where type = 'table' and name = 'rollups'")
                .fetch_one(&mut *transaction)
                .await?;
        let make = super::statement::own(made.replacen("rollups", "rebuilt_rollups", 1));
        sqlx::query(make).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn carry(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<(), StoreError> {
        let carry = "insert into rebuilt_rollups (grain, dimension, bucket, campaign, block) \
             select grain, dimension, bucket, campaign, block from rollups where grain = ? and dimension = ? and bucket < ?";
        let carry = sqlx::query(carry).bind(grain.code()).bind(dimension as i64).bind(before.secs());
        carry.execute(&mut self.db).await?;
        Ok(())
    }

    async fn put(&mut self, blocks: &[(BlockKey, Block)]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        for (key, block) in blocks {
            let row = values(|to| {
                rollups::put_key(key, to);
                to.blob(encode_block(block));
            })?;
            let put = "insert into rebuilt_rollups (grain, dimension, bucket, campaign, block) values (?, ?, ?, ?, ?)";
            sqlx::query_with(put, row).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn swap(&mut self, zone: Tz, days_carried_to: Option<Moment>) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        for step in ["drop table rollups", "alter table rebuilt_rollups rename to rollups", "delete from journal"] {
            sqlx::query(step).execute(&mut *transaction).await?;
        }
        // What was noted of days was noted of the old zone's.
        let forget = "delete from days where exists (select 1 from meta where name = 'zone' and value <> ?)";
        sqlx::query(forget).bind(zone.name()).execute(&mut *transaction).await?;
        let carried = days_carried_to.map(|to| ("days_carried_to", to.micros().to_string()));
        let made = [("zone", zone.name().to_owned()), (EDITION, law::EDITION.to_string())];
        for (name, value) in made.into_iter().chain(carried) {
            let put =
                "insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value";
            sqlx::query(put).bind(name).bind(value).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        // A file that was taken away meanwhile has the new sums, and nobody ever sees them.
        self.held.as_ref().map_or(Ok(()), |(_, whereabouts)| whereabouts.check())
    }
}

/// An instant noted in `meta`.
async fn mark(db: &mut SqliteConnection, name: &'static str) -> Result<Option<Moment>, StoreError> {
    Ok(noted(db, name).await?.map(Moment::from_micros))
}

/// A number noted in `meta`.
async fn noted<T: FromStr>(db: &mut SqliteConnection, name: &'static str) -> Result<Option<T>, StoreError> {
    let find = sqlx::query_scalar("select value from meta where name = ?").bind(name);
    let told: Option<String> = find.fetch_optional(db).await?;
    told.map(|text| text.parse().map_err(|_| StoreError::Unreadable(format!("meta: {name}")))).transpose()
}
