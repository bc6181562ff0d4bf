//! What has just happened: whom people are dropped for, before and after it has lasted; and what nobody can know yet.

use super::tests::{Floor, START, agents, facts, gauge, of_campaign, on_call, settings, tell_facts};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, Sample};
use app::domain::event::TrunkStatus;
use app::domain::outcome::{AgentStatus, TrunkHealth};
use app::domain::{Dimension, Fact, Moment, SourceId, Span, TrunkId};
use app::kpi::Band;
use app::view::problems::ProblemCause;

/// Of the campaign's calls of now so many are answered by a person, and so many of these abandoned.
fn answered(floor: &mut Floor, live: i64, abandoned: i64) {
    let counts = [
        (Fact::Attempts, live * 9),
        (Fact::Resolved, live * 9),
        (Fact::AnsweredLive, live),
        (Fact::Abandoned, abandoned),
    ];
    let now = floor.now;
    tell_facts(floor, of_campaign("c", now, &counts));
}

/// A team of twelve that has been there for a while, of whom two are ready.
fn team(floor: &mut Floor) -> Vec<AgentNow> {
    let team = agents("c", &[(AgentStatus::Ready, 2), (AgentStatus::OnCall, 10)], START - Span::minutes(90));
    floor.tell(Change { agents: team.clone(), campaigns: settings("c", |_| {}), ..Change::default() });
    team
}

fn become_(floor: &mut Floor, who: &[AgentNow], state: AgentStatus) {
    let since = floor.now;
    let agents = who.iter().map(|agent| AgentNow { state, since, ..agent.clone() }).collect();
    floor.tell(Change { agents, ..Change::default() });
}

fn first(floor: &Floor) -> String {
    floor.said().first().cloned().unwrap_or_default()
}

#[test]
fn agents_who_have_just_left_are_why_people_are_dropped_before_half_of_them_have() {
    for state in [AgentStatus::Break, AgentStatus::Offline] {
        let mut floor = Floor::new();
        let team = team(&mut floor);
        answered(&mut floor, 30, 0);
        floor.wait(60);
        become_(&mut floor, &team[..4], state);
        answered(&mut floor, 16, 6);
        floor.wait(25);
        assert!(first(&floor).starts_with("c: staffing problem: ready 0 of"), "{state:?}: {:?}", floor.said());
        let left = if state == AgentStatus::Break { "on break 4, abandoned in 2 min" } else { "4 logged off" };
        assert!(first(&floor).contains(left), "{:?}", floor.said());
        // Back again: what was abandoned meanwhile is theirs still, and no pacing's.
        become_(&mut floor, &team[..4], AgentStatus::Ready);
        for _ in 0..12 {
            answered(&mut floor, 4, 0);
            floor.wait(10);
            assert!(!floor.said().iter().any(|said| said.contains("pacing")), "{:?}", floor.said());
        }
        for _ in 0..30 {
            answered(&mut floor, 4, 0);
            floor.wait(10);
            assert!(!floor.said().iter().any(|said| said.contains("pacing")), "{:?}", floor.said());
        }
        assert!(!floor.said().iter().any(|said| said.contains("staffing")), "{state:?}: {:?}", floor.said());
    }
}

#[test]
fn a_shift_that_is_relieved_has_not_left() {
    let mut floor = Floor::new();
    let team = team(&mut floor);
    floor.wait(60);
    become_(&mut floor, &team, AgentStatus::Offline);
    let next = agents("c", &[(AgentStatus::WrapUp, 12)], floor.now);
    floor.tell(Change { agents: next, ..Change::default() });
    answered(&mut floor, 40, 9);
    floor.wait(25);
    assert!(first(&floor).starts_with("c: pacing problem"), "{:?}", floor.said());
}

#[test]
fn who_dials_too_far_ahead_of_agents_that_are_there_has_a_pacing_problem() {
    let mut floor = Floor::new();
    let team = team(&mut floor);
    become_(&mut floor, &team[..1], AgentStatus::Break);
    answered(&mut floor, 40, 9);
    floor.wait(25);
    assert!(first(&floor).starts_with("c: pacing problem: abandoned in 2 min 23 % of 40"), "{:?}", floor.said());
}

#[test]
fn three_of_twenty_one_are_abandoned_by_chance() {
    let mut floor = Floor::new();
    drop(team(&mut floor));
    answered(&mut floor, 21, 3);
    floor.wait(30);
    assert_eq!(floor.said(), [""; 0]);
}

