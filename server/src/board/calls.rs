//! The calls that a campaign's page lists: those up, and the newest of those that are over.
//!
//! A table shows two hundred; how many there are in all the gauges know. Kept are all calls that are up, because a long
//! one comes into view when newer ones have gone, and of those that are over as many as a table can show.

use crate::board::windows::extent;
use crate::kit::mask::Veil;
use crate::law::calls::{CallNow, Stands};
use app::domain::mask::Numbers;
use app::domain::{AgentId, CallId, CallName, CampaignId, Dimension, ListId, Moment, QueueId, RealmId, Window};
use app::view::monitor_campaign::{CallRow, CallState, MAX_CALLS};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// At most this many calls are held, ten times the design load's; what comes beyond is in the counts only.
const MOST: usize = 100_000;

type Place = (Moment, CallName);

#[derive(Debug, Default)]
struct OfCampaign {
    up: BTreeMap<Place, CallNow>,
    over: BTreeMap<Place, CallNow>,
}

/// The calls of each campaign that its page lists.
#[derive(Debug, Default)]
pub struct Calls {
    campaigns: HashMap<CampaignId, OfCampaign>,
    /// Where each call is held: its campaign, and by which start.
    held: HashMap<CallName, (CampaignId, Moment)>,
    /// Calls that were not held because there were too many.
    unlisted: u64,
}

/// The first start that is within the last five minutes: where the window `5m` of a campaign begins.
#[must_use]
pub fn since(now: Moment) -> Moment {
    extent(Window::Minutes5, Dimension::Campaign, now).map_or(now, |(from, _)| from)
}

impl Calls {
    /// Takes what is known of a call now.
    pub fn tell(&mut self, call: &CallNow) {
        self.forget(&call.name);
        if call.campaign.as_str().is_empty() || call.stands == Stands::Lost {
            return;
        }
        if self.held.len() >= MOST {
            self.unlisted += 1;
            return;
        }
        let place = (call.start, call.name.clone());
        self.held.insert(call.name.clone(), (call.campaign.clone(), call.start));
        let campaign = self.campaigns.entry(call.campaign.clone()).or_default();
        match call.stands {
            Stands::Up(_) => {
                campaign.up.insert(place, call.clone());
            }
            Stands::Over { .. } | Stands::Lost => {
                campaign.over.insert(place, call.clone());
                if campaign.over.len() > MAX_CALLS
                    && let Some(((_, name), _)) = campaign.over.pop_first()
                {
                    self.held.remove(&name);
                }
            }
        }
    }

    fn forget(&mut self, name: &CallName) {
        let Some((campaign, start)) = self.held.remove(name) else { return };
        if let Some(campaign) = self.campaigns.get_mut(&campaign) {
            let place = (start, name.clone());
            campaign.up.remove(&place);
            campaign.over.remove(&place);
        }
    }

    /// Lets go of what started before the last five minutes and is over.
    pub fn advance(&mut self, now: Moment) {
        let from = since(now);
        for campaign in self.campaigns.values_mut() {
            while campaign.over.first_key_value().is_some_and(|((start, _), _)| *start < from) {
                if let Some(((_, name), _)) = campaign.over.pop_first() {
                    self.held.remove(&name);
                }
            }
        }
        self.campaigns.retain(|_, campaign| !(campaign.up.is_empty() && campaign.over.is_empty()));
    }

