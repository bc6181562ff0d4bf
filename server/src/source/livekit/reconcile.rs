//! What webhooks told, compared with who is in LiveKit's rooms when it is asked.
//!
//! So a call is known whose beginning was lost, one ends whose end was, and the moment of an answer is told, as exactly as the
//! server is asked often: no webhook has it.

use super::Webhooks;
use super::api::{Api, Listed};
use super::call::{SipCall, UNTOLD};
use super::protojson::Message;
use super::wire::{Participant, Role, Status};
use crate::source::feed::{Feed, Patience, State};
use app::domain::event::CallAnswered;
use app::domain::{Data, Event, EventId, Moment, Span};
use std::collections::{HashMap, HashSet};
use tokio::time::{MissedTickBehavior, interval};

/// Asks and compares until the source is to end; at once where there is nobody to ask.
pub async fn run(webhooks: &Webhooks, api: Option<Api>, feed: &Feed) {
    let Some(api) = api else { return };
    let mut rounds = interval(api.every());
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let within = Span::millis(2 * i64::try_from(api.every().as_millis()).unwrap_or(i64::MAX / 4));
    loop {
        let now = feed.clock().now();
        let listed = tokio::select! {
            () = feed.stop().cancelled() => return,
            listed = async { rounds.tick().await; api.rooms(|room| webhooks.rooms().has_open_call(room), now).await } => listed,
        };
        let events = match listed {
            Ok(listed) => {
                feed.is(State::Well);
                webhooks.compared(&listed, within, feed.clock().now())
            }
            Err(why) => {
                feed.is(State::Away(format!("its server can't be asked who is in its rooms: {why}")));
                Vec::new()
            }
        };
        if feed.hand_on(&events, Patience::WhileRunning).await.is_err() {
            return;
        }
    }
}

impl Webhooks {
    /// What a listing tells beyond what is known. An answer is told where it was not there `within` so long before.
    fn compared(&self, listed: &[Listed], within: Span, now: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        let mut there: HashMap<&str, Option<HashSet<&str>>> = HashMap::new();
        for Listed { room, participants } in listed {
            let Some(participants) = participants else {
                there.insert(room, None);
                continue;
            };
            let read = participants.iter().filter_map(|value| Participant::read(Message::whole(value).ok()?).ok());
            let mut sids = HashSet::new();
            for participant in read {
                sids.extend(participant.sid);
                match participant.role {
                    Role::Call => events.extend(self.is_there(room, &participant, within, now)),
                    Role::Somebody => self.rooms().somebody(room),
                    Role::Machine => {}
                }
            }
            there.insert(room, Some(sids));
        }
        self.rooms().compare(now, |room, participant| match there.get(room) {
            Some(Some(sids)) => Some(sids.contains(participant)),
            Some(None) => None,
            // There is no such room any more.
            None => Some(false),
        });
        events
    }

