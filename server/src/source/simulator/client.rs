//! The simulator as a client: sends the floor's events to another server (`crate::client`).

use super::drive::{DEMO, Hands, Opening, Past, run};
use super::plan::Hours;
use super::scenario::{Scenario, ScenarioBoard, Switch};
use crate::aside;
use crate::client::{Client, ClientError};
use crate::clock::Clock;
use crate::source::feed::{Feed, GivenUp, Rejections, SourceRow};
use app::domain::Span;
use std::io::BufRead;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two lines of counts.
const REPORT: Duration = Duration::from_secs(10);
/// What `ringside simulate` is asked for.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The server, as `https://host:port`.
    pub to: String,
    /// A key of scope `ingest`.
    pub key: Option<String>,
    pub seed: u64,
    /// How many times seven calls a second.
    pub factor: f64,
    /// How long before now the floor opens: that much it catches up with.
    pub lead: Span,
}

#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Refused(GivenUp),
}

/// Runs a floor into another server until it is shut. Scenarios are switched by lines on standard input
/// (`route-fails on`); counts go to standard error now and then.
///
/// # Errors
/// If the address is none, or the server will never take events from this client.
pub async fn simulate(simulation: Simulation, shut: CancellationToken) -> Result<(), SimulateError> {
    let client = Client::new(&simulation.to, simulation.key.clone())?;
    let hands = Hands::default();
    listen(hands.scenarios.clone());
    aside!("Sending a simulated floor to {}. Type a scenario and on or off:", client.events);
    for scenario in Scenario::ALL {
        aside!("  {:<14} {}", scenario.name(), scenario.what());
    }
    let Simulation { seed, factor, lead, .. } = simulation;
    let opening = Opening { seed, factor, hours: Hours::Always, lead, past: Past::None };
    let feed = Feed::unlisted(DEMO, client, Clock::system(), shut, Rejections::Logged);
    let reports = tokio::spawn(report(feed.clone()));
    let ended = run(&feed, opening, &hands).await;
    reports.abort();
    aside!("{}", counts(&feed.row()));
    ended.map_err(SimulateError::Refused)
}

async fn report(feed: Feed<Client>) {
    let mut every = tokio::time::interval(REPORT);
    every.tick().await;
    loop {
        tokio::select! {
            _ = every.tick() => aside!("{}", counts(&feed.row())),
            () = feed.stop().cancelled() => return,
        }
    }
}

fn counts(SourceRow { accepted, duplicate, rejected, waits, .. }: &SourceRow) -> String {
    format!("{accepted} events taken, {duplicate} known already, {rejected} rejected, {waits} waits")
}

/// Reads switches from standard input, on a thread of its own: a read there can't be interrupted, and must not keep the
/// program from ending.
fn listen(board: ScenarioBoard) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            match parse(&line) {
                Ok(None) => {}
                Ok(Some((scenario, switch))) => {
                    board.set(scenario, switch);
                    aside!("{}", scenario.expect());
                }
                Err(why) => aside!("{why}"),
            }
        }
    });
}

/// Reads `route-fails on`; nothing from an empty line.
fn parse(line: &str) -> Result<Option<(Scenario, Switch)>, String> {
    let mut words = line.split_whitespace();
    let Some(name) = words.next() else { return Ok(None) };
    let names = || Scenario::ALL.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ");
    let scenario =
        Scenario::from_name(name).ok_or_else(|| format!("`{name}`: no such scenario; there are {}", names()))?;
    let switch = match words.next() {
        Some("on") => Switch::On,
        Some("off") => Switch::Off,
        Some(other) => return Err(format!("`{other}`: say on or off")),
        None => return Err(format!("`{name}` on, or off?")),
    };
    Ok(Some((scenario, switch)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{FloorPlan, World};
    use super::*;
    use crate::source::feed::{NotTaken, Taken, Target};
    use app::domain::{Event, Moment, parse as contract};
    use axum::Router;
    use axum::http::HeaderMap;
    use axum::response::IntoResponse;
    use axum::routing::post;
    use std::sync::{Arc, Mutex};

    #[test]
    fn switches_are_read_and_mistakes_named() {
        assert_eq!(parse(" route-fails  on "), Ok(Some((Scenario::RouteFails, Switch::On))));
        assert_eq!(parse(""), Ok(None));
        assert!(parse("route-fail on").unwrap_err().contains("route-fails"));
        assert!(parse("list-dry up").unwrap_err().contains("on or off"));
    }

    #[tokio::test]
    async fn a_batch_goes_by_the_contract_and_waits_as_told() {
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&bodies);
        let answer = move |headers: HeaderMap, body: String| {
            let seen = Arc::clone(&seen);
            async move {
                assert_eq!(headers["content-type"], "application/x-ndjson");
                if headers.get("authorization").is_none_or(|key| key != "Bearer k") {
                    return (
                        axum::http::StatusCode::UNAUTHORIZED,
                        [("retry-after", "0")],
                        r#"{"detail":"no key"}"#.to_owned(),
                    )
                        .into_response();
                }
                let mut seen = seen.lock().unwrap();
                seen.push(body);
                if seen.len() == 1 {
                    let full = r#"{"title":"Too Many Requests","accepted":0}"#.to_owned();
                    return (axum::http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")], full).into_response();
                }
                r#"{"accepted":2,"duplicate":1,"rejected":[{"index":0,"id":"e","error":"time: old"}]}"#.into_response()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/v1/events", post(answer))).await });
        let mut world = World::new(1, FloorPlan::demo(), Moment::from_secs(1_795_000_000));
        let events = world.advance(Moment::from_secs(1_795_000_060));
        let client = Client::new(&to, Some("k".to_owned())).unwrap();
        let waits = NotTaken::Later {
            why: format!("{} answered 429 Too Many Requests", client.events),
            after: Some(Duration::from_secs(7)),
        };
        assert_eq!(client.offer(&events).await, Err(waits));
        assert_eq!(
            client.offer(&events).await.unwrap(),
            Taken { accepted: 2, duplicate: 1, rejected: vec![(0, "time: old".to_owned())] }
        );
        let read: Vec<Event> = bodies.lock().unwrap()[1].lines().map(|l| contract::event(l).unwrap()).collect();
        assert_eq!(read, events);
        let keyless = Client::new(&to, None).unwrap();
        assert_eq!(keyless.offer(&events).await, Err(NotTaken::Never("no key".to_owned())));
    }
}
