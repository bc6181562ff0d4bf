//! The tables of sums: blocks by grain, bucket, dimension and campaign; and the journal, of which the entries after the
//! mark are not yet in the blocks. What one statement reads is as of one instant.

use super::agents;
use super::calls::arguments;
use super::cells::clean;
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::SumKey;
use crate::law::grain::Grain;
use crate::store::StoreError;
use crate::store::cells::{Columns, get, get_optional};
use crate::store::read::{OpenStates, Series, SumQuery};
use crate::store::rows;
use crate::store::summing::{CampaignDays, Summing};
use crate::store::tally::{encode_block, read_block, read_entry};
use crate::store::write::Fold;
use app::domain::{CampaignId, CampaignScope, Dimension, Moment, Tally};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::{Arguments, Connection, Row};

/// How long a commit stays in the journal for servers that stand by; who has missed more begins anew.
const FOLLOWED_SECS: i32 = 60;
/// The journal's entries that are not yet in the blocks.
const UNFOLDED: &str = "journal where id > (select folded from journal_mark)";

/// The columns of many keys, for `unnest`.
#[derive(Debug, Default)]
struct Keys {
    grains: Vec<i64>,
    dimensions: Vec<i64>,
    buckets: Vec<i64>,
    campaigns: Vec<String>,
}

impl Keys {
    fn of<'a>(keys: impl Iterator<Item = &'a BlockKey>) -> Self {
        let mut all = Self::default();
        for key in keys {
            all.grains.push(key.grain.code());
            all.dimensions.push(key.dimension as i64);
            all.buckets.push(key.from.secs());
            all.campaigns.push(clean(key.campaign.as_str()).into_owned());
        }
        all
    }
}

/// See `WriteStore::blocks`.
pub(super) async fn find(db: &mut PgConnection, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError> {
    let mut found = vec![Block::new(); of.len()];
    let keys = Keys::of(of.iter().copied());
    let rows = sqlx::query(
        "select asked.n, rollups.block from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) with ordinality \
         as asked (grain, dimension, bucket, campaign, n) join rollups using (grain, dimension, bucket, campaign)",
    );
    let rows = rows.bind(keys.grains).bind(keys.dimensions).bind(keys.buckets).bind(keys.campaigns);
    for row in rows.fetch_all(db).await? {
        let n: i64 = row.try_get(0)?;
        // Numbered from 1.
        if let Some(block) = usize::try_from(n - 1).ok().and_then(|n| found.get_mut(n)) {
            read_block(row.blob(1)?, |key, tally| drop(block.insert(key.into(), tally)))?;
        }
    }
    Ok(found)
}

/// See `WriteStore::journal`.
pub(super) async fn journal(
    db: &mut PgConnection,
    each: &mut dyn FnMut(Moment, SumKey, Tally),
) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let sql = sqlx::AssertSqlSafe(format!("select entries from {UNFOLDED} order by id"));
    let mut rows = sqlx::query(sql).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let entry = row.blob(0)?;
        bytes += entry.len() as u64;
        if !entry.is_empty() {
            read_entry(entry, |_| true, &mut *each)?;
        }
    }
    Ok(bytes)
}