/// The clock says after seven seconds that no agent was in time; where nothing at all is heard meanwhile it can't know.
#[test]
fn what_is_abandoned_by_the_clock_while_nothing_is_heard_is_not_put_down_to_the_pacing() {
    let mut floor = Floor::new();
    drop(team(&mut floor));
    for _ in 0..6 {
        answered(&mut floor, 5, 0);
        floor.wait(10);
    }
    // They answer, and then for a while nothing comes: neither of their agents nor of anything.
    answered(&mut floor, 9, 0);
    let at = floor.now;
    floor.now = floor.now + Span::secs(12);
    let by_the_clock = Change { facts: of_campaign("c", at, &[(Fact::Abandoned, 9)]), ..Change::default() };
    floor.board.turn_to(floor.now);
    floor.board.apply(&by_the_clock);
    floor.board.advance(floor.now);
    assert_eq!(floor.said(), [""; 0], "nobody has told of an agent, or of none");
    // What comes then says that they were not there.
    floor.wait(25);
    assert!(first(&floor).starts_with("c: pacing problem"), "{:?}", floor.said());
}

#[test]
fn what_the_hour_abandoned_and_the_last_quarter_does_not_is_over() {
    let mut floor = Floor::new();
    drop(team(&mut floor));
    answered(&mut floor, 300, 12);
    floor.wait(5);
    assert!(first(&floor).starts_with("c: pacing problem"), "{:?}", floor.said());
    for _ in 0..20 {
        floor.wait(60);
        answered(&mut floor, 5, 0);
    }
    floor.wait(1);
    assert_eq!(
        first(&floor),
        "c has dropped people: 3.00 % in 60 min abandoned, 0.00 % in the last 15 min, no period yet"
    );
}

/// It is the lists or the dialer that agents wait for: named five minutes after the last call.
#[test]
fn that_agents_wait_is_not_named_before_that_nothing_is_dialed() {
    let mut floor = Floor::new();
    floor.tell(Change { campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(400);
    answered(&mut floor, 10, 0);
    floor.wait(100);
    tell_facts(&mut floor, on_call(1_000, 1_000));
    floor.wait(100);
    assert_eq!(floor.said(), [""; 0], "it is about to be seen why");
    floor.wait(120);
    let rows = floor.rows();
    assert!(rows[0].subject == "c: not dialing" && rows[0].explains.len() == 1, "{:?}", floor.said());
}

#[test]
fn a_trunk_that_says_it_is_not_well_goes_before_the_first_campaign_that_meets_it() {
    let mut floor = Floor::new();
    let campaigns = [settings("small", |_| {}), settings("large", |_| {})].concat();
    floor.tell(Change { campaigns, ..Change::default() });
    floor.wait(1);
    let by_route = |floor: &mut Floor, campaign: &str, resolved: i64, faults: i64| {
        let counts = [(Fact::Attempts, resolved), (Fact::Resolved, resolved), (Fact::RouteFaults, faults)];
        let now = floor.now;
        let of = |dimension, key: &str| facts(dimension, campaign, key, now, &counts);
        let told: Vec<FactChange> =
            vec![of(Dimension::Route, "beta"), of(Dimension::Campaign, campaign), of(Dimension::Total, "")];
        tell_facts(floor, told);
    };
    by_route(&mut floor, "large", 400, 0);
    let body = TrunkStatus { trunk: TrunkId::trusted("beta"), status: TrunkHealth::Degraded, detail: None };
    let trunk = Sample { at: floor.now, source: SourceId::trusted("pbx"), body };
    floor.tell(Change { trunks: vec![trunk], ..Change::default() });
    by_route(&mut floor, "small", 140, 10);
    floor.wait(1);
    let causes: Vec<ProblemCause> = floor.rows().iter().map(|row| row.cause).collect();
    assert_eq!(causes, [ProblemCause::Route], "{:?}", floor.said());
}

fn stands(floor: &Floor) -> (Band, Option<Moment>) {
    let list = floor.board.problem_list();
    (list.band, list.since)
}

#[test]
fn before_anything_can_be_judged_nothing_is_said_to_be_well() {
    let mut floor = Floor::new();
    floor.wait(5);
    answered(&mut floor, 1, 0);
    floor.wait(5);
    assert_eq!((stands(&floor).0, floor.board.live().status.band), (Band::TooFew, Band::TooFew));
    assert_eq!(floor.board.monitor(&floor.board.gather()).status.band, Band::TooFew);
    // A machine that says it is well says nothing of the calls.
    floor.tell(Change { gauges: vec![gauge(Gauge::Active, START, 1)], ..Change::default() });
    assert_eq!(stands(&floor).0, Band::TooFew);
    floor.wait(5);
    let now = floor.now;
    answered(&mut floor, 150, 0);
    assert_eq!(stands(&floor), (Band::Ok, Some(now)), "since then, and not since the server began");
    // An hour later all of it is past, and nobody knows any more.
    floor.wait(3_900);
    assert_eq!(stands(&floor).0, Band::TooFew);
}
