//! The write path as a whole: events in by `Ingest`, calls and sums out of every kind of store.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Kind, Look, Place, on_every_store, until_led};
use crate::floor::{Floor, event, record};
use app::domain::outcome::AgentStatus;
use app::domain::{CampaignId, CampaignScope, Dimension, Fact, Moment, Span};
use server::ingest::{Refusal, Rejection};
use server::law::change::PeriodSums;
use server::law::grain::Grain;
use server::law::span::Stretch;
use server::store::StoreError;
use server::store::any;
use server::store::read::{CallQuery, Dids, Reader, SumQuery};
use server::store::write::{CallWrite, Cleared, Commit, Lead, OpenCommit, Retention, WriteStore};
use std::collections::BTreeMap;

on_every_store! {
    a_call_is_kept_with_its_sums_and_told_to_the_live_state
    what_is_too_far_from_now_or_from_its_call_is_named
    agents_time_is_kept_as_it_closes_and_a_late_word_splits_it_again
    a_mode_that_comes_late_judges_all_calls_of_its_span_again
    a_campaigns_period_is_told_when_it_is_new_when_its_start_moves_and_when_it_turns
    settings_and_samples_are_there_after_a_restart
    what_a_month_costs_is_no_sign_that_the_floor_lives
    a_second_writer_another_zone_and_a_newer_schema_are_refused
    what_is_older_than_it_is_kept_is_cleared_away_and_the_days_stay
    stopping_serves_what_has_queued_up
    a_period_that_cannot_be_read_keeps_no_other_from_turning
    a_campaign_begins_with_its_first_call_whatever_is_told_of_that_later
    of_two_numbers_told_for_one_instant_the_country_is_that_of_the_one_that_stands
    whose_calls_an_hour_holds_is_told_however_many_there_are
    calls_of_a_realm_are_up_until_they_end_or_are_given_up
}

async fn a_call_is_kept_with_its_sums_and_told_to_the_live_state(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let receipt = floor.submit(vec![record("c1", "2026-11-21T11:58:00Z"), record("c2", "2026-11-21T11:59:00Z")]).await;
    assert_eq!((receipt.accepted, receipt.duplicate), (2, 0));
    let receipt = floor.submit(vec![record("c1", "2026-11-21T11:58:00Z")]).await;
    assert_eq!((receipt.accepted, receipt.duplicate), (0, 1));

    let total = floor.sum(Dimension::Total, Grain::SiteDay, "").await;
    assert_eq!((total[Fact::Attempts], total[Fact::Answered], total[Fact::Ended]), (2, 2, 2));
    let spain = floor.sum(Dimension::Country, Grain::Hour, "ES").await;
    assert_eq!(spain[Fact::Attempts], 2);
    let page = floor.reader().calls(&CallQuery { limit: 10, ..CallQuery::default() }).await.unwrap();
    let names: Vec<_> = page.iter().map(|filed| filed.name.call_id.as_str()).collect();
    assert_eq!(names, ["c2", "c1"]);

    let told: i64 = floor
        .changes()
        .await
        .iter()
        .flat_map(|change| &change.facts)
        .filter(|fact| fact.of.dimension == Dimension::Total)
        .map(|fact| fact.tally.get(Fact::Attempts))
        .sum();
    assert_eq!(told, 2);
    floor.assert_sums_equal_recount().await;
}

