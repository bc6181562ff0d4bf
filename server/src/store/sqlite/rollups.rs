//! The tables of sums: blocks by grain, bucket, dimension and campaign, and the journal of what is not yet in them.
//!
//! A commit appends one journal entry, which costs next to nothing; some seconds' worth is folded into the blocks at once.
//! Who reads adds the two up: both change in the same transactions as the calls, so the sum is exact at any moment.

use super::cells::{Cell, Values, get, get_bytes};
use super::statement::{ManyRows, values};
use crate::aggregate::change::SumKey;
use crate::aggregate::span::SiteDays;
use crate::store::StoreError;
use crate::store::read::{Grain, SumQuery};
use crate::store::tally::{Block, encode_block, read_block, read_entry};
use crate::store::write::{BlockKey, Fold};
use app::domain::{CampaignId, Dimension, Facts, Moment, Tally};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use smol_str::SmolStr;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row};
use std::collections::BTreeMap;

/// The grain's number in the table.
pub(super) const fn code(grain: Grain) -> i64 {
    match grain {
        Grain::Minutes5 => 0,
        Grain::Hour => 1,
        Grain::SiteDay => 2,
    }
}

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

fn put_key(of: &BlockKey, to: &mut Values) {
    to.integer(code(of.grain));
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
    let asked: Vec<_> = (0i64..).zip(of).collect();
    let put = |(n, key): &(i64, &&BlockKey), to: &mut Values| {
        to.integer(*n);
        put_key(key, to);
    };
    let each = |row: &SqliteRow| {
        let n: i64 = get(row, 0)?;
        match usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            Some(block) => read_block(get_bytes(row, 1)?, |key, tally| drop(block.insert(key.into(), tally))),
            None => Ok(()),
        }
    };
    statements.find.read(db, &asked, put, each).await?;
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
        let entry = get_bytes(&row, 0)?;
        bytes += entry.len() as u64;
        read_entry(entry, None, &mut *each)?;
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
    let (kept, gone) = blocks.split_at(blocks.partition_point(|(_, bytes)| !bytes.is_empty()));
    let with_block = |(key, bytes): &(&BlockKey, Vec<u8>), to: &mut Values| {
        put_key(key, to);
        to.blob(bytes.clone());
    };
    statements.put.write(&mut transaction, kept, with_block).await?;
    statements.remove.write(&mut transaction, gone, |(key, _), to| put_key(key, to)).await?;
    sqlx::query("delete from journal").execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// See `Reader::sums`.
pub(super) async fn sums(db: &mut SqliteConnection, query: &SumQuery) -> Result<Vec<(SmolStr, Facts)>, StoreError> {
    let mut sums = BTreeMap::<SmolStr, Facts>::new();
    let mut add = |key: &str, tally: &Tally| {
        if query.key.as_ref().is_some_and(|asked| asked != key) {
            return;
        }
        match sums.get_mut(key) {
            Some(sum) => *sum += tally,
            None => *sums.entry(SmolStr::new(key)).or_default() += tally,
        }
    };
    // Both tables as of one instant.
    let mut snapshot = db.begin().await?;
    let values = values(|to| {
        to.integer(code(query.grain));
        to.integer(query.dimension as i64);
        to.integer(query.from.secs());
        to.integer(query.to.secs());
        to.optional(query.campaign.as_ref());
    })?;
    {
        let mut rows = sqlx::query_with(
            "select block from rollups where grain = ?1 and dimension = ?2 and bucket >= ?3 and bucket < ?4 \
             and (?5 is null or campaign = ?5)",
            values,
        )
        .fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            read_block(get_bytes(&row, 0)?, |key, tally| add(key, &tally))?;
        }
    }
    if query.grain.keeps(query.dimension) {
        let mut rows = sqlx::query("select entries from journal").fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            read_entry(get_bytes(&row, 0)?, Some(query.dimension), |at, of, tally| {
                let narrowed = query.campaign.as_ref().is_some_and(|campaign| *campaign != of.campaign);
                // From and to lie on the grain's edges, so finer buckets fall in or out as a whole.
                if !narrowed && query.from <= at && at < query.to {
                    add(&of.key, &tally);
                }
            })?;
        }
    }
    snapshot.commit().await?;
    Ok(sums.into_iter().filter(|(_, sum)| !sum.is_zero()).collect())
}

/// The first site day on which a campaign had calls: in the blocks, and in the journal.
pub(super) async fn first_day(
    db: &mut SqliteConnection,
    campaign: &CampaignId,
    zone: Tz,
) -> Result<Option<Moment>, StoreError> {
    let mut days = BTreeMap::<Moment, Tally>::new();
    let mut day_of = SiteDays::new(zone);
    let mut snapshot = db.begin().await?;
    {
        let mut rows = sqlx::query(
            "select bucket, block from rollups where grain = ? and dimension = ? and campaign = ? order by bucket",
        )
        .bind(code(Grain::SiteDay))
        .bind(Dimension::Campaign as i64)
        .bind(campaign.as_str())
        .fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            let day = days.entry(Moment::from_secs(row.try_get(0)?)).or_default();
            read_block(get_bytes(&row, 1)?, |_, tally| *day += &tally)?;
        }
    }
    let mut rows = sqlx::query("select entries from journal").fetch(&mut *snapshot);
    while let Some(row) = rows.try_next().await? {
        read_entry(get_bytes(&row, 0)?, Some(Dimension::Campaign), |at, of, tally| {
            if of.campaign == *campaign {
                *days.entry(day_of.of(at).from).or_default() += &tally;
            }
        })?;
    }
    drop(rows);
    snapshot.commit().await?;
    Ok(days.into_iter().find(|(_, tally)| !tally.is_empty()).map(|(day, _)| day))
}
