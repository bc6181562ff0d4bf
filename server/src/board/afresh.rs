//! What a board that heard all of it tick by tick shows is what one shows that hears it at once: sums that are carried on and
//! rows that are made anew only where they moved are those of a fresh start.

use super::baseline::Baselines;
use super::rows::{DidRows, did_rows};
use super::{Board, BoardConfig};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, LIVE_GRAIN, PeriodSums, SumKey};
use app::domain::event::Text;
use app::domain::outcome::AgentStatus;
use app::domain::{
    AgentId, Campaign, CampaignId, Did, Dimension, Fact, LastWrite, Moment, Number, QueueId, RouteId, Span, Tally,
};
use app::kpi::Ratio;
use app::view::live::{DidRow, LiveFrame};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// Before which the steps begin: an hour, a day (UTC and in New York), both changes of New York's clocks.
const BORDERS: [&str; 5] = [
    "2026-11-20T15:00:00Z",
    "2026-11-21T00:00:00Z",
    "2026-11-21T05:00:00Z",
    "2026-03-08T07:00:00Z",
    "2026-11-01T06:00:00Z",
];
pub(super) const CAMPAIGNS: [&str; 3] = ["spring", "autumn", "winter"];
const NUMBERS: [&str; 3] = ["+12025550101", "+12025550102", "+12025550103"];
const ROUTES: [&str; 2] = ["north", ""];
const COUNTRIES: [&str; 2] = ["US", "GB"];

/// What is told, with picks among the names above.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// So many calls of a bucket so long ago, some answered, some at fault; negative where they are taken back.
    Calls {
        ago: i64,
        campaign: usize,
        key: usize,
        calls: i64,
    },
    Agent {
        agent: usize,
        campaign: usize,
        state: usize,
    },
    Silent {
        ago: i64,
        campaign: usize,
        route: usize,
    },
    Pool {
        number: usize,
        pool: usize,
    },
    /// A campaign's period, which ends so many quarters of an hour from now.
    Period {
        campaign: usize,
        ends: i64,
        abandoned: i64,
    },
    Limit {
        campaign: usize,
        of_100: usize,
    },
    Baselines {
        answered: i64,
    },
    Nothing,
}

impl What {
    /// Of which of the campaigns it tells; `None` of the floor.
    pub(super) const fn campaign(&self) -> Option<usize> {
        match self {
            Self::Calls { campaign, .. }
            | Self::Agent { campaign, .. }
            | Self::Silent { campaign, .. }
            | Self::Period { campaign, .. }
            | Self::Limit { campaign, .. } => Some(*campaign),
            Self::Pool { .. } | Self::Baselines { .. } | Self::Nothing => None,
        }
    }
}

pub(super) fn what() -> impl Strategy<Value = What> {
    let calls = (-300..4_000i64, 0..3usize, 0..3usize, -40..120i64);
    prop_oneof![
        6 => calls.prop_map(|(ago, campaign, key, calls)| What::Calls { ago, campaign, key, calls }),
        2 => (0..3usize, 0..3usize, 0..AgentStatus::ALL.len())
            .prop_map(|(agent, campaign, state)| What::Agent { agent, campaign, state }),
        1 => (0..90i64, 0..3usize, 0..2usize).prop_map(|(ago, campaign, route)| What::Silent { ago, campaign, route }),
        1 => (0..3usize, 0..3usize).prop_map(|(number, pool)| What::Pool { number, pool }),
        1 => (0..100i64).prop_map(|answered| What::Baselines { answered }),
        1 => (0..3usize, 0..3i64, 0..60i64)
            .prop_map(|(campaign, ends, abandoned)| What::Period { campaign, ends, abandoned }),
        1 => (0..3usize, 0..9usize).prop_map(|(campaign, of_100)| What::Limit { campaign, of_100 }),
        2 => Just(What::Nothing),
    ]
}