async fn what_is_too_far_from_now_or_from_its_call_is_named(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let receipt = floor
        .submit(vec![
            record("late", "2026-07-21T11:58:00Z"),
            record("c", "2026-11-21T11:58:00Z"),
            record("early", "2026-11-21T12:06:00Z"),
            record("c", "2026-11-19T11:58:00Z"),
        ])
        .await;
    assert_eq!(receipt.accepted, 1);
    let why: Vec<_> = receipt.rejected.iter().map(|(at, why)| (*at, why.clone())).collect();
    assert_eq!(
        why,
        [(0, Rejection::TooOld(90)), (2, Rejection::Future(360)), (3, Rejection::FarFromCall("started_at"))]
    );
    let held = |ms: i64| {
        let data = serde_json::json!({ "call_id": "c", "hold_ms": ms });
        event("h", "2026-11-21T11:59:30Z", "call.updated", data)
    };
    let day = Span::hours(24).as_millis();
    let receipt = floor.submit(vec![held(day + 1), held(day)]).await;
    assert_eq!((receipt.accepted, receipt.rejected), (1, vec![(0, Rejection::TooLong("hold_ms", 86_400_001))]));
    floor.clock.advance(Span::minutes(1));
    assert!(floor.clock.now() > Moment::parse("2026-11-21T12:00:00Z").unwrap());
    floor.assert_sums_equal_recount().await;
}

fn agent(time: &str, state: &str) -> app::domain::Event {
    let data = serde_json::json!({ "agent": "ann", "state": state, "campaign": "spring" });
    event(&format!("{time}{state}"), time, "agent.state", data)
}

async fn agents_time_is_kept_as_it_closes_and_a_late_word_splits_it_again(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:10:00Z").await;
    let told = vec![agent("2026-11-21T12:00:00Z", "ready"), agent("2026-11-21T12:01:00Z", "on_call")];
    assert_eq!(floor.submit(told.clone()).await.accepted, 2);
    assert_eq!(floor.submit(told).await.duplicate, 2);
    let states = [Fact::AgentReadyMs, Fact::AgentOnCallMs, Fact::AgentWrapUpMs, Fact::AgentBreakMs];
    let time = async |floor: &mut Floor| {
        let ann = floor.sum(Dimension::Agent, Grain::Hour, "ann").await;
        let all = floor.sum(Dimension::Total, Grain::Minutes5, "").await;
        assert_eq!(states.map(|fact| ann[fact]), states.map(|fact| all[fact]));
        states.map(|fact| ann[fact] / 1_000)
    };
    assert_eq!(time(&mut floor).await, [60, 0, 0, 0], "the open interval is not kept");
    floor.submit(vec![agent("2026-11-21T12:00:20Z", "break")]).await;
    assert_eq!(time(&mut floor).await, [20, 0, 0, 40]);
    let now: Vec<_> = floor.changes().await.into_iter().flat_map(|change| change.agents).map(|now| now.state).collect();
    assert_eq!(now, [AgentStatus::OnCall], "what is long past changes nothing of the present");
    floor.restart().await;
    assert_eq!(floor.initial.agents[0].state, AgentStatus::OnCall);
    floor.wait(Span::hours(12)).await;
    assert_eq!(time(&mut floor).await, [20, 12 * 3_600, 0, 40], "twelve hours unheard end it");
    assert_eq!(floor.changes().await[0].agents[0].state, AgentStatus::Offline);
    floor.submit(vec![agent("2026-11-21T12:03:00Z", "wrap_up")]).await;
    assert_eq!(time(&mut floor).await, [20, 120, 12 * 3_600, 40]);
}

async fn a_mode_that_comes_late_judges_all_calls_of_its_span_again(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let calls = |campaign: &str| {
        let call = |n: usize| {
            let data = serde_json::json!({ "call_id": format!("{campaign}-{n}"), "direction": "outbound", "campaign": campaign,
                "from": "+12025550142", "to": "+442079460018", "started_at": "2026-11-21T11:00:00Z",
                "answered_at": "2026-11-21T11:00:09Z", "ended_at": "2026-11-21T11:01:00Z" });
            event("r", "2026-11-21T11:01:00Z", "call.record", data)
        };
        (0..1_300).map(call).collect::<Vec<_>>()
    };
    floor.submit(calls("spring")).await;
    floor.submit(calls("autumn")).await;
    let spring = floor.sum(Dimension::Campaign, Grain::SiteDay, "spring").await;
    assert_eq!((spring[Fact::Abandoned], spring[Fact::UnknownMode]), (1_300, 1_300));
    let preview = serde_json::json!({ "campaign": "spring", "mode": "preview" });
    floor.submit(vec![event("u", "2026-11-21T11:59:00Z", "campaign.updated", preview)]).await;
    floor.wait(Span::secs(1)).await;
    let spring = floor.sum(Dimension::Campaign, Grain::SiteDay, "spring").await;
    assert_eq!((spring[Fact::Abandoned], spring[Fact::UnknownMode], spring[Fact::AnsweredLive]), (0, 0, 1_300));
    let autumn = floor.sum(Dimension::Campaign, Grain::SiteDay, "autumn").await;
    assert_eq!(autumn[Fact::Abandoned], 1_300);
    floor.assert_sums_equal_recount().await;
}

