//! `GET /api/v1/calls` and `/calls/{realm}/{call_id}`: calls as merged, newest first.
//!
//! Far-end numbers are masked here, for everyone until roles exist: in their own field, and wherever a source wrote them
//! into a text. The floor's own numbers are not. Ids stand as they are: they are names, and addresses here.

use super::Api;
use super::error::ApiError;
use super::mask::{Hide, masked};
use super::query::Params;
use crate::store::read::{CallCursor, CallQuery, FiledCall, Reader};
use app::domain::event::{Metadata, Text};
use app::domain::{Call, CallId, CallName, Moment, Number, RealmId};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PARAMETERS: &[&str] = &["campaign", "since", "limit", "cursor"];
/// Calls of a page where no limit is asked for.
const DEFAULT_LIMIT: usize = 100;

pub async fn list<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Value>, ApiError> {
    let params = params.only(PARAMETERS)?;
    let limit = params.limit(DEFAULT_LIMIT)?;
    let since = params.moment("since")?;
    let cursor = params.get("cursor").map(|text| {
        read_cursor(text).ok_or_else(|| ApiError::Query {
            parameter: "cursor",
            why: "is not the `next_cursor` of an answer".to_owned(),
        })
    });
    // One more than asked for tells whether there is a next page.
    let query = CallQuery { campaign: params.campaign()?, since, limit: limit + 1, cursor: cursor.transpose()? };
    let as_of = api.live.beat().as_of;
    let mut calls = api.reader.calls(&query).await?;
    let more = calls.len() > limit;
    calls.truncate(limit);
    let mut answer = json!({ "as_of": as_of });
    if let (true, Some(last)) = (more, calls.last()) {
        answer["next_cursor"] = Value::String(write_cursor(last));
    }
    answer["rows"] = calls.iter().map(shown).collect();
    Ok(Json(answer))
}