    /// A call that is in its room now.
    fn is_there(&self, room: &str, participant: &Participant<'_>, within: Span, now: Moment) -> Vec<Event> {
        let call = SipCall { meaning: &self.0.meaning, room: Some(room), participant };
        let Some((sid, call_id)) = participant.sid.zip(call.call_id()) else { return Vec::new() };
        let mut events = Vec::new();
        let mut rooms = self.rooms();
        let event = |time: Moment, data: Data| {
            let id = EventId::new(&format!("{sid}/{}", data.type_name()));
            let id = id.unwrap_or_else(|_| EventId::trusted(call_id.to_smol()));
            Event { id, source: self.0.source.clone(), time, data }
        };
        let is_known = rooms.seen(sid).is_some();
        let started = participant.joined_at.unwrap_or(now);
        let seen = rooms.call(room, sid, call_id.clone(), started);
        if !is_known {
            self.0.counters.found.add(1);
            events.push(event(started, Data::CallStarted(call.started(seen.call_id.clone()))));
        }
        match participant.status() {
            Status::Dialing | Status::Ringing => rooms.rings(sid, now),
            Status::Active => {
                if rooms.speaks(sid).is_some_and(|rang| rang + within >= now) {
                    self.0.counters.answered.add(1);
                    let realm = Some(self.0.meaning.realm.clone());
                    let body = CallAnswered { realm, cannot_tell: Some(UNTOLD), ..CallAnswered::only(seen.call_id) };
                    events.push(event(now, Data::CallAnswered(body)));
                }
            }
            Status::Hangup | Status::Unknown => {}
        }
        events
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::source::Site;
    use crate::source::livekit::{LivekitConfig, LivekitTable};
    use crate::source::webhook::Hook;
    use app::domain::{Call, Country};
    use serde_json::{Value, json};

    const START: Moment = Moment::from_secs(1_795_219_202);
    const WITHIN: Span = Span::secs(10);

    fn webhooks() -> Webhooks {
        let table: LivekitTable = toml::from_str("keys = { K = \"s\" }").unwrap();
        let config: LivekitConfig = table.checked(Site { country: Country::new("US").ok() }).unwrap();
        Webhooks::new(config)
    }

    /// The sample's caller as the server lists one, in snake case as its API has it.
    fn listed(status: &str) -> Vec<Listed> {
        let sample: Value =
            serde_json::from_str(include_str!("fixtures/03_participant_joined_sip_dialing.json")).unwrap();
        let mut caller = sample["participant"].clone();
        caller["attributes"]["sip.callStatus"] = json!(status);
        caller["joined_at_ms"] = caller["joinedAtMs"].take();
        let agent = json!({ "sid": "PA_agent", "kind": "AGENT" });
        vec![Listed { room: "RM_k2Vw9TqLmN3x".into(), participants: Some(vec![agent, caller]) }]
    }

    fn call_of(events: &[Event]) -> Call {
        let mut call = Call::default();
        events.iter().for_each(|event| call.merge(&Call::told_by(event).unwrap().1));
        call
    }

    #[test]
    fn a_call_whose_beginning_was_lost_is_found_and_its_answer_seen() {
        let webhooks = webhooks();
        let at = |seconds| START + Span::secs(seconds);
        let mut events = webhooks.compared(&listed("dialing"), WITHIN, at(0));
        assert_eq!(events.len(), 1);
        assert_eq!(webhooks.compared(&listed("ringing"), WITHIN, at(5)), []);
        events.extend(webhooks.compared(&listed("active"), WITHIN, at(10)));
        assert_eq!(webhooks.compared(&listed("active"), WITHIN, at(15)), []);
        let call = call_of(&events);
        assert_eq!((call.started_at, call.answered_at), (Some(Moment::from_millis(1_795_219_201_087)), Some(at(10))));
        // The webhook of its end adds to the same call.
        let end = webhooks
            .read(include_str!("fixtures/05_participant_left_sip_answered_then_hangup.json"), None, at(97))
            .unwrap();
        let mut whole = call.clone();
        whole.merge(&Call::told_by(end.told[0].event.as_ref().unwrap()).unwrap().1);
        assert_eq!((whole.answered_at, whole.started_at), (call.answered_at, call.started_at));
        assert!(whole.ended_at.is_some());
        webhooks.compared(&[], WITHIN, at(100));
        assert_eq!(webhooks.left_over(at(1_000)), [], "its end was told");
    }

    #[test]
    fn an_answer_that_nobody_saw_come_has_no_moment() {
        let webhooks = webhooks();
        let found = webhooks.compared(&listed("active"), WITHIN, START);
        assert_eq!((found.len(), call_of(&found).answered_at), (1, None), "it had been answered before");
        let webhooks = super::tests::webhooks();
        webhooks.compared(&listed("ringing"), WITHIN, START);
        assert_eq!(
            webhooks.compared(&listed("active"), WITHIN, START + Span::secs(60)),
            [],
            "nor was it asked meanwhile"
        );
    }

    #[test]
    fn a_call_whose_end_was_lost_ends_where_it_was_first_missing() {
        let webhooks = webhooks();
        webhooks.compared(&listed("active"), WITHIN, START);
        webhooks.compared(&[], WITHIN, START + Span::secs(30));
        assert_eq!(webhooks.left_over(START + Span::secs(89)), []);
        let events = webhooks.left_over(START + Span::secs(90));
        assert_eq!(call_of(&events).ended_at, Some(START + Span::secs(30)));
        // Rooms that were not looked into tell nothing.
        let webhooks = super::tests::webhooks();
        webhooks.compared(&listed("active"), WITHIN, START);
        webhooks.compared(
            &[Listed { room: "RM_k2Vw9TqLmN3x".into(), participants: None }],
            WITHIN,
            START + Span::secs(30),
        );
        assert_eq!(webhooks.left_over(START + Span::hours(1)), []);
    }
}