/// Quarters of a second until each is told.
pub(super) fn steps() -> impl Strategy<Value = Vec<(i64, What)>> {
    let wait = prop_oneof![4 => 0..8i64, 4 => 0..60i64, 2 => 0..400i64, 1 => 0..40_000i64];
    prop::collection::vec((wait, what()), 1..40)
}

fn calls(now: Moment, ago: i64, campaign: &str, key: usize, calls: i64) -> Vec<FactChange> {
    let mut tally = Tally::default();
    for (fact, n) in [
        (Fact::Attempts, calls),
        (Fact::Resolved, calls),
        (Fact::Answered, calls / 3),
        (Fact::AnsweredLive, calls / 4),
        (Fact::Abandoned, calls / 30),
        (Fact::RouteFaults, calls / 20),
        (Fact::UnjudgedFaults, calls / 16),
        (Fact::Progressed, calls / 2),
        (Fact::PddMs, calls * 700),
    ] {
        tally.add(fact, n);
    }
    let keys = [
        (Dimension::Total, ""),
        (Dimension::Campaign, campaign),
        (Dimension::Route, ROUTES[key % ROUTES.len()]),
        (Dimension::Country, COUNTRIES[key % COUNTRIES.len()]),
        (Dimension::Did, NUMBERS[key]),
    ];
    let change = |(dimension, key): (Dimension, &str)| FactChange {
        bucket: (now - Span::secs(ago)).floor(LIVE_GRAIN),
        of: SumKey { campaign: CampaignId::trusted(campaign), dimension, key: key.into() },
        tally: tally.clone(),
    };
    keys.map(change).into()
}

pub(super) fn change(what: &What, now: Moment) -> Change {
    let mut change = Change { newest_event: Some(now), ..Change::default() };
    match what {
        What::Calls { ago, campaign, key, calls: n } => change.facts = calls(now, *ago, CAMPAIGNS[*campaign], *key, *n),
        What::Agent { agent, campaign, state } => change.agents.push(AgentNow {
            agent: AgentId::trusted(["ann", "bob", "cid"][*agent]),
            campaign: CampaignId::trusted(CAMPAIGNS[*campaign]),
            state: AgentStatus::ALL[*state],
            since: now,
            reason: None,
        }),
        What::Silent { ago, campaign, route } => {
            for gauge in [Gauge::Started, Gauge::Unheard] {
                let key = GaugeKey {
                    gauge,
                    campaign: CampaignId::trusted(CAMPAIGNS[*campaign]),
                    route: RouteId::trusted(ROUTES[*route]),
                    queue: QueueId::none(),
                    second: (now - Span::secs(*ago)).floor(Span::secs(1)),
                };
                change.gauges.push((key, 25));
            }
        }
        What::Pool { number, pool } => {
            let pool = Text::new("abc"[*pool..=*pool].to_owned())
                .map_or_else(|_| LastWrite::default(), |pool| LastWrite::at(pool, now));
            let did = Did { pool, ..Did::default() };
            change.dids.push((Number::trusted(NUMBERS[*number]), did));
        }
        What::Period { campaign, ends, abandoned } => {
            let mut tally = Tally::default();
            tally.add(Fact::AnsweredLive, 1_000);
            tally.add(Fact::Abandoned, *abandoned);
            let to = now.floor(Span::minutes(15)) + Span::minutes(15 * ends);
            let (campaign, from) = (CampaignId::trusted(CAMPAIGNS[*campaign]), now - Span::days(3));
            change.periods.push(PeriodSums { campaign, from, to, tally });
        }
        What::Limit { campaign, of_100 } => {
            let told = serde_json::json!({
                "campaign": CAMPAIGNS[*campaign], "status": "active", "limit": f64::from(u8::try_from(*of_100).unwrap_or(0)) / 100.0
            });
            if let Ok(body) = serde_json::from_value(told) {
                let campaign = Campaign::told_by(&body, now);
                change.campaigns.push((body.campaign.clone(), campaign));
            }
        }
        What::Baselines { .. } | What::Nothing => {}
    }
    change
}

