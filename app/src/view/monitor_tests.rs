//! The monitor's frames: what is sent and applied is what is shown, byte for byte.

#![allow(clippy::unwrap_used)]

use super::frame::Frame;
use super::live::{Heard, Hearing, Site};
use super::monitor::*;
use super::monitor_campaign::*;
use super::table::{Keyed, Table};
use super::wire;
use crate::domain::control::{Action, Control, Phase};
use crate::domain::outcome::{CampaignStatus, Disposition, Health};
use crate::domain::{AgentId, CallId, CampaignId, ComponentId, ListId, Moment, RealmId};
use crate::kpi::band::Band;
use crate::kpi::value::Ratio;
use proptest::prelude::*;

fn moment() -> impl Strategy<Value = Option<Moment>> {
    prop::option::of((0..3i64).prop_map(Moment::from_secs))
}

prop_compose! {
    fn card(id: usize)(counts in prop::array::uniform4(0..3i64), limit in prop::option::of(1..3i64), rests in any::<bool>(),
        since in moment(), ails in any::<bool>(), asked in any::<bool>()) -> CampaignCard {
        let paused = Paused { since, why: PausedWhy::Schedule, reason: Some("schedule".into()), by: None };
        let figure = ChipFigure { label: "Abandoned".into(), value: "3.1 %".into() };
        CampaignCard {
            campaign: CampaignId::trusted(format!("c.{id}")),
            name: "Solar \"West\"".into(),
            status: Some(if rests { CampaignStatus::Paused } else { CampaignStatus::Active }),
            paused: rests.then_some(paused),
            destination: limit.map(|_| "floor A".into()),
            destinations: limit,
            active: counts[0],
            cac_limit: limit,
            cac_band: Band::Ok,
            completed: counts[1],
            failed: counts[2],
            pending: limit,
            rate_limited: limit.map(|n| n > 1),
            cps_limit_milli: limit.map(|n| n * 250),
            first_attempts: limit,
            first_attempts_hour: limit,
            connect: Ratio::new(counts[3], 3),
            abandon: Ratio::new(0, counts[3]),
            abandon_band: Band::TooFew,
            diagnosis: ails.then(|| Chip { problem: "pacing".into(), band: Band::Warn, title: "Pacing problem".into(), figures: vec![figure], next: "Dial less far ahead.".into() }),
            control: asked.then(|| Control { request: "r".into(), action: Action::Pause, phase: Phase::Requested, by: "loopback".into(), asked_at: Moment::from_secs(1), confirmed_at: since, draining: None, undo_until: since, why: None }),
            dials: true,
            inbound: None,
            hears: true,
            band: Band::Warn,
            since,
        }
    }
}

prop_compose! {
    fn worker()(at in moment(), heard in prop::option::of(Just(Heard::Silent)), latency_us in prop::option::of(0..3i64)) -> WorkerHealth {
        WorkerHealth {
            status: heard.map(|_| Health::Offline),
            heard,
            component: at.map(|_| ComponentId::trusted("dialer-worker")),
            at,
            latency_us,
            detail: None,
            workers: 1,
            offline: 0,
            band: Band::Ok,
            since: at,
            warning: heard.map(|_| "campaigns do not progress".into()),
        }
    }
}

fn cards() -> impl Strategy<Value = Table<CampaignCard>> {
    let some =
        prop::collection::btree_set(0..5usize, 0..5).prop_flat_map(|ids| ids.into_iter().map(card).collect::<Vec<_>>());
    (some.prop_shuffle(), 0..2u32).prop_map(|(rows, more)| Table { rows, more })
}

prop_compose! {
    fn above()(at in 0..9i64, offset in 0..2i32, worker in worker(), cards in cards(), active in 0..2i64, clauses in 0..2usize) -> MonitorFrame {
        let clause = MonitorClause { band: Band::Warn, campaign: None, href: (at > 4).then(|| "/live".to_owned()), subject: "s".into(), text: "t".into() };
        MonitorFrame {
            as_of: Moment::from_secs(at),
            newest_event: (at > 3).then(|| Moment::from_secs(at - 1)),
            site: Site { zone: "UTC".into(), utc_offset_s: offset },
            status: MonitorStatus { band: Band::Ok, clauses: vec![clause; clauses], ..MonitorStatus::default() },
            totals: Totals { active_campaigns: 1, paused_campaigns: 0, active_calls: active, active_elsewhere: 0, cac: Ratio::new(active, 4), cac_band: Band::Ok },
            worker,
            cards,
        }
    }
}

prop_compose! {
    fn call(id: usize)(state in prop::sample::select(vec![CallState::Dialing, CallState::Ended]), ended in moment(), agent in any::<bool>()) -> CallRow {
        CallRow {
            realm: RealmId::trusted(["a", "ab"][id % 2]),
            call_id: CallId::trusted(["bc", "c"][id / 2 % 2]),
            number: Some("+44 •••• 18".into()),
            state,
            became: ended.map(|_| Disposition::NoAnswer),
            agent: agent.then(|| AgentId::trusted("amara")),
            list: agent.then(|| ListId::trusted("spring-1")),
            queue: None,
            disposition_told: ended.filter(|_| agent).map(|_| "SALE".into()),
            started: Moment::from_secs(1),
            answered: None,
            ended,
        }
    }
}

