//! The table of sums: one row a grain, bucket, campaign, and key of one dimension.

use super::cells::{Values, get, get_bytes, get_optional};
use super::statement::{ManyRows, values};
use crate::aggregate::change::SumKey;
use crate::aggregate::span::Stretch;
use crate::store::read::{Grain, SumQuery};
use crate::store::write::{Bucket, RollupWrite};
use crate::store::{StoreError, tally};
use app::domain::{CampaignId, Dimension, Facts, Moment, Tally};
use futures_util::TryStreamExt;
use smol_str::SmolStr;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeMap;

/// The grain's number in the table.
pub(super) const fn code(grain: Grain) -> i64 {
    match grain {
        Grain::Minutes5 => 0,
        Grain::Hour => 1,
        Grain::SiteDay => 2,
    }
}

/// The statements of this table.
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
                "with asked (n, grain, dimension, bucket, campaign, key) as (values",
                6,
                ") select asked.n, rollups.tally from asked cross join rollups using (grain, dimension, bucket, campaign, key)",
            ),
            put: ManyRows::new(
                "insert into rollups (grain, dimension, bucket, campaign, key, tally) values",
                6,
                "on conflict (grain, dimension, bucket, campaign, key) do update set tally = excluded.tally",
            ),
            remove: ManyRows::new(
                "delete from rollups where (grain, dimension, bucket, campaign, key) in (values",
                5,
                ")",
            ),
        }
    }
}

fn put_key(bucket: Bucket, of: &SumKey, to: &mut Values) {
    to.integer(code(bucket.grain));
    to.integer(of.dimension as i64);
    to.integer(bucket.from.secs());
    to.text(of.campaign.as_str());
    to.text(&of.key);
}

pub(super) async fn find(
    db: &mut SqliteConnection,
    statements: &Statements,
    of: &[(Bucket, &SumKey)],
) -> Result<Vec<Option<Tally>>, StoreError> {
    let mut found = vec![None; of.len()];
    let asked: Vec<_> = (0i64..).zip(of).collect();
    let put = |(n, (bucket, key)): &(i64, &(Bucket, &SumKey)), to: &mut Values| {
        to.integer(*n);
        put_key(*bucket, key, to);
    };
    let each = |row: &SqliteRow| {
        let n: i64 = get(row, 0)?;
        let tally = tally::decode(get_bytes(row, 1)?)?;
        if let Some(place) = usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            *place = Some(tally);
        }
        Ok(())
    };
    statements.find.read(db, &asked, put, each).await?;
    Ok(found)
}

pub(super) async fn write(
    db: &mut SqliteConnection,
    statements: &Statements,
    rollups: &mut [RollupWrite<'_>],
) -> Result<(), StoreError> {
    // In the table's own order each page is touched once.
    rollups.sort_by_cached_key(|write| {
        (write.tally.is_empty(), code(write.bucket.grain), write.of.dimension, write.bucket.from)
    });
    let (put, gone) = rollups.split_at(rollups.partition_point(|write| !write.tally.is_empty()));
    let with_tally = |write: &RollupWrite<'_>, to: &mut Values| {
        put_key(write.bucket, write.of, to);
        to.blob(tally::encode(write.tally));
    };
    statements.put.write(db, put, with_tally).await?;
    statements.remove.write(db, gone, |write, to| put_key(write.bucket, write.of, to)).await
}

/// See `Reader::sums`.
pub(super) async fn sums(db: &mut SqliteConnection, query: &SumQuery) -> Result<Vec<(SmolStr, Facts)>, StoreError> {
    let values = values(|to| {
        to.integer(code(query.grain));
        to.integer(query.dimension as i64);
        to.integer(query.from.secs());
        to.integer(query.to.secs());
        to.optional(query.campaign.as_ref());
        to.optional(query.key.as_ref());
    })?;
    let mut rows = sqlx::query_with(
        "select key, tally from rollups where grain = ?1 and dimension = ?2 and bucket >= ?3 and bucket < ?4 \
         and (?5 is null or campaign = ?5) and (?6 is null or key = ?6)",
        values,
    )
    .fetch(db);
    let mut sums = BTreeMap::<SmolStr, Facts>::new();
    while let Some(row) = rows.try_next().await? {
        let key: SmolStr = get(&row, 0)?;
        *sums.entry(key).or_default() += &tally::decode(get_bytes(&row, 1)?)?;
    }
    Ok(sums.into_iter().filter(|(_, sum)| !sum.is_zero()).collect())
}

/// See `WriteStore::first_day`.
pub(super) async fn first_day(db: &mut SqliteConnection, campaign: &CampaignId) -> Result<Option<Moment>, StoreError> {
    let first = sqlx::query("select min(bucket) from rollups where grain = ? and dimension = ? and campaign = ?")
        .bind(code(Grain::SiteDay))
        .bind(Dimension::Campaign as i64)
        .bind(campaign.as_str())
        .fetch_one(db)
        .await?;
    Ok(get_optional::<i64>(&first, 0)?.map(Moment::from_secs))
}

/// See `WriteStore::campaign_days`.
pub(super) async fn campaign_days(
    db: &mut SqliteConnection,
    campaign: &CampaignId,
    during: Stretch,
) -> Result<Tally, StoreError> {
    let rows = sqlx::query(
        "select tally from rollups where grain = ? and dimension = ? and bucket >= ? and bucket < ? and campaign = ?",
    )
    .bind(code(Grain::SiteDay))
    .bind(Dimension::Campaign as i64)
    .bind(during.from.secs())
    .bind(during.to.secs())
    .bind(campaign.as_str())
    .fetch_all(db)
    .await?;
    let mut sum = Tally::default();
    for row in &rows {
        sum += &tally::decode(get_bytes(row, 0)?)?;
    }
    Ok(sum)
}
