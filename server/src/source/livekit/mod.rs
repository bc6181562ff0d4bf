//! `[[source.livekit]]`: calls that LiveKit's SIP service brings into rooms, by the webhooks of its server.
//!
//! A webhook → `wire` (what it says) → `call` (what that tells of a call, and what it can't) → one event, or none; `rooms`
//! remembers what one webhook alone does not tell. The webhook of a call's end tells it whole, so that one of its beginning may be
//! lost, and come twice or late: each event is known by its call and merges. Where the server may be asked too (`api`),
//! `reconcile` compares who is in its rooms with what was told.
//!
//! # Whether it is from whom it should be
//!
//! `Authorization` holds a token (JWT, HS256) by one of the API keys that are configured, over the SHA-256 of the body's bytes.
//! It must not be older than it says. The same message sent again is taken again, as it must be: LiveKit sends it so when our
//! answer was lost. It is harmless, because what it tells is told already: the same event changes nothing.
//!
//! # Source
//! [Webhooks](https://docs.livekit.io/home/server/webhooks/); `livekit/protocol`: webhook/verifier.go, auth/verifier.go.

mod api;
mod call;
mod config;
mod protojson;
mod reconcile;
mod rooms;
#[cfg(test)]
mod tests;
mod wire;

pub use config::{ApiConfig, ConfigError, LivekitConfig, LivekitTable, Meaning};

use super::feed::{Feed, Patience, WayIn};
use super::webhook::{Contents, Hook, Hooks, Message, Told, Unsigned, header};
use super::{Needs, Site, Source};
use crate::kit::jwt::{NumericDate, Token};
use crate::kit::secret::Secret;
use crate::telemetry::{Reading, counters};
use api::Api;
use app::domain::event::CallEnded;
use app::domain::parse::{ParseError, Rejected};
use app::domain::{CallId, Data, Event, EventId, Moment, SourceId, Span};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use call::{Company, SipCall};
use rooms::{Left, Rooms};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use wire::{Kind, Participant, Reason, Role, Status, Webhook};

const AUTHORIZATION: &str = "authorization";
/// So far a token's clock may be from ours, in seconds, as LiveKit's own verifier has it.
const LEEWAY_S: i64 = 60;
/// How often rooms that are over are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

counters! {
    /// What webhooks say, and what of it means a call.
    struct Counters {
        unknown_fields: counter "ringside_livekit_unknown_fields", "Fields of LiveKit's webhooks that this version does not know";
    }
    by "event": "ringside_livekit_events", "LiveKit's webhooks, by what they tell of" {
        room_started: "room_started";
        room_finished: "room_finished";
        joined: "participant_joined";
        left: "participant_left";
        aborted: "participant_connection_aborted";
        track: "track";
        egress: "egress";
        ingress: "ingress";
        agent_job: "agent_job";
        unknown: "unknown";
    }
    by "meaning": "ringside_livekit_calls", "What LiveKit's webhooks tell of calls" {
        started: "started";
        ended: "ended";
        /// A participant who goes on elsewhere.
        moved: "moved";
        /// By the end of their room, or because they are not in it, since their own end never came.
        ended_with_room: "ended_with_room";
        nothing: "nothing";
        /// A call that has no name.
        nameless: "nameless";
    }
    by "found": "ringside_livekit_reconciled", "What LiveKit's rooms told, when the server was asked, that no webhook had" {
        found: "started";
        answered: "answered";
    }
}

/// A LiveKit server, or several that sign with keys of one table.
#[derive(Debug)]
pub struct Livekit;

impl Source for Livekit {
    const KIND: &'static str = "livekit";
    const NAMED_BY: &'static str = "name";
    type Table = LivekitTable;
    type Config = LivekitConfig;

    fn checked(table: LivekitTable, site: Site) -> Result<LivekitConfig, String> {
        table.checked(site).map_err(|error| error.to_string())
    }

    fn name(config: &LivekitConfig) -> &str {
        &config.name
    }

    fn start(config: LivekitConfig, needs: Needs) -> Result<JoinHandle<()>, String> {
        Self::open(config, &needs.hooks, &needs.way_in)
    }
}

impl Livekit {
    /// Opens its address.
    ///
    /// # Errors
    /// If that is another source's.
    pub fn open(config: LivekitConfig, hooks: &Hooks, way_in: &WayIn) -> Result<JoinHandle<()>, String> {
        let (name, asked) = (config.name.clone(), config.api.clone());
        let api = asked.map(Api::new).transpose().map_err(|why| format!("`source.livekit.api`: {why}"))?;
        let webhooks = Webhooks::new(config);
        let opened = hooks.open(&name, Self::KIND, webhooks.clone(), way_in)?;
        let Some(feed) = hooks.find(&name).map(|open| open.feed) else { return Ok(opened) };
        Ok(tokio::spawn(async move {
            tokio::join!(look_after_rooms(&webhooks, &feed), reconcile::run(&webhooks, api, &feed));
            // Its own task says that it has ended; a panic there is none here.
            let _ = opened.await;
        }))
    }
}