    /// The rows of a campaign, newest first, numbers masked.
    #[must_use]
    pub fn rows(&self, campaign: &CampaignId, veil: &Veil) -> Vec<CallRow> {
        let Some(campaign) = self.campaigns.get(campaign) else { return Vec::new() };
        let newest = |calls: &BTreeMap<Place, CallNow>| {
            calls.iter().rev().take(MAX_CALLS).map(|(place, call)| (place.clone(), row(call, veil))).collect::<Vec<_>>()
        };
        let mut rows = newest(&campaign.up);
        rows.extend(newest(&campaign.over));
        rows.sort_by(|(a, _), (b, _)| b.cmp(a));
        rows.truncate(MAX_CALLS);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Calls held, and those that were not because there were too many; for `/metrics`.
    #[must_use]
    pub fn sizes(&self) -> (usize, u64) {
        (self.held.len(), self.unlisted)
    }
}

fn row(call: &CallNow, veil: &Veil) -> CallRow {
    let person = Numbers::of(&call.number);
    let (state, became, ended) = match call.stands {
        Stands::Up(state) => (state, None, None),
        Stands::Over { ended, became } => (CallState::Ended, Some(became), Some(ended)),
        Stands::Lost => (CallState::Ended, None, None),
    };
    CallRow {
        realm: RealmId::trusted(veil.id_of(call.name.realm.as_str(), &person)),
        call_id: CallId::trusted(veil.id_of(call.name.call_id.as_str(), &person)),
        number: call.number.as_ref().map(|number| SmolStr::new(number.masked())),
        state,
        became,
        agent: call.agent.as_ref().map(|agent| AgentId::trusted(veil.id_of(agent.as_str(), &person))),
        list: call.list.as_ref().map(|list| ListId::trusted(veil.id_of(list.as_str(), &person))),
        queue: call.queue.as_ref().map(|queue| QueueId::trusted(veil.id_of(queue.as_str(), &person))),
        disposition_told: call.disposition.as_ref().map(|text| veil.text_of(text, &person)),
        started: call.start,
        answered: call.answered,
        ended,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::outcome::Disposition;
    use app::domain::{Number, Span};

    const NOW: Moment = Moment::from_secs(1_000_000);

    fn call(id: usize, campaign: &str, ago: i64, stands: Stands) -> CallNow {
        CallNow {
            name: CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted(format!("{id:04}")) },
            campaign: CampaignId::trusted(campaign),
            start: NOW - Span::secs(ago),
            number: Some(Number::trusted("+442079460018")),
            agent: None,
            list: None,
            queue: None,
            disposition: None,
            answered: None,
            stands,
        }
    }

    fn over() -> Stands {
        Stands::Over { ended: NOW, became: Disposition::Busy }
    }

    #[test]
    fn the_newest_come_first_and_a_long_call_stays_while_it_is_up() {
        let mut calls = Calls::default();
        let c = CampaignId::trusted("c");
        calls.tell(&call(1, "c", 900, Stands::Up(CallState::Connected)));
        (2..400).for_each(|n| calls.tell(&call(n, "c", 200 - i64::try_from(n / 2).unwrap_or(0), over())));
        let rows = calls.rows(&c, &Veil::default());
        assert_eq!((rows.len(), rows[0].call_id.as_str()), (MAX_CALLS, "0399"));
        assert_eq!(rows[0].number.as_deref(), Some("+44 •••• 18"));
        assert!(rows.windows(2).all(|pair| pair[0].started >= pair[1].started));
        calls.advance(NOW + Span::minutes(6));
        assert_eq!(calls.rows(&c, &Veil::default()).len(), 1, "what is over has gone, what is up is in view again");
        calls.tell(&call(1, "c", 900, over()));
        calls.advance(NOW + Span::minutes(6) + Span::secs(1));
        assert_eq!((calls.rows(&c, &Veil::default()).len(), calls.sizes().0), (0, 0));
    }

    #[test]
    fn list_queue_and_the_senders_word_are_told_and_no_number_of_a_person_with_them() {
        let mut calls = Calls::default();
        let told = CallNow {
            list: Some(ListId::trusted("spring-1")),
            queue: Some(QueueId::trusted("sales")),
            disposition: Some("call back +442079460018".into()),
            ..call(1, "c", 10, over())
        };
        calls.tell(&told);
        let row = calls.rows(&CampaignId::trusted("c"), &Veil::default()).remove(0);
        assert_eq!((row.list.unwrap().as_str(), row.queue.unwrap().as_str()), ("spring-1", "sales"));
        let said = row.disposition_told.unwrap();
        assert!(said.starts_with("call back ") && !said.contains("9460018"), "{said}");
    }

    #[test]
    fn a_call_that_changes_campaign_or_is_lost_is_in_one_table_or_none() {
        let mut calls = Calls::default();
        calls.tell(&call(1, "a", 10, Stands::Up(CallState::Dialing)));
        calls.tell(&call(1, "b", 12, Stands::Up(CallState::Ringing)));
        let count = |calls: &Calls, id| calls.rows(&CampaignId::trusted(id), &Veil::default()).len();
        assert_eq!((count(&calls, "a"), count(&calls, "b")), (0, 1));
        calls.tell(&call(1, "b", 12, Stands::Lost));
        assert_eq!((count(&calls, "b"), calls.sizes().0), (0, 0));
    }
}