/// See `WriteStore::fold`.
pub(super) async fn fold(db: &mut PgConnection, fold: &Fold<'_>) -> Result<(), StoreError> {
    let mut transaction = db.begin().await?;
    let mut blocks: Vec<_> = fold.blocks.iter().map(|(key, block)| (*key, encode_block(block))).collect();
    // In the index's own order each page is touched once.
    blocks.sort_by(|(a, x), (b, y)| (x.is_empty(), a).cmp(&(y.is_empty(), b)));
    let gone = blocks.split_off(blocks.partition_point(|(_, bytes)| !bytes.is_empty()));
    let keys = Keys::of(blocks.iter().map(|(key, _)| *key));
    let bytes: Vec<Vec<u8>> = blocks.into_iter().map(|(_, bytes)| bytes).collect();
    let put = sqlx::query(
        "insert into rollups (grain, dimension, bucket, campaign, block) \
         select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) \
         on conflict (grain, dimension, bucket, campaign) do update set block = excluded.block",
    );
    let put = put.bind(keys.grains).bind(keys.dimensions).bind(keys.buckets).bind(keys.campaigns).bind(bytes);
    put.execute(&mut *transaction).await?;
    if !gone.is_empty() {
        let keys = Keys::of(gone.iter().map(|(key, _)| *key));
        let remove = sqlx::query(
            "delete from rollups using unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) \
             as gone (grain, dimension, bucket, campaign) where rollups.grain = gone.grain \
             and rollups.dimension = gone.dimension and rollups.bucket = gone.bucket and rollups.campaign = gone.campaign",
        );
        let remove = remove.bind(keys.grains).bind(keys.dimensions).bind(keys.buckets).bind(keys.campaigns);
        remove.execute(&mut *transaction).await?;
    }
    let mark = "update journal_mark set folded = greatest(folded, (select coalesce(max(id), 0) from journal))";
    sqlx::query(mark).execute(&mut *transaction).await?;
    let forget = "delete from journal where id <= (select folded from journal_mark) \
                  and at < clock_timestamp() - make_interval(secs => $1)";
    sqlx::query(forget).bind(f64::from(FOLLOWED_SECS)).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// The columns of [`agents::open`] in rows of sums.
const NO_AGENT: &str = "null::bigint, null::text, null::bigint, null::text, null::text, null::text";

/// See `Reader::all_series`. One statement, so that all of it is as of one instant.
pub(super) async fn series(
    db: &mut PgConnection,
    queries: &[SumQuery],
    open: OpenStates,
    zone: Tz,
) -> Result<Vec<Series>, StoreError> {
    let mut sums = Summing::of(queries, open, zone);
    let mut arguments = PgArguments::default();
    let mut parts = Vec::with_capacity(queries.len() + 1);
    for (place, query) in queries.iter().enumerate() {
        let campaigns = match &query.scope {
            CampaignScope::All => None,
            CampaignScope::Of(campaigns) => {
                Some(campaigns.iter().map(|campaign| clean(campaign.as_str()).into_owned()).collect::<Vec<_>>())
            }
        };
        for n in [query.grain.code(), query.dimension as i64, query.from.secs(), query.to.secs()] {
            arguments.add(n).map_err(sqlx::Error::Encode)?;
        }
        arguments.add(campaigns).map_err(sqlx::Error::Encode)?;
        let [grain, dimension, from, to, campaigns] = std::array::from_fn(|n| place * 5 + n + 1);
        parts.push(format!(
            "select {place}::bigint, bucket, block, {NO_AGENT} from rollups where grain = ${grain} and dimension = ${dimension} \
             and bucket >= ${from} and bucket < ${to} and (${campaigns}::text[] is null or campaign = any(${campaigns}))"
        ));
    }
    if sums.wants_journal() {
        parts.push(format!("select null, null, entries, {NO_AGENT} from {UNFOLDED}"));
    }
    if sums.wants_open_states() {
        parts.push(agents::open());
    }
    let sql = sqlx::AssertSqlSafe(parts.join(" union all "));
    let mut rows = sqlx::query_with(sql, arguments).fetch(db);
    while let Some(row) = rows.try_next().await? {
        if let Some(judged) = get_optional(&row, 3)? {
            sums.open_state(&get(&row, 4)?, judged, &rows::said(&row, 5)?);
            continue;
        }
        let bytes = row.blob(2)?;
        match row.try_get::<Option<i64>, _>(0)?.map(usize::try_from) {
            Some(place) => sums.block(place.unwrap_or(usize::MAX), Moment::from_secs(row.try_get(1)?), bytes)?,
            None if bytes.is_empty() => {}
            None => sums.entry(bytes)?,
        }
    }
    Ok(sums.finish())
}

/// A campaign's sum of each site day, oldest first: of the blocks, and of the journal.
pub(super) async fn campaign_days(
    db: &mut PgConnection,
    campaign: &CampaignId,
    zone: Tz,
) -> Result<Vec<(Moment, Tally)>, StoreError> {
    let mut days = CampaignDays::of(campaign, zone);
    let name = clean(campaign.as_str()).into_owned();
    let arguments = arguments!(Grain::SiteDay.code(), Dimension::Campaign as i64, name);
    let sql = format!(
        "select bucket, block from rollups where grain = $1 and dimension = $2 and campaign = $3 \
         union all select null, entries from {UNFOLDED}"
    );
    let mut rows = sqlx::query_with(sqlx::AssertSqlSafe(sql), arguments).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let bytes = row.blob(1)?;
        match row.try_get::<Option<i64>, _>(0)? {
            Some(day) => days.block(Moment::from_secs(day), bytes)?,
            None if bytes.is_empty() => {}
            None => days.entry(bytes)?,
        }
    }
    Ok(days.finish())
}
