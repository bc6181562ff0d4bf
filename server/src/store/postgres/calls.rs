//! The table of calls; its rows are `call_row`. New calls go in by a binary `COPY`, changed ones by one into a temporary
//! table and from there by id: the row's place, and so its chunk, never changes.

use super::cells::{CopyRows, clean};
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::call_row::{COLUMNS, LONG, NAMES, WIDTH, hash, put, read};
use crate::store::places::{Places, Unknown, free_places};
use crate::store::write::{CallLookup, CallWrite, FilingHint, FoundCalls, RowId, StoredCall};
use app::domain::call::{LONGEST_CALL, TOLD_WITHIN};
use app::domain::{CallName, CampaignId, Moment, Span};
use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr};
use std::collections::HashSet;

/// Look-ups whose reaches begin within this of each other are one query: chunks are days.
const TOGETHER: Span = Span::hours(24);
/// A call that is still to end, or has ended since, was filed at most this long before.
pub(super) const OLDEST_RECENT: Span = Span::days(7);

/// More places than calls will ever have that are filed at one instant.
const CROWD: i64 = 1 << 40;
/// Rows of a call that are sent to the database together: some tens of KB, as it takes them.
const ROWS_SENT: usize = 200;

/// What a connection needs to write changed calls.
pub(super) async fn prepare(db: &mut PgConnection) -> Result<(), StoreError> {
    db.execute("create temporary table if not exists changed_calls (like calls) on commit delete rows").await?;
    Ok(())
}

fn select(tail: &str) -> sqlx::SqlStr {
    AssertSqlSafe(format!("select {COLUMNS} from calls {tail}")).into_sql_str()
}

/// Runs a query for rows of calls; `tail` is what follows the table's name.
pub(super) async fn query(
    db: &mut PgConnection,
    tail: &str,
    arguments: PgArguments,
    mut each: impl FnMut(CallName, StoredCall),
) -> Result<(), StoreError> {
    let mut rows = sqlx::query_with(select(tail), arguments).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let (name, kept) = read(&row)?;
        each(name, kept);
    }
    Ok(())
}

/// The arguments of a statement. Integers and texts always encode.
macro_rules! arguments {
    ($($value:expr),* $(,)?) => {{
        let mut arguments = sqlx::postgres::PgArguments::default();
        $(sqlx::Arguments::add(&mut arguments, $value).map_err(sqlx::Error::Encode)?;)*
        arguments
    }};
}
pub(super) use arguments;

