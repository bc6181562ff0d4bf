//! The table of calls: a column a field, and when each was told as one short blob.

use super::cells::{Cell, Values, get, get_bytes, get_optional};
use super::statement::{ManyRows, own, values};
use crate::aggregate::contribute::Judgement;
use crate::store::StoreError;
use crate::store::tally::{put_signed, take_signed};
use crate::store::write::{CallWrite, Kept, RowId};
use app::domain::{Call, CallId, CallName, CampaignId, Moment, RealmId, Span, Told};
use foldhash::fast::RandomState;
use futures_util::TryStreamExt;
use smol_str::SmolStr;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::HashMap;

/// A call with a moment this far from where it is filed is found by `long_until` after a restart, the others by their id.
const LONG: Span = Span::minutes(30);
/// Distance that surely leaves a run of ids behind that were given within one microsecond after another.
const RUN: i64 = 1 << 20;
/// Instants of which the last id given is remembered.
const REMEMBERED: usize = 4_096;

const COLUMNS: &str = "id, name_hash, realm, call_id, \
    started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at, \
    direction, campaign, mode, route, from_number, to_number, country, placed_in, list, attempt, room, answered_by, queue, \
    agent, transfer_kind, transfer_target, outcome, sip_code, sip_reason, q850, hung_up_by, final, right_party, wrap_ms, \
    hold_ms, disposition, recording_url, metadata, stamps, judged_at, campaign_mode, max_attempts, due, long_until";
const WIDTH: usize = 46;
/// The first columns say which call it is and never change.
const NAMES: usize = 4;
const FIRST_TOLD: usize = 12;
const STAMPS: usize = 40;

/// The statements of this table.
#[derive(Debug)]
pub(super) struct Statements {
    find: ManyRows,
    insert: ManyRows,
    update: ManyRows,
}

impl Statements {
    pub(super) fn new() -> Self {
        let select = format!("select {COLUMNS} from calls where name_hash in (values");
        let insert = format!("insert into calls ({COLUMNS}) values");
        let set: Vec<_> = COLUMNS.split(", ").skip(NAMES).map(|c| format!("{c} = excluded.{c}")).collect();
        Self {
            find: ManyRows::new(&select, 1, ")"),
            insert: ManyRows::new(&insert, WIDTH, "on conflict (id) do nothing"),
            update: ManyRows::new(&insert, WIDTH, &format!("on conflict (id) do update set {}", set.join(", "))),
        }
    }
}

/// A hash of a call's name for its index: stable over versions, and quick. Names are compared where hashes meet.
///
/// # Source
/// FNV-1a, 64 bit, its halves folded together.
fn hash(name: &CallName) -> i64 {
    let bytes = name.realm.as_str().bytes().chain([0]).chain(name.call_id.as_str().bytes());
    let fnv = bytes.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (fnv ^ (fnv >> 32)).cast_signed()
}

macro_rules! each_told {
    ($call:expr, $field:ident => $body:expr) => {
        each_told!(@ $call, $field, $body; direction campaign mode route from to country placed_in list attempt room by queue agent
            transfer_kind transfer_target outcome sip_code sip_reason q850 hung_up_by is_final right_party wrap_ms hold_ms
            disposition recording_url metadata)
    };
    (@ $call:expr, $field:ident, $body:expr; $($name:ident)*) => { $({ let $field = &mut $call.$name; $body })* };
}
macro_rules! each_told_ref {
    ($call:expr, $field:ident => $body:expr) => {
        each_told_ref!(@ $call, $field, $body; direction campaign mode route from to country placed_in list attempt room by queue agent
            transfer_kind transfer_target outcome sip_code sip_reason q850 hung_up_by is_final right_party wrap_ms hold_ms
            disposition recording_url metadata)
    };
    (@ $call:expr, $field:ident, $body:expr; $($name:ident)*) => { $({ let $field = &$call.$name; $body })* };
}

fn stamps(call: &Call, filed_at: Moment) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    let mut before = filed_at.micros();
    let mut step = |stamp: Option<Moment>| {
        if let Some(at) = stamp {
            put_signed(&mut out, at.micros().wrapping_sub(before));
            before = at.micros();
        }
    };
    each_told_ref!(call, field => step(field.stamp()));
    out
}

