//! Who may see two campaigns hears nothing of a third, at whatever address: each answer is that of a floor on which there is
//! none, and what is of the whole floor is refused.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::pages::Pages;
use super::router;
use super::table::{ROUTES, Row, Tells};
use super::testing::api_over;
use crate::access::keys::{Key, Keys, Scope};
use crate::access::policy::Who;
use crate::board::BoardConfig;
use crate::clock::Clock;
use crate::ingest::{Opened, StoreConfig, open};
use crate::live::{self, Hears, LiveHandle};
use crate::store::any::Database;
use app::domain::{CampaignId, CampaignScope, Dimension, Fact, Moment, Span, Window, parse};
use app::kpi::KpiId;
use app::ui::{About, FloorKind};
use app::view::PanelId;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::fmt::Write as _;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const KEY: &str = "a-key-that-sees-two-campaigns";
const THEIRS: [&str; 2] = ["solar-west", "solar-east"];
const THIRD: &str = "canary-of-another";
const NOON: Moment = Moment::from_secs(1_795_262_400);

/// A floor of two campaigns, or of a third beside them, as who may see the two finds it.
struct Floor {
    router: Router,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// So many calls of a campaign, of all kinds, over its own route and number; with an agent, and what its dialer says of it.
fn events_of(campaign: &str, calls: i64) -> Vec<Value> {
    let place = campaign.len() as i64;
    let at = |seconds_ago: i64| (NOON - Span::secs(seconds_ago)).to_rfc3339();
    let event = |id: String, kind: &str, seconds_ago: i64, data: Value| json!({ "specversion": "1.0", "id": id, "source": "dialer", "type": kind, "time": at(seconds_ago), "data": data });
    let mut all = vec![
        event(
            format!("{campaign}-up"),
            "campaign.updated",
            900,
            json!({ "campaign": campaign, "name": format!("The {campaign}"),
            "status": "active", "mode": "predictive", "destinations": 5_000, "destination": format!("of {campaign}") }),
        ),
        event(
            format!("{campaign}-agent"),
            "agent.state",
            300,
            json!({ "agent": format!("agent of {campaign}"), "campaign": campaign, "state": "ready" }),
        ),
    ];
    for n in 0..calls {
        let ago = 20 + 7 * n;
        let mut data = json!({ "call_id": format!("{campaign}-{n}"), "direction": "outbound", "campaign": campaign,
            "route": format!("route-of-{campaign}"), "from": format!("+120255501{place:02}"), "to": format!("+1312555{:04}", place * 100 + n),
            "started_at": at(ago), "progress_at": at(ago - 2), "ended_at": at(ago - 15), "attempt": 1 });
        if n % 3 == 0 {
            data["answered_at"] = json!(at(ago - 5));
            data["by"] = json!("human");
        }
        if n % 6 == 0 {
            data["bridged_at"] = json!(at(ago - 6));
            data["agent"] = json!(format!("agent of {campaign}"));
        }
        if n % 5 == 1 {
            data["sip_code"] = json!(503);
        }
        all.push(event(format!("{campaign}-{n}"), "call.record", ago - 15, data));
    }
    all
}

async fn floor(campaigns: &[&str]) -> Floor {
    let (folder, stop) = (tempfile::tempdir().unwrap(), CancellationToken::new());
    let clock = Clock::by_hand(NOON);
    let database = Database::Sqlite(folder.path().join("r.db"));
    let store = StoreConfig { database, zone: chrono_tz::Tz::UTC, keep_calls: Span::days(90) };
    let Opened { ingest, reader, changes, initial, .. } = open(store, clock.clone(), stop.clone()).await.unwrap();
    let (live, _) = live::start(BoardConfig::default(), clock.clone(), &initial, Hears::only(changes), stop.clone());
    let key = Key::new("two", KEY, vec![Scope::Read, Scope::Control, Scope::Costs]);
    let key = key.seeing(THEIRS.into_iter().map(CampaignId::trusted).collect());
    let api = api_over(Keys::new(vec![key]), (ingest.clone(), reader, live.clone()), clock, &stop).await;
    let calls = |campaign: &str| 30 + 11 * campaign.len() as i64;
    let attempts = campaigns.iter().map(|campaign| calls(campaign)).sum();
    // All at once: a tick between two of them would remember another order of the rows.
    let events = campaigns.iter().flat_map(|campaign| events_of(campaign, calls(campaign)));
    let events = events.map(|event| parse::event(&event.to_string()).unwrap()).collect();
    assert_eq!(ingest.submit(events).await.unwrap().rejected, []);
    until_shown(&live, attempts).await;
    // The door goes by the table: what the rest of the server serves at these addresses is not asked here.
    let elsewhere = [
        "/panel/{file}",
        "/api/v1/replay",
        "/api/v1/replay/stream",
        "/api/v1/demo/scenarios",
        "/api/v1/demo/past",
        "/api/v1/demo/scenarios/{name}",
    ];
    let more = elsewhere.into_iter().fold(Router::new(), |more, path| more.route(path, get(|| async { THIRD })));
    let pages = Pages::new(About { version: "0".to_owned(), floor: FloorKind::Real });
    Floor { router: router(api, pages, more), stop, _folder: folder }
}

/// Until the board has heard all.
async fn until_shown(live: &LiveHandle, attempts: i64) {
    let heard = async {
        loop {
            let sums = live.sums(Dimension::Total, Window::Minutes60, CampaignScope::All, None).await.unwrap().unwrap();
            if sums.rows.iter().map(|(_, facts)| facts[Fact::Attempts]).sum::<i64>() == attempts {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), heard).await.unwrap();
}

impl Floor {
    async fn ask(&self, method: Method, path: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {KEY}"));
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let goes_on = answer.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let mut body = answer.into_body().into_data_stream();
        let mut text = String::new();
        while let Some(piece) = body.next().await {
            text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
            // A stream's first frame is whole; ids name the run of the server.
            if goes_on && text.contains("data: ") && text.ends_with("\n\n") {
                return (status, text.lines().filter(|line| line.starts_with("data: ")).collect());
            }
        }
        (status, text)
    }
}

/// What is asked at a route whose answer is cut: with and without naming campaigns, and of each of the three.
fn questions(row: &Row) -> Vec<String> {
    let campaigns = [THEIRS[0], THEIRS[1], THIRD];
    let of_each = |path: &str| campaigns.map(|campaign| path.replace("{}", campaign)).to_vec();
    let narrowed = |path: &str| {
        let joined = if path.contains('?') { '&' } else { '?' };
        let mut all = vec![path.to_owned()];
        all.extend(campaigns.map(|campaign| format!("{path}{joined}campaign={campaign}")));
        all.push(format!("{path}{joined}campaign={}&campaign={}", THEIRS[0], THIRD));
        all.push(format!("{path}{joined}campaign={}&campaign={}", THEIRS[0], THEIRS[1]));
        all
    };
    let by = ["total", "campaign", "route", "did", "country", "agent", "sip_code"];
    match row.path {
        "/live" => {
            vec!["/live".to_owned(), format!("/live?campaign={THIRD}"), "/live?at=2026-11-21T11:00:00".to_owned()]
        }
        "/monitor/{campaign}" => of_each("/monitor/{}"),
        "/api/v1/stream" => {
            let mut all = narrowed("/api/v1/stream?every=1s");
            all.extend(["monitor", "daily", "trend"].map(|view| format!("/api/v1/stream?view={view}")));
            all.extend(of_each("/api/v1/stream?view=monitor&campaign={}"));
            all
        }
        "/api/v1/kpis/{id}" => KpiId::ALL
            .iter()
            .flat_map(|kpi| {
                by.map(|by| format!("/api/v1/kpis/{}?by={by}", kpi.get().id))
                    .into_iter()
                    .chain([format!("/api/v1/kpis/{}", kpi.get().id)])
            })
            .flat_map(|path| {
                [path.clone(), format!("{path}{}campaign={THIRD}", if path.contains('?') { '&' } else { '?' })]
            })
            .collect(),
        "/api/v1/facts" => by
            .iter()
            .flat_map(|by| ["1h", "60m", "24h", "today"].map(|window| format!("/api/v1/facts?by={by}&window={window}")))
            .flat_map(|path| narrowed(&path))
            .collect(),
        "/api/v1/series/{id}" => by
            .iter()
            .flat_map(|by| {
                narrowed(&format!("/api/v1/series/attempts?by={by}&from=2026-11-21T10:00:00Z&to=2026-11-21T13:00:00Z"))
            })
            .collect(),
        "/api/v1/views/live" => {
            let mut all = narrowed("/api/v1/views/live");
            all.extend(PanelId::ALL.iter().map(|panel| format!("/api/v1/views/live?panel={}", panel.word())));
            all
        }
        "/api/v1/views/monitor/{campaign}" => of_each("/api/v1/views/monitor/{}"),
        "/api/v1/calls" => narrowed("/api/v1/calls?limit=1000"),
        "/api/v1/calls/{realm}/{call_id}" => of_each("/api/v1/calls/dialer/{}-1"),
        "/api/v1/annotations" => narrowed("/api/v1/annotations?from=2026-11-20T00:00:00Z"),
        "/api/v1/campaigns/{id}/control" => of_each("/api/v1/campaigns/{}/control"),
        "/api/v1/campaigns/{id}/pause" | "/api/v1/campaigns/{id}/resume" => vec![row.path.replace("{id}", THIRD)],
        path => panic!("ask something at {path}, and look that nothing of others is in the answer"),
    }
}

/// An answer without what differs from one to the next: a page's nonce, and what it is told to name.
fn told(text: &str, path: &str) -> String {
    let asked_for_by_name = path.contains(THIRD);
    let mut told = String::new();
    for part in text.split("nonce") {
        let rest = part.split_once(['"', '\'']).map_or(part, |(_, rest)| rest);
        let _ = write!(
            told,
            "{}",
            if text.contains("<html") { rest.split_once(['"', '\'']).map_or("", |(_, rest)| rest) } else { part }
        );
    }
    if asked_for_by_name { told.replace(THIRD, "") } else { told }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_hears_of_a_campaign_that_they_may_not_see() {
    let (with, without) = (floor(&[THEIRS[0], THEIRS[1], THIRD]).await, floor(&THEIRS).await);
    let (mut cut, mut refused, mut answered) = (0, 0, 0);
    for row in ROUTES {
        match row.tells {
            Tells::NoFigures => {}
            Tells::WholeFloor => {
                let path = row.path.replace(['{', '}'], "");
                let methods = [(Method::GET, row.read), (Method::POST, row.write)];
                for (method, who) in methods.into_iter().filter(|(_, who)| *who != Who::Signer) {
                    let (status, said) = with.ask(method.clone(), &path).await;
                    assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} ({who:?}): {said}");
                    assert!(!said.contains(THIRD), "{path}");
                    refused += 1;
                }
            }
            Tells::TheirCampaigns => {
                for path in questions(row) {
                    let method = if row.write == Who::Controller { Method::POST } else { Method::GET };
                    let (status, said) = with.ask(method.clone(), &path).await;
                    let (expected, expected_said) = without.ask(method, &path).await;
                    assert_eq!(status, expected, "{path}: {said}");
                    assert_eq!(told(&said, &path), told(&expected_said, &path), "{path}");
                    assert!(path.contains(THIRD) || !said.contains(THIRD), "{path}: {said}");
                    cut += 1;
                    answered += usize::from(status == StatusCode::OK && said.contains(THEIRS[0]));
                }
            }
        }
    }
    assert!(cut > 100 && refused > 20 && answered > 30, "{cut} {refused} {answered}");
}