async fn a_campaigns_period_is_told_when_it_is_new_when_its_start_moves_and_when_it_turns(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    floor.submit(vec![record("c1", "2026-11-21T11:58:00Z")]).await;
    let told = async |floor: &mut Floor| {
        let periods: Vec<_> = floor.changes().await.into_iter().flat_map(|change| change.periods).collect();
        periods
            .iter()
            .map(|p| (p.from.to_rfc3339(), p.to.to_rfc3339(), p.tally.get(Fact::Attempts)))
            .collect::<Vec<_>>()
    };
    let day = |date: &str| format!("{date}T00:00:00Z");
    assert_eq!(told(&mut floor).await, [(day("2026-11-21"), day("2026-12-21"), 1)]);
    floor.submit(vec![record("c2", "2026-11-20T11:58:00Z")]).await;
    assert_eq!(told(&mut floor).await, [(day("2026-11-20"), day("2026-12-20"), 2)], "an earlier first call");
    floor.submit(vec![record("c3", "2026-11-20T11:58:00Z")]).await;
    assert_eq!(told(&mut floor).await, []);
    let started = serde_json::json!({ "campaign": "spring", "started_at": "2026-10-22T15:00:00Z" });
    floor.submit(vec![event("u", "2026-11-21T11:59:00Z", "campaign.updated", started)]).await;
    assert_eq!(told(&mut floor).await, [(day("2026-11-21"), day("2026-12-21"), 1)], "its second block");
    floor.restart().await;
    assert_eq!(floor.initial.periods.len(), 1);
    assert_eq!(floor.initial.periods[0].tally.get(Fact::Attempts), 1);
    floor.wait(Span::days(30)).await;
    assert_eq!(told(&mut floor).await, [(day("2026-12-21"), day("2027-01-20"), 0)]);
}

