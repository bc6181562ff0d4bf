//! Which cause is named, and how soon: a number that is blocked, a route before its campaigns, a list that dries.

use super::tests::{
    Floor, START, Spoken, did, facts, falls, of_campaign, of_the_floor, on_call, settings, spoken, tell_facts,
};
use crate::board::{Board, BoardConfig};
use crate::law::change::{Change, FactChange};
use app::domain::{CampaignScope, Dimension, Fact, Span};
use app::kpi::catalog::Formula;
use app::kpi::{Band, KpiId};
use app::view::problems::{ProblemCause, ProblemRow};

fn causes(rows: &[ProblemRow]) -> Vec<ProblemCause> {
    rows.iter().map(|row| row.cause).collect()
}

#[test]
fn a_number_that_is_refused_as_unwanted_is_named_with_what_explains_it_below() {
    let mut floor = Floor::new();
    floor.wait(1);
    let refused = [(Fact::Failed, 50), (Fact::Blocked, 50), (Fact::Sip6xx, 50)];
    tell_facts(&mut floor, vec![did("+12025550142", 60, 5, &refused)]);
    of_the_floor(&mut floor, &[(Fact::Resolved, 2_250), (Fact::Failed, 54)]);
    floor.wait(2);
    let first = "+12025550142 is being blocked: 50 of its 60 calls in 5 min refused as unwanted (603/607/608)";
    assert_eq!(floor.said(), [first], "at once: nobody need wait for its hour");
    floor.wait(40);
    let rows = floor.rows();
    assert_eq!(
        (floor.said(), rows[0].cause, rows[0].band),
        (vec![first.to_owned()], ProblemCause::Number, Band::Critical)
    );
    assert_eq!(causes(&rows[0].explains), [ProblemCause::Floor], "its errors are no second problem");
}

#[test]
fn a_number_is_no_longer_blocked_once_hardly_a_call_is_refused() {
    let mut floor = Floor::new();
    floor.wait(1);
    let calls = |resolved, blocked| vec![did("+12025550142", resolved, 0, &[(Fact::Blocked, blocked)])];
    tell_facts(&mut floor, calls(9, 9));
    floor.wait(1);
    assert_eq!(floor.said(), [""; 0], "nine calls are too few");
    tell_facts(&mut floor, calls(1, 0));
    floor.wait(1);
    assert_eq!(floor.rows()[0].band, Band::Critical);
    tell_facts(&mut floor, calls(96, 11));
    floor.wait(1);
    assert!(floor.said()[0].ends_with("red until back at 15 %"), "{:?}", floor.said());
    tell_facts(&mut floor, calls(400, 0));
    floor.wait(1);
    assert_eq!(floor.said(), [""; 0]);
}

#[test]
fn errors_of_one_campaign_or_number_that_nothing_else_names_are_told_of_it() {
    let mut floor = Floor::new();
    floor.wait(1);
    let (of_one, of_all) = ([(Fact::Resolved, 60), (Fact::Failed, 50)], [(Fact::Resolved, 2_190), (Fact::Failed, 4)]);
    let told = [of_campaign("c", START, &of_one), of_campaign("d", START, &of_all)].concat();
    floor.tell(Change {
        facts: told,
        campaigns: [settings("c", |_| {}), settings("d", |_| {})].concat(),
        ..Change::default()
    });
    floor.wait(40);
    let rows = floor.rows();
    assert_eq!(floor.said(), ["Calls of c fail: 50 of 60 in 5 min, 50 of the 54 that fail"]);
    assert_eq!((rows[0].cause, causes(&rows[0].explains)), (ProblemCause::Campaign, vec![ProblemCause::Floor]));
    // The same calls are of one number: that is the narrower word.
    tell_facts(&mut floor, vec![did("+12025550142", 55, 0, &[(Fact::Failed, 50)])]);
    floor.wait(1);
    assert_eq!(floor.said(), ["Calls of +12025550142 fail: 50 of 55 in 5 min, 50 of the 54 that fail"]);
}