/// Tells, until the source is to end, of calls whose end never came.
async fn look_after_rooms(webhooks: &Webhooks, feed: &Feed) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = feed.stop().cancelled() => return,
            _ = looks.tick() => {}
        }
        let events = webhooks.left_over(feed.clock().now());
        if feed.hand_on(&events, Patience::WhileRunning).await.is_err() {
            return;
        }
    }
}

/// What a token says beside by whom it is.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: Option<String>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    sha256: Option<String>,
}

/// What is looked for in each webhook, and what it means. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    keys: BTreeMap<String, Secret>,
    meaning: Meaning,
    source: SourceId,
    rooms: Mutex<Rooms>,
    counters: Counters,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("source", &self.0.source).finish_non_exhaustive()
    }
}

impl Hook for Webhooks {
    fn is_signed(&self, message: &Message<'_>, now: Moment) -> Result<(), Unsigned> {
        let unreadable = |why| Unsigned::Unreadable("Authorization", why);
        let told = header(message.head, AUTHORIZATION)?;
        // LiveKit has no word before it; whoever calls by hand may.
        let token = told.strip_prefix("Bearer ").unwrap_or(told).trim();
        let token = Token::<Claims>::read(token).map_err(unreadable)?;
        let Claims { iss, exp, nbf, sha256 } = &token.claims;
        let key = iss.as_ref().and_then(|key| self.0.keys.get(key)).ok_or(Unsigned::Forged)?;
        let hash = sha256.as_ref().and_then(|hash| STANDARD.decode(hash).ok()).unwrap_or_default();
        let is_of_this = bool::from(Sha256::digest(message.body).as_slice().ct_eq(&hash));
        if !(token.is_signed_with(key.reveal().as_bytes()) & is_of_this) {
            return Err(Unsigned::Forged);
        }
        let exp = exp.ok_or_else(|| unreadable("its token has no end (`exp`)"))?;
        let (ago_s, ahead_s) =
            (now.secs().saturating_sub(exp.secs()), nbf.map_or(0, |nbf| nbf.secs().saturating_sub(now.secs())));
        if ago_s > LEEWAY_S {
            Err(Unsigned::Expired { ago_s })
        } else if ahead_s > LEEWAY_S {
            Err(Unsigned::NotYetValid { ahead_s })
        } else {
            Ok(())
        }
    }

    fn read<'b>(&self, body: &'b str, _: Option<&str>, now: Moment) -> Result<Contents<'b>, String> {
        let value: serde_json::Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let shown = wire::shown(&value);
        let event = match Webhook::read(&value) {
            Ok(webhook) => self.told(&webhook, now).map(Ok),
            Err(error) => {
                let id = value.get("id").and_then(serde_json::Value::as_str).map(str::to_owned);
                Some(Err(Rejected { id, error: ParseError::Field(error) }))
            }
        };
        let told =
            event.into_iter().map(|event| Told { text: shown.clone().into(), event, unknown: Vec::new() }).collect();
        Ok(Contents { told, shown: shown.into() })
    }

    fn readings(&self) -> Vec<Reading> {
        self.0.counters.readings()
    }
}

impl Webhooks {
    #[must_use]
    pub fn new(config: LivekitConfig) -> Self {
        let source = SourceId::trusted(format!("{}/{}", Livekit::KIND, config.name));
        let (keys, meaning) = (config.keys, config.meaning);
        let (rooms, counters) = (Mutex::new(Rooms::new()), Counters::default());
        Self(Arc::new(Inner { keys, meaning, source, rooms, counters }))
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, Rooms> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self, webhook: &Webhook<'_>, now: Moment) -> Option<Event> {
        let counters = &self.0.counters;
        counters.unknown_fields.add(webhook.unknown);
        let (count, participant) = (|of: &crate::telemetry::Count| of.add(1), &webhook.participant);
        count(match webhook.kind {
            Kind::RoomStarted => &counters.room_started,
            Kind::RoomFinished => &counters.room_finished,
            Kind::Joined => &counters.joined,
            Kind::Left => &counters.left,
            Kind::Aborted => &counters.aborted,
            Kind::Track => &counters.track,
            Kind::Egress => &counters.egress,
            Kind::Ingress => &counters.ingress,
            Kind::AgentJob => &counters.agent_job,
            Kind::Unknown => &counters.unknown,
        });
        let at = webhook.created_at.unwrap_or(now);
        match (webhook.kind, participant.role) {
            (Kind::RoomFinished, _) => self.room_is_over(webhook, at, now),
            (Kind::Joined, Role::Somebody) => webhook.room.into_iter().for_each(|room| self.rooms().somebody(room)),
            (Kind::Joined, Role::Call) => return self.joined(webhook, participant, at),
            (Kind::Left | Kind::Aborted, Role::Call) => return self.left(webhook, participant, at),
            (Kind::Joined, Role::Machine) | (Kind::Left | Kind::Aborted, Role::Somebody | Role::Machine) => {}
            (Kind::RoomStarted | Kind::Track | Kind::Egress | Kind::Ingress | Kind::AgentJob | Kind::Unknown, _) => {}
        }
        counters.nothing.add(1);
        None
    }