async fn a_campaign_begins_with_its_first_call_whatever_is_told_of_that_later(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let began = |periods: &[PeriodSums]| {
        let mut began: Vec<_> = periods
            .iter()
            .filter(|period| period.tally.tells_of_calls())
            .map(|p| (p.campaign.to_string(), p.from.to_rfc3339(), p.tally.get(Fact::Attempts)))
            .collect();
        began.sort();
        began
    };
    let day = |campaign: &str, date: &str, n| (campaign.to_owned(), format!("{date}T00:00:00Z"), n);
    let is_anothers = |call: &str| {
        let data = serde_json::json!({ "call_id": call, "campaign": "autumn" });
        event("u", "2026-11-21T11:59:00Z", "call.updated", data)
    };
    // Agents of the campaign log in days before its first call, which turns out to be another's.
    let early = |at, state| {
        let data = serde_json::json!({ "agent": "ann", "campaign": "spring", "state": state });
        event("a", at, "agent.state", data)
    };
    floor.submit(vec![early("2026-11-05T09:00:00Z", "ready"), early("2026-11-05T10:00:00Z", "offline")]).await;
    floor.submit(vec![record("c1", "2026-11-10T11:58:00Z"), record("c2", "2026-11-20T11:58:00Z")]).await;
    floor.submit(vec![early("2026-11-10T09:00:00Z", "ready"), early("2026-11-10T10:00:00Z", "offline")]).await;
    let mut board: BTreeMap<CampaignId, PeriodSums> = BTreeMap::new();
    let mut live = async |floor: &mut Floor| {
        for change in floor.changes().await {
            board.extend(change.periods.iter().map(|period| (period.campaign.clone(), period.clone())));
            change.without_start.iter().for_each(|campaign| drop(board.remove(campaign)));
        }
        board.values().cloned().collect::<Vec<_>>()
    };
    assert_eq!(began(&live(&mut floor).await), [day("spring", "2026-11-10", 2)]);
    floor.submit(vec![is_anothers("c1")]).await;
    let now = [day("autumn", "2026-11-10", 1), day("spring", "2026-11-20", 1)];
    assert_eq!(began(&live(&mut floor).await), now);
    let told = live(&mut floor).await;
    floor.restart().await;
    assert_eq!(began(&floor.initial.periods), now);
    assert!(told.iter().all(|period| floor.initial.periods.contains(period)), "live and after a restart");
    floor.submit(vec![is_anothers("c2")]).await;
    assert_eq!(floor.changes().await.iter().flat_map(|c| &c.without_start).count(), 1);
    floor.restart().await;
    assert_eq!(began(&floor.initial.periods), [day("autumn", "2026-11-10", 2)]);
}

async fn of_two_numbers_told_for_one_instant_the_country_is_that_of_the_one_that_stands(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let to = |call: &str, number: &str| {
        let data = serde_json::json!({ "call_id": call, "direction": "outbound", "to": number });
        event("u", "2026-11-21T11:59:00Z", "call.updated", data)
    };
    // By bytes the Spanish number is the greater, by name the American country.
    let numbers = ["+34911234567", "+12025550142"];
    let mut events = vec![record("c1", "2026-11-21T11:50:00Z"), record("c2", "2026-11-21T11:50:00Z")];
    events.extend(numbers.iter().map(|number| to("c1", number)));
    events.extend(numbers.iter().rev().map(|number| to("c2", number)));
    for event in events.clone() {
        floor.submit(vec![event]).await;
    }
    let again = floor.submit(events).await;
    assert_eq!((again.accepted, again.duplicate), (0, 6), "all of it is known");
    for (country, calls) in [("ES", 2), ("US", 0)] {
        let sum = floor.sum(Dimension::Country, Grain::SiteDay, country).await;
        assert_eq!(sum[Fact::Attempts], calls, "{country}");
    }
    floor.assert_sums_equal_recount().await;
}

async fn a_period_that_cannot_be_read_keeps_no_other_from_turning(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let started = |campaign: &str| {
        let data = serde_json::json!({ "campaign": campaign, "started_at": "2026-11-20T00:00:00Z" });
        event("u", "2026-11-21T11:59:00Z", "campaign.updated", data)
    };
    let mut other = record("c2", "2026-11-21T11:58:00Z");
    if let app::domain::Data::CallRecord(body) = &mut other.data {
        body.campaign = Some(app::domain::CampaignId::trusted("autumn"));
    }
    floor.submit(vec![started("autumn"), started("spring"), record("c1", "2026-11-21T11:58:00Z"), other]).await;
    let told = async |floor: &mut Floor| -> Vec<String> {
        let changes = floor.changes().await;
        changes
            .iter()
            .flat_map(|change| &change.periods)
            .map(|p| format!("{} {}", p.campaign, p.from.to_rfc3339()))
            .collect()
    };
    assert_eq!(told(&mut floor).await.len(), 2);
    // The first in their order, so that the other comes after it.
    let mut db = floor.database().await;
    let unreadable = match &db {
        Look::Sqlite(_) => "x'ff'",
        Look::Postgres(_) => "'\\xff'::bytea",
    };
    db.run("create table kept as select * from rollups where campaign = 'autumn' and grain = 2 and dimension = 1")
        .await;
    let spoil =
        format!("update rollups set block = {unreadable} where campaign = 'autumn' and grain = 2 and dimension = 1");
    db.run(&spoil).await;
    floor.clock.advance(Span::days(30));
    assert_eq!(told(&mut floor).await, ["spring 2026-12-20T00:00:00Z"]);
    let mend = "update rollups set block = (select kept.block from kept where kept.bucket = rollups.bucket) \
         where campaign = 'autumn' and grain = 2 and dimension = 1";
    db.run(mend).await;
    assert_eq!(told(&mut floor).await, ["autumn 2026-12-20T00:00:00Z"]);
}

