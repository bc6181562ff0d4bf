//! What a message tells of one call, made events: the same of every provider.

use super::account::Account;
use crate::source::numbers;
use app::domain::event::{CallAnswered, CallBridged};
use app::domain::event::{CallEnded, CallProgress, CallRecord, CallStarted, CallUpdated, Q850, SipCode, Text};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Outcome};
use app::domain::phone::Party;
use app::domain::{AgentId, CallId, CampaignId, CannotTell, Data, Event, EventId, Moment, SourceId};

/// What became of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ending {
    pub outcome: Option<Outcome>,
    pub sip_code: Option<SipCode>,
    pub sip_reason: Option<Text>,
    pub q850: Option<Q850>,
    pub hung_up_by: Option<HungUpBy>,
}

/// A call, as far as one message tells of it.
#[derive(Debug, Clone)]
pub struct Tale<'a> {
    pub account: &'a Account,
    pub source: &'a SourceId,
    /// Names the message: each of its events is named by it and its own type.
    pub message: String,
    pub call_id: CallId,
    pub direction: Option<Direction>,
    pub from: Option<Party>,
    pub to: Option<Party>,
    pub campaign: Option<CampaignId>,
    /// What nobody can know who hears this message.
    pub cannot_tell: CannotTell,
}

impl Tale<'_> {
    fn event(&self, time: Moment, data: Data) -> Event {
        let id = EventId::new(&format!("{}/{}", self.message, data.type_name()));
        let id = id.unwrap_or_else(|_| EventId::trusted(self.call_id.to_smol()));
        Event { id, source: self.source.clone(), time, data }
    }

    /// It begins. `None` where nobody said in which direction.
    pub fn started(&self, at: Moment) -> Vec<Event> {
        let Some(direction) = self.direction else { return self.known(at) };
        let body = CallStarted {
            realm: Some(self.account.realm.clone()),
            cannot_tell: Some(self.cannot_tell),
            from: self.from.clone(),
            to: self.to.clone(),
            campaign: self.campaign.clone(),
            route: Some(self.account.route.clone()),
            ..CallStarted::only(self.call_id.clone(), direction)
        };
        vec![self.event(at, Data::CallStarted(body))]
    }

    /// Who calls whom, of a call whose beginning this is not.
    pub fn known(&self, at: Moment) -> Vec<Event> {
        vec![self.event(at, Data::CallUpdated(self.update()))]
    }

    fn update(&self) -> CallUpdated {
        CallUpdated {
            realm: Some(self.account.realm.clone()),
            direction: self.direction,
            from: self.from.clone(),
            to: self.to.clone(),
            campaign: self.campaign.clone(),
            route: Some(self.account.route.clone()),
            ..CallUpdated::only(self.call_id.clone())
        }
    }

    pub fn progressed(&self, at: Moment) -> Vec<Event> {
        let (realm, cannot_tell) = (Some(self.account.realm.clone()), Some(self.cannot_tell));
        let body = CallProgress { realm, cannot_tell, ..CallProgress::only(self.call_id.clone()) };
        self.with_who(at, Data::CallProgress(body))
    }

    pub fn answered(&self, at: Moment, by: Option<AnsweredBy>) -> Vec<Event> {
        let (realm, cannot_tell) = (Some(self.account.realm.clone()), Some(self.cannot_tell));
        let body = CallAnswered { realm, cannot_tell, by, ..CallAnswered::only(self.call_id.clone()) };
        self.with_who(at, Data::CallAnswered(body))
    }

    /// Who answered, told by whoever listened to it.
    pub fn answered_by(&self, at: Moment, by: AnsweredBy) -> Vec<Event> {
        let body = CallUpdated { by: Some(by), cannot_tell: Some(self.cannot_tell), ..self.update() };
        vec![self.event(at, Data::CallUpdated(body))]
    }

    /// An agent is on the line of a call.
    pub fn bridged(&self, at: Moment, agent: AgentId) -> Vec<Event> {
        let (realm, cannot_tell) = (Some(self.account.realm.clone()), Some(self.cannot_tell));
        let body = CallBridged { realm, cannot_tell, ..CallBridged::only(self.call_id.clone(), agent) };
        vec![self.event(at, Data::CallBridged(body))]
    }

    /// It is over. Where its beginning was not told, its first moment known is.
    pub fn ended(&self, at: Moment, started: Option<Moment>, answered: Option<Moment>, ending: Ending) -> Vec<Event> {
        let Ending { outcome, sip_code, sip_reason, q850, hung_up_by } = ending;
        let (realm, cannot_tell) = (Some(self.account.realm.clone()), Some(self.cannot_tell));
        if let Some(started) = started {
            let CallUpdated { call_id, direction, from, to, campaign, route, .. } = self.update();
            let body = CallRecord {
                realm,
                cannot_tell,
                direction,
                from,
                to,
                campaign,
                route,
                outcome,
                sip_code,
                sip_reason,
                q850,
                hung_up_by,
                answered_at: answered,
                ended_at: Some(at.max(started)),
                ..CallRecord::only(call_id, started)
            };
            return vec![self.event(at.max(started), Data::CallRecord(body))];
        }
        let call_id = self.call_id.clone();
        let body = CallEnded {
            realm,
            cannot_tell,
            outcome,
            sip_code,
            sip_reason,
            q850,
            hung_up_by,
            ..CallEnded::only(call_id)
        };
        let mut events = answered.map_or_else(Vec::new, |answered| {
            let realm = Some(self.account.realm.clone());
            let body = CallAnswered { realm, cannot_tell, ..CallAnswered::only(self.call_id.clone()) };
            vec![self.event(answered, Data::CallAnswered(body))]
        });
        events.extend(self.with_who(at, Data::CallEnded(body)));
        events
    }

    /// A moment, and who calls whom: the message of its beginning may be lost, or was never asked for.
    fn with_who(&self, at: Moment, data: Data) -> Vec<Event> {
        let mut events = vec![self.event(at, data)];
        events.extend(self.known(at));
        events
    }
}

/// A number as providers write it: `+12025550142`, or the same without the plus.
pub fn party(account: &Account, text: Option<&str>) -> Option<Party> {
    let text = text?.trim();
    let international = || numbers::read(&format!("+{text}"), None, None).party();
    // With a country's code and no plus before it; what is shorter is dialled as in the country.
    let is_long = text.len() >= 10 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let told = numbers::read(text, None, account.country).party();
    if is_long { international().or(told) } else { told }
}