prop_compose! {
    fn within()(at in 0..9i64, worker in worker(), card in card(1), done in 0..3i64, eta in any::<bool>(),
        calls in prop::collection::btree_set(0..4usize, 0..4).prop_flat_map(|ids| ids.into_iter().map(call).collect::<Vec<_>>()).prop_shuffle(),
        counts in prop::array::uniform7(0..3i64)) -> CampaignFrame {
        let time = Eta { at: Moment::from_secs(600), earliest: Moment::from_secs(540), latest: None, grain_s: 60 };
        let rows = Disposition::ALL.iter().zip(counts).map(|(d, calls)| DispositionRow { disposition: *d, calls });
        CampaignFrame {
            as_of: Moment::from_secs(at),
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            hearing: Hearing { silent_since: (at > 6).then(|| Moment::from_secs(at)) },
            worker,
            card,
            progress: Progress { from: None, done_15m: done, paced_over_s: 900, eta: eta.then_some(time) },
            figures: Figures { attempts_1m: done, attempts_5m: done, answer: Ratio::new(done, 3), duration: Ratio::new(done, 3), ended: counts.iter().sum(), lost: done, abandoned: done, machines: done },
            calls: Table { rows: calls, more: 0 },
            queues: Table::default(),
            dispositions: Table { rows: rows.collect(), more: 0 },
        }
    }
}

/// A viewer that has `old` and is sent the difference shows `new`, read as tests and as browsers read.
fn sent<F: Frame + std::fmt::Debug>(old: &F, new: &F) -> Result<(), TestCaseError> {
    let (text, delta) = (serde_json::to_string(new).unwrap(), serde_json::to_string(&old.delta(new)).unwrap());
    let mut applied = old.clone();
    applied.apply(serde_json::from_str(&delta).unwrap());
    let mut in_browser = old.clone();
    in_browser.apply(wire::read(&delta).unwrap());
    prop_assert_eq!(serde_json::to_string(&applied).unwrap(), text.clone());
    prop_assert_eq!(serde_json::to_string(&in_browser).unwrap(), text.clone());
    prop_assert_eq!(&wire::read::<F>(&text).unwrap(), new);
    prop_assert_eq!(&serde_json::from_str::<F>(&text).unwrap(), new);
    Ok(())
}

proptest! {
    #[test]
    fn from_above_what_is_applied_is_what_is_shown(old in above(), new in above()) {
        sent(&old, &new)?;
    }

    #[test]
    fn of_a_campaign_what_is_applied_is_what_is_shown(old in within(), new in within()) {
        sent(&old, &new)?;
    }

    #[test]
    fn where_nothing_changed_only_the_times_are_sent(frame in above()) {
        let delta = serde_json::to_value(frame.delta(&frame)).unwrap();
        prop_assert_eq!(delta.as_object().unwrap().len(), 2);
    }

    #[test]
    fn a_card_is_sent_for_each_that_changed_and_no_other(frame in above(), turn in any::<prop::sample::Index>()) {
        prop_assume!(!frame.cards.rows.is_empty());
        let mut new = frame.clone();
        let at = turn.index(frame.cards.rows.len());
        new.cards.rows[at].completed += 1;
        let delta = frame.delta(&new).cards.unwrap();
        prop_assert_eq!((delta.rows.len(), delta.gone.len(), delta.order), (1, 0, None));
    }
}

#[test]
fn calls_of_two_realms_never_share_a_key() {
    let row = |realm: &str, id: &str| CallRow {
        realm: RealmId::trusted(realm),
        call_id: CallId::trusted(id),
        number: None,
        state: CallState::Dialing,
        became: None,
        agent: None,
        list: None,
        queue: None,
        disposition_told: None,
        started: Moment::from_secs(0),
        answered: None,
        ended: None,
    };
    assert_ne!(row("a", "bc").key(), row("ab", "c").key());
    assert_ne!(row("1", "1.x").key(), row("11.", "x").key());
}

#[test]
fn shares_of_what_was_never_told_are_no_data() {
    let mut card = CampaignCard {
        campaign: CampaignId::trusted("c"),
        name: "c".into(),
        status: None,
        paused: None,
        destination: None,
        destinations: None,
        active: 3,
        cac_limit: None,
        cac_band: Band::None,
        completed: 2,
        failed: 1,
        pending: None,
        rate_limited: None,
        cps_limit_milli: None,
        first_attempts: Some(5),
        first_attempts_hour: Some(5),
        connect: Ratio::default(),
        abandon: Ratio::default(),
        abandon_band: Band::None,
        diagnosis: None,
        control: None,
        dials: true,
        inbound: None,
        hears: true,
        band: Band::None,
        since: None,
    };
    assert_eq!([card.progress(), card.penetration(), card.cac()].map(Ratio::value), [None; 3]);
    (card.destinations, card.cac_limit) = (Some(10), Some(6));
    assert_eq!([card.progress(), card.penetration(), card.cac()].map(Ratio::value), [Some(0.3), Some(0.5), Some(0.5)]);
}
