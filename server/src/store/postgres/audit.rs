//! Proving and rebuilding the sums: a snapshot beside whoever writes, and the database held alone.

use super::calls::arguments;
use super::cells::clean;
use super::{PostgresAddress, WRITING, agents, alone, calls, connect, history, rollups, settings};
use crate::law;
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::SumKey;
use crate::law::components::Beat;
use crate::law::grain::Grain;
use crate::law::span::Stretch;
use crate::store::audit::{Audit, Rebuild, is_far};
use crate::store::call_row::{NAMESAKES, namesakes_among};
use crate::store::cells::{Columns, get};
use crate::store::read::Dids;
use crate::store::tally::{encode_block, read_block};
use crate::store::write::{CallWrite, Commit, KnownAgent, KnownComponent, Rejudgement, RowId, StoredCall};
use crate::store::{EDITION, StoreError};
use app::domain::call::LONGEST_CALL;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Did, Dimension, Moment, Number, Tally};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor, Row};
use std::str::FromStr;

/// The database as of one instant, or held for itself.
#[derive(Debug)]
pub struct PostgresAudit {
    db: PgConnection,
}

/// Opens a snapshot, whoever uses the database.
///
/// # Errors
/// If it can't be reached, or its schema is not this version's.
pub async fn audit(address: &PostgresAddress) -> Result<PostgresAudit, StoreError> {
    let mut db = connect(&address.options.as_ref().clone().disable_statement_logging()).await?;
    check_current(&mut db).await?;
    db.execute("begin isolation level repeatable read read only").await?;
    Ok(PostgresAudit { db })
}

/// Opens the database for nobody else.
///
/// # Errors
/// If it can't be reached, a server leads on it, or its schema is newer than this program's.
pub async fn rebuild(address: &PostgresAddress) -> Result<PostgresAudit, StoreError> {
    let mut db = alone(address).await?;
    db.execute(WRITING).await?;
    Ok(PostgresAudit { db })
}

/// The zone that a database was made for; `None` where it has none of our tables yet.
///
/// # Errors
/// If it can't be reached or read.
pub async fn stored_zone(address: &PostgresAddress) -> Result<Option<Tz>, StoreError> {
    let mut db = connect(&address.options.as_ref().clone().disable_statement_logging()).await?;
    let made: bool = sqlx::query_scalar("select to_regclass('meta') is not null").fetch_one(&mut db).await?;
    if made { PostgresAudit { db }.zone().await } else { Ok(None) }
}

/// The schema's version.
pub(super) async fn version(db: &mut PgConnection) -> Result<i64, StoreError> {
    let ours = "select count(*) from unnest(array['_sqlx_migrations', 'meta', 'calls', 'rollups']) as ours (name) \
         where to_regclass(name) is not null";
    if sqlx::query_scalar::<_, i64>(ours).fetch_one(&mut *db).await? < 4 {
        return Err(StoreError::Unreadable("it has none of ringside's tables".to_owned()));
    }
    Ok(sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations").fetch_one(db).await?)
}

async fn check_current(db: &mut PgConnection) -> Result<(), StoreError> {
    let (found, known) = (version(db).await?, super::known());
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
    }
}

impl Audit for PostgresAudit {
    async fn zone(&mut self) -> Result<Option<Tz>, StoreError> {
        let read = |name: String| name.parse().map_err(|_| StoreError::Unreadable(format!("meta: the zone {name}")));
        meta(&mut self.db, "zone").await?.map(read).transpose()
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
        let tail = "where least(started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, \
             ended_at) < (id >> 10) - $1 or greatest(started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, \
             transferred_at, ended_at) > (id >> 10) + $1";
        let keep = |_, kept| {
            if is_far(&kept) {
                each(kept);
            }
        };
        calls::query(&mut self.db, tail, arguments!(LONGEST_CALL.as_millis() * 1_000), keep).await
    }