/// The law counts them: that they are too few to tell a rate by is no reason to say nothing.
#[test]
fn too_few_live_answers_that_are_surely_over_the_limit_are_a_problem() {
    let said = |abandoned: i64| {
        let mut floor = Floor::new();
        floor.wait(1);
        let told = [(Fact::Resolved, 400), (Fact::AnsweredLive, 86), (Fact::Abandoned, abandoned)];
        tell_facts(&mut floor, of_campaign("c", START, &told));
        floor.wait(600);
        (floor.said(), floor.rows().first().map(|row| row.band))
    };
    let text =
        "c drops people: 29 of 86 abandoned in 60 min: too few to tell the rate by, and beyond chance over 2.8 %";
    assert_eq!(said(29), (vec![text.to_owned()], Some(Band::Warn)));
    assert_eq!(said(6), (Vec::new(), None), "which may be chance");
}

#[test]
fn errors_of_all_alike_are_told_of_the_floor() {
    let mut floor = Floor::new();
    floor.wait(1);
    let few = [(Fact::Resolved, 1_000), (Fact::Failed, 30)];
    tell_facts(&mut floor, [of_campaign("c", START, &few), of_campaign("d", START, &few)].concat());
    floor.wait(40);
    assert_eq!(causes(&floor.rows()), [ProblemCause::Floor], "{:?}", floor.said());
}

/// A campaign's calls by a route, within the route's and the floor's.
fn by_route(campaign: &str, counts: &[(Fact, i64)]) -> Vec<FactChange> {
    let own = |dimension, key| facts(dimension, campaign, key, START, counts);
    vec![own(Dimension::Route, "beta"), own(Dimension::Campaign, campaign), own(Dimension::Total, "")]
}

#[test]
fn a_campaign_is_not_named_before_the_route_that_fails() {
    let mut floor = Floor::new();
    let campaigns = || [settings("small", |_| {}), settings("large", |_| {})].concat();
    let faults =
        |resolved, faults| [(Fact::Attempts, resolved), (Fact::Resolved, resolved), (Fact::RouteFaults, faults)];
    floor.tell(Change { campaigns: campaigns(), ..Change::default() });
    floor.wait(1);
    tell_facts(&mut floor, [by_route("small", &faults(40, 10)), by_route("large", &faults(400, 6))].concat());
    floor.wait(1);
    assert_eq!(causes(&floor.rows()), [ProblemCause::Route], "the others' calls fail too: {:?}", floor.said());
    tell_facts(&mut floor, by_route("large", &faults(20, 16)));
    floor.wait(1);
    let rows = floor.rows();
    assert_eq!((causes(&rows), rows[0].band), (vec![ProblemCause::Route], Band::Critical), "{:?}", floor.said());
    assert!(rows[0].explains.iter().any(|row| row.subject == "small: carrier problem"), "{:?}", rows[0].explains);
}

#[test]
fn a_campaign_that_alone_fails_on_a_route_is_named() {
    let mut floor = Floor::new();
    let campaigns = [settings("small", |_| {}), settings("large", |_| {})].concat();
    let faults =
        |resolved, faults| [(Fact::Attempts, resolved), (Fact::Resolved, resolved), (Fact::RouteFaults, faults)];
    floor.tell(Change { campaigns, ..Change::default() });
    floor.wait(1);
    tell_facts(&mut floor, [by_route("small", &faults(40, 10)), by_route("large", &faults(4_000, 0))].concat());
    floor.wait(1);
    assert!(floor.said()[0].starts_with("small: carrier problem"), "{:?}", floor.said());
}

/// Tells a campaign's minutes: so many calls a minute, of which so many reach a person.
fn minutes(floor: &mut Floor, minutes: i64, calls: i64, reached: i64) {
    for _ in 0..minutes * 6 {
        let now = floor.now;
        let (calls, reached) = (calls / 6, reached / 6);
        let counts = [(Fact::Attempts, calls), (Fact::Resolved, calls), (Fact::AnsweredLive, reached)];
        floor.tell(Change { facts: of_campaign("c", now, &counts), ..Change::default() });
        floor.now = floor.now + Span::secs(10);
    }
}

