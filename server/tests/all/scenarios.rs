//! What goes wrong on the simulated floor, and what is said of it: through the real ingest, by a clock by hand, faster than it
//! goes. A floor with nothing wrong is silent of problems for an hour; what goes wrong at once is named, by what, and how soon.
//! What is judged over an hour (lists, numbers) takes its minutes, and says so here.
#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout)]

use crate::floor::Floor;
use app::domain::event::{CallEnded, Data, Q850};
use app::domain::outcome::Outcome;
use app::domain::{CampaignScope, Dimension, Fact, Facts, Span, Window};
use app::kpi::{Band, KpiId, Ratio};
use app::view::problems::{ProblemCause, ProblemRow};
use server::board::baseline::Baselines;
use server::board::{Board, BoardConfig};
use server::source::simulator::{FloorPlan, Scenario, Switch, World};
use std::collections::BTreeSet;

const OPENED: &str = "2026-11-21T12:00:00Z";
/// Until the windows of an hour are full.
const WARM_UP: Span = Span::minutes(66);

/// How a sender tells what became of a call that nobody answered.
type Tells = fn(&mut CallEnded);

/// As the floor does: outcome, SIP response and Q.850 cause.
fn all(_: &mut CallEnded) {}

/// A dialer that knows the outcome alone.
fn the_outcome(ended: &mut CallEnded) {
    (ended.sip_code, ended.sip_reason, ended.q850) = (None, None, None);
}

/// A PBX behind a gateway that knows of what failed the cause alone.
fn the_cause(ended: &mut CallEnded) {
    let cause = if ended.sip_code.as_ref().is_some_and(|code| *code.get() == 404) { 1 } else { 34 };
    the_outcome(ended);
    if matches!(ended.outcome, Some(Outcome::Failed | Outcome::Congestion)) {
        (ended.outcome, ended.q850) = (None, Q850::new(cause).ok());
    }
}

struct Watched {
    tells: Tells,
    floor: Floor,
    world: World,
    board: Board,
}

impl Watched {
    /// A floor that has run for an hour, and has done so for a week.
    async fn warmed_up() -> Self {
        Self::told(all).await
    }

    async fn told(tells: Tells) -> Self {
        let floor = Floor::open(crate::floor::place::Place::sqlite(), OPENED).await;
        let now = floor.clock.now();
        let mut board = Board::new(BoardConfig::default(), now);
        board.apply(&floor.initial);
        let mut watched = Self { tells, floor, world: World::new(2026, FloorPlan::demo(), now), board };
        watched.pass(WARM_UP, Span::secs(30)).await;
        watched.board.compare_with(watched.week_before());
        watched.pass(Span::secs(30), Span::secs(5)).await;
        watched
    }

    async fn step(&mut self, span: Span) {
        let now = self.floor.clock.now() + span;
        let mut events = self.world.advance(now);
        for event in &mut events {
            if let Data::CallEnded(ended) = &mut event.data
                && ended.outcome.and_then(Outcome::unanswered).is_some()
            {
                (self.tells)(ended);
            }
        }
        self.floor.clock.advance(span);
        if !events.is_empty() {
            let receipt = self.floor.submit(events).await;
            assert!(receipt.rejected.is_empty(), "{:?}", receipt.rejected);
        }
        self.floor.changes().await.iter().for_each(|change| self.board.apply(change));
        self.board.tick(now);
    }

    async fn pass(&mut self, span: Span, by: Span) {
        for _ in 0..span.as_millis() / by.as_millis() {
            self.step(by).await;
        }
    }

    /// The rates of the last hour as those of the week before.
    fn week_before(&self) -> Baselines {
        let hour =
            |dimension| self.board.sums().over(dimension, Window::Minutes60, &CampaignScope::All, None).unwrap().rows;
        let week = |facts: &Facts, part: Fact, whole: Fact| Ratio::new(facts[part] * 7, facts[whole] * 7);
        let campaigns = hour(Dimension::Campaign);
        let by_campaign = |part, whole| {
            let named = campaigns.iter().map(|(id, facts)| (app::domain::CampaignId::trusted(id.clone()), facts));
            named.map(|(id, facts)| (id, week(facts, part, whole))).collect()
        };
        Baselines {
            connect: by_campaign(Fact::AnsweredLive, Fact::Resolved),
            abandon: by_campaign(Fact::Abandoned, Fact::AnsweredLive),
            dids: hour(Dimension::Did)
                .iter()
                .map(|(did, f)| (did.clone(), week(f, Fact::Answered, Fact::Resolved)))
                .collect(),
            ..Baselines::default()
        }
    }

    fn set(&mut self, scenario: Scenario, switch: Switch) {
        let now = self.world.now();
        self.world.set(scenario, switch, now);
    }

    fn named(&self) -> BTreeSet<(ProblemCause, String)> {
        self.board.problem_list().rows.into_iter().map(|row| (row.cause, row.id.to_string())).collect()
    }