async fn whose_calls_an_hour_holds_is_told_however_many_there_are(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:30:00Z").await;
    let mut first = record("first", "2026-11-21T12:00:00Z");
    first.source = app::domain::SourceId::trusted("pbx");
    floor.submit(vec![first, record("before", "2026-11-21T11:59:59Z")]).await;
    floor.submit((0..1_100).map(|n| record(&format!("c{n}"), "2026-11-21T12:20:00Z")).collect()).await;
    let hour = |time| {
        let from = Moment::parse(time).unwrap();
        Stretch { from, to: from + Span::hours(1) }
    };
    let realms = async |floor: &mut Floor, time| -> Vec<String> {
        floor.reader().realms(hour(time)).await.unwrap().iter().map(ToString::to_string).collect()
    };
    assert_eq!(realms(&mut floor, "2026-11-21T12:00:00Z").await, ["dialer", "pbx"]);
    assert_eq!(realms(&mut floor, "2026-11-21T11:00:00Z").await, ["dialer"]);
    assert!(realms(&mut floor, "2026-11-21T10:00:00Z").await.is_empty());
}

async fn calls_of_a_realm_are_up_until_they_end_or_are_given_up(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let started = |call: &str, time: &str| {
        let data = serde_json::json!({ "call_id": call, "direction": "outbound", "to": "+34910000001" });
        event(call, time, "call.started", data)
    };
    let mut elsewhere = started("elsewhere", "2026-11-21T11:59:00Z");
    elsewhere.source = app::domain::SourceId::trusted("pbx");
    let silent_for_four_hours = started("silent", "2026-11-21T07:59:00Z");
    let over = record("over", "2026-11-21T11:58:00Z");
    floor.submit(vec![started("up", "2026-11-21T11:59:00Z"), over, elsewhere, silent_for_four_hours]).await;
    let up = async |floor: &mut Floor, realm: &'static str| -> Vec<String> {
        let up = floor.reader().up(&app::domain::RealmId::trusted(realm)).await.unwrap();
        up.iter().map(|filed| filed.name.call_id.to_string()).collect()
    };
    assert_eq!(up(&mut floor, "dialer").await, ["up"]);
    assert_eq!(up(&mut floor, "pbx").await, ["elsewhere"]);
    let ended = serde_json::json!({ "call_id": "up" });
    floor.submit(vec![event("end", "2026-11-21T11:59:30Z", "call.ended", ended)]).await;
    assert!(up(&mut floor, "dialer").await.is_empty());
}

/// A commit of nothing.
struct Nothing;

impl OpenCommit for Nothing {
    fn judge(&mut self, _: &mut CallWrite<'_>) {}

    fn rest(&mut self) -> Result<Commit<'_>, StoreError> {
        Ok(Commit::default())
    }
}

async fn what_a_month_costs_is_no_sign_that_the_floor_lives(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    floor.changes().await;
    let told = serde_json::json!({ "month": "2026-11", "kind": "telephony", "amount": "12.50", "currency": "EUR" });
    let receipt = floor.submit(vec![event("cost", "2026-11-21T12:00:00Z", "cost.updated", told)]).await;
    assert_eq!(receipt.accepted, 1);
    for change in floor.changes().await {
        assert_eq!((change.events, change.newest_event), (0, None));
    }
}

