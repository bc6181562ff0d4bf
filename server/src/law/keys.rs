//! Whose sums a call joins, and the gauges that show it while it is up.
//!
//! Pure. The writer adds a call's contributions to each of its keys (kpis.md, "Dimensions").

use super::calls::CALLS_REACH;
use super::change::{Gauge, GaugeKey, LIVE_GRAIN, SumKey};
use super::contribute::{Judgement, is_active, is_lost};
use app::domain::{Call, CampaignId, Country, Dimension, Moment, QueueId, RouteId, Span};
use foldhash::fast::RandomState;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;

/// How long the live state keeps the started and the unheard: of earlier ones it is told nothing.
pub const STALLED_REACH: Span = Span::minutes(2);

/// How many calls stand in each gauge, or how many more.
pub(crate) type Gauges = HashMap<GaugeKey, i64, RandomState>;

/// The keys of a call: one of each dimension, but of agent, queue and SIP code only where the call has one.
pub fn keys(call: &Call) -> impl Iterator<Item = SumKey> {
    let named = |id: Option<SmolStr>| Some(id.unwrap_or_default());
    let campaign = campaign_of(call);
    [
        (Dimension::Total, Some(SmolStr::default())),
        (Dimension::Campaign, Some(campaign.to_smol())),
        (Dimension::Route, named(call.route.get().map(RouteId::to_smol))),
        (Dimension::Country, named(country_of(call).map(|c| SmolStr::new(c.as_str())))),
        (Dimension::Did, named(call.did().map(|n| SmolStr::new(n.reveal())))),
        (Dimension::Agent, call.agent.get().map(app::domain::AgentId::to_smol)),
        (Dimension::Queue, call.queue.get().map(QueueId::to_smol)),
        (Dimension::SipCode, call.sip_code.get().map(|code| code.get().to_smolstr())),
    ]
    .into_iter()
    .filter_map(move |(dimension, key)| key.map(|key| SumKey { campaign: campaign.clone(), dimension, key }))
}

/// The far end's country; one that shows no number can't be placed. Which end is far is not known before the direction is.
fn country_of(call: &Call) -> Option<Country> {
    call.far_country().or_else(|| call.direction.get().map(|_| Country::UNKNOWN))
}

/// The call's campaign; empty where it names none.
#[must_use]
pub fn campaign_of(call: &Call) -> CampaignId {
    call.campaign.get().cloned().unwrap_or_else(CampaignId::none)
}

/// The gauges in which a call stands as judged; each counts one.
#[must_use]
pub fn presence(call: &Call, judgement: &Judgement) -> Vec<GaugeKey> {
    let Some(start) = call.start() else { return Vec::new() };
    let lost = is_lost(call, judgement.at);
    let key = |gauge, moment: Moment| GaugeKey {
        gauge,
        campaign: campaign_of(call),
        route: call.route.get().cloned().unwrap_or_else(RouteId::none),
        queue: call.queue.get().cloned().unwrap_or_else(QueueId::none),
        second: moment.floor(Span::secs(1)),
    };
    let mut gauges = Vec::new();
    if is_active(call, judgement.at) {
        gauges.push(key(Gauge::Active, start));
        // A call without a direction is in no figure; that it holds a channel is seen whatever it is.
        if let (Some(_), Some(queued), None) = (call.direction.get(), call.queued_at, call.bridged_at) {
            gauges.push(key(Gauge::Waiting, queued));
        }
    }
    // Of no use later; the live state is not told of earlier ones, so that what is not taken back is not missed.
    if call.is_outbound() && start >= judgement.at - STALLED_REACH {
        gauges.push(key(Gauge::Started, start));
        let unheard = call.progress_at.is_none() && call.answer().is_none() && call.ended_at.is_none() && !lost;
        if unheard {
            gauges.push(key(Gauge::Unheard, start));
        }
    }
    // Likewise.
    if call.ended_at.is_some() && start >= judgement.at - CALLS_REACH {
        gauges.push(GaugeKey {
            route: RouteId::none(),
            queue: QueueId::none(),
            second: start.floor(LIVE_GRAIN),
            ..key(Gauge::Over, start)
        });
    }
    gauges
}