pub async fn one<R: Reader>(
    State(api): State<Api<R>>,
    Path((realm, call_id)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let none = || ApiError::NotFound("there is no such call, or it is older than calls are kept".to_owned());
    let (Ok(realm), Ok(call_id)) = (RealmId::new(&realm), CallId::new(&call_id)) else { return Err(none()) };
    let as_of = api.live.beat().as_of;
    let call = api.reader.call(&CallName { realm, call_id }).await?.ok_or_else(none)?;
    Ok(Json(json!({ "as_of": as_of, "call": shown(&call) })))
}

/// A call as it is told; fields that were never told are absent.
fn shown(filed: &FiledCall) -> Value {
    let call = &filed.call;
    let far = call.far_end();
    let mut row = Members(BTreeMap::new());
    row.put("realm", Some(&filed.name.realm));
    row.put("call_id", Some(&filed.name.call_id));
    row.put("filed_at", Some(filed.filed_at));
    moments(call, &mut row);
    row.put("direction", call.direction.get());
    row.put("campaign", call.campaign.get());
    row.put("mode", call.mode.get());
    row.put("route", call.route.get());
    row.put("from", call.from.get().map(|number| number_of(call, number)));
    row.put("to", call.to.get().map(|number| number_of(call, number)));
    row.put("country", call.far_country());
    row.put("list", call.list.get());
    row.put("attempt", call.attempt.get());
    row.put("room", call.room.get());
    row.put("by", call.by.get());
    row.put("queue", call.queue.get());
    row.put("agent", call.agent.get());
    row.put("transfer_kind", call.transfer_kind.get());
    row.put("transfer_target", call.transfer_target.get().map(|t| masked(t.as_str(), Hide::AnyNumber)));
    row.put("outcome", call.outcome.get());
    row.put("sip_code", call.sip_code.get());
    row.put("sip_reason", text(call.sip_reason.get(), far));
    row.put("q850", call.q850.get());
    row.put("hung_up_by", call.hung_up_by.get());
    row.put("final", call.is_final.get());
    row.put("right_party", call.right_party.get());
    row.put("wrap_ms", call.wrap_ms.get());
    row.put("hold_ms", call.hold_ms.get());
    row.put("disposition", text(call.disposition.get(), far));
    row.put("recording_url", text(call.recording_url.get(), far));
    row.put("metadata", call.metadata.get().map(|m| metadata(m, far)));
    row.put("cannot_tell", call.cannot_tell.get());
    json!(row.0)
}

fn moments(call: &Call, row: &mut Members) {
    row.put("started_at", call.started_at);
    row.put("progress_at", call.progress_at);
    row.put("answered_at", call.answered_at);
    row.put("greeted_at", call.greeted_at);
    row.put("queued_at", call.queued_at);
    row.put("bridged_at", call.bridged_at);
    row.put("transferred_at", call.transferred_at);
    row.put("ended_at", call.ended_at);
}

struct Members(BTreeMap<&'static str, Value>);

impl Members {
    fn put(&mut self, name: &'static str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.0.insert(name, json!(value));
        }
    }
}

/// The floor's own number in clear, any other masked. Where both ends are one number, it is a far end's.
fn number_of(call: &Call, number: &Number) -> String {
    let own = call.did() == Some(number) && call.far_end() != Some(number);
    if own { number.reveal().to_owned() } else { number.masked() }
}

fn text(text: Option<&Text>, far: Option<&Number>) -> Option<String> {
    text.map(|t| masked(t.as_str(), Hide::FarEnd(far)))
}

fn metadata(metadata: &Metadata, far: Option<&Number>) -> BTreeMap<String, String> {
    let hide = |text: &str| masked(text, Hide::FarEnd(far));
    metadata.0.iter().map(|(name, value)| (hide(name), hide(value))).collect()
}

/// `micros.realm.call_id`, the names in hexadecimal: whatever is in them, it fits into an address.
fn write_cursor(call: &FiledCall) -> String {
    let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
    let (realm, call_id) = (hex(call.name.realm.as_str()), hex(call.name.call_id.as_str()));
    format!("{}.{realm}.{call_id}", call.filed_at.micros())
}

fn read_cursor(text: &str) -> Option<CallCursor> {
    let mut parts = text.split('.');
    let filed_at = Moment::from_micros(parts.next()?.parse().ok()?);
    let (realm, call_id) = (unhex(parts.next()?)?, unhex(parts.next()?)?);
    let name = CallName { realm: RealmId::new(&realm).ok()?, call_id: CallId::new(&call_id).ok()? };
    parts.next().is_none().then_some(CallCursor { filed_at, name })
}

fn unhex(text: &str) -> Option<String> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks_exact(2).map(byte).collect();
    String::from_utf8(bytes?).ok().filter(|_| text.len().is_multiple_of(2))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Told;
    use app::domain::outcome::Direction;

    const FAR: &str = "+13125550147";
    const OWN: &str = "+12025550199";

    fn filed(direction: Direction) -> FiledCall {
        let at = Moment::from_secs(1);
        let number = |n: &str| Told::at(Number::trusted(n), at);
        let (from, to) = match direction {
            Direction::Outbound => (OWN, FAR),
            Direction::Inbound => (FAR, OWN),
        };
        let text = |t: &str| Told::at(Text::clipped(t), at);
        let call = Call {
            started_at: Some(at),
            direction: Told::at(direction, at),
            from: number(from),
            to: number(to),
            transfer_target: text("sip:+14155550100@carrier"),
            disposition: text("wrong number 312-555-0147"),
            recording_url: text("https://r.example/3125550147.wav"),
            metadata: Told::at(Metadata(BTreeMap::from([("callee 13125550147".to_owned(), FAR.to_owned())])), at),
            ..Call::default()
        };
        let name = CallName { realm: RealmId::trusted("a.b/é"), call_id: CallId::trusted("c 1") };
        FiledCall { name, filed_at: at, call }
    }

    #[test]
    fn a_far_end_number_is_nowhere_and_the_floors_own_is_in_clear() {
        for direction in [Direction::Outbound, Direction::Inbound] {
            let text = shown(&filed(direction)).to_string();
            assert!(text.contains(OWN), "{text}");
            for hidden in ["5550147", "555-0147", "4155550100"] {
                assert!(!text.contains(hidden), "{hidden} in {text}");
            }
        }
    }

    #[test]
    fn a_cursor_is_read_back_whatever_the_names_are() {
        let call = filed(Direction::Outbound);
        let cursor = read_cursor(&write_cursor(&call)).unwrap();
        assert_eq!((cursor.filed_at, cursor.name), (call.filed_at, call.name));
        for bad in ["", "1", "1.2", "x.61.62", "1.6.62", "1.61.62.63", "1.zz.62", "1..62"] {
            assert!(read_cursor(bad).is_none(), "{bad}");
        }
    }
}