/// See `WriteStore::find`: by the chunks in which they may be, those of like times together; and what may be anywhere and
/// was not there, everywhere.
pub(super) async fn find(db: &mut PgConnection, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError> {
    let mut found = FoundCalls::default();
    let mut near: Vec<(Stretch, i64)> = asked.iter().map(|asked| (asked.reach.near(), hash(asked.name))).collect();
    near.sort_by_key(|(near, _)| near.from);
    let mut rest = near.as_slice();
    while let Some((first, _)) = rest.first() {
        let end = rest.partition_point(|(near, _)| near.from - first.from <= TOGETHER);
        let (now, later) = rest.split_at(end);
        rest = later;
        let to = now.iter().map(|(near, _)| near.to).max().unwrap_or(first.to);
        let hashes: Vec<i64> = now.iter().map(|(_, hash)| *hash).collect();
        let arguments = arguments!(hashes, RowId::at(first.from - TOLD_WITHIN).0, RowId::at(to + TOLD_WITHIN).0);
        let tail = "where name_hash = any($1) and id >= $2 and id < $3";
        query(db, tail, arguments, |name, kept| drop(found.insert(name, kept))).await?;
    }
    let missing =
        |asked: &&CallLookup<'_>| matches!(asked.reach, FilingHint::Anywhere(_)) && !found.contains_key(asked.name);
    let far: Vec<i64> = asked.iter().filter(missing).map(|asked| hash(asked.name)).collect();
    if !far.is_empty() {
        let names: HashSet<&CallName> = asked.iter().map(|asked| asked.name).collect();
        let keep = |name: CallName, kept: StoredCall| {
            if names.contains(&name) {
                found.entry(name).or_insert(kept);
            }
        };
        query(db, "where name_hash = any($1) order by id desc", arguments!(far), keep).await?;
    }
    Ok(found)
}

/// One call, for a reader; near an instant where one is told.
pub(super) async fn find_one(
    db: &mut PgConnection,
    name: &CallName,
    filed_at: Option<Moment>,
) -> Result<Option<StoredCall>, StoreError> {
    let mut found: Option<StoredCall> = None;
    let each = |other: CallName, kept| {
        if other == *name {
            found.get_or_insert(kept);
        }
    };
    match filed_at {
        None => query(db, "where name_hash = $1 order by id desc", arguments!(hash(name)), each).await?,
        Some(at) => {
            let (from, to) = (RowId::at(at - LONGEST_CALL).0, RowId::at(at + LONGEST_CALL).0);
            let tail = "where name_hash = $1 and id >= $2 and id < $3 order by id desc";
            query(db, tail, arguments!(hash(name), from, to), each).await?;
        }
    }
    Ok(found)
}

/// See `WriteStore::calls_of`.
pub(super) async fn of_campaign(
    db: &mut PgConnection,
    campaign: &CampaignId,
    after: RowId,
    to: RowId,
    limit: usize,
) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
    let mut calls = Vec::new();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let each = |name, kept| calls.push((name, kept));
    if *campaign == CampaignId::none() {
        let tail = "where campaign is null and id > $1 and id <= $2 order by id limit $3";
        query(db, tail, arguments!(after.0, to.0, limit), each).await?;
    } else {
        let arguments = arguments!(after.0, to.0, limit, clean(campaign.as_str()).into_owned());
        let tail = "where campaign = $4 and id > $1 and id <= $2 order by id limit $3";
        query(db, tail, arguments, each).await?;
    }
    Ok(calls)
}

/// See `WriteStore::calls_after`.
pub(super) async fn after(
    db: &mut PgConnection,
    after: RowId,
    limit: usize,
) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
    let mut found = Vec::with_capacity(limit);
    let arguments = arguments!(after.0, i64::try_from(limit).unwrap_or(i64::MAX));
    query(db, "where id > $1 order by id limit $2", arguments, |name, kept| found.push((name, kept))).await?;
    Ok(found)
}

/// See `WriteStore::recent`.
pub(super) async fn recent(
    db: &mut PgConnection,
    since: Moment,
    each: &mut dyn FnMut(CallName, StoredCall),
) -> Result<(), StoreError> {
    let filed_since = RowId::at(since - LONG).0;
    query(db, "where id >= $1", arguments!(filed_since), &mut *each).await?;
    let oldest = RowId::at(since - OLDEST_RECENT).0;
    let tail = "where long_until >= $1 and id < $2 and id >= $3 and due is null";
    query(db, tail, arguments!(since.micros(), filed_since, oldest), &mut *each).await?;
    query(db, "where due is not null and id < $1", arguments!(filed_since), each).await
}

/// Completes a row.
type Judge<'j> = dyn FnMut(&mut CallWrite<'_>) + 'j;