    async fn namesakes(&mut self) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        calls::query(&mut self.db, NAMESAKES, PgArguments::default(), |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn namesakes_among(&mut self, calls: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        let each = |name, kept| found.push((name, kept));
        calls::query(&mut self.db, &namesakes_among(calls), PgArguments::default(), each).await?;
        Ok(found)
    }

    async fn agents(&mut self) -> Result<Vec<AgentId>, StoreError> {
        let rows = sqlx::query("select agent from agents order by agent").fetch_all(&mut self.db).await?;
        rows.iter().map(|row| get(row, 0)).collect()
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
        let find = "select bucket, campaign, block from rollups where grain = $1 and dimension = $2 and bucket >= $3 \
             and bucket < $4 order by bucket, campaign";
        let find = sqlx::query(find).bind(grain.code()).bind(dimension as i64);
        let mut rows = find.bind(during.from.secs()).bind(during.to.secs()).fetch(&mut self.db);
        while let Some(row) = rows.try_next().await? {
            let mut block = Block::new();
            read_block(row.blob(2)?, |key, tally| *block.entry(key.into()).or_default() += &tally)?;
            each(Moment::from_secs(row.try_get(0)?), get(&row, 1)?, block);
        }
        Ok(())
    }

    async fn some_blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError> {
        rollups::find(&mut self.db, of).await
    }

    async fn buckets(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<Vec<Moment>, StoreError> {
        let find =
            "select distinct bucket from rollups where grain = $1 and dimension = $2 and bucket < $3 order by bucket";
        let find = sqlx::query_scalar(find).bind(grain.code()).bind(dimension as i64).bind(before.secs());
        let found: Vec<i64> = find.fetch_all(&mut self.db).await?;
        Ok(found.into_iter().map(Moment::from_secs).collect())
    }

    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<(), StoreError> {
        rollups::journal(&mut self.db, each).await.map(drop)
    }
}

impl Rebuild for PostgresAudit {
    async fn unite(
        &mut self,
        calls: &mut [CallWrite<'_>],
        gone: &[RowId],
        rejudged: Vec<&mut Rejudgement>,
    ) -> Result<(), StoreError> {
        calls::prepare(&mut self.db).await?;
        let mut transaction = self.db.begin().await?;
        calls::write(&mut transaction, calls, &mut |_| {}).await?;
        let gone: Vec<i64> = gone.iter().map(|id| id.0).collect();
        sqlx::query("delete from calls where id = any($1)").bind(gone).execute(&mut *transaction).await?;
        settings::write(&mut transaction, &mut Commit { rejudged, ..Commit::default() }).await?;
        Ok(transaction.commit().await?)
    }

    async fn put_dids(&mut self, dids: &[(Number, Did)]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        settings::write(&mut transaction, &mut Commit { dids, ..Commit::default() }).await?;
        Ok(transaction.commit().await?)
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        transaction.execute("drop table if exists rebuilt_rollups").await?;
        // The same table by another name, whatever the schema's version made of it.
        transaction.execute("select make_rollups('rebuilt_rollups')").await?;
        Ok(transaction.commit().await?)
    }

    async fn carry(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<(), StoreError> {
        let carry = "insert into rebuilt_rollups (grain, dimension, bucket, campaign, block) select grain, dimension, bucket, \
             campaign, block from rollups where grain = $1 and dimension = $2 and bucket < $3";
        let carry = sqlx::query(carry).bind(grain.code()).bind(dimension as i64).bind(before.secs());
        carry.execute(&mut self.db).await?;
        Ok(())
    }

    async fn put(&mut self, blocks: &[(BlockKey, Block)]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        for (key, block) in blocks {
            let put =
                "insert into rebuilt_rollups (grain, dimension, bucket, campaign, block) values ($1, $2, $3, $4, $5)";
            let put = sqlx::query(put).bind(key.grain.code()).bind(key.dimension as i64).bind(key.from.secs());
            let put = put.bind(clean(key.campaign.as_str()).into_owned()).bind(encode_block(block));
            put.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn swap(&mut self, zone: Tz, days_carried_to: Option<Moment>) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        for step in [
            "select use_rollups('rebuilt_rollups')",
            // What is in the sums now is all of it. The journal stays for servers that follow.
            "update journal_mark set folded = greatest(folded, (select coalesce(max(id), 0) from journal))",
        ] {
            transaction.execute(step).await?;
        }
        // What was noted of days was noted of the old zone's.
        let forget = "delete from days where exists (select 1 from meta where name = 'zone' and value <> $1)";
        sqlx::query(forget).bind(zone.name()).execute(&mut *transaction).await?;
        let carried = days_carried_to.map(|to| ("days_carried_to", to.micros().to_string()));
        let made = [("zone", zone.name().to_owned()), (EDITION, law::EDITION.to_string())];
        for (name, value) in made.into_iter().chain(carried) {
            let put = "insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
            sqlx::query(put).bind(name).bind(value).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

pub(super) async fn meta(db: &mut PgConnection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("select value from meta where name = $1").bind(name).fetch_optional(db).await?)
}

/// An instant noted in `meta`.
async fn mark(db: &mut PgConnection, name: &'static str) -> Result<Option<Moment>, StoreError> {
    Ok(noted(db, name).await?.map(Moment::from_micros))
}

/// A number noted in `meta`.
async fn noted<T: FromStr>(db: &mut PgConnection, name: &'static str) -> Result<Option<T>, StoreError> {
    let read = |text: String| text.parse().map_err(|_| StoreError::Unreadable(format!("meta: {name}")));
    meta(db, name).await?.map(read).transpose()
}
