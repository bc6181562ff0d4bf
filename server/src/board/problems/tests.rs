//! The list as people read it: what each figure that is judged makes of it, and that no sentence contradicts its digits.

#![allow(clippy::unwrap_used)]

use crate::board::baseline::Baselines;
use crate::board::judgements::Figure;
use crate::board::{Board, BoardConfig};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, LIVE_GRAIN, PeriodSums, Sample, SumKey};
use app::domain::event::{CampaignUpdated, ChannelsSample, HealthSample};
use app::domain::outcome::{AgentStatus, CampaignStatus, ComponentKind, Health};
use app::domain::{
    AgentId, Campaign, CampaignId, ComponentId, Country, Dimension, Fact, Moment, QueueId, RouteId, SourceId, Span,
    Tally, TrunkId,
};
use app::kpi::catalog::Judged;
use app::kpi::{Band, KpiId, Ratio};
use app::view::problems::{ProblemCause, ProblemRow};

pub(super) const START: Moment = Moment::from_secs(1_700_000_000);

pub(super) fn at(secs: i64) -> Moment {
    START + Span::secs(secs)
}

pub(super) fn facts(dimension: Dimension, campaign: &str, key: &str, at: Moment, counts: &[(Fact, i64)]) -> FactChange {
    let mut tally = Tally::default();
    counts.iter().for_each(|(fact, n)| tally.add(*fact, *n));
    let of = SumKey { campaign: CampaignId::trusted(campaign), dimension, key: key.into() };
    FactChange { bucket: at.floor(LIVE_GRAIN), of, tally }
}

/// The same facts of a campaign and of the floor, as a commit tells them.
pub(super) fn of_campaign(campaign: &str, at: Moment, counts: &[(Fact, i64)]) -> Vec<FactChange> {
    vec![facts(Dimension::Campaign, campaign, campaign, at, counts), facts(Dimension::Total, campaign, "", at, counts)]
}

pub(super) fn of_route(route: &str, at: Moment, counts: &[(Fact, i64)]) -> Vec<FactChange> {
    vec![facts(Dimension::Route, "c", route, at, counts), facts(Dimension::Total, "c", "", at, counts)]
}

pub(super) fn heard(now: Moment, facts: Vec<FactChange>) -> Change {
    Change { events: 1, newest_event: Some(now), facts, ..Change::default() }
}

pub(super) fn settings(campaign: &str, tell: impl Fn(&mut CampaignUpdated)) -> Vec<(CampaignId, Campaign)> {
    let mut body = CampaignUpdated {
        campaign: CampaignId::trusted(campaign),
        name: None,
        status: Some(CampaignStatus::Active),
        reason: None,
        mode: None,
        destination: None,
        destinations: None,
        cac_limit: None,
        cps_limit: None,
        rate_limited: None,
        started_at: None,
        max_attempts: None,
        limit: None,
    };
    tell(&mut body);
    let mut told = Campaign::default();
    told.merge(&Campaign::told_by(&body, START));
    vec![(body.campaign, told)]
}

pub(super) fn agents(campaign: &str, states: &[(AgentStatus, i64)], since: Moment) -> Vec<AgentNow> {
    let each = states.iter().flat_map(|(state, n)| (0..*n).map(move |at| (*state, at)));
    each.map(|(state, n)| AgentNow {
        agent: AgentId::trusted(format!("{campaign}-{state:?}-{n}")),
        campaign: CampaignId::trusted(campaign),
        state,
        since,
        reason: None,
    })
    .collect()
}

fn channels(active: u32, at: Moment) -> Sample<ChannelsSample> {
    let body = ChannelsSample { trunk: TrunkId::trusted("alpha"), active, capacity: Some(1_000) };
    Sample { at, source: SourceId::trusted("pbx"), body }
}

pub(super) fn gauge(gauge: Gauge, second: Moment, n: i64) -> (GaugeKey, i64) {
    let (campaign, route) = (CampaignId::trusted("c"), RouteId::trusted("beta"));
    (GaugeKey { gauge, campaign, route, queue: QueueId::none(), second }, n)
}

/// A board that is told something at moments of its own, and looks each second.
pub(super) struct Floor {
    pub board: Board,
    pub now: Moment,
}