    /// What is named first after a scenario begins, and after how many seconds.
    async fn provoke(&mut self, scenario: Scenario, within: Span, by: Span) -> (ProblemRow, i64) {
        let before = self.named();
        self.set(scenario, Switch::On);
        let began = self.world.now();
        while self.world.now() - began < within {
            self.step(by).await;
            let rows = self.board.problem_list().rows;
            let is_new = |row: &ProblemRow| !before.contains(&(row.cause, row.id.to_string()));
            if let Some(row) = rows.into_iter().find(is_new) {
                let seconds = (self.world.now() - began).as_secs();
                println!("{:13} {seconds:4} s  {}: {}", scenario.name(), row.subject, row.text);
                return (row, seconds);
            }
        }
        let said: Vec<_> = self.board.problem_list().rows.into_iter().map(|row| row.subject).collect();
        panic!("{} is not named within {} s: {said:?}", scenario.name(), within.as_secs());
    }

    /// Ends a scenario, and waits until nothing of it is said.
    async fn calm(&mut self, scenario: Scenario, before: &BTreeSet<(ProblemCause, String)>) {
        self.set(scenario, Switch::Off);
        for _ in 0..180 {
            self.pass(Span::secs(30), Span::secs(10)).await;
            // What is over is put down to nothing else.
            let said = self.board.problem_list().rows.into_iter().map(|row| row.subject).collect::<Vec<_>>();
            let pacing = said.iter().any(|subject| subject.contains("pacing"));
            assert!(scenario == Scenario::PacingHot || !pacing, "after {scenario:?}: {said:?}");
            if self.named().is_subset(before) {
                return;
            }
        }
        panic!("after {}: {:?}", scenario.name(), self.named());
    }
}

