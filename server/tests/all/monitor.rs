//! The monitor over a simulated floor, through the real ingest and a real store: at every frame cards, campaigns' pages, the
//! chart and the API say the same, and the same as a recount of the calls; and each thing that goes wrong is named.
#![allow(clippy::unwrap_used)]

use crate::floor::Floor;
use app::domain::outcome::CampaignStatus;
use app::domain::{Call, CallName, CampaignId, CampaignScope, Dimension, Event, Fact, Facts, Moment, Span, Window};
use app::kpi::Ratio;
use app::kpi::problems::PROBLEMS;
use app::view::Frame;
use app::view::monitor::MonitorFrame;
use app::view::monitor_campaign::{CallState, CampaignFrame, MAX_CALLS};
use server::board::baseline::Baselines;
use server::board::windows::extent;
use server::board::{Board, BoardConfig};
use server::law::grain::Grain;
use server::source::simulator::{FloorPlan, Scenario, Switch, World};
use server::store::read::{Reader, SumQuery};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const OPENED: &str = "2026-11-21T12:00:00Z";

/// A simulated floor that is ingested, and the board that hears of it.
struct Watched {
    floor: Floor,
    world: World,
    board: Board,
    /// Every call as merged, by nobody but this test.
    calls: HashMap<CallName, Call>,
}

/// The frames of one instant.
struct Seen {
    above: MonitorFrame,
    campaigns: BTreeMap<CampaignId, CampaignFrame>,
}

impl Watched {
    async fn open(factor: f64) -> Self {
        let mut floor = Floor::open(crate::floor::place::Place::sqlite(), OPENED).await;
        let now = floor.clock.now();
        let world = World::new(7, FloorPlan::scaled(factor), now);
        let mut board = Board::new(BoardConfig::default(), now);
        board.apply(&floor.initial);
        floor.changes().await;
        Self { floor, world, board, calls: HashMap::new() }
    }

    /// Lets so much time pass, and hears of what happened in it.
    async fn pass(&mut self, span: Span) {
        let now = self.floor.clock.now() + span;
        let events = self.world.advance(now);
        self.note(&events);
        self.floor.clock.advance(span);
        if !events.is_empty() {
            let receipt = self.floor.submit(events).await;
            assert!(receipt.rejected.is_empty(), "{:?}", receipt.rejected);
        }
        self.floor.changes().await.iter().for_each(|change| self.board.apply(change));
        self.board.tick(now);
    }

    fn note(&mut self, events: &[Event]) {
        for (name, told) in events.iter().filter_map(Call::told_by) {
            self.calls.entry(name).or_default().merge(&told);
        }
    }

    fn set(&mut self, scenario: Scenario, switch: Switch) {
        let now = self.world.now();
        self.world.set(scenario, switch, now);
    }

    fn see(&self) -> Seen {
        let gathered = self.board.gather();
        let above = self.board.monitor(&gathered);
        let ids = self.board.campaigns().keys();
        let frames = ids.filter_map(|id| Some((id.clone(), self.board.monitor_of(id, &gathered)?)));
        Seen { campaigns: frames.collect(), above }
    }

    fn of<'a>(&'a self, campaign: &'a CampaignId) -> impl Iterator<Item = &'a Call> {
        self.calls.values().filter(move |call| call.campaign.get() == Some(campaign))
    }

    /// What the API answers for the window `campaign`.
    async fn stored(&mut self) -> HashMap<CampaignId, Facts> {
        let query = SumQuery {
            dimension: Dimension::Campaign,
            key: None,
            scope: CampaignScope::All,
            from: Moment::from_secs(0),
            to: Moment::from_secs(4_000_000_000),
            grain: Grain::SiteDay,
        };
        let rows = self.floor.reader().sums(&query).await.unwrap();
        rows.into_iter().map(|(key, facts)| (CampaignId::trusted(key), facts)).collect()
    }

    /// The problem that a campaign's card names.
    fn problem(&self, campaign: usize) -> Option<String> {
        let id = &self.world.plan().campaigns[campaign].id;
        let frame = self.see().campaigns.remove(id).unwrap();
        let chip = frame.card.diagnosis?;
        assert!((2..=3).contains(&chip.figures.len()) && !chip.next.is_empty(), "{chip:?}");
        Some(chip.problem.to_string())
    }
}