fn put(write: &CallWrite<'_>, to: &mut Values) {
    let Kept { id, call, judgement, due, filed_at } = &*write.kept;
    to.integer(id.map_or_else(|| RowId::at(*filed_at).0, |id| id.0));
    to.integer(hash(write.name));
    to.text(write.name.realm.as_str());
    to.text(write.name.call_id.as_str());
    let moments = [
        call.started_at,
        call.progress_at,
        call.answered_at,
        call.greeted_at,
        call.queued_at,
        call.bridged_at,
        call.transferred_at,
        call.ended_at,
    ];
    moments.iter().for_each(|moment| to.optional(moment.as_ref()));
    each_told_ref!(call, field => to.optional(field.get()));
    to.blob(stamps(call, *filed_at));
    judgement.at.put(to);
    to.optional(judgement.campaign_mode.as_ref());
    to.optional(judgement.max_attempts.as_ref());
    to.optional(due.as_ref());
    to.optional(call.last_moment().filter(|last| *last - *filed_at > LONG).as_ref());
}

fn read_told<T: Cell>(row: &SqliteRow, at: usize, stamps: &mut &[u8], before: &mut i64) -> Result<Told<T>, StoreError> {
    let Some(value) = get_optional::<T>(row, at)? else { return Ok(Told::default()) };
    let step = take_signed(stamps).ok_or_else(|| StoreError::Unreadable("column stamps: cut short".to_owned()))?;
    *before = before.wrapping_add(step);
    Ok(Told::at(value, Moment::from_micros(*before)))
}

fn name(row: &SqliteRow) -> Result<CallName, StoreError> {
    Ok(CallName { realm: RealmId::trusted(get::<SmolStr>(row, 2)?), call_id: CallId::trusted(get::<SmolStr>(row, 3)?) })
}

/// Reads a row of [`COLUMNS`].
fn read(row: &SqliteRow) -> Result<(CallName, Kept), StoreError> {
    let id = RowId(get(row, 0)?);
    let mut call = Box::<Call>::default();
    let moments = [
        &mut call.started_at,
        &mut call.progress_at,
        &mut call.answered_at,
        &mut call.greeted_at,
        &mut call.queued_at,
        &mut call.bridged_at,
        &mut call.transferred_at,
        &mut call.ended_at,
    ];
    for (moment, at) in moments.into_iter().zip(NAMES..) {
        *moment = get_optional(row, at)?;
    }
    let mut stamps = get_bytes(row, STAMPS)?;
    let mut before = id.filed_at().micros();
    let mut at = FIRST_TOLD;
    each_told!(call, field => {
        *field = read_told(row, at, &mut stamps, &mut before)?;
        at += 1;
    });
    debug_assert_eq!(at, STAMPS);
    let judgement = Judgement {
        at: get(row, STAMPS + 1)?,
        campaign_mode: get_optional(row, STAMPS + 2)?,
        max_attempts: get_optional(row, STAMPS + 3)?,
    };
    let due = get_optional(row, STAMPS + 4)?;
    Ok((name(row)?, Kept { id: Some(id), filed_at: id.filed_at(), call, judgement, due }))
}

/// Runs a query for rows of calls; `tail` is what follows the table's name.
pub(super) async fn query(
    db: &mut SqliteConnection,
    tail: &'static str,
    put: impl FnOnce(&mut Values),
    mut each: impl FnMut(CallName, Kept),
) -> Result<(), StoreError> {
    let sql = own(format!("select {COLUMNS} from calls {tail}"));
    let mut rows = sqlx::query_with(sql, values(put)?).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let (name, kept) = read(&row)?;
        each(name, kept);
    }
    Ok(())
}

/// See `WriteStore::find`.
pub(super) async fn find(
    db: &mut SqliteConnection,
    statements: &Statements,
    names: &[&CallName],
) -> Result<Vec<Option<Kept>>, StoreError> {
    let mut found: HashMap<CallName, Kept, RandomState> = HashMap::default();
    let each = |row: &SqliteRow| {
        let (name, kept) = read(row)?;
        found.insert(name, kept);
        Ok(())
    };
    statements.find.read(db, names, |name, to| to.integer(hash(name)), each).await?;
    Ok(names.iter().map(|name| found.remove(*name)).collect())
}

/// One call, for a reader.
pub(super) async fn find_one(db: &mut SqliteConnection, name: &CallName) -> Result<Option<Kept>, StoreError> {
    let mut found = None;
    let each = |other: CallName, kept| {
        if other == *name {
            found = Some(kept);
        }
    };
    query(db, "where name_hash = ?", |to| to.integer(hash(name)), each).await?;
    Ok(found)
}

