//! Events as the contract has them, from what the state machine found.

use super::Follow;
use app::domain::event::{CallRecord, CallUpdated, Data, Event, Text};
use app::domain::ids::{CallId, CampaignId, EventId, MAX_ID_BYTES, RealmId, RouteId};
use app::domain::outcome::{Direction, Mode};
use app::domain::phone::Number;
use app::domain::time::Moment;

impl Follow {
    /// Tells of the call on a channel.
    pub(super) fn tell_of(&mut self, id: &str, at: Moment, data: impl FnOnce(CallId, Option<RealmId>) -> Data) {
        let Some(call) = self.channels.call_mut(id) else { return };
        call.latest = call.latest.max(at);
        let call_id = call.call_id.clone();
        let data = data(call_id.clone(), Some(self.config.realm.clone()));
        self.tell_call(data, &call_id, at);
    }

    pub(super) fn tell_call(&mut self, data: Data, call_id: &CallId, at: Moment) {
        self.tell(data, call_id.as_str(), at);
    }

    pub(super) fn tell(&mut self, data: Data, about: &str, at: Moment) {
        let event = self.event(data, about, at);
        self.out.push(event);
    }

    pub(super) fn event(&self, data: Data, about: &str, at: Moment) -> Event {
        let mut id = format!("{}/{}/{about}", data.type_name(), at.micros());
        while id.len() > MAX_ID_BYTES {
            id.pop();
        }
        Event { id: EventId::trusted(id), source: self.source.clone(), time: at, data }
    }
}

/// Where a call went. A telephone number may be a far end's: it is masked like any other.
pub(super) fn transfer_target(target: &str) -> Text {
    let digits = target.bytes().filter(u8::is_ascii_digit).count();
    if digits < 7 { Text::clipped(target) } else { Text::clipped(&Number::trusted(target).masked()) }
}

pub(super) fn record(
    call_id: &CallId,
    realm: &RealmId,
    direction: Option<Direction>,
    campaign: Option<CampaignId>,
    mode: Option<Mode>,
    route: RouteId,
    at: Moment,
) -> CallRecord {
    CallRecord {
        realm: Some(realm.clone()),
        direction,
        campaign,
        mode,
        route: Some(route),
        ..CallRecord::only(call_id.clone(), at)
    }
}

pub(super) fn update(call_id: CallId, realm: Option<RealmId>) -> CallUpdated {
    CallUpdated { realm, ..CallUpdated::only(call_id) }
}
