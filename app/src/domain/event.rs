//! The public vocabulary in: contract.md's event types, word for word.
//!
//! An [`Event`] is a CloudEvents 1.0 envelope whose `data` is one of [`Data`]'s variants. Both ways: `parse` reads
//! it with errors that name the place; `Serialize` writes what the simulator sends. Unknown fields are ignored, and noted.
//! Values that only the merge understands (a call's fields) are turned into fragments by `call`.

use super::cannot_tell::CannotTell;
use super::ids::{
    AgentId, CallId, CampaignId, ComponentId, EventId, ListId, QueueId, RealmId, RoomId, RouteId, SourceId, TrunkId,
};
use super::outcome::{
    AgentStatus, AnsweredBy, CampaignStatus, ComponentKind, CostKind, DidStatus, Direction, Health, HungUpBy, Mode,
    Outcome, RouteStatus, TransferKind, TrunkHealth,
};
use super::parse::{FieldError, UnknownField};
use super::phone::{Country, Number, Party};
use super::time::Moment;
use crate::contract::Field;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// At most this many strings of metadata a call (contract.md, `call.updated`).
pub const MAX_METADATA: usize = 32;
/// Longest free text kept of an event, in bytes; longer is rejected by name. Keeps a call's row bounded.
pub const MAX_TEXT_BYTES: usize = 2_048;

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub source: SourceId,
    /// When it happened, not when it was sent.
    pub time: Moment,
    pub data: Data,
}

macro_rules! data {
    (of_a_call { $($call:ident($call_body:ident) = $call_type:literal),+ $(,)? }
     of_the_floor { $($floor:ident($floor_body:ident) = $floor_type:literal),+ $(,)? }) => {
        data!(all $($call($call_body) = $call_type,)+ $($floor($floor_body) = $floor_type,)+);

        impl Data {
            /// The call that it tells of, and its realm where one is told; `None` for what is not about a call.
            #[must_use]
            pub const fn call(&self) -> Option<(&CallId, Option<&RealmId>)> {
                match self {
                    $(Self::$call(b) => Some((&b.call_id, b.realm.as_ref())),)+
                    $(Self::$floor(_) => None),+
                }
            }
        }
    };
    (all $($variant:ident($body:ident) = $type:literal,)+) => {
        /// What an event tells.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Data { $($variant($body)),+ }

        impl Data {
            /// Every `type` of the contract.
            pub const TYPES: &'static [&'static str] = &[$($type),+];

            #[must_use]
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type),+ }
            }

            /// Every `type` of the contract with the fields of its data, as the types say it.
            #[must_use]
            pub fn described() -> Vec<(&'static str, Vec<Field>)> {
                vec![$(($type, $body::described())),+]
            }

            /// Reads `data` for a `type`; `None` where no such type exists.
            pub(super) fn read(
                type_name: &str,
                json: &str,
                unknown: &mut dyn FnMut(UnknownField),
            ) -> Option<Result<Self, FieldError>> {
                match type_name {
                    $($type => {
                        let mut note = |field| unknown(UnknownField { type_name: $type, field, known: $body::FIELDS });
                        Some(super::parse::field::<$body>(json, &mut note).map(Self::$variant))
                    })+
                    _ => None,
                }
            }

            fn serialize_body<S: serde::ser::SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
                match self { $(Self::$variant(body) => to.serialize_field("data", body)),+ }
            }
        }
    };
}

data! {
    of_a_call {
        CallStarted(CallStarted) = "call.started",
        CallProgress(CallProgress) = "call.progress",
        CallAnswered(CallAnswered) = "call.answered",
        CallGreeted(CallGreeted) = "call.greeted",
        CallQueued(CallQueued) = "call.queued",
        CallBridged(CallBridged) = "call.bridged",
        CallTransferred(CallTransferred) = "call.transferred",
        CallEnded(CallEnded) = "call.ended",
        CallUpdated(CallUpdated) = "call.updated",
        CallRecord(CallRecord) = "call.record",
    }
    of_the_floor {
        AgentState(AgentState) = "agent.state",
        ChannelsSample(ChannelsSample) = "channels.sample",
        TrunkStatus(TrunkStatus) = "trunk.status",
        HealthSample(HealthSample) = "health.sample",
        MetricSample(MetricSample) = "metric.sample",
        CampaignUpdated(CampaignUpdated) = "campaign.updated",
        DidUpdated(DidUpdated) = "did.updated",
        RouteUpdated(RouteUpdated) = "route.updated",
        CostUpdated(CostUpdated) = "cost.updated",
    }
}

impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut envelope = to.serialize_struct("Event", 6)?;
        envelope.serialize_field("specversion", "1.0")?;
        envelope.serialize_field("id", &self.id)?;
        envelope.serialize_field("source", &self.source)?;
        envelope.serialize_field("type", self.data.type_name())?;
        envelope.serialize_field("time", &self.time)?;
        self.data.serialize_body(&mut envelope)?;
        envelope.end()
    }
}

/// A field's name without what Rust needs around its own words.
const fn contract_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($must:ident: $must_type:ty),* ; $($may:ident: $may_type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $(pub $must: $must_type,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $may: Option<$may_type>,)*
        }

        impl $name {
            /// The names of its fields in the contract.
            pub const FIELDS: &'static [&'static str] = &[$(contract_name(stringify!($must)),)* $(contract_name(stringify!($may)),)*];

            /// Its fields, and what each may hold.
            #[must_use]
            pub fn described() -> Vec<Field> {
                vec![
                    $(Field::must::<$must_type>(contract_name(stringify!($must))),)*
                    $(Field::may::<$may_type>(contract_name(stringify!($may))),)*
                ]
            }

            /// What must be told, and nothing else.
            #[must_use]
            pub fn only($($must: $must_type),*) -> Self {
                Self { $($must,)* $($may: None,)* }
            }
        }
    )*};
}

