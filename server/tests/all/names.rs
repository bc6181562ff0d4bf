//! Names do not pile up for ever: what there is no room for is rejected by name, and what retention has cleared away is
//! forgotten, in the store and in memory.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store, until_led};
use crate::floor::{Floor, event};
use crate::process::Server;
use app::domain::{CampaignId, Event, RouteId, Span};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::store::any;
use server::store::read::{Dids, Reader, Settings};
use server::store::write::{Cleared, Retention, WriteStore};

/// As many trunks as there is room for.
const TRUNKS: usize = 5_000;

fn status(trunk: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = app::domain::Moment::from_micros(i64::try_from(now.as_micros()).unwrap()).to_rfc3339();
    let data = json!({ "trunk": format!("trunk-{trunk}"), "status": "healthy" });
    let event = json!({ "specversion": "1.0", "id": format!("e-{trunk}"), "source": "pbx", "type": "trunk.status",
        "time": at, "data": data });
    format!("{event}\n")
}

#[tokio::test]
async fn a_name_without_room_is_rejected_and_never_called_a_duplicate() {
    let server = Server::start(&[], &[]).await;
    let lines: String = (0..=TRUNKS).map(status).collect();
    let (answered, answer) = server.post("application/x-ndjson", lines).await;
    assert_eq!((answered, &answer["accepted"], &answer["duplicate"]), (StatusCode::OK, &json!(TRUNKS), &json!(0)));
    let error =
        "data.trunk: too many names: 5000 are known, and this is another; names are forgotten with what they told";
    assert_eq!(answer["rejected"], json!([{ "index": TRUNKS, "id": "e-5000", "error": error }]));
    let (answered, answer) = server.post("application/x-ndjson", status(TRUNKS + 1)).await;
    assert_eq!((answered, &answer["duplicate"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(0)), "{answer}");
    let (answered, answer) = server.post("application/x-ndjson", status(7)).await;
    assert_eq!((answered, &answer["rejected"]), (StatusCode::OK, &Value::Array(Vec::new())), "known already");
    let metrics = server.text("/metrics").await;
    assert!(metrics.contains("ringside_events_rejected_total{reason=\"too_many_names\"} 2"), "{metrics}");
}

on_every_store! {
    a_name_of_which_nothing_is_kept_is_forgotten_and_may_come_again
    agents_and_components_of_which_nothing_is_kept_are_forgotten
}

/// A whole call by the names it bears, begun at noon of a day.
fn call(id: &str, day: &str, campaign: &str, route: &str, did: &str) -> Event {
    let at = |time: &str| format!("{day}T12:0{time}Z");
    let data = json!({ "call_id": id, "direction": "outbound", "campaign": campaign, "route": route, "from": did,
        "to": "+34911234567", "started_at": at("0:00"), "answered_at": at("0:04"), "ended_at": at("1:00") });
    event(id, &at("1:00"), "call.record", data)
}

fn names(settings: &Settings) -> (Vec<&str>, Vec<&str>, Vec<&str>) {
    let mut names = (
        settings.campaigns.iter().map(|(id, _)| CampaignId::as_str(id)).collect::<Vec<_>>(),
        settings.routes.iter().map(|(id, _)| RouteId::as_str(id)).collect::<Vec<_>>(),
        settings.dids.iter().map(|(number, _)| number.reveal()).collect::<Vec<_>>(),
    );
    names.0.sort_unstable();
    names.1.sort_unstable();
    names.2.sort_unstable();
    names
}

async fn a_name_of_which_nothing_is_kept_is_forgotten_and_may_come_again(place: Place) {
    let mut floor = Floor::open(place, "2026-06-01T13:00:00Z").await;
    let spring = || ("spring", "north", "+12025550142");
    let (autumn, route, did) = ("autumn", "south", "+12025550143");
    let of = |id: &str, day: &str, (campaign, route, did)| call(id, day, campaign, route, did);
    floor.submit(vec![of("a", "2026-06-01", spring()), of("b", "2026-06-01", (autumn, route, did))]).await;
    // Heard of again, by a call and by words.
    floor.wait(Span::days(40)).await;
    floor.submit(vec![of("c", "2026-07-11", (autumn, route, did))]).await;
    floor.wait(Span::days(49)).await;
    floor.restart().await;
    let both = (vec![autumn, "spring"], vec!["north", route], vec![spring().2, did]);
    assert_eq!(names(&floor.reader().settings(Dids::With).await.unwrap()), both, "after 89 days");
    floor.clock.advance(Span::days(3));
    floor.restart().await;
    let one = (vec![autumn], vec![route], vec![did]);
    assert_eq!(names(&floor.reader().settings(Dids::With).await.unwrap()), one, "after 92");
    let told = Settings {
        campaigns: floor.initial.campaigns.clone(),
        routes: floor.initial.routes.clone(),
        dids: floor.initial.dids.clone(),
        persons: Vec::new(),
    };
    assert_eq!(names(&told), one);
    assert!(floor.initial.runs.iter().all(|run| run.campaign.as_str() == autumn));
    floor.submit(vec![of("d", "2026-09-01", spring())]).await;
    floor.restart().await;
    assert_eq!(names(&floor.reader().settings(Dids::With).await.unwrap()), both);
}

async fn agents_and_components_of_which_nothing_is_kept_are_forgotten(place: Place) {
    let mut floor = Floor::open(place, "2026-06-01T13:00:00Z").await;
    let state = json!({ "agent": "ann", "state": "offline" });
    let health = json!({ "component": "db", "kind": "database", "status": "healthy" });
    floor
        .submit(vec![
            event("s", "2026-06-01T12:00:00Z", "agent.state", state),
            event("h", "2026-06-01T12:00:00Z", "health.sample", health),
        ])
        .await;
    floor.wait(Span::days(2)).await;
    floor.stop().await;
    let (mut store, _reader) = any::open(&floor.place.database(), chrono_tz::UTC).await.unwrap();
    until_led(&mut store).await;
    let mut after = async |days: i64| {
        let retention = Retention { calls: Span::days(90) };
        while store.clear(floor.clock.now() + Span::days(days), retention).await.unwrap() == Cleared::MoreToDo {}
        let names = store.names().await.unwrap();
        (names.agents.len(), names.series.len(), store.components().await.unwrap().len())
    };
    assert_eq!(after(32).await, (1, 1, 1));
    assert_eq!(after(36).await, (1, 0, 0));
    assert_eq!(after(93).await, (0, 0, 0));
}