impl Floor {
    pub fn new() -> Self {
        let mut floor = Self { board: Board::new(BoardConfig::default(), START), now: START };
        floor.tell(Change::default());
        floor
    }

    pub fn tell(&mut self, change: Change) {
        self.board.turn_to(self.now);
        self.board.apply(&Change { events: 1, newest_event: Some(self.now), ..change });
        self.board.advance(self.now);
    }

    /// Time goes on, and something else is heard each second.
    pub fn wait(&mut self, secs: i64) {
        for _ in 0..secs {
            self.now = self.now + Span::secs(1);
            self.tell(Change::default());
        }
    }

    pub fn rows(&self) -> Vec<ProblemRow> {
        self.board.problem_list().rows
    }

    pub fn said(&self) -> Vec<String> {
        self.rows().iter().map(|row| format!("{}: {}", row.subject, row.text)).collect()
    }
}

/// Every campaign dials, and reaches fewer people than at these hours.
pub(super) fn falls(board: &mut Board, campaign: &str) {
    let id = CampaignId::trusted(campaign);
    board.compare_with(Baselines {
        connect: [(id.clone(), Ratio::new(3_000, 10_000))].into(),
        abandon: [(id, Ratio::new(1_000, 100_000))].into(),
        ..Baselines::default()
    });
}

