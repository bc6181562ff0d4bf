//! Gauges by key, as the API asks for them.

use super::floor::Floor;
use super::judgements::Figure;
use super::memory::Memory;
use super::monitor::{Area, cac_band, gather, is_shown, rests};
use super::over::Over;
use super::rows::{Verdicts, channels_head, severity, trunk_rows};
use crate::law::span::{Stretch, WindowSpan, window_span};
use app::domain::{CampaignId, CampaignScope, Dimension, RouteId, Window};
use app::kpi::catalog::Present;
use app::kpi::eta::remaining;
use app::kpi::{Band, KpiId, Ratio, band};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A gauge of one key. Plain counts stand over a whole of 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentRow {
    pub key: SmolStr,
    /// `None` for states in words.
    pub ratio: Option<Ratio>,
    pub band: Band,
    /// What it is counted over, where that is more than the moment.
    pub during: Option<Stretch>,
}

/// Reads gauges off the floor, and what is said of them off the last tick.
#[derive(Clone, Copy)]
pub(super) struct PresentFigures<'a> {
    pub floor: &'a Floor,
    pub verdicts: &'a Verdicts,
    pub seen: &'a Memory<Area>,
}

impl PresentFigures<'_> {
    /// A gauge by a dimension that has it (the catalogue names them); empty for others.
    pub fn present(&self, what: Present, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        let mut rows = self.gauge(what, by, scope);
        if what.is_of_the_moment() && !self.floor.presence().is_now() {
            // What was last heard is no gauge of now.
            rows.iter_mut().for_each(|row| (row.ratio, row.band) = (None, Band::None));
        }
        rows
    }

    fn gauge(&self, what: Present, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        match what {
            Present::ActiveCalls => counts(self.active(by, scope)),
            Present::Stalled => self.stalled(by, scope),
            Present::Channels => self.channels(by, scope),
            Present::AgentsReady => self.agents_in(by, scope, |s| s.ready),
            Present::AgentsOnCall => self.agents_in(by, scope, |s| s.on_call),
            Present::AgentsWrapUp => self.agents_in(by, scope, |s| s.wrap_up),
            Present::AgentsBreak => self.agents_in(by, scope, |s| s.on_break),
            Present::CallersWaiting => counts(self.waiting(by, scope)),
            Present::Cac => self.cac(by, scope),
            Present::Health => self.health(),
            Present::Progress => self.of_destinations(scope, |floor, id| {
                let (completed, failed) = floor.done(id);
                Some(completed + failed)
            }),
            Present::Penetration => self.of_destinations(scope, Floor::first_attempts),
            Present::Eta => self.etas(scope),
        }
    }

    fn active(&self, by: Dimension, scope: &CampaignScope) -> BTreeMap<SmolStr, i64> {
        let keyed = |key: fn(&CampaignId, &RouteId) -> SmolStr| -> BTreeMap<SmolStr, i64> {
            let mut by = BTreeMap::new();
            for (key, n) in scope.parts().flat_map(|part| self.floor.gauges.active_by(part, key)) {
                *by.entry(key).or_default() += n;
            }
            by
        };
        match by {
            Dimension::Total => {
                let total = scope.parts().map(|part| self.floor.gauges.active(part)).sum();
                BTreeMap::from([(SmolStr::default(), total)])
            }
            Dimension::Campaign => keyed(|c, _| c.to_smol()),
            Dimension::Route => keyed(|_, r| r.to_smol()),
            Dimension::Country
            | Dimension::Did
            | Dimension::Agent
            | Dimension::Queue
            | Dimension::SipCode
            | Dimension::Component => BTreeMap::new(),
        }
    }

    fn stalled(&self, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        let mut rows: BTreeMap<SmolStr, (i64, i64)> = BTreeMap::new();
        for (route, silence) in scope.parts().flat_map(|part| self.floor.gauges.silence(self.floor.now, part)) {
            let row =
                rows.entry(if by == Dimension::Route { route.to_smol() } else { SmolStr::default() }).or_default();
            row.0 += silence.unheard;
            row.1 += silence.started;
        }
        // Routes of the whole floor are judged already, and hold.
        let is_judged = by == Dimension::Route && *scope == CampaignScope::All;
        let said = |key: &str| self.verdicts.judgements.said(Figure::Stalled, key).filter(|_| is_judged);
        let row = |(key, (unheard, started)): (SmolStr, (i64, i64))| PresentRow {
            ratio: Some(Ratio::new(unheard, started)),
            band: said(&key).unwrap_or_else(|| band::stalled(unheard, started)),
            key,
            during: None,
        };
        rows.into_iter().map(row).collect()
    }

    fn channels(&self, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        if by == Dimension::Route {
            let kpi = KpiId::ChannelUtilisation.get();
            let mut routes: BTreeMap<SmolStr, (i64, Option<i64>)> = BTreeMap::new();
            for trunk in trunk_rows(self.floor, &self.verdicts.judgements) {
                // A trunk without a known capacity would make its route look fuller than it is: then none is given.
                let (active, capacity) =
                    routes.entry(self.floor.route_of(&trunk.trunk).to_smol()).or_insert((0, Some(0)));
                *active += trunk.active;
                *capacity = capacity.zip(trunk.capacity).map(|(all, of_one)| all + of_one);
            }
            let row = |(key, (active, capacity)): (SmolStr, (i64, Option<i64>))| {
                let ratio = Ratio::new(active, capacity.unwrap_or(0));
                PresentRow { key, ratio: Some(ratio), band: kpi.read_ratio(ratio).band, during: None }
            };
            return routes.into_iter().map(row).collect();
        }
        let (ratio, band) = match scope {
            CampaignScope::All => {
                let head = channels_head(self.floor, self.verdicts.said(), Over::Floor);
                (Ratio::new(head.active, head.capacity.unwrap_or(0)), head.band)
            }
            // A trunk knows no campaigns, so that theirs are their calls; of a part of them there is no capacity.
            CampaignScope::Of(campaigns) => {
                let active = campaigns.iter().map(|campaign| self.floor.gauges.active(Some(campaign))).sum();
                let ratio = Ratio::new(active, 0);
                (ratio, KpiId::ChannelUtilisation.get().read_ratio(ratio).band)
            }
        };
        vec![PresentRow { key: SmolStr::default(), ratio: Some(ratio), band, during: None }]
    }

    fn agents_in(
        &self,
        by: Dimension,
        scope: &CampaignScope,
        state: impl Fn(&super::agents::ByState) -> i64,
    ) -> Vec<PresentRow> {
        if by != Dimension::Campaign {
            let total = scope.parts().map(|part| state(&self.floor.agents.total(self.floor.now, part))).sum();
            return counts([(SmolStr::default(), total)]);
        }
        let by_campaign: BTreeMap<_, _> = self
            .floor
            .agents
            .by_campaign(self.floor.now)
            .into_iter()
            .filter(|(id, _)| scope.holds(id))
            .map(|(id, states)| (id.to_smol(), state(&states)))
            .collect();
        counts(by_campaign)
    }

    fn waiting(&self, by: Dimension, scope: &CampaignScope) -> BTreeMap<SmolStr, i64> {
        let waiting = |queue| scope.parts().map(|part| self.floor.gauges.waiting(part, queue).0).sum();
        match by {
            Dimension::Queue => {
                self.floor.gauges.queues().map(|queue| (queue.to_smol(), waiting(Some(queue.as_str())))).collect()
            }
            Dimension::Campaign => self
                .floor
                .gauges
                .campaigns_with_callers(self.floor.campaigns.keys())
                .into_iter()
                .filter(|id| scope.holds(id))
                .map(|id| (id.to_smol(), self.floor.gauges.waiting(Some(id), None).0))
                .collect(),
            Dimension::Total => BTreeMap::from([(SmolStr::default(), waiting(None))]),
            Dimension::Route
            | Dimension::Country
            | Dimension::Did
            | Dimension::Agent
            | Dimension::SipCode
            | Dimension::Component => BTreeMap::new(),
        }
    }

    /// A count of each campaign that tells its destinations, over these; `count` gives none where it is not known. It is
    /// of the campaign from its begin to when it was last told.
    fn of_destinations(
        &self,
        scope: &CampaignScope,
        count: impl Fn(&Floor, &CampaignId) -> Option<i64>,
    ) -> Vec<PresentRow> {
        let wanted = self.floor.campaigns.iter().filter(|(id, _)| scope.holds(id));
        let to = self.floor.presence().silent_since(self.floor.now).unwrap_or(self.floor.now);
        let row = |(id, settings): (&CampaignId, &app::domain::Campaign)| {
            let all = i64::try_from(settings.destinations.value()?).unwrap_or(i64::MAX);
            let ratio = count(self.floor, id).map_or(Ratio::default(), |n| Ratio::new(n, all));
            let during = self.floor.own.run(id).map(|run| Stretch { from: run.from.min(to), to });
            Some(PresentRow { key: id.to_smol(), ratio: Some(ratio), band: Band::None, during })
        };
        let mut rows: Vec<PresentRow> = wanted.filter_map(row).collect();
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        rows
    }

    /// What is left at the pace of the last 15 minutes; no data for campaigns that rest.
    fn etas(&self, scope: &CampaignScope) -> Vec<PresentRow> {
        let mut rows = self.of_destinations(scope, |floor, id| {
            let (completed, failed) = floor.done(id);
            Some(completed + failed)
        });
        let lately = match window_span(Window::Minutes15, self.floor.now, self.floor.config.zone, None) {
            WindowSpan::Live(minutes) => Some(minutes),
            WindowSpan::Stored(..) | WindowSpan::NoStart => None,
        };
        for row in &mut rows {
            let id = CampaignId::trusted(row.key.clone());
            let began = self.floor.now - self.floor.paced_over(&id);
            row.during = lately.map(|lately| Stretch { from: lately.from.max(began), ..lately });
            let rests = rests(self.floor.campaigns.get(&id).and_then(|c| c.status.value()));
            let pending = row.ratio.map_or(0, |done| (done.whole - done.part).max(0));
            row.ratio = Some(if rests {
                Ratio::default()
            } else {
                remaining(pending, self.floor.done_lately(&id), self.floor.paced_over(&id))
            });
        }
        rows
    }

    /// Campaigns that have a card and tell their limit; the total is over them.
    fn cac(&self, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        let gathered = gather(self.floor, self.verdicts, self.seen);
        let mut rows: BTreeMap<SmolStr, Ratio> = BTreeMap::new();
        for (id, settings) in self.floor.campaigns.iter().filter(|(id, _)| scope.holds(id)) {
            if let Some(limit) = settings.cac_limit.value().filter(|_| is_shown(self.floor, id, &gathered)) {
                let key = if by == Dimension::Campaign { id.to_smol() } else { SmolStr::default() };
                let row = rows.entry(key).or_default();
                row.part += gathered.active(id);
                row.whole += i64::from(limit);
            }
        }
        rows.into_iter()
            .map(|(key, ratio)| PresentRow {
                band: cac_band(self.floor, &self.verdicts.judgements, &key, ratio),
                key,
                ratio: Some(ratio),
                during: None,
            })
            .collect()
    }

    /// By component.
    fn health(&self) -> Vec<PresentRow> {
        let row = |c: super::samples::Component| PresentRow {
            key: c.sample.body.component.to_smol(),
            ratio: None,
            band: severity(c.status),
            during: None,
        };
        self.floor.samples.components(self.floor.told_to()).into_iter().map(row).collect()
    }
}