/// See `WriteStore::calls_of`.
pub(super) async fn of_campaign(
    db: &mut SqliteConnection,
    campaign: &CampaignId,
    after: RowId,
    to: RowId,
    limit: usize,
) -> Result<Vec<(CallName, Kept)>, StoreError> {
    let mut calls = Vec::new();
    let put = |values: &mut Values| {
        campaign.put(values);
        values.integer(after.0);
        values.integer(to.0);
        values.integer(i64::try_from(limit).unwrap_or(i64::MAX));
    };
    let tail = "where campaign = ? and id > ? and id <= ? order by id limit ?";
    query(db, tail, put, |name, kept| calls.push((name, kept))).await?;
    Ok(calls)
}

/// See `WriteStore::recent`.
pub(super) async fn recent(
    db: &mut SqliteConnection,
    since: Moment,
    each: &mut dyn FnMut(CallName, Kept),
) -> Result<(), StoreError> {
    let filed_since = RowId::at(since - LONG).0;
    query(db, "where id >= ?", |to| to.integer(filed_since), &mut *each).await?;
    let put = |to: &mut Values| {
        since.put(to);
        to.integer(filed_since);
    };
    query(db, "where long_until >= ? and id < ? and due is null", put, &mut *each).await?;
    query(db, "where due is not null and id < ?", |to| to.integer(filed_since), each).await
}

/// Gives new calls their place in the order of filing.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The next id to try, by the instant filed at: many sources tell whole seconds only.
    next: HashMap<i64, i64, RandomState>,
}

impl Places {
    fn give(&mut self, kept: &mut Kept) {
        if self.next.len() > REMEMBERED {
            self.next.clear();
        }
        let next = self.next.entry(kept.filed_at.micros()).or_insert(RowId::at(kept.filed_at).0);
        Self::put(kept, *next);
        *next += 1;
    }

    /// Where a call is filed is what its id says; a crowded microsecond pushes it into the next.
    fn put(kept: &mut Kept, id: i64) {
        kept.id = Some(RowId(id));
        kept.filed_at = RowId(id).filed_at();
    }

    pub(super) fn forget(&mut self) {
        self.next.clear();
    }
}

/// Writes new and changed calls.
pub(super) async fn write(
    db: &mut SqliteConnection,
    statements: &Statements,
    places: &mut Places,
    calls: &mut [CallWrite<'_>],
) -> Result<(), StoreError> {
    // New calls first, in the order of filing: their rows then go to the table's end.
    calls.sort_by_key(|write| (write.kept.id.is_some(), write.kept.id, write.kept.filed_at));
    let split = calls.partition_point(|write| write.kept.id.is_none());
    let (new, changed) = calls.split_at_mut(split);
    new.iter_mut().for_each(|write| places.give(write.kept));
    let mut taken = Vec::new();
    for part in statements.insert.try_write(db, new, put).await? {
        taken.extend(unplaced(db, part).await?);
    }
    for write in new.iter_mut().filter(|write| write.kept.id.is_some_and(|id| taken.contains(&id))) {
        place_anew(db, statements, places, write).await?;
    }
    statements.update.write(db, changed, put).await
}

/// Which of these calls have not got their place, because another call had it.
async fn unplaced(db: &mut SqliteConnection, part: &[CallWrite<'_>]) -> Result<Vec<RowId>, StoreError> {
    let mut taken = Vec::new();
    for write in part {
        let Some(id) = write.kept.id else { continue };
        let holder = sqlx::query("select name_hash, realm, call_id from calls where id = ?").bind(id.0);
        let row = holder.fetch_one(&mut *db).await?;
        let (realm, call_id) = (row.try_get::<&str, _>(1)?, row.try_get::<&str, _>(2)?);
        if realm != write.name.realm.as_str() || call_id != write.name.call_id.as_str() {
            taken.push(id);
        }
    }
    Ok(taken)
}

async fn place_anew(
    db: &mut SqliteConnection,
    statements: &Statements,
    places: &mut Places,
    write: &mut CallWrite<'_>,
) -> Result<(), StoreError> {
    let first_heard = write.kept.filed_at;
    while let Some(id) = write.kept.id {
        let last: i64 = sqlx::query_scalar("select max(id) from calls where id < ?")
            .bind(id.0.saturating_add(RUN))
            .fetch_one(&mut *db)
            .await?;
        Places::put(write.kept, last + 1);
        places.next.insert(first_heard.micros(), last + 2);
        if statements.insert.try_write(db, std::slice::from_ref(write), put).await?.is_empty() {
            break;
        }
    }
    Ok(())
}