/// All that a sentence says, but for its figures.
fn sentence(board: &Board) -> Vec<String> {
    let status = board.live().status;
    let clauses = status.clauses.iter().map(|clause| format!("{}: {}", clause.subject, clause.text));
    clauses.chain([format!("{:?} {:?} {}", status.band, status.since, status.more)]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_hour_never_changes_its_sentence() {
    let mut watched = Watched::warmed_up().await;
    let first = sentence(&watched.board);
    let mut said = vec![(0, first.clone())];
    for second in (10..=3_600).step_by(10) {
        watched.step(Span::secs(10)).await;
        let now = sentence(&watched.board);
        if said.last().is_none_or(|(_, before)| *before != now) {
            println!("{second} s: {now:?}");
            said.push((second, now));
        }
    }
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(first[0].starts_with("Ok"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_scenario_is_named_soon_and_the_sentence_is_then_true() {
    use ProblemCause::{Campaign, Component, Route};
    let mut watched = Watched::warmed_up().await;
    let plan = watched.world.plan().clone();
    let campaign = |at: usize| (Campaign, plan.campaigns[at].id.to_string());
    let route = |at: usize| (Route, plan.routes[at].id.to_string());
    let targets = plan.targets;
    let (two, five) = (Span::secs(2), Span::secs(5));
    // Which, within what, what it is named by, and a word of what is said.
    let soon = [
        (Scenario::Schedule, 10, two, campaign(targets.scheduled_campaign), "blocked by schedule"),
        (Scenario::RateLimited, 10, two, campaign(targets.held_campaign), "rate limited"),
        (Scenario::CallLimit, 300, five, campaign(targets.limited_campaign), "call limit"),
        (Scenario::WorkerSilent, 60, two, (Component, "dialer-worker".to_owned()), "is silent since"),
        (Scenario::RouteSilent, 60, two, route(targets.silent_route), "is silent"),
        (Scenario::RouteFails, 60, two, route(targets.failing_route), "is failing"),
        (Scenario::AgentsLeave, 120, five, campaign(targets.leaving_campaign), "staffing problem"),
        (Scenario::PacingHot, 120, five, campaign(targets.hot_campaign), "pacing problem"),
        (Scenario::ListStuck, 360, five, campaign(targets.stuck_campaign), "not dialing"),
    ];
    for (scenario, within, by, (cause, id), word) in soon {
        let before = watched.named();
        let (mut row, _) = watched.provoke(scenario, Span::secs(within), by).await;
        assert_eq!((row.cause, row.id.as_str()), (cause, id.as_str()), "{scenario:?}");
        // Not what follows from it, for however short a while.
        assert!(scenario != Scenario::AgentsLeave || row.subject.contains(word), "{}: {}", row.subject, row.text);
        // A figure that only begins to move may be yellow first.
        for _ in 0..12 {
            if row.subject.contains(word) {
                break;
            }
            watched.step(by).await;
            row = watched.board.problem_list().rows.into_iter().find(|now| now.cause == cause && now.id == id).unwrap();
        }
        assert!(row.subject.contains(word), "{scenario:?}: {}", row.subject);
        is_true(&watched, scenario, &row);
        watched.calm(scenario, &before).await;
    }
}

/// A sender who tells no codes has its outage named by its route all the same, within a minute and once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_that_fails_without_codes_is_named_within_a_minute() {
    for tells in [the_outcome as Tells, the_cause] {
        let mut watched = Watched::told(tells).await;
        let before = watched.named();
        assert!(before.is_empty(), "{before:?}");
        let targets = watched.world.plan().targets;
        let failing = watched.world.plan().routes[targets.failing_route].id.to_string();
        let (row, _) = watched.provoke(Scenario::RouteFails, Span::secs(60), Span::secs(2)).await;
        assert_eq!((row.cause, row.id.as_str(), row.band), (ProblemCause::Route, failing.as_str(), Band::Critical));
        assert!(row.subject.ends_with("is failing") && row.text.contains("no code says why"), "{row:?}");
        for _ in 0..60 {
            watched.step(Span::secs(2)).await;
            let rows = watched.board.problem_list().rows;
            let named: Vec<_> = rows.iter().map(|row| (row.cause, row.id.as_str())).collect();
            assert_eq!(named, [(ProblemCause::Route, failing.as_str())], "one cause, once: {rows:?}");
            let (by, window) = (Dimension::Route, Window::Minutes5);
            let said = watched.board.said_of(KpiId::RouteFaultRate, by, window, &CampaignScope::All).unwrap();
            assert_eq!(said.get(failing.as_str()), Some(&Band::Unjudged), "0 % of these is not well");
        }
        watched.calm(Scenario::RouteFails, &before).await;
    }
}

/// The hour shows these late: the last minutes name them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_blocked_and_a_list_that_dries_are_named_within_minutes() {
    let mut watched = Watched::warmed_up().await;
    let before = watched.named();
    let plan = watched.world.plan().clone();
    let dry = plan.campaigns[plan.targets.dry_campaign].id.to_string();
    let flagged = plan.dids[plan.targets.flagged_did].number.reveal().to_owned();
    let (mut row, _) = watched.provoke(Scenario::DidFlagged, Span::secs(90), Span::secs(2)).await;
    assert_eq!((row.cause, row.subject.clone()), (ProblemCause::Number, format!("{flagged} is being blocked")));
    // Its errors are its own, and no problem of the floor.
    for _ in 0..60 {
        watched.step(Span::secs(5)).await;
        let rows = watched.board.problem_list().rows;
        assert!(rows.iter().all(|row| row.cause != ProblemCause::Floor), "{rows:?}");
        row = rows.into_iter().find(|row| row.cause == ProblemCause::Number).unwrap();
    }
    is_true(&watched, Scenario::DidFlagged, &row);
    watched.calm(Scenario::DidFlagged, &before).await;
    let (row, _) = watched.provoke(Scenario::ListDry, Span::secs(240), Span::secs(2)).await;
    assert_eq!((row.cause, row.id.as_str()), (ProblemCause::Campaign, dry.as_str()), "{row:?}");
    assert!(row.subject.ends_with("list problem"), "{row:?}");
    is_true(&watched, Scenario::ListDry, &row);
}

/// What the sentence says, counted by other figures than those that it is made of.
fn is_true(watched: &Watched, scenario: Scenario, row: &ProblemRow) {
    let board = &watched.board;
    match scenario {
        Scenario::RouteFails => {
            assert!(row.text.contains("mostly 503"), "{}", row.text);
            let faults = board.sums().over(Dimension::Route, Window::Minutes5, &CampaignScope::All, None).unwrap().rows;
            let of = |facts: &Facts| facts[Fact::RouteFaults] * 20 > facts[Fact::Resolved];
            let failing: Vec<_> =
                faults.iter().filter(|(_, facts)| of(facts)).map(|(route, _)| route.as_str()).collect();
            assert_eq!(failing, [row.id.as_str()], "and no other");
            assert!(row.campaigns.len() > 1 && row.calls > 0, "{row:?}");
        }
        Scenario::WorkerSilent => {
            assert!(row.text.starts_with("dialing has stopped"), "{}", row.text);
            let agents = board.agents().total(board.now(), None);
            assert!(
                row.text.contains(&format!("{} of {} agents wait", agents.ready, agents.logged_in())),
                "{}",
                row.text
            );
            assert!(row.explains.len() >= 4, "{:?}", row.explains);
        }
        Scenario::DidFlagged => {
            let dids = board.sums().over(Dimension::Did, Window::Minutes5, &CampaignScope::All, None).unwrap().rows;
            let blocked: Vec<_> = dids.iter().filter(|(_, facts)| facts[Fact::Blocked] > 0).collect();
            assert_eq!(blocked.len(), 1, "and no other");
            let (did, facts) = blocked[0];
            assert!(row.subject.starts_with(did.as_str()), "{row:?}");
            let of = format!("{} of its {} calls", facts[Fact::Blocked], facts[Fact::Resolved]);
            assert!(row.text.starts_with(&of), "{of}: {row:?}");
        }
        Scenario::RouteSilent => assert!(row.text.starts_with("nothing heard of "), "{}", row.text),
        Scenario::Schedule
        | Scenario::RateLimited
        | Scenario::CallLimit
        | Scenario::AgentsLeave
        | Scenario::ListStuck
        | Scenario::PacingHot
        | Scenario::ListDry => assert_eq!(row.campaigns.len(), 1, "{row:?}"),
    }
}