/// Counts of one instant agree among themselves.
fn agree(seen: &Seen, stored: &HashMap<CampaignId, Facts>) {
    let totals = &seen.above.totals;
    let on_cards: i64 = seen.above.cards.rows.iter().map(|card| card.active).sum();
    assert_eq!(totals.active_calls, on_cards + totals.active_elsewhere);
    assert_eq!(totals.active_campaigns + totals.paused_campaigns, i64::try_from(seen.above.cards.rows.len()).unwrap());
    let cac = seen.above.cards.rows.iter().map(|c| c.cac()).fold((0, 0), |a, r| (a.0 + r.part, a.1 + r.whole));
    assert_eq!(totals.cac, Ratio::new(cac.0, cac.1));
    for card in &seen.above.cards.rows {
        let page = &seen.campaigns[&card.campaign];
        assert_eq!(&page.card, card, "a card is the same on both pages");
        assert_eq!(page.as_of, seen.above.as_of);
        let none = Facts::default();
        let facts = stored.get(&card.campaign).unwrap_or(&none);
        assert_eq!(
            (card.completed, card.failed),
            (facts[Fact::DestinationsCompleted], facts[Fact::DestinationsFailed])
        );
        // Of a campaign that has not begun nothing is told.
        assert_eq!(card.first_attempts.unwrap_or_default(), facts[Fact::FirstAttempts]);
        assert_eq!((page.figures.ended, page.figures.lost), (facts[Fact::Ended], facts[Fact::Lost]));
        assert_eq!(page.figures.machines, facts[Fact::AnsweredMachine]);
        assert_eq!(page.figures.answer, Ratio::new(facts[Fact::Answered], facts[Fact::Resolved]));
        assert_eq!(page.figures.duration, Ratio::new(facts[Fact::CompletedMs], facts[Fact::Completed]));
        let dispositions: i64 = page.dispositions.rows.iter().map(|row| row.calls).sum();
        assert_eq!(dispositions, page.figures.ended, "every ended call is in exactly one disposition");
        assert!(page.dispositions.rows.len() == 7 && page.dispositions.rows.iter().all(|row| row.calls >= 0));
    }
}

/// The frames tell what the calls do, counted anew.
fn equals_recount(watched: &Watched, seen: &Seen) {
    let (from, _) = extent(Window::Minutes5, Dimension::Campaign, seen.above.as_of).unwrap();
    let mut active = 0;
    for (id, page) in &seen.campaigns {
        let up = watched.of(id).filter(|call| call.ended_at.is_none()).count();
        let ended = watched.of(id).filter(|call| call.ended_at.is_some()).count();
        assert_eq!((page.card.active, page.figures.ended), (up as i64, ended as i64), "{id}");
        let listed = watched.of(id).filter(|c| c.ended_at.is_none() || c.start().unwrap() >= from).count();
        let rows = &page.calls.rows;
        assert_eq!(rows.len() + page.calls.more as usize, listed, "{id} at {:?}", seen.above.as_of);
        assert_eq!(rows.len(), listed.min(MAX_CALLS));
        assert!(rows.windows(2).all(|pair| pair[0].started >= pair[1].started), "newest first");
        for row in rows {
            let name = CallName { realm: row.realm.clone(), call_id: row.call_id.clone() };
            let call = &watched.calls[&name];
            assert_eq!(row.state == CallState::Ended, call.ended_at.is_some());
            assert_eq!((row.ended, row.became.is_some()), (call.ended_at, call.ended_at.is_some()));
        }
        active += up as i64;
    }
    assert_eq!(seen.above.totals.active_calls, active);
}

