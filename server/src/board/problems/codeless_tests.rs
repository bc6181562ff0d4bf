//! Calls that fail and nobody says why: whose sender tells no codes has an outage all the same, and its route a name.

use super::tests::{Floor, facts, of_route, settings, tell_facts};
use crate::law::change::{Change, FactChange};
use app::domain::{CampaignScope, Dimension, Fact, Window};
use app::kpi::{Band, KpiId};
use app::view::live::RouteRow;
use app::view::problems::ProblemCause;

/// So many calls of a route, of which so many failed without a code.
fn codeless(floor: &Floor, route: &str, resolved: i64, failed: i64) -> Vec<FactChange> {
    let counts = [
        (Fact::Attempts, resolved),
        (Fact::Resolved, resolved),
        (Fact::Failed, failed),
        (Fact::UnjudgedFaults, failed),
    ];
    let campaign = facts(Dimension::Campaign, "c", "c", floor.now, &counts);
    [of_route(route, floor.now, &counts), vec![campaign]].concat()
}

fn tell(floor: &mut Floor, calls: &[(&str, i64, i64)]) {
    let told = calls.iter().flat_map(|(route, resolved, failed)| codeless(floor, route, *resolved, *failed)).collect();
    tell_facts(floor, told);
    floor.wait(1);
}

fn row(floor: &Floor, route: &str) -> RouteRow {
    let routes = floor.board.live().panels.routes.into_iter().flat_map(|table| table.rows);
    routes.into_iter().find(|row| row.route.as_str() == route).unwrap_or_else(|| unreachable!("no row of {route}"))
}

fn of_the_api(floor: &Floor, route: &str) -> Option<Band> {
    let said = floor.board.said_of(KpiId::RouteFaultRate, Dimension::Route, Window::Minutes5, &CampaignScope::All);
    said.and_then(|said| said.get(route).copied())
}

#[test]
fn a_route_that_fails_without_codes_is_named_at_once_and_never_called_well() {
    let mut floor = Floor::new();
    floor.tell(Change { campaigns: settings("c", |_| {}), ..Change::default() });
    floor.wait(1);
    tell(&mut floor, &[("alpha", 40, 34), ("beta", 400, 2)]);
    let named = "Route alpha is failing: 34 of 40 failed in 5 min since 22:13, no code says why, 34 of 40 in the last minute, 1 campaign";
    assert_eq!(floor.said(), [named]);
    let rows = floor.rows();
    assert_eq!((rows[0].cause, rows[0].band, rows[0].id.as_str()), (ProblemCause::Route, Band::Critical, "alpha"));
    let alpha = row(&floor, "alpha");
    assert_eq!((alpha.route_faults, alpha.faults_band, alpha.band), (0, Band::Unjudged, Band::Critical));
    assert_eq!((of_the_api(&floor, "alpha"), of_the_api(&floor, "beta")), (Some(Band::Unjudged), Some(Band::Ok)));
    // The rate of the floor has lasted: it is said under the route, and its campaigns' too.
    floor.wait(40);
    let rows = floor.rows();
    assert_eq!(rows.len(), 1, "{:?}", floor.said());
    let explained: Vec<_> = rows[0].explains.iter().map(|row| row.cause).collect();
    assert!(explained.contains(&ProblemCause::Floor), "{explained:?}");
    assert!(rows[0].explains.iter().any(|row| row.subject == "c: carrier problem"), "{:?}", rows[0].explains);
}

#[test]
fn the_only_route_of_a_floor_is_named_too() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell(&mut floor, &[("alpha", 40, 34)]);
    assert!(floor.said()[0].starts_with("Route alpha is failing: 34 of 40 failed in 5 min"), "{:?}", floor.said());
}

#[test]
fn what_fails_on_all_routes_alike_is_told_of_the_floor() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell(&mut floor, &[("alpha", 200, 20), ("beta", 200, 24), ("gamma", 200, 16)]);
    floor.wait(40);
    let causes: Vec<_> = floor.rows().iter().map(|row| row.cause).collect();
    assert_eq!(causes, [ProblemCause::Floor], "{:?}", floor.said());
    let alpha = row(&floor, "alpha");
    assert_eq!((alpha.faults_band, alpha.band), (Band::Unjudged, Band::Unjudged), "and none of them is well");
}

#[test]
fn two_routes_that_fail_beside_one_that_does_not_are_both_named() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell(&mut floor, &[("alpha", 200, 160), ("beta", 200, 170), ("gamma", 200, 1)]);
    let ids: Vec<_> = floor.rows().iter().map(|row| row.id.to_string()).collect();
    assert_eq!(ids, ["alpha", "beta"], "{:?}", floor.said());
}

#[test]
fn a_route_whose_faults_and_what_has_no_code_are_out_together_tells_both() {
    let mut floor = Floor::new();
    floor.wait(1);
    let counts = [(Fact::Resolved, 400), (Fact::Sip5xx, 12), (Fact::RouteFaults, 12), (Fact::UnjudgedFaults, 40)];
    let told = [of_route("alpha", floor.now, &counts), of_route("beta", floor.now, &[(Fact::Resolved, 400)])].concat();
    tell_facts(&mut floor, told);
    floor.wait(1);
    let said = &floor.said()[0];
    assert!(said.starts_with("Route alpha is failing: 52 of 400 failed in 5 min"), "{said}");
    assert!(said.contains(", 40 of them without a code that says why"), "{said}");
    assert_eq!(row(&floor, "alpha").faults_band, Band::Warn, "what is known of its faults is judged as ever");
}

#[test]
fn a_route_that_failed_without_codes_recovers_and_is_forgotten() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell(&mut floor, &[("alpha", 40, 34), ("beta", 400, 2)]);
    floor.wait(70);
    tell(&mut floor, &[("alpha", 60, 0), ("beta", 100, 0)]);
    assert!(floor.said()[0].starts_with("Route alpha failed: 34 of 100 failed in 5 min"), "{:?}", floor.said());
    assert!(floor.said()[0].contains("recovering: 0 of 60 in the last minute"), "{:?}", floor.said());
    floor.wait(300);
    tell(&mut floor, &[("alpha", 100, 0), ("beta", 100, 0)]);
    assert_eq!(floor.said(), [""; 0]);
    assert_eq!(row(&floor, "alpha").faults_band, Band::Ok);
}

#[test]
fn calls_that_name_no_route_are_told_of_the_floor() {
    let mut floor = Floor::new();
    floor.wait(1);
    tell(&mut floor, &[("", 400, 300)]);
    floor.wait(40);
    let causes: Vec<_> = floor.rows().iter().map(|row| row.cause).collect();
    assert_eq!(causes, [ProblemCause::Floor], "{:?}", floor.said());
}

#[test]
fn where_no_route_can_be_judged_the_sentence_calls_nothing_well() {
    let mut floor = Floor::new();
    floor.wait(1);
    // Three of a hundred: no outage, and more than is well. Of 300 in all it may be chance.
    tell(&mut floor, &[("alpha", 900, 14)]);
    assert_eq!((floor.said(), row(&floor, "alpha").faults_band), (Vec::new(), Band::Unjudged));
    assert_eq!(floor.board.live().status.band, Band::Unjudged);
}