async fn settings_and_samples_are_there_after_a_restart(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let channels = |time: &str, active: u32| {
        let data = serde_json::json!({ "trunk": "north", "active": active, "capacity": 100 });
        event(time, time, "channels.sample", data)
    };
    let health = |time: &str, status: &str| {
        let data = serde_json::json!({ "component": "db", "kind": "database", "status": status });
        event(time, time, "health.sample", data)
    };
    let campaign = serde_json::json!({ "campaign": "spring", "name": "Spring", "mode": "preview", "limit": 0.02 });
    let cost = serde_json::json!({ "month": "2026-11", "amount": "12.50", "currency": "EUR", "kind": "telephony" });
    let events = vec![
        channels("2026-11-21T11:00:00Z", 7),
        channels("2026-11-21T11:50:00Z", 8),
        channels("2026-11-21T11:55:00Z", 9),
        health("2026-11-21T11:40:00Z", "offline"),
        health("2026-11-21T11:41:00Z", "degraded"),
        health("2026-11-21T11:42:00Z", "healthy"),
        event("c", "2026-11-21T11:00:00Z", "campaign.updated", campaign),
        event("k", "2026-11-21T11:00:00Z", "cost.updated", cost),
        record("c1", "2026-11-21T11:58:00Z"),
    ];
    assert_eq!(floor.submit(events.clone()).await.accepted, 9);
    assert_eq!(floor.submit(events).await.duplicate, 9);
    floor.restart().await;
    let active: Vec<_> = floor.initial.channels.iter().map(|sample| sample.body.active).collect();
    assert_eq!(active, [8, 9]);
    assert_eq!(floor.initial.health.len(), 2, "the last two, from which the interval is measured");
    let settings = floor.reader().settings(Dids::With).await.unwrap();
    assert_eq!(settings.campaigns.len(), 1);
    assert_eq!(settings.campaigns[0].1.name.get().unwrap().as_str(), "Spring");
    assert_eq!(settings.routes[0].0.as_str(), "north", "first seen in a call");
    assert_eq!(settings.dids[0].0.reveal(), "+12025550142");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_locked_events_are_refused_and_nothing_is_half_done() {
    let mut floor = Floor::open(Place::make(Kind::Sqlite).await.unwrap(), "2026-11-21T12:00:00Z").await;
    floor.submit(vec![record("c1", "2026-11-21T11:58:00Z")]).await;
    floor.changes().await;
    let mut other = floor.database().await;
    other.run("begin immediate").await;
    let events = vec![record("c1", "2026-11-21T11:58:01Z"), record("c2", "2026-11-21T11:58:00Z")];
    let refused = floor.ingest().submit(events.clone()).await;
    assert!(matches!(refused, Err(Refusal::NotDurable { .. })), "{refused:?}");
    other.run("rollback").await;
    assert!(floor.changes().await.iter().all(|change| change.facts.is_empty() && change.gauges.is_empty()));
    assert_eq!(floor.submit(events).await.accepted, 2);
    let total = floor.sum(Dimension::Total, Grain::SiteDay, "").await;
    assert_eq!((total[Fact::Attempts], total[Fact::Ended]), (2, 2));
    floor.assert_sums_equal_recount().await;
}

async fn a_second_writer_another_zone_and_a_newer_schema_are_refused(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let database = floor.place.database();
    let again = async |zone| any::open(&database, zone).await.map(|(writer, _)| writer);
    let refused = async |zone| again(zone).await.err().map(|e| e.to_string()).unwrap_or_default();
    match floor.place.kind {
        Kind::Sqlite => assert!(refused(chrono_tz::UTC).await.starts_with("another ringside writes to")),
        Kind::Timescale | Kind::Postgres => {
            let mut second = again(chrono_tz::UTC).await.unwrap();
            assert_eq!(second.lead().await.unwrap(), Lead::Elsewhere);
            let written = second.commit(&mut [], &mut Nothing).await;
            assert!(matches!(written, Err(StoreError::LedElsewhere)), "{written:?}");
        }
    }
    floor.stop().await;
    let other = refused(chrono_tz::Europe::Madrid).await;
    assert!(other.contains("site zone UTC") && other.contains("Europe/Madrid"), "{other}");
    let mut db = floor.database().await;
    let (truth, bytes) = match &db {
        Look::Sqlite(_) => ("1", "x'00'"),
        Look::Postgres(_) => ("true", "'\\x00'::bytea"),
    };
    db.run(&format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (99, 'x', {truth}, {bytes}, 0)"
    ))
    .await;
    assert!(refused(chrono_tz::UTC).await.contains("schema is version 99"));
}