    /// The last who was in it has left so long before its end as a room is kept: no call of it lasted longer.
    fn room_is_over(&self, webhook: &Webhook<'_>, at: Moment, now: Moment) {
        let kept = Span::secs(webhook.departure_s.clamp(0, 86_400));
        webhook.room.into_iter().for_each(|room| self.rooms().over(room, at - kept, now));
    }

    fn call<'a>(&'a self, webhook: &Webhook<'a>, participant: &'a Participant<'a>) -> Option<(SipCall<'a>, CallId)> {
        let call = SipCall { meaning: &self.0.meaning, room: webhook.room, participant };
        let call_id = call.call_id();
        if call_id.is_none() {
            self.0.counters.nameless.add(1);
        }
        Some((call, call_id?))
    }

    fn joined(&self, webhook: &Webhook<'_>, participant: &Participant<'_>, at: Moment) -> Option<Event> {
        let (call, call_id) = self.call(webhook, participant)?;
        let started = participant.joined_at.unwrap_or(at);
        let call_id = match webhook.room.zip(participant.sid) {
            Some((room, sid)) => {
                let mut rooms = self.rooms();
                let seen = rooms.call(room, sid, call_id, started);
                if matches!(participant.status(), Status::Dialing | Status::Ringing) && !seen.is_over {
                    rooms.rings(sid, at);
                }
                seen.call_id
            }
            None => call_id,
        };
        self.0.counters.started.add(1);
        let id = self.event_id(webhook, &call_id);
        Some(Event { id, source: self.0.source.clone(), time: started, data: Data::CallStarted(call.started(call_id)) })
    }

    fn left(&self, webhook: &Webhook<'_>, participant: &Participant<'_>, at: Moment) -> Option<Event> {
        let (call, call_id) = self.call(webhook, participant)?;
        let mut rooms = self.rooms();
        let mut seen = None;
        if let Some((room, sid)) = webhook.room.zip(participant.sid) {
            seen = Some(rooms.call(room, sid, call_id.clone(), participant.joined_at.unwrap_or(at)));
            rooms.ended(sid);
        }
        if participant.reason == Reason::Moved {
            self.0.counters.moved.add(1);
            return None;
        }
        let somebody = webhook.others > 0 || webhook.room.is_some_and(|room| rooms.had_somebody(room));
        drop(rooms);
        let company = if somebody { Company::Somebody } else { Company::NobodySeen };
        let (call_id, seen_at) = seen.map_or((call_id, None), |seen| (seen.call_id, Some(seen.started)));
        let started = participant.joined_at.or(seen_at).unwrap_or(at);
        // Ends are told by the second, beginnings by the millisecond.
        let ended = at.max(started);
        self.0.counters.ended.add(1);
        let id = self.event_id(webhook, &call_id);
        let data = Data::CallRecord(call.record(call_id, (started, ended), company));
        Some(Event { id, source: self.0.source.clone(), time: ended, data })
    }

    fn event_id(&self, webhook: &Webhook<'_>, call_id: &CallId) -> EventId {
        let own = webhook.id.and_then(|id| EventId::new(id).ok());
        own.unwrap_or_else(|| EventId::trusted(call_id.to_smol()))
    }

    /// Calls whose end never came: that they are over is all that is known.
    fn left_over(&self, now: Moment) -> Vec<Event> {
        let left = self.rooms().left_over(now);
        self.0.counters.ended_with_room.add(left.len() as u64);
        let event = |Left { participant, call_id, at }: Left| {
            let id =
                EventId::new(&format!("{participant}/room")).unwrap_or_else(|_| EventId::trusted(call_id.to_smol()));
            let realm = Some(self.0.meaning.realm.clone());
            let body = CallEnded { realm, cannot_tell: Some(call::UNTOLD), ..CallEnded::only(call_id) };
            Event { id, source: self.0.source.clone(), time: at, data: Data::CallEnded(body) }
        };
        left.into_iter().map(event).collect()
    }
}