/// A viewer that was sent every difference has, byte for byte, the frame.
fn follow<F: Frame>(viewer: &mut Option<F>, frame: &F) {
    if let Some(shown) = viewer {
        let sent = serde_json::to_string(&shown.delta(frame)).unwrap();
        shown.apply(serde_json::from_str(&sent).unwrap());
        assert_eq!(serde_json::to_string(shown).unwrap(), serde_json::to_string(frame).unwrap());
    } else {
        *viewer = Some(frame.clone());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_frame_of_ten_minutes_all_counts_agree() {
    let mut watched = Watched::open(0.6).await;
    let mut viewer: Option<MonitorFrame> = None;
    let mut viewers: BTreeMap<CampaignId, Option<CampaignFrame>> = BTreeMap::new();
    for second in 1..=600 {
        match second {
            120 => watched.set(Scenario::RouteSilent, Switch::On),
            180 => watched.set(Scenario::Schedule, Switch::On),
            200 => watched.set(Scenario::AgentsLeave, Switch::On),
            240 => watched.set(Scenario::RouteSilent, Switch::Off),
            330 => watched.set(Scenario::WorkerSilent, Switch::On),
            420 => watched.set(Scenario::WorkerSilent, Switch::Off),
            _ => {}
        }
        watched.pass(Span::secs(1)).await;
        let stored = watched.stored().await;
        let seen = watched.see();
        agree(&seen, &stored);
        equals_recount(&watched, &seen);
        follow(&mut viewer, &seen.above);
        for (id, page) in &seen.campaigns {
            follow(viewers.entry(id.clone()).or_default(), page);
        }
        if second % 60 == 0 {
            let text = serde_json::to_string(&seen.campaigns.values().collect::<Vec<_>>()).unwrap();
            let far_ends = watched.calls.values().filter_map(|call| call.far_end());
            assert!(far_ends.take(500).all(|n| !text.contains(&n.reveal()[1..])), "a number in clear");
        }
    }
    assert!(watched.calls.len() > 1_500, "{} calls", watched.calls.len());
    assert!(viewers.values().flatten().any(|page| page.calls.more > 0) || watched.calls.len() < 4_000);

    // A restart changes no figure: the frames of a board that begins with what the store tells are the same.
    let before = watched.see();
    watched.floor.restart().await;
    let mut board = Board::new(BoardConfig::default(), watched.floor.clock.now());
    board.apply(&watched.floor.initial);
    board.tick(watched.floor.clock.now());
    watched.board = board;
    let after = watched.see();
    let stored = watched.stored().await;
    agree(&after, &stored);
    equals_recount(&watched, &after);
    assert_eq!(before.above.totals, after.above.totals);
    for (id, page) in &after.campaigns {
        let was = &before.campaigns[id];
        assert_eq!((&page.figures, &page.progress, &page.calls), (&was.figures, &was.progress, &was.calls), "{id}");
        assert_eq!(page.card.paused, was.card.paused, "since when it is paused is kept");
    }
}

/// The rates of now as those of the week before.
fn as_baselines(watched: &Watched) -> Baselines {
    let seen = watched.see();
    let week = |r: Ratio| Ratio::new(r.part * 7, r.whole * 7);
    let cards = || seen.above.cards.rows.iter();
    let dids = watched.board.sums().over(Dimension::Did, Window::Minutes60, &CampaignScope::All, None).unwrap().rows;
    Baselines {
        connect: cards().map(|c| (c.campaign.clone(), week(c.connect))).collect(),
        abandon: cards().map(|c| (c.campaign.clone(), week(c.abandon))).collect(),
        dids: dids.into_iter().map(|(did, f)| (did, week(Ratio::new(f[Fact::Answered], f[Fact::Resolved])))).collect(),
        ..Baselines::default()
    }
}

/// Which problem each scenario of the simulator provokes.
const PROVOKED: [(Scenario, &str); 11] = [
    (Scenario::WorkerSilent, "worker"),
    (Scenario::Schedule, "schedule"),
    (Scenario::RouteFails, "route"),
    (Scenario::RouteSilent, "route"),
    (Scenario::AgentsLeave, "staffing"),
    (Scenario::DidFlagged, "did"),
    (Scenario::PacingHot, "pacing"),
    (Scenario::ListDry, "list"),
    (Scenario::ListStuck, "idle"),
    (Scenario::CallLimit, "call_limit"),
    (Scenario::RateLimited, "rate_limited"),
];

/// Callers who are not answered: the simulator's campaigns call out. `board::monitor` has its tests.
const WITHOUT_A_SCENARIO: &str = "queue";

fn provoked(by: Scenario) -> Option<&'static str> {
    PROVOKED.iter().find(|(scenario, _)| *scenario == by).map(|(_, problem)| *problem)
}

#[test]
fn every_problem_of_the_table_has_a_scenario_that_provokes_it() {
    let provoked_by = PROVOKED.iter().map(|(_, problem)| *problem);
    let words: BTreeSet<&str> = provoked_by.chain([WITHOUT_A_SCENARIO]).collect();
    assert_eq!(words, PROBLEMS.iter().map(|problem| problem.word).collect());
    assert!(Scenario::ALL.iter().all(|scenario| provoked(*scenario).is_some()));
}

/// People on the line who called a campaign themselves, at most.
const CALLERS: i64 = 5;

async fn minutes(watched: &mut Watched, minutes: i64) {
    for _ in 0..minutes * 4 {
        watched.pass(Span::secs(15)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_trouble_is_named_on_the_card_it_befalls_and_on_no_other() {
    use Scenario::{AgentsLeave, ListDry, PacingHot, RouteFails, RouteSilent, Schedule, WorkerSilent};
    let mut watched = Watched::open(1.0).await;
    let targets = watched.world.plan().targets;
    minutes(&mut watched, 25).await;
    watched.board.compare_with(as_baselines(&watched));
    let grave = |watched: &Watched, campaign| {
        watched.problem(campaign).filter(|p| !["call_limit", "rate_limited"].contains(&p.as_str()))
    };
    for campaign in 0..watched.world.plan().campaigns.len() {
        assert_eq!(grave(&watched, campaign), None, "campaign {campaign} before anything went wrong");
    }

    for scenario in [ListDry, PacingHot, AgentsLeave, Schedule] {
        watched.set(scenario, Switch::On);
    }
    minutes(&mut watched, 2).await;
    assert_eq!(watched.problem(targets.scheduled_campaign).as_deref(), provoked(Schedule));
    assert_eq!(watched.problem(targets.leaving_campaign).as_deref(), provoked(AgentsLeave));
    minutes(&mut watched, 33).await;
    assert_eq!(watched.problem(targets.dry_campaign).as_deref(), provoked(ListDry));
    assert_eq!(watched.problem(targets.hot_campaign).as_deref(), provoked(PacingHot));
    assert_eq!(grave(&watched, 2), None, "and the others are well");
    for scenario in [ListDry, PacingHot, AgentsLeave, Schedule] {
        watched.set(scenario, Switch::Off);
    }

    watched.set(RouteFails, Switch::On);
    minutes(&mut watched, 2).await;
    assert_eq!(watched.problem(targets.dry_campaign).as_deref(), provoked(RouteFails), "London A carries its calls");
    assert_ne!(watched.problem(4).as_deref(), Some("route"), "and none of Maison Verte's");
    watched.set(RouteFails, Switch::Off);
    minutes(&mut watched, 6).await;
    assert_ne!(watched.problem(targets.dry_campaign).as_deref(), Some("route"));

    watched.set(RouteSilent, Switch::On);
    minutes(&mut watched, 1).await;
    assert_eq!(watched.problem(targets.hot_campaign).as_deref(), provoked(RouteSilent), "Dallas is silent");
    watched.set(RouteSilent, Switch::Off);

    watched.set(WorkerSilent, Switch::On);
    minutes(&mut watched, 1).await;
    let seen = watched.see();
    assert!(seen.above.worker.warning.is_some());
    for card in seen.above.cards.rows.iter().filter(|card| card.status == Some(CampaignStatus::Active)) {
        let problem = card.diagnosis.as_ref().unwrap().problem.as_str();
        assert_eq!(Some(problem), provoked(WorkerSilent), "{}", card.campaign);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_flagged_is_named_with_its_share() {
    let mut watched = Watched::open(1.0).await;
    let targets = watched.world.plan().targets;
    minutes(&mut watched, 15).await;
    watched.board.compare_with(as_baselines(&watched));
    watched.set(Scenario::DidFlagged, Switch::On);
    minutes(&mut watched, 30).await;
    assert_eq!(watched.problem(targets.hot_campaign).as_deref(), provoked(Scenario::DidFlagged));
    let number = watched.world.plan().dids[targets.flagged_did].number.clone();
    let id = watched.world.plan().campaigns[targets.hot_campaign].id.clone();
    let chip = watched.see().campaigns.remove(&id).unwrap().card.diagnosis.unwrap();
    assert_eq!(chip.figures[0].value, number.reveal());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_its_dialer_holds_back_or_forgets_is_named_and_well_again_afterwards() {
    use Scenario::{CallLimit, ListStuck, RateLimited};
    let mut watched = Watched::open(1.0).await;
    let targets = watched.world.plan().targets;
    let befallen = [
        (ListStuck, targets.stuck_campaign),
        (CallLimit, targets.limited_campaign),
        (RateLimited, targets.held_campaign),
    ];
    minutes(&mut watched, 10).await;
    for (scenario, campaign) in befallen {
        assert_eq!(watched.problem(campaign), None, "before {scenario:?}");
        watched.set(scenario, Switch::On);
    }
    minutes(&mut watched, 1).await;
    assert_eq!(watched.problem(targets.held_campaign).as_deref(), provoked(RateLimited), "the dialer says it at once");
    assert_eq!(watched.problem(targets.stuck_campaign), None, "it had calls in these five minutes");
    minutes(&mut watched, 7).await;
    for (scenario, campaign) in befallen {
        assert_eq!(watched.problem(campaign).as_deref(), provoked(scenario));
    }
    let limited = watched.see().campaigns.remove(&watched.world.plan().campaigns[targets.limited_campaign].id).unwrap();
    // Who calls in comes on top: a dialer keeps to its limit with what it sets off.
    let (active, limit) = (limited.card.active, limited.card.cac_limit.unwrap());
    assert!(active <= limit + CALLERS, "its dialer keeps to the limit: {active} of {limit}");
    for (scenario, _) in befallen {
        watched.set(scenario, Switch::Off);
    }
    minutes(&mut watched, 2).await;
    for (scenario, campaign) in befallen {
        assert_eq!(watched.problem(campaign), None, "after {scenario:?}");
    }
}