fn counts(rows: impl IntoIterator<Item = (SmolStr, i64)>) -> Vec<PresentRow> {
    rows.into_iter()
        .map(|(key, n)| PresentRow { key, ratio: Some(Ratio::new(n, 1)), band: Band::None, during: None })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::{Board, BoardConfig};
    use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, LIVE_GRAIN, RunSums, Sample, SumKey};
    use app::domain::outcome::AgentStatus;
    use app::domain::{AgentId, Campaign, Fact, LastWrite, Moment, QueueId, SourceId, Span, Tally};
    use app::kpi::Formula;
    use app::kpi::catalog::{CATALOG, Unit};
    use app::view::live::{ChannelSource, StripId};

    const NOW: Moment = Moment::from_secs(1_700_000_000);

    /// Of a campaign and of none: calls that are up, callers who wait, agents in every state.
    fn floor() -> Board {
        let key = |gauge, campaign: &str, queue: &str| GaugeKey {
            gauge,
            campaign: CampaignId::trusted(campaign),
            route: RouteId::trusted(if campaign.is_empty() { "" } else { "north" }),
            queue: QueueId::trusted(queue),
            second: NOW - Span::secs(30),
        };
        let gauges = [("spring", "sales"), ("", "sales"), ("", "")].into_iter().zip(1..).flat_map(|((c, q), n)| {
            [Gauge::Active, Gauge::Waiting, Gauge::Started, Gauge::Unheard].map(|gauge| (key(gauge, c, q), n))
        });
        let states = [AgentStatus::Ready, AgentStatus::OnCall, AgentStatus::WrapUp, AgentStatus::Break];
        let agents = states.into_iter().flat_map(|state| {
            ["spring", ""].map(|campaign| AgentNow {
                agent: AgentId::trusted(format!("{state:?}{campaign}")),
                campaign: CampaignId::trusted(campaign),
                state,
                since: NOW - Span::secs(60),
                reason: None,
            })
        });
        let mut board = Board::new(BoardConfig::default(), NOW);
        board.apply(&Change {
            newest_event: Some(NOW),
            events: 1,
            gauges: gauges.collect(),
            agents: agents.collect(),
            ..Change::default()
        });
        board.tick(NOW);
        board
    }

    #[test]
    fn the_rows_of_a_count_add_up_to_the_whole_whoever_names_no_campaign() {
        let board = floor();
        let counted = |unit| matches!(unit, Unit::Calls | Unit::Agents);
        let mut looked_at = 0;
        for kpi in CATALOG.iter().filter(|kpi| counted(kpi.unit) && kpi.dimensions.contains(&Dimension::Total)) {
            let Formula::Present(what) = kpi.computed else { continue };
            let sum = |by, scope: &CampaignScope| -> i64 {
                board.present(what, by, scope).iter().filter_map(|row| row.ratio).map(|ratio| ratio.part).sum()
            };
            assert!(sum(Dimension::Total, &CampaignScope::All) > 0, "{}", kpi.id);
            for by in kpi.dimensions {
                let one = |id: &str| CampaignScope::one(CampaignId::trusted(id));
                for of in &[CampaignScope::All, one("spring"), one("")] {
                    assert_eq!(sum(*by, of), sum(Dimension::Total, of), "{} by {} of {of:?}", kpi.id, by.word());
                    looked_at += 1;
                }
            }
        }
        assert!(looked_at >= 45, "{looked_at}");
    }

    /// Of campaigns with and without a card, of none, on routes and on none, also beside trunks that tell their channels and no
    /// capacity; and once some of them are lost.
    #[test]
    fn active_calls_are_one_count_wherever_they_are_shown() {
        let gauge = |campaign: &str, route: &str| GaugeKey {
            gauge: Gauge::Active,
            campaign: CampaignId::trusted(campaign),
            route: RouteId::trusted(route),
            queue: QueueId::none(),
            second: NOW - Span::secs(30),
        };
        let told = |id: &str, status| {
            let told = serde_json::json!({ "campaign": id, "status": status });
            let told = Campaign::told_by(&serde_json::from_value(told).unwrap(), NOW - Span::hours(1));
            (CampaignId::trusted(id), told)
        };
        let channels = serde_json::from_value(serde_json::json!({ "trunk": "t-1", "active": 9 })).unwrap();
        let channels = Sample { at: NOW, source: SourceId::trusted("pbx"), body: channels };
        let mut board = Board::new(BoardConfig::default(), NOW);
        let up = [("spring", "north", 5), ("spring", "", 2), ("over", "north", 3), ("untold", "", 4), ("", "south", 6)];
        board.apply(&Change {
            newest_event: Some(NOW),
            events: 1,
            campaigns: vec![told("spring", "active"), told("over", "ended")],
            gauges: up.iter().map(|(campaign, route, n)| (gauge(campaign, route), *n)).collect(),
            channels: vec![channels],
            ..Change::default()
        });
        board.tick(NOW);
        for (now, all, spring) in [(NOW, 20, 7), (NOW + Span::secs(1), 17, 6)] {
            let of_strip = |frame: app::view::live::LiveFrame| {
                let item = frame.strip.rows.into_iter().find(|item| item.id == StripId::ActiveCalls).unwrap();
                (item.part, item.whole)
            };
            let (one, gathered) = (CampaignId::trusted("spring"), board.gather());
            let monitor = board.monitor(&gathered);
            let on_cards: i64 = monitor.cards.rows.iter().map(|card| card.active).sum();
            let api = |by, scope: &CampaignScope| -> i64 {
                let rows = board.present(Present::ActiveCalls, by, scope);
                rows.iter().filter_map(|row| row.ratio).map(|ratio| ratio.part).sum()
            };
            assert_eq!(of_strip(board.live()), (all, None), "the live page");
            assert_eq!(monitor.totals.active_calls, all, "the monitor");
            assert_eq!(on_cards + monitor.totals.active_elsewhere, all, "its cards, and what stands on none");
            for by in [Dimension::Total, Dimension::Campaign, Dimension::Route] {
                assert_eq!(api(by, &CampaignScope::All), all, "the API by {}", by.word());
                assert_eq!(api(by, &CampaignScope::one(one.clone())), spring, "and of one campaign");
            }
            assert_eq!(
                of_strip(board.of_campaigns(&[one.clone()].into())),
                (spring, None),
                "the live page of one campaign"
            );
            assert_eq!(board.monitor_of(&one, &gathered).unwrap().card.active, spring, "its own page");
            let calls = board.of_campaigns(&[one.clone()].into()).panels.channels.unwrap().head;
            assert_eq!((calls.active, calls.source), (spring, ChannelSource::Calls));
            // Four hours without a word: they are lost.
            let lost = vec![(gauge("spring", ""), -1), (gauge("", "south"), -2)];
            board.apply(&Change { newest_event: Some(NOW), events: 1, gauges: lost, ..Change::default() });
            board.tick(now + Span::secs(1));
        }
    }

    #[test]
    fn what_was_done_of_a_list_is_told_of_a_silent_floor_with_the_stretch_it_is_of() {
        let id = CampaignId::trusted("spring");
        let began = NOW - Span::days(3);
        let told = Campaign {
            destinations: LastWrite::at(200, began),
            started_at: LastWrite::at(began, began),
            ..Campaign::default()
        };
        let mut tally = Tally::default();
        let counts = [(Fact::DestinationsCompleted, 30), (Fact::DestinationsFailed, 20), (Fact::FirstAttempts, 80)];
        counts.into_iter().for_each(|(fact, n)| tally.add(fact, n));
        let run = RunSums { campaign: id.clone(), from: began.floor(Span::days(1)), tally };
        let mut board = Board::new(BoardConfig::default(), NOW);
        let change = Change {
            newest_event: Some(NOW),
            events: 1,
            campaigns: vec![(id.clone(), told)],
            runs: vec![run.clone()],
            facts: vec![FactChange {
                bucket: NOW.floor(LIVE_GRAIN),
                of: SumKey { campaign: id.clone(), dimension: Dimension::Campaign, key: id.to_smol() },
                tally: Tally::default(),
            }],
            ..Change::default()
        };
        board.apply(&change);
        let later = NOW + Span::hours(9);
        for (now, to) in [(NOW, NOW), (later, NOW)] {
            board.tick(now);
            assert_eq!(board.presence().is_now(), now == NOW);
            for (what, done) in [(Present::Progress, 50), (Present::Penetration, 80)] {
                let rows = board.present(what, Dimension::Campaign, &CampaignScope::All);
                assert_eq!(rows[0].ratio, Some(Ratio::new(done, 200)), "{what:?} at {now:?}");
                let during = rows[0].during.unwrap();
                assert_eq!((during.from, during.to), (run.from, to), "{what:?} at {now:?}");
            }
        }
        assert_eq!(
            board.present(Present::Eta, Dimension::Campaign, &CampaignScope::All)[0].ratio,
            None,
            "that is of now"
        );
    }
}
