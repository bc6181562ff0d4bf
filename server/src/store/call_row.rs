//! A call as a row, the same in every database: a column a field, and when each was told as one short blob.

use super::StoreError;
use super::cells::{Cell, Columns, Sink, get, get_optional};
use super::tally::{put_signed, take_signed};
use super::write::{CallWrite, RowId, StoredCall};
use crate::law::contribute::Judgement;
use app::domain::call::OtherEnds;
use app::domain::{Call, CallId, CallName, LastWrite, Moment, RealmId, Span};
use smol_str::SmolStr;

/// A call with a moment this far from where it is filed is found by `long_until` after a restart, the others by their id.
pub(super) const LONG: Span = Span::minutes(30);

pub(super) const COLUMNS: &str = "id, name_hash, realm, call_id, \
    started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at, \
    direction, campaign, mode, route, from_number, to_number, country, placed_in, list, attempt, room, answered_by, queue, \
    agent, transfer_kind, transfer_target, outcome, sip_code, sip_reason, q850, hung_up_by, final, right_party, wrap_ms, \
    hold_ms, disposition, recording_url, metadata, cannot_tell, stamps, judged_at, campaign_mode, max_attempts, due, long_until";
/// What follows the table's name: see `Audit::namesakes`.
pub(super) const NAMESAKES: &str = "where name_hash in (select name_hash from calls group by name_hash having count(*) > 1) \
     order by realm, call_id, id";
/// The same among so many calls; of one hash all or none are among them, but for the last.
pub(super) fn namesakes_among(calls: usize) -> String {
    format!(
        "where name_hash in (select name_hash from (select name_hash from calls order by name_hash limit {calls}) as those \
         group by name_hash having count(*) > 1 limit {NAMESAKES_SHOWN}) order by realm, call_id, id"
    )
}
/// Doubled names looked at there, at most.
const NAMESAKES_SHOWN: usize = 1_000;
pub(super) const WIDTH: usize = 47;
/// The first columns say which call it is and never change.
pub(super) const NAMES: usize = 4;
const FIRST_TOLD: usize = 12;
const STAMPS: usize = 41;

/// A hash of a call's name for its index: stable over versions, and quick. Names are compared where hashes meet.
///
/// # Source
/// FNV-1a, 64 bit, its halves folded together.
pub(super) fn hash(name: &CallName) -> i64 {
    let bytes = name.realm.as_str().bytes().chain([0]).chain(name.call_id.as_str().bytes());
    let fnv = bytes.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (fnv ^ (fnv >> 32)).cast_signed()
}

macro_rules! each_told {
    ($call:expr, $field:ident => $body:expr) => {
        each_told!(@ $call, $field, $body; direction campaign mode route from to country placed_in list attempt room by queue agent
            transfer_kind transfer_target outcome sip_code sip_reason q850 hung_up_by is_final right_party wrap_ms hold_ms
            disposition recording_url metadata cannot_tell)
    };
    (@ $call:expr, $field:ident, $body:expr; $($name:ident)*) => { $({ let $field = &mut $call.$name; $body })* };
}
macro_rules! each_told_ref {
    ($call:expr, $field:ident => $body:expr) => {
        each_told_ref!(@ $call, $field, $body; direction campaign mode route from to country placed_in list attempt room by queue agent
            transfer_kind transfer_target outcome sip_code sip_reason q850 hung_up_by is_final right_party wrap_ms hold_ms
            disposition recording_url metadata cannot_tell)
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
    let OtherEnds { first, last } = call.other_ends;
    if first.or(last).is_some() {
        // One that is absent is the call's own end.
        step(first.or(call.ended_at));
        step(last.or(call.ended_at));
    }
    out
}

/// What follows the stamps: the first and the last end told, where either is not the call's.
fn read_other_ends(stamps: &mut &[u8], before: i64, ended_at: Option<Moment>) -> Result<OtherEnds, StoreError> {
    if stamps.is_empty() {
        return Ok(OtherEnds::default());
    }
    let mut ends = [None; 2];
    let mut before = before;
    for end in &mut ends {
        let step = take_signed(stamps).ok_or_else(|| StoreError::Unreadable("column stamps: cut short".to_owned()))?;
        before = before.wrapping_add(step);
        *end = Some(Moment::from_micros(before)).filter(|end| Some(*end) != ended_at);
    }
    let [first, last] = ends;
    Ok(OtherEnds { first, last })
}

/// Puts a row of [`COLUMNS`].
pub(super) fn put(write: &CallWrite<'_>, to: &mut impl Sink) {
    let StoredCall { id, call, judgement, due, filed_at } = &*write.kept;
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

fn read_told<T: Cell>(
    row: &impl Columns,
    at: usize,
    stamps: &mut &[u8],
    before: &mut i64,
) -> Result<LastWrite<T>, StoreError> {
    let Some(value) = get_optional::<T>(row, at)? else { return Ok(LastWrite::default()) };
    let step = take_signed(stamps).ok_or_else(|| StoreError::Unreadable("column stamps: cut short".to_owned()))?;
    *before = before.wrapping_add(step);
    Ok(LastWrite::at(value, Moment::from_micros(*before)))
}

fn name(row: &impl Columns) -> Result<CallName, StoreError> {
    Ok(CallName { realm: RealmId::trusted(get::<SmolStr>(row, 2)?), call_id: CallId::trusted(get::<SmolStr>(row, 3)?) })
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &impl Columns) -> Result<(CallName, StoredCall), StoreError> {
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
    let mut stamps = row.blob(STAMPS)?;
    let mut before = id.filed_at().micros();
    let mut at = FIRST_TOLD;
    each_told!(call, field => {
        *field = read_told(row, at, &mut stamps, &mut before)?;
        at += 1;
    });
    debug_assert_eq!(at, STAMPS);
    call.other_ends = read_other_ends(&mut stamps, before, call.ended_at)?;
    let judgement = Judgement {
        at: get(row, STAMPS + 1)?,
        campaign_mode: get_optional(row, STAMPS + 2)?,
        max_attempts: get_optional(row, STAMPS + 3)?,
    };
    let due = get_optional(row, STAMPS + 4)?;
    Ok((name(row)?, StoredCall { id: Some(id), filed_at: id.filed_at(), call, judgement, due }))
}