async fn what_is_older_than_it_is_kept_is_cleared_away_and_the_days_stay(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let health = serde_json::json!({ "component": "db", "kind": "database", "status": "healthy" });
    floor
        .submit(vec![
            record("c1", "2026-11-21T11:58:00Z"),
            agent("2026-11-21T10:00:00Z", "break"),
            agent("2026-11-21T11:00:00Z", "ready"),
            event("h1", "2026-11-21T11:57:00Z", "health.sample", health.clone()),
            event("h2", "2026-11-21T11:58:00Z", "health.sample", health),
        ])
        .await;
    floor.stop().await;
    let (mut writer, reader) = any::open(&floor.place.database(), chrono_tz::UTC).await.unwrap();
    until_led(&mut writer).await;
    let later = |days: i64| floor.clock.now() + Span::days(days);
    let retention = Retention { calls: Span::days(90) };
    let rows = async |sql: &'static str| floor.database().await.number(sql).await;
    let counts = async || {
        [
            rows("select count(*) from rollups where grain = 0").await,
            rows("select count(*) from rollups where grain = 1 and dimension in (4, 5, 7)").await,
            rows("select count(*) from rollups where grain = 1 and dimension not in (4, 5, 7)").await,
            rows("select count(*) from calls").await,
        ]
        .map(|n| n > 0)
    };
    assert_eq!(counts().await, [true, true, true, true]);
    for (days, kept) in [
        (13, [true, true, true, true]),
        (15, [false, true, true, true]),
        (36, [false, false, true, true]),
        (93, [false, false, true, false]),
        (397, [false, false, false, false]),
    ] {
        assert_eq!(writer.clear(later(days), retention).await.unwrap(), Cleared::All);
        assert_eq!(counts().await, kept, "after {days} days");
    }
    assert_eq!(rows("select count(*) from agent_states").await, 1, "the last word of an agent stays");
    assert_eq!(rows("select count(*) from samples").await, 0);
    assert_eq!(rows("select count(*) from latest_samples").await, 0, "what was taken away is not told at every start");
    let query = SumQuery {
        dimension: Dimension::Did,
        key: None,
        scope: CampaignScope::All,
        from: Moment::from_secs(0),
        to: Moment::from_secs(4_000_000_000),
        grain: Grain::SiteDay,
    };
    assert_eq!(reader.sums(&query).await.unwrap()[0].1[Fact::Attempts], 1);
}

async fn stopping_serves_what_has_queued_up(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let ingest = floor.ingest();
    let submitted: Vec<_> = (0..20)
        .map(|n| {
            let ingest = ingest.clone();
            tokio::spawn(async move { ingest.submit(vec![record(&format!("c{n}"), "2026-11-21T11:58:00Z")]).await })
        })
        .collect();
    tokio::task::yield_now().await;
    floor.stop().await;
    let mut taken = 0;
    for answer in submitted {
        match answer.await.unwrap() {
            Ok(receipt) => taken += receipt.accepted,
            Err(refusal) => assert_eq!(refusal, Refusal::Stopping),
        }
    }
    let kept = floor.database().await.number("select count(*) from calls").await;
    assert_eq!(kept as u64, taken);
}