#[test]
fn one_call_more_that_is_abandoned_is_no_pacing_problem() {
    let mut floor = Floor::new();
    falls(&mut floor.board, "c");
    let told = [(Fact::Resolved, 1_000), (Fact::AnsweredLive, 200), (Fact::Abandoned, 3)];
    floor.tell(Change { facts: of_campaign("c", START, &told), campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(2);
    assert!(floor.said()[0].starts_with("c: list problem"), "{:?}", floor.said());
}

#[test]
fn a_diagnosis_stays_until_its_figures_are_well_back() {
    let mut floor = Floor::new();
    falls(&mut floor.board, "c");
    let more = |abandoned| {
        of_campaign("c", START, &[(Fact::Resolved, 40_000), (Fact::AnsweredLive, 9_000), (Fact::Abandoned, abandoned)])
    };
    floor.tell(Change { facts: more(150), campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(2);
    assert!(floor.said()[0].starts_with("c: pacing problem"), "{:?}", floor.said());
    // 1.4 %: less than half a point over what is usual.
    let back = of_campaign("c", START, &[(Fact::Abandoned, -24)]);
    floor.tell(Change { facts: back, ..Change::default() });
    floor.wait(2);
    assert!(floor.said()[0].starts_with("c: pacing problem"), "{:?}", floor.said());
    let back = of_campaign("c", START, &[(Fact::Abandoned, -18)]);
    let until_now = floor.now;
    floor.tell(Change { facts: back, ..Change::default() });
    floor.wait(2);
    assert!(floor.said()[0].starts_with("c: list problem"), "{:?}", floor.said());
    assert!(floor.rows()[0].since >= Some(until_now), "since it is this problem, and not since it had another");
}

#[test]
fn half_a_team_that_comes_and_goes_is_no_staffing_problem() {
    let mut floor = Floor::new();
    let team = |on_break| agents("c", &[(AgentStatus::Break, on_break), (AgentStatus::Ready, 10 - on_break)], START);
    floor.tell(Change { agents: team(3), campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(2);
    let comes = AgentNow { state: AgentStatus::Break, ..agents("c", &[(AgentStatus::Ready, 1)], START)[0].clone() };
    let both = AgentNow { agent: AgentId::trusted("c-Ready-1"), ..comes.clone() };
    floor.tell(Change { agents: vec![comes, both], ..Change::default() });
    floor.wait(20);
    let staffing = |floor: &Floor| floor.said().iter().any(|said| said.starts_with("c: staffing problem"));
    assert!(!staffing(&floor), "for half a minute it may come and go: {:?}", floor.said());
    floor.wait(15);
    assert!(staffing(&floor), "{:?}", floor.said());
    let home = team(3).into_iter().chain(agents("c", &[(AgentStatus::Ready, 10)], START));
    let home = home.map(|agent| AgentNow { state: AgentStatus::Offline, ..agent }).collect();
    floor.tell(Change { agents: home, ..Change::default() });
    floor.wait(2);
    assert!(!staffing(&floor), "they have gone home: {:?}", floor.said());
}

#[test]
fn of_several_campaigns_out_of_range_the_worst_is_named() {
    let mut floor = Floor::new();
    let share = |campaign: &str, on_call: i64| {
        facts(
            Dimension::Campaign,
            campaign,
            campaign,
            START,
            &[(Fact::AgentOnCallMs, on_call * 2_000), (Fact::AgentReadyMs, (1_000 - on_call) * 2_000)],
        )
    };
    let by_agent =
        |campaign: &str| facts(Dimension::Agent, campaign, &format!("{campaign}-1"), START, &[(Fact::AgentReadyMs, 1)]);
    let of = |campaign, on_call| vec![share(campaign, on_call), by_agent(campaign)];
    floor.tell(heard(START, [of("a", 795), of("b", 500), of("c", 940)].concat()));
    floor.wait(2);
    let said = floor.said();
    assert_eq!(
        said,
        [
            "On-call share of b is out of range: 50 % of logged-in time; 80 to 90 % is productive, 2 more campaigns out of range"
        ]
    );
}

pub(super) fn did(number: &str, resolved: i64, answered: i64, more: &[(Fact, i64)]) -> FactChange {
    let counts = [&[(Fact::Resolved, resolved), (Fact::Answered, answered)], more].concat();
    facts(Dimension::Did, "c", number, START, &counts)
}

fn load(cpu: f64, at: Moment) -> Change {
    let source = SourceId::trusted("probe");
    let health = HealthSample::only(ComponentId::trusted("db"), ComponentKind::Database, Health::Healthy);
    let metric = |name: &str, value: f64| Sample {
        at,
        source: source.clone(),
        body: serde_json::from_value(serde_json::json!({ "component": "db", "name": name, "value": value })).unwrap(),
    };
    Change {
        health: vec![Sample { at, source: source.clone(), body: health }],
        metrics: vec![metric("cpu", cpu), metric("memory", 0.90)],
        ..Change::default()
    }
}

pub(super) fn on_call(on_call_s: i64, ready_s: i64) -> Vec<FactChange> {
    let time = [(Fact::AgentOnCallMs, on_call_s * 1_000), (Fact::AgentReadyMs, ready_s * 1_000)];
    vec![
        facts(Dimension::Campaign, "c", "c", START, &time),
        facts(Dimension::Agent, "c", "agent-1", START, &[(Fact::AgentReadyMs, 1)]),
    ]
}

pub(super) fn tell_facts(floor: &mut Floor, facts: Vec<FactChange>) {
    floor.tell(Change { facts, ..Change::default() });
}

pub(super) fn of_the_floor(floor: &mut Floor, counts: &[(Fact, i64)]) {
    tell_facts(floor, vec![facts(Dimension::Total, "c", "", START, counts)]);
}

/// What a judged figure makes of the list.
pub(super) enum Spoken {
    /// A problem of this cause, where this happens.
    Problem(ProblemCause, fn(&mut Floor)),
    /// Nothing judges it.
    NotJudged,
    /// Its words tell of no band, but of this.
    Tells(&'static str),
}

/// Each figure of the KPI table, and what is said of it live.
#[allow(clippy::too_many_lines)] // one arm a figure
pub(super) fn spoken(kpi: KpiId) -> Spoken {
    use Spoken::{NotJudged, Problem, Tells};
    match kpi {
        KpiId::Stalled => Problem(ProblemCause::Route, |floor| {
            let silent = [gauge(Gauge::Started, at(-5), 40), gauge(Gauge::Unheard, at(-5), 40)];
            floor.tell(Change { gauges: silent.into(), ..Change::default() });
        }),
        KpiId::ChannelUtilisation => Problem(ProblemCause::Trunk, |floor| {
            floor.tell(Change { channels: vec![channels(900, floor.now)], ..Change::default() });
        }),
        KpiId::RouteFaultRate => Problem(ProblemCause::Route, |floor| {
            tell_facts(floor, of_route("beta", START, &[(Fact::Resolved, 1_000), (Fact::RouteFaults, 100)]));
        }),
        KpiId::AbandonRate => Problem(ProblemCause::Campaign, |floor| {
            tell_facts(
                floor,
                of_campaign("c", START, &[(Fact::AnsweredLive, 1_000), (Fact::Abandoned, 50), (Fact::Attempts, 1)]),
            );
        }),
        KpiId::AbandonBudget => Problem(ProblemCause::Campaign, |floor| {
            let mut tally = Tally::default();
            [(Fact::AnsweredLive, 2_000), (Fact::Abandoned, 61)].iter().for_each(|(fact, n)| tally.add(*fact, *n));
            let (from, to) = (START - Span::days(3), START + Span::days(27));
            let period = PeriodSums { campaign: CampaignId::trusted("c"), from, to, tally };
            let campaigns = settings("c", |_| {});
            floor.tell(Change { periods: vec![period], campaigns, ..Change::default() });
        }),
        KpiId::ConnectRate => Problem(ProblemCause::Campaign, |floor| {
            falls(&mut floor.board, "c");
            tell_facts(floor, of_campaign("c", START, &[(Fact::Resolved, 1_000), (Fact::AnsweredLive, 200)]));
        }),
        KpiId::DidAnswerRate => Problem(ProblemCause::Number, |floor| {
            floor.board.compare_with(Baselines {
                dids: [("+12025550142".into(), Ratio::new(400, 1_000))].into(),
                ..Baselines::default()
            });
            tell_facts(floor, vec![did("+12025550142", 100, 15, &[])]);
        }),
        KpiId::BlockedRate => Problem(ProblemCause::Number, |floor| {
            tell_facts(floor, vec![did("+12025550142", 60, 5, &[(Fact::Blocked, 50)])]);
        }),
        KpiId::OnCallShare => Problem(ProblemCause::Campaign, |floor| tell_facts(floor, on_call(1_000, 1_000))),
        KpiId::Pdd => Problem(ProblemCause::Country, |floor| {
            let country = Country::new("US").unwrap();
            floor
                .board
                .compare_with(Baselines { pdd: [(country, Ratio::new(100_000, 100))].into(), ..Baselines::default() });
            let late = [(Fact::Progressed, 100), (Fact::PddMs, 400_000)];
            tell_facts(floor, vec![facts(Dimension::Country, "c", "US", START, &late)]);
        }),
        KpiId::Health => Problem(ProblemCause::Component, |floor| {
            let body = HealthSample::only(ComponentId::trusted("db"), ComponentKind::Database, Health::Offline);
            let sample = Sample { at: floor.now, source: SourceId::trusted("probe"), body };
            floor.tell(Change { health: vec![sample], ..Change::default() });
        }),
        // Yellow is use as it is planned, and shown on its card: what stops a dialer is red.
        KpiId::CacUtilisation => Problem(ProblemCause::Campaign, |floor| {
            let campaigns = settings("c", |told| told.cac_limit = Some(100));
            floor.tell(Change { campaigns, gauges: vec![gauge(Gauge::Active, START, 90)], ..Change::default() });
        }),
        KpiId::InboundAnswerRate => Problem(ProblemCause::Floor, |floor| {
            of_the_floor(floor, &[(Fact::Inbound, 100), (Fact::InboundAnswered, 50)]);
        }),
        KpiId::QueueAbandonRate => Problem(ProblemCause::Floor, |floor| {
            of_the_floor(floor, &[(Fact::Queued, 100), (Fact::QueueAbandoned, 50)]);
        }),
        KpiId::Asa => Problem(ProblemCause::Floor, |floor| {
            let slow = [(Fact::Inbound, 100), (Fact::InboundAnswered, 100), (Fact::InboundWaitMs, 6_000_000)];
            of_the_floor(floor, &slow);
        }),
        KpiId::ErrorRate => Problem(ProblemCause::Floor, |floor| {
            of_the_floor(floor, &[(Fact::Resolved, 1_000), (Fact::Failed, 100)]);
        }),
        KpiId::ListPenetration => Tells("no data"),
        KpiId::ActiveCalls
        | KpiId::SipErrorRate
        | KpiId::AnswerRate
        | KpiId::AgentsReady
        | KpiId::AgentsOnCall
        | KpiId::AgentsWrapUp
        | KpiId::AgentsBreak
        | KpiId::PddP95
        | KpiId::CallsPerMinute
        | KpiId::AverageCallDuration
        | KpiId::Progress
        | KpiId::Eta
        | KpiId::PenetrationVelocity
        | KpiId::CallersWaiting
        | KpiId::Aht
        | KpiId::TransferRate
        | KpiId::Asr
        | KpiId::Ner
        | KpiId::DidRotation
        | KpiId::CostPerRpc
        | KpiId::CostPerConnectedMinute
        | KpiId::Uptime
        | KpiId::Acd => NotJudged,
    }
}

#[test]
fn every_figure_that_the_table_judges_can_become_a_problem() {
    for kpi in KpiId::ALL {
        let entry = kpi.get();
        let is_judged = entry.judged != Judged::Nothing;
        match spoken(*kpi) {
            Spoken::Tells(words) => {
                assert!(!is_judged && entry.bands_in_words.starts_with(words), "{}", entry.id)
            }
            Spoken::NotJudged => assert!(!is_judged, "{} is judged, and nothing is said of it", entry.id),
            Spoken::Problem(cause, happens) => {
                assert!(is_judged, "{}", entry.id);
                let mut floor = Floor::new();
                floor.wait(1);
                happens(&mut floor);
                // What has to last before it is said has lasted.
                floor.wait(34);
                let causes: Vec<_> = floor.rows().iter().map(|row| row.cause).collect();
                assert!(causes.contains(&cause), "{}: {:?}", entry.id, floor.said());
            }
        }
    }
}

#[test]
fn a_floor_whose_calls_fail_is_not_well() {
    let mut floor = Floor::new();
    floor.wait(1);
    of_the_floor(&mut floor, &[(Fact::Resolved, 1_000), (Fact::Failed, 4)]);
    floor.wait(2);
    of_the_floor(&mut floor, &[(Fact::Resolved, 204), (Fact::Failed, 66)]);
    floor.wait(20);
    assert_eq!(floor.said(), [""; 0], "not for half a minute yet");
    floor.wait(20);
    assert_eq!(floor.said(), ["Error rate now: 5.8 %, 70 of 1,204 in 5 min"]);
    let mut few = Floor::new();
    few.wait(1);
    of_the_floor(&mut few, &[(Fact::Resolved, 60), (Fact::Failed, 2)]);
    few.wait(40);
    assert_eq!(few.said(), [""; 0], "two of sixty may be chance");
}

#[test]
fn what_fails_on_a_route_or_from_a_number_stands_under_it() {
    let mut floor = Floor::new();
    floor.wait(1);
    let well = [(Fact::Resolved, 2_000), (Fact::Failed, 8)];
    let fails = [(Fact::Resolved, 400), (Fact::Failed, 300), (Fact::RouteFaults, 300), (Fact::Sip5xx, 300)];
    tell_facts(&mut floor, [of_route("alpha", START, &well), of_route("beta", START, &fails)].concat());
    floor.wait(40);
    let rows = floor.rows();
    assert_eq!((rows.len(), rows[0].cause), (1, ProblemCause::Route), "{:?}", floor.said());
    assert_eq!(rows[0].explains.iter().map(|row| row.cause).collect::<Vec<_>>(), [ProblemCause::Floor]);

    let mut floor = Floor::new();
    floor.board.compare_with(Baselines {
        dids: [("+12025550142".into(), Ratio::new(400, 1_000))].into(),
        ..Baselines::default()
    });
    floor.wait(1);
    let flagged = did("+12025550142", 120, 5, &[(Fact::Failed, 110)]);
    of_the_floor(&mut floor, &[(Fact::Resolved, 2_000), (Fact::Failed, 118)]);
    tell_facts(&mut floor, vec![flagged]);
    floor.wait(40);
    let rows = floor.rows();
    assert_eq!((rows.len(), rows[0].cause), (1, ProblemCause::Number), "{:?}", floor.said());
    assert_eq!(rows[0].explains.iter().map(|row| row.cause).collect::<Vec<_>>(), [ProblemCause::Floor]);
}

/// How a figure that holds goes out of its band, and back to where it is still said to be.
type Holds = (fn(&mut Floor), fn(&mut Floor));

/// `None` of what prints no edge that its digits could contradict.
fn holds(figure: Figure) -> Option<Holds> {
    Some(match figure {
        Figure::Channels => (
            |floor| floor.tell(Change { channels: vec![channels(900, floor.now)], ..Change::default() }),
            |floor| floor.tell(Change { channels: vec![channels(804, floor.now)], ..Change::default() }),
        ),
        Figure::Trunk => {
            fn trunks(floor: &mut Floor, active: u32) {
                let of = |trunk: &str, active, capacity| Sample {
                    at: floor.now,
                    source: SourceId::trusted("pbx"),
                    body: ChannelsSample { trunk: TrunkId::trusted(trunk), active, capacity: Some(capacity) },
                };
                let channels = vec![of("alpha", active, 100), of("beta", 5, 900)];
                floor.tell(Change { channels, ..Change::default() });
            }
            (|floor| trunks(floor, 95), |floor| trunks(floor, 82))
        }
        Figure::Faults => (
            |floor| tell_facts(floor, of_route("beta", START, &[(Fact::Resolved, 1_000), (Fact::RouteFaults, 100)])),
            |floor| tell_facts(floor, of_route("beta", START, &[(Fact::Resolved, 1_222)])),
        ),
        Figure::Failed => (
            |floor| tell_facts(floor, of_route("beta", START, &[(Fact::Resolved, 1_000), (Fact::UnjudgedFaults, 100)])),
            |floor| tell_facts(floor, of_route("beta", START, &[(Fact::Resolved, 1_222)])),
        ),
        Figure::Stalled => (
            |floor| {
                let silent = [gauge(Gauge::Started, floor.now, 40), gauge(Gauge::Unheard, floor.now, 30)];
                floor.tell(Change { gauges: silent.into(), ..Change::default() });
                floor.wait(12);
            },
            |floor| {
                let heard = gauge(Gauge::Unheard, floor.now - Span::secs(12), -15);
                floor.tell(Change { gauges: vec![heard], ..Change::default() });
            },
        ),
        Figure::OnCall => {
            (|floor| tell_facts(floor, on_call(1_000, 1_000)), |floor| tell_facts(floor, on_call(3_128, 0)))
        }
        Figure::Breaks => (
            |floor| {
                let team = [(AgentStatus::Break, 10), (AgentStatus::Ready, 10)];
                let campaigns = settings("c", |_| {});
                floor.tell(Change { agents: agents("c", &team, START), campaigns, ..Change::default() });
            },
            |floor| {
                let back = agents("c", &[(AgentStatus::Break, 1)], START)
                    .into_iter()
                    .map(|agent| AgentNow { state: AgentStatus::Ready, ..agent });
                floor.tell(Change { agents: back.collect(), ..Change::default() });
            },
        ),
        Figure::Cac => (
            |floor| {
                let campaigns = settings("c", |told| told.cac_limit = Some(100));
                floor.tell(Change { campaigns, gauges: vec![gauge(Gauge::Active, START, 90)], ..Change::default() });
            },
            |floor| floor.tell(Change { gauges: vec![gauge(Gauge::Active, START, -12)], ..Change::default() }),
        ),
        Figure::Load => (|floor| floor.tell(load(0.97, floor.now)), |floor| floor.tell(load(0.93, floor.now))),
        Figure::Rate => (
            |floor| of_the_floor(floor, &[(Fact::Resolved, 1_000), (Fact::Failed, 100)]),
            |floor| of_the_floor(floor, &[(Fact::Resolved, 1_222)]),
        ),
        Figure::Callers => {
            fn callers(floor: &mut Floor, n: i64, wait: i64) {
                let counts = [(Fact::Inbound, n), (Fact::InboundAnswered, n), (Fact::InboundWaitMs, wait)];
                tell_facts(floor, vec![facts(Dimension::Campaign, "c", "c", START, &counts)]);
            }
            (|floor| callers(floor, 1_000, 40_000_000), |floor| callers(floor, 481, 0))
        }
        Figure::Pdd => return None,
    })
}

#[test]
fn what_holds_beyond_its_edge_says_what_it_waits_for() {
    for figure in Figure::ALL {
        let Some((goes_out, comes_back)) = holds(*figure) else { continue };
        let mut floor = Floor::new();
        floor.wait(1);
        goes_out(&mut floor);
        if *figure == Figure::Stalled {
            floor.wait(2);
        } else {
            // Trunks have to be full for two minutes, and tell so meanwhile.
            floor.wait(100);
            if *figure == Figure::Trunk {
                goes_out(&mut floor);
                floor.wait(25);
            }
        }
        let out = floor.said();
        assert!(out.len() == 1 && !out[0].contains("until"), "{figure:?} is past its edge: {out:?}");
        comes_back(&mut floor);
        floor.wait(2);
        let held = floor.said();
        assert!(held.len() == 1 && held[0].contains("until"), "{figure:?} holds: {held:?}");
    }
}

#[test]
fn a_number_that_holds_says_so_too() {
    let mut floor = Floor::new();
    floor.board.compare_with(Baselines {
        dids: [("+12025550142".into(), Ratio::new(400, 1_000))].into(),
        ..Baselines::default()
    });
    tell_facts(&mut floor, vec![did("+12025550142", 1_000, 150, &[])]);
    floor.wait(2);
    assert_eq!(floor.said(), ["+12025550142 is going bad: −25.0 pp against its own hours"]);
    tell_facts(&mut floor, vec![did("+12025550142", 0, 60, &[])]);
    floor.wait(2);
    assert_eq!(floor.said(), ["+12025550142 is going bad: −19.0 pp against its own hours, red until back within 18"]);
    tell_facts(&mut floor, vec![did("+12025550142", 0, 15, &[])]);
    floor.wait(2);
    assert_eq!(floor.said(), ["+12025550142 is going bad: −17.5 pp against its own hours"]);
}

#[test]
fn a_campaigns_bad_number_is_one_problem_and_its_idle_agents_are_no_second() {
    let mut floor = Floor::new();
    floor.board.compare_with(Baselines {
        dids: [("+12025550142".into(), Ratio::new(400, 1_000))].into(),
        ..Baselines::default()
    });
    let calls = of_campaign("c", START, &[(Fact::Resolved, 200), (Fact::Attempts, 200)]);
    let told = [calls, vec![did("+12025550142", 100, 15, &[])], on_call(1_000, 1_000)].concat();
    floor.tell(Change { facts: told, campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(2);
    let rows = floor.rows();
    assert_eq!((rows.len(), rows[0].cause), (1, ProblemCause::Number), "{:?}", floor.said());
    let under: Vec<&str> = rows[0].explains.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(under, ["c: number problem"]);
    assert_eq!(rows[0].explains[0].explains.len(), 1, "the agents who wait");
    assert_eq!(rows[0].campaigns, [CampaignId::trusted("c")], "told on the campaign's page as well");
}

#[test]
fn a_rate_above_what_is_well_is_no_alarm_while_the_budget_is_comfortable() {
    let told = |abandoned: i64, live: i64| {
        let mut floor = Floor::new();
        let mut tally = Tally::default();
        [(Fact::AnsweredLive, live), (Fact::Abandoned, abandoned)].iter().for_each(|(fact, n)| tally.add(*fact, *n));
        let (from, to) = (START - Span::days(3), START + Span::days(27));
        let period = PeriodSums { campaign: CampaignId::trusted("c"), from, to, tally };
        let hour = of_campaign("c", START, &[(Fact::AnsweredLive, 990), (Fact::Abandoned, 20), (Fact::Attempts, 990)]);
        floor.tell(Change {
            facts: hour,
            periods: vec![period],
            campaigns: settings("c", |_| {}),
            ..Change::default()
        });
        floor.wait(2);
        floor.said()
    };
    let comfortable = "c abandons more than is well: 2.02 % in 60 min, 8,216 calls left in its budget";
    assert_eq!(told(1_000, 300_000 - 990), [comfortable]);
    let near = told(1_000, 40_000);
    assert!(near[0].starts_with("c nears the abandon limit: 2") && near[0].contains("left in its budget"), "{near:?}");
}

#[test]
fn a_silent_route_is_silent_since_its_first_call_of_which_nothing_is_heard() {
    let mut floor = Floor::new();
    for second in 0..50 {
        let silent = second >= 20;
        let mut gauges = vec![gauge(Gauge::Started, at(second), 2)];
        gauges.extend(silent.then(|| gauge(Gauge::Unheard, at(second), 2)));
        floor.tell(Change { gauges, ..Change::default() });
        floor.wait(1);
    }
    floor.wait(12);
    let rows = floor.rows();
    assert_eq!((rows[0].subject.as_str(), rows[0].since), ("Route beta is silent", Some(at(20))), "{:?}", floor.said());
}

/// The first call of an empty server tells nothing of how the floor does.
#[test]
fn all_is_well_only_where_something_was_judged() {
    let mut floor = Floor::new();
    floor.tell(Change { gauges: vec![gauge(Gauge::Started, START, 1)], ..Change::default() });
    floor.wait(15);
    let status = floor.board.live().status;
    assert_eq!((status.band, status.rest), (Band::TooFew, Band::TooFew), "one call, whatever is heard of it");
    floor.tell(Change { gauges: vec![gauge(Gauge::Started, floor.now, 20)], ..Change::default() });
    floor.wait(12);
    let status = floor.board.live().status;
    assert_eq!((status.band, status.rest), (Band::Ok, Band::Ok), "of twenty that were heard a route is not silent");
}

#[test]
fn a_route_that_nobody_calls_by_any_more_shows_no_0_of_0() {
    let mut floor = Floor::new();
    let counts = [(Fact::Resolved, 40), (Fact::Sip5xx, 30), (Fact::RouteFaults, 30)];
    floor.tell(heard(START, vec![facts(Dimension::Route, "c", "beta", START, &counts)]));
    floor.wait(90);
    let said = floor.board.live().status.clauses[0].text.clone();
    assert!(said.starts_with("no calls in the last minute, 75 % of 40 calls in 5 min"), "{said}");
}

#[test]
fn beside_the_only_figure_that_is_judged_nothing_is_called_well() {
    let failing = |resolved| {
        let counts = [(Fact::Resolved, resolved), (Fact::Sip5xx, 30), (Fact::RouteFaults, 30)];
        let mut floor = Floor::new();
        floor.tell(heard(START, vec![facts(Dimension::Route, "c", "beta", START, &counts)]));
        floor.wait(1);
        floor
    };
    let mut floor = failing(40);
    let status = floor.board.live().status;
    assert_eq!((status.band, status.rest), (Band::Critical, Band::TooFew), "{:?}", status.clauses);
    let well = facts(Dimension::Route, "c", "alpha", floor.now, &[(Fact::Resolved, 40)]);
    floor.tell(heard(floor.now, vec![well]));
    floor.wait(1);
    assert_eq!(floor.board.live().status.rest, Band::Ok);
}

#[test]
fn a_route_that_is_silent_is_told_of_each_campaign_that_calls_by_it() {
    let of = |campaign: &str, gauge, n| {
        let (campaign, route) = (CampaignId::trusted(campaign), RouteId::trusted("beta"));
        (GaugeKey { gauge, campaign, route, queue: QueueId::none(), second: START }, n)
    };
    let mut floor = Floor::new();
    let mut gauges = Vec::new();
    for (campaign, calls) in [("large", 40), ("small", 5)] {
        gauges.extend([of(campaign, Gauge::Started, calls), of(campaign, Gauge::Unheard, calls)]);
    }
    let campaigns = [settings("large", |_| {}), settings("small", |_| {})].concat();
    floor.tell(Change { gauges, campaigns, ..Change::default() });
    floor.wait(15);
    let rows = floor.rows();
    let under: Vec<&str> = rows[0].explains.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!((rows.len(), rows[0].subject.as_str()), (1, "Route beta is silent"), "{:?}", floor.said());
    assert_eq!(under, ["large: carrier problem", "small: carrier problem"]);
}

#[test]
fn dialing_that_has_stopped_is_said_within_seconds() {
    let mut floor = Floor::new();
    let worker = |status, at| {
        let body = HealthSample::only(ComponentId::trusted("worker"), ComponentKind::DialerWorker, status);
        Sample { at, source: SourceId::trusted("dialer"), body }
    };
    floor.tell(Change {
        health: vec![worker(Health::Offline, START)],
        campaigns: settings("c", |_| {}),
        ..Change::default()
    });
    for second in 0..30 {
        let calls = of_campaign("c", at(second), &[(Fact::Attempts, 5)]);
        floor.tell(Change { facts: calls, gauges: vec![gauge(Gauge::Started, at(second), 5)], ..Change::default() });
        floor.wait(1);
    }
    let said = |floor: &Floor| floor.rows()[0].text.clone();
    assert!(said(&floor).starts_with("calls still go out"), "{}", said(&floor));
    floor.wait(7);
    assert_eq!(said(&floor), "dialing has stopped, last call at 22:13, 1 campaign");
}
