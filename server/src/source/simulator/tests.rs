//! Recounts what the simulator tells: the figures of a floor with nothing wrong, and of each scenario.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::print_stdout)]

use super::recount::{Floor, percent};
use super::{FloorPlan, Scenario, Switch, World};
use app::domain::outcome::AgentStatus;
use app::domain::{Event, Moment, Span, parse};

const START: i64 = 1_795_000_000;

fn start() -> Moment {
    Moment::from_secs(START)
}

fn world(seed: u64) -> World {
    World::new(seed, FloorPlan::demo(), start())
}

/// Runs the floor for so many minutes after a first twenty in which it fills.
fn after(minutes: i64, seed: u64) -> (World, Floor) {
    let mut world = world(seed);
    let mut floor = Floor::default();
    floor.take(&world.advance(start() + Span::minutes(20 + minutes)));
    (world, floor)
}

#[test]
fn the_same_seed_tells_the_same_whatever_the_steps() {
    let (mut one, mut other) = (world(11), world(11));
    let until = start() + Span::minutes(4);
    let at_once = one.advance(until);
    let mut in_steps = Vec::new();
    let mut at = start();
    while at < until {
        at = at + Span::millis(437);
        in_steps.extend(other.advance(at.min(until)));
    }
    assert_eq!(at_once, in_steps);
    assert_ne!(world(12).advance(until), at_once);
}

#[test]
fn every_event_reads_back_and_none_goes_back_in_time() {
    let mut world = world(3);
    for &scenario in Scenario::ALL {
        world.set(scenario, Switch::On, start() + Span::minutes(1));
    }
    let mut events = world.advance(start() + Span::minutes(6));
    for &scenario in Scenario::ALL {
        world.set(scenario, Switch::Off, start() + Span::minutes(6));
    }
    events.extend(world.advance(start() + Span::minutes(9)));
    let mut last = start();
    for event in &events {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&parse::event(&json).unwrap_or_else(|e| panic!("{json}: {e:?}")), event);
        assert!(event.time >= last, "{json}");
        last = event.time;
    }
    let ids: std::collections::HashSet<&str> = events.iter().map(|e: &Event| e.id.as_str()).collect();
    assert_eq!(ids.len(), events.len());
}

#[test]
fn a_floor_with_nothing_wrong_shows_nothing_red() {
    for seed in [1, 2, 3] {
        let (_, floor) = after(60, seed);
        let (from, to) = (start() + Span::minutes(20), start() + Span::minutes(80));
        let figures = floor.between(from, to);
        println!("{figures}");
        let minutes = figures.attempts as f64 / 60.0;
        assert!((380.0..460.0).contains(&minutes), "{minutes} calls a minute");
        for (campaign, c) in &figures.campaigns {
            let (share, limit) = (percent(c.abandoned, c.answered_live), 2.0);

            assert!(share < limit, "{campaign} abandons {share} %");
            let on_call = 100.0 * floor.share(campaign, AgentStatus::OnCall, from, to);
            assert!((80.0..90.0).contains(&on_call), "{campaign} is on call {on_call} %");
        }
        for (route, r) in &figures.routes {
            assert!(percent(r.faults, r.resolved) < 0.5, "{route}");
            assert!(r.resolved > 2_000, "{route} carries too few calls for a minute to tell anything");
        }
        assert!((0.60..0.75).contains(&figures.mean) && figures.peak < 0.82, "{} {}", figures.mean, figures.peak);
    }
}
