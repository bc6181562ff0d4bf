//! The tables of sums: blocks by grain, bucket, dimension and campaign, and the journal of what is not yet in them.
//!
//! A commit appends one journal entry, which costs next to nothing; some seconds' worth is folded into the blocks at once.
//! Who reads adds the two up: both change in the same transactions as the calls, so the sum is exact at any moment.

use super::agents;
use super::cells::Values;
use super::statement::{ManyRows, values};
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::SumKey;
use crate::law::grain::Grain;
use crate::store::StoreError;
use crate::store::cells::{Cell, Columns, Sink, get};
use crate::store::read::{OpenStates, Series, SumQuery};
use crate::store::summing::{CampaignDays, Summing};
use crate::store::tally::{encode_block, read_block, read_entry};
use crate::store::write::Fold;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row};

/// The statements of these tables.
#[derive(Debug)]
pub(super) struct Statements {
    find: ManyRows,
    put: ManyRows,
    remove: ManyRows,
}

impl Statements {
    pub(super) fn new() -> Self {
        Self {
            // The cross join keeps SQLite to our order: each asked row is looked up by the primary key.
            find: ManyRows::new(
                "with asked (n, grain, dimension, bucket, campaign) as (values",
                5,
                ") select asked.n, rollups.block from asked cross join rollups using (grain, dimension, bucket, campaign)",
            ),
            put: ManyRows::new(
                "insert into rollups (grain, dimension, bucket, campaign, block) values",
                5,
                "on conflict (grain, dimension, bucket, campaign) do update set block = excluded.block",
            ),
            remove: ManyRows::new("delete from rollups where (grain, dimension, bucket, campaign) in (values", 4, ")"),
        }
    }
}

pub(super) fn put_key(of: &BlockKey, to: &mut Values) {
    to.integer(of.grain.code());
    to.integer(of.dimension as i64);
    to.integer(of.from.secs());
    of.campaign.put(to);
}

/// See `WriteStore::blocks`.
pub(super) async fn find(
    db: &mut SqliteConnection,
    statements: &Statements,
    of: &[&BlockKey],
) -> Result<Vec<Block>, StoreError> {
    let mut found = vec![Block::new(); of.len()];
    let mut asked: Vec<_> = (0i64..).zip(of).collect();
    let put = |(n, key): &mut (i64, &&BlockKey), to: &mut Values| {
        to.integer(*n);
        put_key(key, to);
    };
    let each = |row: &SqliteRow| {
        let n: i64 = get(row, 0)?;
        match usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            Some(block) => read_block(row.blob(1)?, |key, tally| drop(block.insert(key.into(), tally))),
            None => Ok(()),
        }
    };
    statements.find.read(db, &mut asked, put, each).await?;
    Ok(found)
}

/// Notes what a commit changed.
pub(super) async fn append(db: &mut SqliteConnection, entry: Vec<u8>) -> Result<(), StoreError> {
    if !entry.is_empty() {
        sqlx::query("insert into journal (entries) values (?)").bind(entry).execute(db).await?;
    }
    Ok(())
}

/// See `WriteStore::journal`.
pub(super) async fn journal(
    db: &mut SqliteConnection,
    each: &mut dyn FnMut(Moment, SumKey, Tally),
) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let mut rows = sqlx::query("select entries from journal order by id").fetch(db);
    while let Some(row) = rows.try_next().await? {
        let entry = row.blob(0)?;
        bytes += entry.len() as u64;
        read_entry(entry, |_| true, &mut *each)?;
    }
    Ok(bytes)
}