#[test]
fn a_list_that_dries_is_named_within_three_minutes() {
    let mut floor = Floor::new();
    falls(&mut floor.board, "c");
    floor.tell(Change { campaigns: settings("c", |_| {}), ..Change::default() });
    minutes(&mut floor, 55, 60, 18);
    assert_eq!(floor.said(), [""; 0]);
    minutes(&mut floor, 3, 60, 6);
    floor.wait(1);
    assert!(floor.said().first().is_some_and(|said| said.starts_with("c: list problem")), "{:?}", floor.said());
    // It is over once the last minutes are as usual; the hour never fell that far.
    minutes(&mut floor, 6, 60, 18);
    floor.wait(40);
    assert_eq!(floor.said(), [""; 0]);
}

#[test]
fn what_the_hour_abandoned_before_makes_no_pacing_of_a_list_that_dries() {
    let mut floor = Floor::new();
    falls(&mut floor.board, "c");
    floor.tell(Change { campaigns: settings("c", |_| {}), ..Change::default() });
    let abandoned =
        [(Fact::AnsweredLive, 400), (Fact::Resolved, 1_300), (Fact::Attempts, 1_300), (Fact::Abandoned, 11)];
    floor.tell(Change { facts: of_campaign("c", floor.now, &abandoned), ..Change::default() });
    minutes(&mut floor, 20, 60, 18);
    minutes(&mut floor, 3, 60, 6);
    floor.wait(1);
    assert!(floor.said().iter().any(|said| said.starts_with("c: list problem")), "{:?}", floor.said());
}

#[test]
fn agents_of_whom_little_time_is_known_are_not_judged() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell_facts(&mut floor, on_call(0, 600));
    floor.wait(60);
    assert_eq!(floor.said(), [""; 0], "ten minutes of one agent");
    tell_facts(&mut floor, on_call(0, 2_400));
    floor.wait(20);
    assert_eq!(floor.said(), [""; 0], "it has to last");
    floor.wait(20);
    assert_eq!(floor.rows().len(), 1, "{:?}", floor.said());
}

/// The worst band that the API says of a KPI; `None` of one that it judges as it is by itself.
fn of_the_api(floor: &Floor, kpi: KpiId) -> Option<Band> {
    let (table, all) = (kpi.get(), CampaignScope::All);
    let (by, window) = table.judged_now().map_or((table.by, table.window), |(_, now)| (Dimension::Total, now));
    match table.computed {
        Formula::Present(what) => floor.board.present(what, by, &all).into_iter().map(|row| row.band).max(),
        _ => floor.board.said_of(kpi, by, window, &all)?.into_values().max(),
    }
}

fn worst_of(rows: &[ProblemRow], cause: ProblemCause) -> Option<Band> {
    let own = rows.iter().filter(|row| row.cause == cause).map(|row| row.band);
    own.chain(rows.iter().filter_map(|row| worst_of(&row.explains, cause))).max()
}

#[test]
fn the_api_and_the_sentence_say_one_band_of_each_figure_that_is_judged() {
    let mut by_themselves = Vec::new();
    for kpi in KpiId::ALL {
        let Spoken::Problem(cause, happens) = spoken(*kpi) else { continue };
        let mut floor = Floor::new();
        floor.wait(1);
        happens(&mut floor);
        // Before it has lasted, and after.
        for _ in 0..2 {
            let said = worst_of(&floor.rows(), cause);
            match of_the_api(&floor, *kpi) {
                Some(band) => assert_eq!(said, Some(band).filter(|band| band.is_out()), "{}", kpi.get().id),
                None => by_themselves.push(kpi.get().id),
            }
            floor.wait(34);
        }
    }
    by_themselves.dedup();
    assert_eq!(by_themselves, ["abandon_rate", "abandon_budget"], "law counts these as they are");
}

#[test]
fn of_a_floor_that_goes_on_nobody_knows_since_when_it_is_well() {
    let mut board = Board::new(BoardConfig::default(), START);
    // What a store tells at a start, and what a replay begins with.
    board.apply(&Change { newest_event: Some(START), ..Change::default() });
    board.tick(START);
    let list = board.problem_list();
    assert_eq!((list.band, list.since), (Band::TooFew, None));
}