bodies! {
    CallStarted { call_id: CallId, direction: Direction;
        realm: RealmId, cannot_tell: CannotTell, from: Party, to: Party, campaign: CampaignId, mode: Mode, route: RouteId, country: Country, list: ListId,
        attempt: u32, room: RoomId, right_party: bool, wrap_ms: u64, hold_ms: u64, recording_url: Text }
    CallProgress { call_id: CallId; realm: RealmId, cannot_tell: CannotTell }
    CallAnswered { call_id: CallId;
        realm: RealmId, cannot_tell: CannotTell, by: AnsweredBy, right_party: bool, wrap_ms: u64, hold_ms: u64, recording_url: Text }
    CallGreeted { call_id: CallId; realm: RealmId, cannot_tell: CannotTell }
    CallQueued { call_id: CallId; realm: RealmId, cannot_tell: CannotTell, queue: QueueId }
    CallBridged { call_id: CallId, agent: AgentId; realm: RealmId, cannot_tell: CannotTell }
    CallTransferred { call_id: CallId, kind: TransferKind, target: Text; realm: RealmId, cannot_tell: CannotTell }
    CallEnded { call_id: CallId;
        realm: RealmId, cannot_tell: CannotTell, outcome: Outcome, sip_code: SipCode, sip_reason: Text, q850: Q850,
        hung_up_by: HungUpBy, r#final: bool, right_party: bool, wrap_ms: u64, hold_ms: u64, recording_url: Text }
    /// What became known afterwards: any field of the other call events that is not a moment.
    CallUpdated { call_id: CallId;
        realm: RealmId, cannot_tell: CannotTell, direction: Direction, campaign: CampaignId, mode: Mode, route: RouteId,
        from: Party, to: Party,
        country: Country, list: ListId, attempt: u32, room: RoomId, by: AnsweredBy, queue: QueueId, agent: AgentId,
        transfer_kind: TransferKind, transfer_target: Text, outcome: Outcome, sip_code: SipCode, sip_reason: Text, q850: Q850,
        hung_up_by: HungUpBy, r#final: bool, right_party: bool, wrap_ms: u64, hold_ms: u64, disposition: Text,
        recording_url: Text, metadata: Metadata }
    /// A whole call at once.
    CallRecord { call_id: CallId, started_at: Moment;
        realm: RealmId, cannot_tell: CannotTell, direction: Direction, campaign: CampaignId, mode: Mode, route: RouteId,
        from: Party, to: Party,
        country: Country, list: ListId, attempt: u32, room: RoomId, by: AnsweredBy, queue: QueueId, agent: AgentId,
        transfer_kind: TransferKind, transfer_target: Text, outcome: Outcome, sip_code: SipCode, sip_reason: Text, q850: Q850,
        hung_up_by: HungUpBy, r#final: bool, right_party: bool, wrap_ms: u64, hold_ms: u64, disposition: Text,
        recording_url: Text, metadata: Metadata,
        progress_at: Moment, answered_at: Moment, greeted_at: Moment, queued_at: Moment, bridged_at: Moment,
        transferred_at: Moment, ended_at: Moment }
    AgentState { agent: AgentId, state: AgentStatus; campaign: CampaignId, reason: Text }
    ChannelsSample { trunk: TrunkId, active: u32; capacity: u32 }
    TrunkStatus { trunk: TrunkId, status: TrunkHealth; detail: Text }
    HealthSample { component: ComponentId, kind: ComponentKind, status: Health; latency_ms: f64, detail: Text, link: Text }
    MetricSample { component: ComponentId, name: MetricName, value: f64; }
    CampaignUpdated { campaign: CampaignId;
        name: Text, status: CampaignStatus, reason: Text, mode: Mode, destination: Text, destinations: u64, cac_limit: u32,
        cps_limit: f64, rate_limited: bool, started_at: Moment, max_attempts: u32, limit: AbandonLimit }
    DidUpdated { did: Number, status: DidStatus; pool: Text }
    RouteUpdated { route: RouteId; name: Text, carrier: Text, status: RouteStatus }
    CostUpdated { month: Month, amount: Amount, currency: Currency, kind: CostKind; }
}

impl Data {
    /// What it names of that which a floor is made of, with what it is the name of: campaigns, routes, trunks, components,
    /// agents.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        fn of<'a>(
            campaign: Option<&'a CampaignId>,
            route: Option<&'a RouteId>,
            agent: Option<&'a AgentId>,
        ) -> [(&'static str, Option<&'a str>); 3] {
            let campaign = ("campaign", campaign.map(CampaignId::as_str));
            let route = ("route", route.map(RouteId::as_str));
            [campaign, route, ("agent", agent.map(AgentId::as_str))]
        }
        let only = |what, name| [(what, Some(name)), (what, None), (what, None)];
        let named = match self {
            Self::CallStarted(told) => of(told.campaign.as_ref(), told.route.as_ref(), None),
            Self::CallUpdated(told) => of(told.campaign.as_ref(), told.route.as_ref(), told.agent.as_ref()),
            Self::CallRecord(told) => of(told.campaign.as_ref(), told.route.as_ref(), told.agent.as_ref()),
            Self::CallBridged(told) => of(None, None, Some(&told.agent)),
            Self::AgentState(told) => of(told.campaign.as_ref(), None, Some(&told.agent)),
            Self::CampaignUpdated(told) => of(Some(&told.campaign), None, None),
            Self::RouteUpdated(told) => of(None, Some(&told.route), None),
            Self::ChannelsSample(told) => only("trunk", told.trunk.as_str()),
            Self::TrunkStatus(told) => only("trunk", told.trunk.as_str()),
            Self::HealthSample(told) => only("component", told.component.as_str()),
            Self::MetricSample(told) => only("component", told.component.as_str()),
            Self::CallProgress(_)
            | Self::CallAnswered(_)
            | Self::CallGreeted(_)
            | Self::CallQueued(_)
            | Self::CallTransferred(_)
            | Self::CallEnded(_)
            | Self::DidUpdated(_)
            | Self::CostUpdated(_) => of(None, None, None),
        };
        named.into_iter().filter_map(|(what, name)| Some((what, name?)))
    }

    /// The id of what it tells of, where that is neither a call nor a number of the floor's.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        Some(match self {
            Self::AgentState(told) => told.agent.as_str(),
            Self::ChannelsSample(told) => told.trunk.as_str(),
            Self::TrunkStatus(told) => told.trunk.as_str(),
            Self::HealthSample(told) => told.component.as_str(),
            Self::MetricSample(told) => told.component.as_str(),
            Self::CampaignUpdated(told) => told.campaign.as_str(),
            Self::RouteUpdated(told) => told.route.as_str(),
            Self::CallStarted(_)
            | Self::CallProgress(_)
            | Self::CallAnswered(_)
            | Self::CallGreeted(_)
            | Self::CallQueued(_)
            | Self::CallBridged(_)
            | Self::CallTransferred(_)
            | Self::CallEnded(_)
            | Self::CallUpdated(_)
            | Self::CallRecord(_)
            | Self::DidUpdated(_)
            | Self::CostUpdated(_) => return None,
        })
    }

    /// The moments that the data itself tells, beside the event's time.
    pub fn moments(&self) -> impl Iterator<Item = Moment> {
        let record = if let Self::CallRecord(record) = self { Some(record) } else { None };
        let moments = record.map(|b| {
            let later = [b.progress_at, b.answered_at, b.greeted_at, b.queued_at, b.bridged_at, b.transferred_at];
            [Some(b.started_at), b.ended_at].into_iter().chain(later).flatten()
        });
        moments.into_iter().flatten()
    }
}

/// At most [`MAX_METADATA`] strings by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Metadata(pub BTreeMap<String, String>);

macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident($inner:ty as $raw:ty), $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// # Errors
            /// Says what is expected instead.
            pub fn new(raw: $raw) -> Result<Self, &'static str> {
                let check: fn($raw) -> Result<$inner, &'static str> = $check;
                check(raw).map(Self)
            }

            #[must_use]
            pub const fn get(&self) -> &$inner {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(<$raw>::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

/// The metrics of a component that pages show.
pub const SHOWN_METRICS: [&str; 5] = ["cpu", "memory", "disk", "net_in", "net_out"];

checked! {
    /// Free text of at most [`MAX_TEXT_BYTES`] bytes.
    Text(smol_str::SmolStr as String), |s| if s.len() <= MAX_TEXT_BYTES { Ok(s.into()) } else { Err("longer than 2048 bytes") };
    /// A final SIP response, 100 to 699 (RFC 3261).
    SipCode(u16 as u16), |n| if (100..=699).contains(&n) { Ok(n) } else { Err("not a SIP response code (100 to 699)") };
    /// An ITU-T Q.850 cause, 0 to 127.
    Q850(u16 as u16), |n| if n <= 127 { Ok(n) } else { Err("not a Q.850 cause (0 to 127)") };
    /// What a `metric.sample` measures: one of [`SHOWN_METRICS`], or the sender's own, which no page shows.
    MetricName(smol_str::SmolStr as String), |s| if (1..=64).contains(&s.len()) { Ok(s.into()) } else { Err("a metric's name has 1 to 64 bytes") };
    /// A calendar month, "2026-11".
    Month(smol_str::SmolStr as String), |s| {
        let b = s.as_bytes();
        let shape = b.len() == 7 && b[4] == b'-' && b.iter().enumerate().all(|(i, c)| i == 4 || c.is_ascii_digit());
        if shape && matches!(&s[5..], "01"|"02"|"03"|"04"|"05"|"06"|"07"|"08"|"09"|"10"|"11"|"12") { Ok(s.into()) } else { Err("not a month (like 2026-11)") }
    };
    /// A decimal string, kept as written. No month costs less than nothing.
    Amount(smol_str::SmolStr as String), |s| {
        if s.starts_with('-') {
            return Err("negative; a month costs 0 or more");
        }
        let (whole, part) = s.split_once('.').unwrap_or((&s, "0"));
        let number = |d: &str| !d.is_empty() && d.len() <= 15 && d.bytes().all(|b| b.is_ascii_digit());
        if number(whole) && number(part) { Ok(s.into()) } else { Err("not a decimal string (like 1250.00)") }
    };
    /// ISO 4217, three capitals.
    Currency(smol_str::SmolStr as String), |s| if s.len() == 3 && s.bytes().all(|b| b.is_ascii_uppercase()) { Ok(s.into()) } else { Err("not an ISO 4217 currency (like USD)") };
}

/// The share of live answers that may be abandoned, above 0 and below 1; kept in millionths so that bands are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbandonLimit(i64);

impl AbandonLimit {
    /// # Errors
    /// Says what is expected instead.
    #[allow(clippy::cast_possible_truncation)] // checked before
    pub fn new(share: f64) -> Result<Self, &'static str> {
        let ppm = (share * 1_000_000.0).round();
        if (1.0..1_000_000.0).contains(&ppm) {
            Ok(Self(ppm as i64))
        } else {
            Err("not a share between 0.000001 and 1 (like 0.03)")
        }
    }

    #[must_use]
    pub const fn ppm(self) -> i64 {
        self.0
    }
}

impl Serialize for AbandonLimit {
    #[allow(clippy::cast_precision_loss)] // at most a million
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0 as f64 / 1_000_000.0)
    }
}

impl<'de> Deserialize<'de> for AbandonLimit {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl Text {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes what the store holds, or what a source made itself: cut at [`MAX_TEXT_BYTES`].
    #[must_use]
    pub fn clipped(text: &str) -> Self {
        let mut end = text.len().min(MAX_TEXT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text[..end].into())
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let strings = BTreeMap::<String, String>::deserialize(from)?;
        let bytes: usize = strings.iter().map(|(k, v)| k.len() + v.len()).sum();
        if strings.len() > MAX_METADATA {
            Err(serde::de::Error::custom("more than 32 strings"))
        } else if bytes > MAX_TEXT_BYTES * 4 {
            Err(serde::de::Error::custom("more than 8192 bytes in all"))
        } else {
            Ok(Self(strings))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_in_millionths_and_told_as_it_was() {
        let read = |json: &str| serde_json::from_str::<AbandonLimit>(json).ok();
        let ppm = |json: &str| read(json).map(AbandonLimit::ppm);
        assert_eq!((ppm("0.03"), ppm("0.000001"), ppm("0.999999")), (Some(30_000), Some(1), Some(999_999)));
        assert_eq!((ppm("0.0000004"), ppm("0"), ppm("1"), ppm("0.9999999")), (None, None, None, None));
        let told = read("0.03").and_then(|limit| serde_json::to_string(&limit).ok());
        assert_eq!(told.as_deref(), Some("0.03"));
    }
}