/// Writes new and changed calls, each judged before.
pub(super) async fn write(
    db: &mut PgConnection,
    calls: &mut [CallWrite<'_>],
    judge: &mut Judge<'_>,
) -> Result<(), StoreError> {
    // New calls first, in the order of filing: their rows then go to the table's end.
    calls.sort_by_key(|write| (write.kept.id.is_some(), write.kept.id, write.kept.filed_at));
    let split = calls.partition_point(|write| write.kept.id.is_none());
    let (new, changed) = calls.split_at_mut(split);
    insert(db, new, judge).await?;
    update(db, changed, judge).await
}

/// Judges and sends some rows after others, so that the database takes those while the next are made ready.
async fn copy(
    db: &mut PgConnection,
    table: &str,
    calls: &mut [CallWrite<'_>],
    judge: &mut Judge<'_>,
) -> Result<(), sqlx::Error> {
    let mut copy = db.copy_in_raw(&format!("copy {table} ({COLUMNS}) from stdin (format binary)")).await?;
    let mut rows = CopyRows::new(WIDTH, ROWS_SENT);
    for part in calls.chunks_mut(ROWS_SENT) {
        for write in part {
            judge(write);
            put(write, rows.row());
        }
        copy.send(rows.take()).await?;
    }
    copy.send(rows.finish()).await?;
    copy.finish().await.map(drop)
}

/// Gives new calls their places and writes them.
async fn insert(db: &mut PgConnection, new: &mut [CallWrite<'_>], judge: &mut Judge<'_>) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let mut places = Places::default();
    loop {
        let unknown = places.give(new);
        if unknown.is_empty() {
            break;
        }
        let together = TOGETHER.as_millis() * 1_000 * RowId::A_MICRO;
        for near in unknown.chunk_by(|a, b| a.first.div_euclid(together) == b.first.div_euclid(together)) {
            ask_for_places(db, &mut places, near).await?;
        }
    }
    Ok(copy(db, "calls", new, judge).await?)
}

/// Asks what is free, of a day: the bounds say which chunks are looked at. Nearly always nobody is there yet, which is seen
/// by the primary key alone; only where somebody is the places taken are looked through.
async fn ask_for_places(db: &mut PgConnection, places: &mut Places, unknown: &[Unknown]) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (unknown.first(), unknown.last()) else { return Ok(()) };
    let (from, to) = (first.first, last.first.saturating_add(CROWD));
    let (asked, fresh): (Vec<Unknown>, Vec<Unknown>) = unknown.iter().partition(|unknown| places.know(unknown.first));
    let wanted: Vec<i64> = fresh.iter().flat_map(|unknown| unknown.first..unknown.first + unknown.calls).collect();
    let taken = sqlx::query_scalar::<_, i64>("select id from calls where id = any($1) and id >= $2 and id < $3");
    let taken = taken.bind(wanted).bind(from).bind(to).fetch_all(&mut *db).await?;
    let crowded: HashSet<i64> = taken.into_iter().map(Places::first_of).collect();
    let (crowded, free): (Vec<Unknown>, Vec<Unknown>) =
        fresh.into_iter().partition(|unknown| crowded.contains(&unknown.first));
    free.into_iter().for_each(|unknown| places.learn_enough(unknown));
    let asked: Vec<i64> = asked.into_iter().chain(crowded).map(|unknown| unknown.first).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let free = free_places("unnest($1::bigint[]) as asked (first)", " and id >= $2 and id < $3");
    let free = sqlx::query(AssertSqlSafe(free)).bind(asked).bind(from).bind(to);
    for row in free.fetch_all(&mut *db).await? {
        places.learn(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(())
}

async fn update(db: &mut PgConnection, changed: &mut [CallWrite<'_>], judge: &mut Judge<'_>) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    copy(db, "changed_calls", changed, judge).await?;
    let set: Vec<_> = COLUMNS.split(", ").skip(NAMES).map(|c| format!("{c} = excluded.{c}")).collect();
    let upsert = format!(
        "insert into calls ({COLUMNS}) select {COLUMNS} from changed_calls on conflict (id) do update set {}",
        set.join(", ")
    );
    let written = sqlx::query(AssertSqlSafe(upsert)).execute(&mut *db).await?.rows_affected();
    if written != changed.len() as u64 {
        return Err(StoreError::Unreadable(format!("{written} of {} changed calls were written", changed.len())));
    }
    Ok(())
}

/// What is due of calls, for a start.
pub(super) async fn due(db: &mut PgConnection) -> Result<Vec<sqlx::postgres::PgRow>, StoreError> {
    let rows = sqlx::query(
        "select due, realm, call_id from calls where due is not null union all \
         select due, agent, null from agents where due is not null",
    );
    Ok(rows.fetch_all(db).await?)
}