/// Gauges as the live state is told them: those that it keeps so long.
pub(crate) fn in_reach(gauges: Gauges, now: Moment) -> Vec<(GaugeKey, i64)> {
    let reaches = |key: &GaugeKey| match key.gauge {
        Gauge::Active | Gauge::Waiting => true,
        Gauge::Started | Gauge::Unheard => key.second >= now - STALLED_REACH,
        Gauge::Over => key.second >= now - CALLS_REACH + LIVE_GRAIN,
    };
    gauges.into_iter().filter(|(key, n)| *n != 0 && reaches(key)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::{LastWrite, Number};

    #[test]
    fn keys_without_a_name_are_empty_and_agent_queue_and_code_have_none() {
        let call = Call { started_at: Some(Moment::from_secs(9)), ..Call::default() };
        let keys: Vec<_> = keys(&call).map(|k| (k.dimension, k.key)).collect();
        let none = SmolStr::default();
        let expected = [Dimension::Total, Dimension::Campaign, Dimension::Route, Dimension::Country, Dimension::Did];
        assert_eq!(keys, expected.map(|d| (d, none.clone())));
    }

    #[test]
    fn the_country_told_goes_before_the_one_derived() {
        let at = Moment::from_secs(1);
        let mut call = Call { placed_in: LastWrite::at(Country::UNKNOWN, at), ..Call::default() };
        let country = |call: &Call| keys(call).find(|k| k.dimension == Dimension::Country).unwrap().key;
        assert_eq!(country(&call), "ZZ");
        let outbound = LastWrite::at(app::domain::outcome::Direction::Outbound, at);
        assert_eq!(country(&Call { direction: outbound, ..Call::default() }), "ZZ", "who shows no number");
        assert_eq!(country(&Call::default()), "", "nobody knows which end is far");
        call.country = LastWrite::at(Country::new("SG").unwrap(), at);
        assert_eq!(country(&call), "SG");
    }

    #[test]
    fn an_inbound_calls_number_of_the_floor_is_the_one_called() {
        let at = Moment::from_secs(1);
        let call = Call {
            direction: LastWrite::at(app::domain::outcome::Direction::Inbound, at),
            from: LastWrite::at(Number::new("+6591234567").unwrap(), at),
            to: LastWrite::at(Number::new("+12025550142").unwrap(), at),
            ..Call::default()
        };
        assert_eq!(keys(&call).find(|k| k.dimension == Dimension::Did).unwrap().key, "+12025550142");
    }

    #[test]
    fn a_number_that_is_both_ends_of_a_call_is_a_persons() {
        let (at, both) = (Moment::from_secs(1), Number::new("+442079460018").unwrap());
        let call = Call {
            direction: LastWrite::at(app::domain::outcome::Direction::Outbound, at),
            from: LastWrite::at(both.clone(), at),
            to: LastWrite::at(both, at),
            ..Call::default()
        };
        assert_eq!(keys(&call).find(|k| k.dimension == Dimension::Did).unwrap().key, "");
    }

    #[test]
    fn a_call_is_unheard_until_it_rings_and_active_until_it_ends() {
        let at = Moment::from_secs(100);
        let judgement = Judgement { at, ..Judgement::default() };
        let gauges = |call: &Call| presence(call, &judgement).into_iter().map(|k| k.gauge).collect::<Vec<_>>();
        let outbound = LastWrite::at(app::domain::outcome::Direction::Outbound, at);
        let mut call = Call { started_at: Some(at), direction: outbound, ..Call::default() };
        assert_eq!(gauges(&call), [Gauge::Active, Gauge::Started, Gauge::Unheard]);
        call.progress_at = Some(at);
        call.queued_at = Some(at);
        assert_eq!(gauges(&call), [Gauge::Active, Gauge::Waiting, Gauge::Started]);
        call.ended_at = Some(at);
        assert_eq!(gauges(&call), [Gauge::Started, Gauge::Over]);
    }

    #[test]
    fn who_waits_in_a_call_without_a_direction_is_in_no_figure_of_queues() {
        let at = Moment::from_secs(100);
        let judgement = Judgement { at, ..Judgement::default() };
        let mut call = Call { started_at: Some(at), queued_at: Some(at), ..Call::default() };
        let gauges = |call: &Call| presence(call, &judgement).into_iter().map(|k| k.gauge).collect::<Vec<_>>();
        assert_eq!(gauges(&call), [Gauge::Active], "it holds a channel");
        call.direction = LastWrite::at(app::domain::outcome::Direction::Inbound, at);
        assert_eq!(gauges(&call), [Gauge::Active, Gauge::Waiting]);
    }
}
