//! `GET /api/v1/calls` and `/calls/{realm}/{call_id}`: calls as merged, newest first.
//!
//! Persons' numbers are masked here, for everyone until roles exist: in their own field, and wherever a source wrote them
//! into a text or an id. The floor's own number is not. A masked id is an address as any other.

use super::Api;
use super::error::ApiError;
use super::query::{Params, audience_of};
use crate::kit::mask::{Veil, is_own, persons};
use crate::store::read::{CallCursor, CallQuery, FiledCall, Reader};
use app::domain::event::{Metadata, Text};
use app::domain::mask::Numbers;
use app::domain::{
    AgentId, Call, CallId, CallName, CampaignId, CampaignScope, ListId, Moment, Number, QueueId, RealmId, RoomId,
    RouteId,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::Extensions;
use serde::Serialize;
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::collections::BTreeMap;

const PARAMETERS: &[&str] = &["campaign", "since", "limit", "cursor"];
/// Calls of a page where no limit is asked for.
const DEFAULT_LIMIT: usize = 100;

pub async fn list<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Value>, ApiError> {
    let params = params.only(PARAMETERS)?;
    let limit = params.limit(DEFAULT_LIMIT)?;
    let since = params.moment("since")?;
    let cursor = params.get("cursor").map(|text| {
        read_cursor(text, api.live.veil()).ok_or_else(|| ApiError::Query {
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
        answer["next_cursor"] = Value::String(write_cursor(last, api.live.veil()));
    }
    answer["rows"] = calls.iter().map(|call| shown(call, api.live.veil())).collect();
    Ok(Json(answer))
}

pub async fn one<R: Reader>(
    State(api): State<Api<R>>,
    Path((realm, call_id)): Path<(String, String)>,
    extensions: Extensions,
) -> Result<Json<Value>, ApiError> {
    let none = || ApiError::NotFound("there is no such call, or it is older than calls are kept".to_owned());
    let veil = api.live.veil();
    let named = |id: String| veil.lifted(&id).unwrap_or_else(|| id.into());
    let (Ok(realm), Ok(call_id)) = (RealmId::new(&named(realm)), CallId::new(&named(call_id))) else {
        return Err(none());
    };
    let as_of = api.live.beat().as_of;
    let call = api.reader.call(&CallName { realm, call_id }).await?;
    // One of a campaign that who asks may not see is none, as far as they hear.
    let scope = audience_of(&extensions).scope;
    let is_theirs = |call: &FiledCall| match &scope {
        CampaignScope::All => true,
        CampaignScope::Of(_) => call.call.campaign.get().is_some_and(|campaign| scope.holds(campaign)),
    };
    let call = call.filter(is_theirs).ok_or_else(none)?;
    Ok(Json(json!({ "as_of": as_of, "call": shown(&call, veil) })))
}

/// A call as it is told; fields that were never told are absent.
fn shown(filed: &FiledCall, veil: &Veil) -> Value {
    let call = &filed.call;
    let hidden = Hidden { veil, persons: persons(call) };
    let id = |id: Option<&str>| id.map(|id| hidden.id(id));
    let mut row = Members(BTreeMap::new());
    row.put("realm", id(Some(filed.name.realm.as_str())));
    row.put("call_id", id(Some(filed.name.call_id.as_str())));
    row.put("filed_at", Some(filed.filed_at));
    moments(call, &mut row);
    row.put("direction", call.direction.get());
    row.put("campaign", id(call.campaign.get().map(CampaignId::as_str)));
    row.put("mode", call.mode.get());
    row.put("route", id(call.route.get().map(RouteId::as_str)));
    row.put("from", call.from.get().map(|number| number_of(call, number)));
    row.put("to", call.to.get().map(|number| number_of(call, number)));
    row.put("country", call.far_country());
    row.put("list", id(call.list.get().map(ListId::as_str)));
    row.put("attempt", call.attempt.get());
    row.put("room", id(call.room.get().map(RoomId::as_str)));
    row.put("by", call.by.get());
    row.put("queue", id(call.queue.get().map(QueueId::as_str)));
    row.put("agent", id(call.agent.get().map(AgentId::as_str)));
    row.put("transfer_kind", call.transfer_kind.get());
    row.put("transfer_target", hidden.text(call.transfer_target.get()));
    row.put("outcome", call.outcome.get());
    row.put("sip_code", call.sip_code.get());
    row.put("sip_reason", hidden.text(call.sip_reason.get()));
    row.put("q850", call.q850.get());
    row.put("hung_up_by", call.hung_up_by.get());
    row.put("final", call.is_final.get());
    row.put("right_party", call.right_party.get());
    row.put("wrap_ms", call.wrap_ms.get());
    row.put("hold_ms", call.hold_ms.get());
    row.put("disposition", hidden.text(call.disposition.get()));
    row.put("recording_url", call.recording_url.get().map(|url| veil.address_of(url.as_str(), &hidden.persons)));
    row.put("metadata", call.metadata.get().map(|m| hidden.metadata(m)));
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

/// The floor's own number in clear, any other masked.
fn number_of(call: &Call, number: &Number) -> String {
    if is_own(call, number) { number.reveal().to_owned() } else { number.masked() }
}

/// What hides the persons of one call in its texts.
struct Hidden<'v> {
    veil: &'v Veil,
    persons: Numbers,
}

impl Hidden<'_> {
    fn id(&self, id: &str) -> SmolStr {
        self.veil.id_of(id, &self.persons)
    }

    fn text(&self, text: Option<&Text>) -> Option<SmolStr> {
        text.map(|text| self.veil.text_of(text.as_str(), &self.persons))
    }

    /// Names that are alike when masked stay apart by their tags.
    fn metadata(&self, metadata: &Metadata) -> BTreeMap<SmolStr, SmolStr> {
        let (veil, persons) = (self.veil, &self.persons);
        metadata.0.iter().map(|(name, value)| (veil.key_of(name, persons), veil.text_of(value, persons))).collect()
    }
}

/// `micros.realm.call_id`, the names in hexadecimal: whatever is in them, it fits into an address.
fn write_cursor(call: &FiledCall, veil: &Veil) -> String {
    let persons = persons(&call.call);
    let hex = |id: &str| veil.id_of(id, &persons).bytes().map(|b| format!("{b:02x}")).collect::<String>();
    let (realm, call_id) = (hex(call.name.realm.as_str()), hex(call.name.call_id.as_str()));
    format!("{}.{realm}.{call_id}", call.filed_at.micros())
}

pub(crate) fn read_cursor(text: &str, veil: &Veil) -> Option<CallCursor> {
    let mut parts = text.split('.');
    let filed_at = Moment::from_micros(parts.next()?.parse().ok()?);
    let mut named = || unhex(parts.next()?).map(|id| veil.lifted(&id).unwrap_or_else(|| id.into()));
    let (realm, call_id) = (named()?, named()?);
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
    use app::domain::LastWrite;
    use app::domain::outcome::Direction;

    const FAR: &str = "+13125550147";
    const OWN: &str = "+12025550199";

    fn filed(direction: Direction) -> FiledCall {
        let at = Moment::from_secs(1);
        let number = |n: &str| LastWrite::at(Number::trusted(n), at);
        let (from, to) = match direction {
            Direction::Outbound => (OWN, FAR),
            Direction::Inbound => (FAR, OWN),
        };
        let text = |t: &str| LastWrite::at(Text::clipped(t), at);
        let call = Call {
            started_at: Some(at),
            direction: LastWrite::at(direction, at),
            from: number(from),
            to: number(to),
            transfer_target: text("sip:+14155550100@carrier"),
            disposition: text("wrong number 312-555-0147"),
            recording_url: text("https://r.example/3125550147.wav"),
            metadata: LastWrite::at(Metadata(BTreeMap::from([("callee 13125550147".to_owned(), FAR.to_owned())])), at),
            ..Call::default()
        };
        let name = CallName { realm: RealmId::trusted("a.b/é"), call_id: CallId::trusted("c 1") };
        FiledCall { name, filed_at: at, call }
    }

    #[test]
    fn a_far_end_number_is_nowhere_and_the_floors_own_is_in_clear() {
        for direction in [Direction::Outbound, Direction::Inbound] {
            let text = shown(&filed(direction), &Veil::default()).to_string();
            assert!(text.contains(OWN), "{text}");
            for hidden in ["5550147", "555-0147", "4155550100"] {
                assert!(!text.contains(hidden), "{hidden} in {text}");
            }
        }
    }

    #[test]
    fn a_cursor_is_read_back_whatever_the_names_are() {
        let call = filed(Direction::Outbound);
        let cursor = read_cursor(&write_cursor(&call, &Veil::default()), &Veil::default()).unwrap();
        assert_eq!((cursor.filed_at, cursor.name), (call.filed_at, call.name));
        for bad in ["", "1", "1.2", "x.61.62", "1.6.62", "1.61.62.63", "1.zz.62", "1..62"] {
            assert!(read_cursor(bad, &Veil::default()).is_none(), "{bad}");
        }
    }
}
