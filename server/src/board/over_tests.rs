//! A frame of several campaigns is that of a floor that has these alone: each sum is theirs, and nothing of another's.

use super::afresh::{CAMPAIGNS, What, change, shown, steps};
use super::{Board, BoardConfig};
use crate::law::change::{Change, FactChange, SumKey};
use app::domain::{CampaignId, Dimension, Fact, Moment, Span, Tally};
use app::kpi::Band;
use app::view::live::{LiveFrame, StripId};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

const START: Moment = Moment::from_secs(1_700_000_000);

fn named(campaigns: &[&str]) -> BTreeSet<CampaignId> {
    campaigns.iter().map(|name| CampaignId::trusted(*name)).collect()
}

/// What of a frame the whole floor has no part in: of the judgements that hold, of what is wrong, and of whether a number is
/// refused, it has.
fn of_campaigns_alone(frame: LiveFrame) -> Value {
    let mut value = shown(frame);
    value["status"] = Value::Null;
    for item in value["strip"]["rows"].as_array_mut().into_iter().flatten() {
        if item["id"] == serde_json::json!(StripId::OutOfBand) {
            *item = Value::Null;
        }
    }
    without(&mut value, &|name| name.ends_with("band") || name == "blocked" || name == "baseline");
    value
}

fn without(value: &mut Value, is_out: &impl Fn(&str) -> bool) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !is_out(name));
            members.values_mut().for_each(|member| without(member, is_out));
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|member| without(member, is_out));
            values.sort_by_key(Value::to_string);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn several_campaigns_are_a_floor_of_their_own(steps in steps()) {
        let (asked, third) = (&CAMPAIGNS[..2], CAMPAIGNS[2]);
        let config = || BoardConfig { zone: chrono_tz::America::New_York, ..BoardConfig::default() };
        let (mut all, mut these, mut now) = (Board::new(config(), START), Board::new(config(), START), START);
        for (wait, what) in steps {
            now = now + Span::millis(250 * wait);
            // Who goes from one campaign to another is told of where they went: here each stays.
            let what = match what {
                What::Agent { campaign, state, .. } => What::Agent { agent: campaign, campaign, state },
                other => other,
            };
            let told = change(&what, now);
            let of_these = what.campaign().is_none_or(|campaign| campaign < asked.len());
            let heard = if of_these { told.clone() } else { Change { newest_event: told.newest_event, ..Change::default() } };
            for (board, told) in [(&mut all, told), (&mut these, heard)] {
                board.turn_to(now);
                board.apply(&told);
                board.advance(now);
            }
            let (cut, whole) = (all.of_campaigns(&named(asked)), these.live());
            prop_assert!(!serde_json::to_string(&cut).unwrap_or_default().contains(third));
            prop_assert_eq!(of_campaigns_alone(cut), of_campaigns_alone(these.of_campaigns(&named(asked))));
            // And so are its sums; what they are judged against, and routes that nobody calls by, is of the whole floor.
            let cut = all.of_campaigns(&named(asked));
            prop_assert_eq!(sums(&cut), sums(&whole));
        }
    }
}

/// A campaign of which nothing is known yet is not well because another is, nor since when that is.
#[test]
fn that_others_are_well_is_not_told_of_a_campaign() {
    let mut board = Board::new(BoardConfig::default(), START);
    let calls = |campaign: &str, n: i64| {
        [Dimension::Campaign, Dimension::Total].map(|dimension| {
            let key = if dimension == Dimension::Campaign { campaign } else { "" };
            let mut tally = Tally::default();
            [Fact::Attempts, Fact::Resolved, Fact::AnsweredLive].iter().for_each(|fact| tally.add(*fact, n));
            FactChange {
                bucket: START,
                of: SumKey { campaign: CampaignId::trusted(campaign), dimension, key: key.into() },
                tally,
            }
        })
    };
    let tick = |board: &mut Board, second: i64, facts: Vec<FactChange>| {
        let now = START + Span::secs(second);
        board.turn_to(now);
        board.apply(&Change { events: 1, newest_event: Some(now), facts, ..Change::default() });
        board.advance(now);
    };
    tick(&mut board, 1, [calls("spring", 3), calls("autumn", 900)].concat());
    tick(&mut board, 2, Vec::new());
    let of = |board: &Board, campaign: &str| board.of_campaigns(&named(&[campaign])).status;
    assert_eq!((board.live().status.band, board.live().status.rest), (Band::Ok, Band::Ok));
    let (spring, autumn) = (of(&board, "spring"), of(&board, "autumn"));
    assert_eq!((spring.band, spring.rest, spring.since), (Band::TooFew, Band::TooFew, None));
    assert_eq!((autumn.band, autumn.rest), (Band::Ok, Band::Ok));
}

/// The sums of a frame: of each row its key and counts.
fn sums(frame: &LiveFrame) -> Vec<(String, Vec<i64>)> {
    let panels = &frame.panels;
    let strip = frame.strip.rows.iter().filter(|item| item.id != StripId::OutOfBand);
    let mut all: Vec<(String, Vec<i64>)> =
        strip.map(|item| (format!("{:?}", item.id), vec![item.part, item.whole.unwrap_or_default()])).collect();
    for row in panels.routes.iter().flat_map(|table| &table.rows) {
        let counts = vec![
            row.attempts,
            row.resolved,
            row.route_faults,
            row.minute.part,
            row.minute.whole,
            row.started,
            row.unheard,
        ];
        all.push((format!("route {}", row.route), counts));
    }
    for row in panels.abandon.iter().flat_map(|table| &table.rows) {
        all.push((format!("campaign {}", row.campaign), vec![row.abandoned, row.answered_live]));
    }
    for row in panels.dids.iter().flat_map(|table| &table.rows) {
        all.push((format!("number {}", row.did), vec![row.answered, row.resolved]));
    }
    for row in panels.agents.iter().flat_map(|table| &table.rows) {
        all.push((
            format!("agents {}", row.campaign),
            vec![row.ready, row.on_call, row.wrap_up, row.on_break, row.on_call_s, row.logged_in_s],
        ));
    }
    for row in panels.pdd.iter().flat_map(|panel| &panel.countries.rows) {
        all.push((format!("country {}", row.country), vec![row.pdd_ms, row.progressed]));
    }
    for point in panels.pdd.iter().flat_map(|panel| &panel.points.rows) {
        all.push((format!("point {} {}", point.country, point.t.to_rfc3339()), vec![point.pdd_ms, point.progressed]));
    }
    // Which of many points are drawn goes by what is judged.
    all.sort();
    all
}