/// See `WriteStore::fold`.
pub(super) async fn fold(
    db: &mut SqliteConnection,
    statements: &Statements,
    fold: &Fold<'_>,
) -> Result<(), StoreError> {
    let mut transaction = db.begin_with("begin immediate").await?;
    let mut blocks: Vec<_> = fold.blocks.iter().map(|(key, block)| (*key, encode_block(block))).collect();
    // In the table's own order each page is touched once.
    blocks.sort_by(|(a, x), (b, y)| (x.is_empty(), a).cmp(&(y.is_empty(), b)));
    let kept = blocks.partition_point(|(_, bytes)| !bytes.is_empty());
    let (kept, gone) = blocks.split_at_mut(kept);
    let with_block = |(key, bytes): &mut (&BlockKey, Vec<u8>), to: &mut Values| {
        put_key(key, to);
        to.blob(std::mem::take(bytes));
    };
    statements.put.write(&mut transaction, kept, with_block).await?;
    statements.remove.write(&mut transaction, gone, |(key, _), to| put_key(key, to)).await?;
    sqlx::query("delete from journal").execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// A campaign's blocks over a span. The table is in the order of buckets, then campaigns: so from bucket to bucket, and of
/// each the campaign's own alone. To look through them all takes half a second where there are 20,000 campaigns.
const OF_A_CAMPAIGN: &str = "with recursive buckets (at) as ( \
     select min(bucket) from rollups where grain = ?1 and dimension = ?2 and bucket >= ?3 and bucket < ?4 union all \
     select (select min(bucket) from rollups where grain = ?1 and dimension = ?2 and bucket > at and bucket < ?4) \
     from buckets where at is not null \
     ) select bucket, block from buckets cross join rollups \
     on grain = ?1 and dimension = ?2 and bucket = at and campaign = ?5 order by bucket";

/// A statement for each campaign of a query, with the query's place: a campaign's blocks stand together.
fn parts(queries: &[SumQuery]) -> impl Iterator<Item = (usize, &SumQuery, Option<&CampaignId>)> {
    queries.iter().enumerate().flat_map(|(place, query)| query.scope.parts().map(move |part| (place, query, part)))
}

/// See `Reader::all_series`.
pub(super) async fn series(
    db: &mut SqliteConnection,
    queries: &[SumQuery],
    open: OpenStates,
    zone: Tz,
) -> Result<Vec<Series>, StoreError> {
    let mut sums = Summing::of(queries, open, zone);
    // All tables as of one instant.
    let mut snapshot = db.begin().await?;
    for (place, query, campaign) in parts(queries) {
        let values = values(|to| {
            to.integer(query.grain.code());
            to.integer(query.dimension as i64);
            to.integer(query.from.secs());
            to.integer(query.to.secs());
            if campaign.is_some() {
                to.optional(campaign);
            }
        })?;
        let sql = if campaign.is_some() {
            OF_A_CAMPAIGN
        } else {
            "select bucket, block from rollups where grain = ?1 and dimension = ?2 and bucket >= ?3 and bucket < ?4"
        };
        let mut rows = sqlx::query_with(sql, values).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            sums.block(place, Moment::from_secs(row.try_get(0)?), row.blob(1)?)?;
        }
    }
    if sums.wants_journal() {
        let mut rows = sqlx::query("select entries from journal").fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            sums.entry(row.blob(0)?)?;
        }
    }
    if sums.wants_open_states() {
        agents::open(&mut snapshot, |agent, judged, last| sums.open_state(agent, judged, last)).await?;
    }
    snapshot.commit().await?;
    Ok(sums.finish())
}

/// A campaign's sum of each site day, oldest first: of the blocks, and of the journal.
pub(super) async fn campaign_days(
    db: &mut SqliteConnection,
    campaign: &CampaignId,
    zone: Tz,
) -> Result<Vec<(Moment, Tally)>, StoreError> {
    let mut days = CampaignDays::of(campaign, zone);
    let mut snapshot = db.begin().await?;
    {
        let mut rows = sqlx::query(OF_A_CAMPAIGN)
            .bind(Grain::SiteDay.code())
            .bind(Dimension::Campaign as i64)
            .bind(Moment::MIN.secs())
            .bind(Moment::MAX.secs())
            .bind(campaign.as_str())
            .fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            days.block(Moment::from_secs(row.try_get(0)?), row.blob(1)?)?;
        }
    }
    let mut rows = sqlx::query("select entries from journal").fetch(&mut *snapshot);
    while let Some(row) = rows.try_next().await? {
        days.entry(row.blob(0)?)?;
    }
    drop(rows);
    snapshot.commit().await?;
    Ok(days.finish())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// What reading a campaign's days costs, in steps of the database's machine, where there are so many others.
    async fn steps(others: i64) -> u64 {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        crate::store::sqlite::migrate(&mut db).await.unwrap();
        let fill = "with recursive n (i) as (select 0 union all select i + 1 from n where i < ? * 10 - 1) \
                    insert into rollups (grain, dimension, bucket, campaign, block) \
                    select ?, ?, (i % 10) * 86400, 'c' || (i / 10), x'' from n";
        let fill = sqlx::query(fill).bind(others).bind(Grain::SiteDay.code()).bind(Dimension::Campaign as i64);
        fill.execute(&mut db).await.unwrap();
        let (counted, count) = (Arc::new(AtomicU64::new(0)), 10);
        let told = counted.clone();
        let each = move || {
            told.fetch_add(1, Relaxed);
            true
        };
        db.lock_handle().await.unwrap().set_progress_handler(count, each);
        campaign_days(&mut db, &CampaignId::trusted("new"), Tz::UTC).await.unwrap();
        counted.load(Relaxed)
    }

    #[tokio::test]
    async fn a_new_campaign_costs_no_more_where_there_are_many() {
        let (few, many) = (steps(20).await, steps(2_000).await);
        assert!(many <= few + few / 4, "{few} steps among 20, {many} among 2,000");
    }
}