pub(super) fn baselines(answered: i64) -> Baselines {
    let dids = NUMBERS.map(|did| (did.into(), Ratio::new(answered, 200))).into();
    let campaigns = || CAMPAIGNS.map(|id| (CampaignId::trusted(id), Ratio::new(answered, 200))).into();
    Baselines { connect: campaigns(), abandon: campaigns(), dids, pdd: HashMap::new() }
}

/// The frame without what is remembered of earlier ticks: order, "since", and the courses of gauges.
pub(super) fn shown(mut frame: LiveFrame) -> Value {
    frame.status.clauses.clear();
    for item in &mut frame.strip.rows {
        item.spark.clear();
    }
    if let Some(channels) = &mut frame.panels.channels {
        channels.points.rows.clear();
        (channels.head.peak, channels.head.peak_at) = (0, None);
    }
    let mut value = serde_json::to_value(frame).unwrap_or_default();
    forget(&mut value);
    value
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("since");
            members.values_mut().for_each(forget);
        }
        Value::Array(values) => {
            values.iter_mut().for_each(forget);
            values.sort_by_key(Value::to_string);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// All that is known of the numbers' rows, in byte order.
fn told_of(dids: &DidRows) -> (Vec<DidRow>, Vec<DidRow>, (usize, usize)) {
    let mut rows: Vec<DidRow> = dids.iter().cloned().collect();
    rows.sort_by(|a, b| a.did.cmp(&b.did));
    (rows, dids.out().cloned().collect(), dids.judged())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_board_that_heard_it_bit_by_bit_shows_what_a_fresh_one_shows(
        border in 0..BORDERS.len(), before in 0..8_000i64, steps in steps(),
    ) {
        let quarter = |n: i64| Span::millis(n * 250);
        let mut now = Moment::parse(BORDERS[border]).unwrap_or_default() - quarter(before);
        let config = || BoardConfig { zone: chrono_tz::America::New_York, ..BoardConfig::default() };
        let (mut board, mut told, mut compare) = (Board::new(config(), now), Vec::new(), None);
        for (wait, what) in steps {
            now = now + quarter(wait);
            let change = change(&what, now);
            board.turn_to(now);
            board.apply(&change);
            told.push(change);
            if let What::Baselines { answered } = what {
                board.compare_with(baselines(answered));
                compare = Some(answered);
            }
            // What was said and when something was heard is remembered on purpose, and what is wrong looked at once a second.
            let (said, gaps) = (board.verdicts.judgements.clone(), board.floor.freshness.gaps.clone());
            let (dids, campaigns) = (board.verdicts.rows.dids.clone(), board.verdicts.rows.campaigns.clone());
            board.advance(now);
            board.note_monitor();
            let fresh_rows = DidRows::of(did_rows(&board.floor, None).map(|(did, row)| (did.clone(), dids.held(&did, row))));
            prop_assert_eq!(told_of(&board.verdicts.rows.dids), told_of(&fresh_rows));
            let mut fresh = Board::new(config(), now);
            told.iter().for_each(|change| fresh.apply(change));
            compare.into_iter().for_each(|answered| fresh.compare_with(baselines(answered)));
            (fresh.verdicts.judgements, fresh.floor.freshness.gaps) = (said, gaps);
            (fresh.verdicts.rows.dids, fresh.verdicts.rows.campaigns) = (dids, campaigns);
            fresh.verdicts.rows.dids.touch_all();
            fresh.verdicts.rows.campaigns.touch_all();
            fresh.advance(now);
            prop_assert_eq!(shown(board.live()), shown(fresh.live()));
            for campaign in CAMPAIGNS.map(CampaignId::trusted) {
                prop_assert_eq!(shown(board.of_campaigns(&[campaign.clone()].into())), shown(fresh.of_campaigns(&[campaign].into())));
            }
        }
    }
}
