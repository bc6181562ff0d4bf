//! The dialer worker's health, asked of its own health endpoint (S52).
//!
//! Polls one address, judges each answer (`judge`) and tells what it found as `health.sample` events of kind
//! `dialer_worker`, through ingest like any other source: so pages, uptime and whoever asks the API know the same. What the
//! worker says of itself is read from a JSON body's `status`, where there is one.

mod config;
mod judge;

pub use config::{ConfigError, WorkerConfig, WorkerTable};

use super::feed::{Counted, Feed, Identity, State, WayIn};
use super::poll::{self, Polled};
use super::{Needs, Site, Source};
use crate::telemetry::{Reading, counters};
use app::domain::event::{HealthSample, Text};
use app::domain::outcome::ComponentKind;
use app::domain::{Data, Event, EventId, SourceId};
use judge::{Answer, Found, Judge, Poll};
use reqwest::Client;
use reqwest::redirect::Policy;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// The `source` of these events.
pub const SOURCE: &str = "ringside/worker";
/// As much of an answer as is read: a health endpoint says little.
const MAX_BODY: usize = 64 * 1024;

counters! {
    /// What is counted of asking.
    struct Counters {}
    by "outcome": "ringside_worker_polls", "Times the dialer worker's health was asked for, by outcome" {
        answered: "answered";
        failed: "failed";
    }
}

/// A worker that is asked, as the file has it.
#[derive(Debug)]
pub struct DialerWorker;

impl Source for DialerWorker {
    const KIND: &'static str = "worker";
    const NAMED_BY: &'static str = "component";
    type Table = WorkerTable;
    type Config = WorkerConfig;

    fn checked(table: WorkerTable, _: Site) -> Result<WorkerConfig, String> {
        table.checked().map_err(|error| error.to_string())
    }

    fn name(config: &WorkerConfig) -> &str {
        config.component.as_str()
    }

    fn start(config: WorkerConfig, needs: Needs) -> Result<JoinHandle<()>, String> {
        let why = |error| format!("cannot ask for the dialer worker's health: {error}");
        ask_again_and_again(config, &needs.way_in).map_err(why)
    }
}

/// Polls in a task of its own until the server stops.
///
/// # Errors
/// If the HTTP client can't be made.
fn ask_again_and_again(config: WorkerConfig, way_in: &WayIn) -> Result<JoinHandle<()>, reqwest::Error> {
    // Another part of the program may have installed it before: then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Where it leads elsewhere is not the worker's own word.
    let http = Client::builder().timeout(config.timeout).redirect(Policy::none()).no_proxy().build()?;
    let counters = Arc::<Counters>::default();
    let read = Arc::clone(&counters);
    let identity =
        Identity { kind: DialerWorker::KIND, name: format!("{}/{}", DialerWorker::KIND, config.component).into() };
    let own = Box::new(move |fed| readings(&read, fed));
    let feed = way_in.open(identity, Some(own));
    let (every, judge) = (config.every, Judge::new(config.slow));
    let worker = Worker { config, http, judge, counters, feed: feed.clone() };
    Ok(tokio::spawn(poll::run(worker, every, feed)))
}

fn readings(counters: &Counters, fed: Counted) -> Vec<Reading> {
    let mut readings = counters.readings();
    readings.push(Reading::counter(
        "ringside_worker_samples_dropped",
        "Samples of the dialer worker's health that ingest did not take",
        fed.dropped,
    ));
    readings
}

struct Worker {
    config: WorkerConfig,
    http: Client,
    judge: Judge,
    counters: Arc<Counters>,
    feed: Feed,
}

impl poll::Poll for Worker {
    async fn poll(&mut self) -> Polled {
        let poll = ask(&self.http, &self.config).await;
        let state = match &poll {
            Poll::Answered(answer) => {
                self.counters.answered.add(1);
                self.feed.heard_payload(&answer.in_words());
                State::Well
            }
            Poll::Failed(why) => {
                self.counters.failed.add(1);
                State::Away(why.clone())
            }
        };
        let found = self.judge.judge(&poll);
        Polled { state, events: vec![self.sample(found)] }
    }
}

impl Worker {
    fn sample(&self, found: Found) -> Event {
        let now = self.feed.clock().now();
        let body = HealthSample {
            component: self.config.component.clone(),
            kind: ComponentKind::DialerWorker,
            status: found.status,
            latency_ms: found.latency.map(|took| took.as_secs_f64() * 1_000.0),
            detail: found.detail.as_deref().map(Text::clipped),
            link: None,
        };
        let id = EventId::trusted(format!("{}.{}", self.config.component, now.micros()));
        Event { id, source: SourceId::trusted(SOURCE), time: now, data: Data::HealthSample(body) }
    }
}

async fn ask(http: &Client, config: &WorkerConfig) -> Poll {
    let began = Instant::now();
    let failed = |error: reqwest::Error| Poll::Failed(why(&error, config.timeout));
    let mut response = match http.get(config.url.clone()).send().await {
        Ok(response) => response,
        Err(error) => return failed(error),
    };
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
            // Longer than any word of health: its status code says enough.
            Ok(Some(_)) => {
                body.clear();
                break;
            }
            Ok(None) => break,
            Err(error) => return failed(error),
        }
    }
    Poll::Answered(Answer { status, took: began.elapsed(), says: judge::says(&body) })
}

/// What went wrong, without the address: it may hold what is nobody's business.
fn why(error: &reqwest::Error, timeout: Duration) -> String {
    if error.is_timeout() {
        format!("no answer within {} ms", timeout.as_millis())
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the answer broke off".to_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ingest::{Ingest, Item};
    use crate::source::feed::Feeds;
    use app::domain::outcome::Health;
    use app::domain::{ComponentId, Moment, Span};
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use std::sync::atomic::AtomicU16;
    use std::sync::atomic::Ordering::Relaxed;
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    /// The samples that a poller of `url` submits, one a poll.
    fn polls(url: &str, stop: &CancellationToken, feeds: &Feeds) -> mpsc::Receiver<HealthSample> {
        let table =
            WorkerTable { url: url.to_owned(), component: None, every_s: None, timeout_ms: Some(400), slow_ms: None };
        let config = WorkerConfig { every: Duration::from_millis(20), ..table.checked().unwrap() };
        assert_eq!(config.component, ComponentId::trusted("dialer-worker"));
        let (batches, mut submitted) = mpsc::channel(16);
        let clock = Clock::by_hand(Moment::from_secs(4_000_000_000) - Span::secs(1));
        let ingest = Ingest::over(batches);
        ask_again_and_again(config, &WayIn { feeds: feeds.clone(), ingest, clock, stop: stop.clone() }).unwrap();
        let (samples, told) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Some(batch) = submitted.recv().await {
                for item in &batch.items {
                    if let Item::Other(event) = item
                        && let Data::HealthSample(body) = &event.data
                    {
                        let _ = samples.send(body.clone()).await;
                    }
                }
                let _ = batch.answer.send(Ok(crate::ingest::Receipt::default()));
            }
        });
        told
    }

    async fn until(told: &mut mpsc::Receiver<HealthSample>, status: Health) -> HealthSample {
        let wanted = async {
            loop {
                let sample = told.recv().await.unwrap();
                if sample.status == status {
                    return sample;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wanted).await.unwrap()
    }

    #[tokio::test]
    async fn a_real_endpoint_is_followed_through_health_errors_death_and_return() {
        let answer = Arc::new(AtomicU16::new(200));
        let says = answer.clone();
        let health = move || {
            let status = StatusCode::from_u16(says.load(Relaxed)).unwrap();
            async move { (status, r#"{"status":"ok"}"#) }
        };
        let routes = || Router::new().route("/health", get(health.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(axum::serve(listener, routes()).into_future());
        let stop = CancellationToken::new();
        let feeds = Feeds::default();
        let mut told = polls(&format!("http://{address}/health"), &stop, &feeds);

        let well = until(&mut told, Health::Healthy).await;
        assert!(well.latency_ms.unwrap() > 0.0 && well.detail.is_none(), "{well:?}");
        answer.store(500, Relaxed);
        let errors = until(&mut told, Health::Degraded).await;
        assert_eq!(errors.detail.unwrap().as_str(), "answers with status 500");
        let row = feeds.rows().remove(0);
        assert_eq!((row.kind, row.name.as_str(), row.state), ("worker", "worker/dialer-worker", "well"));
        let payloads = feeds.payloads("worker/dialer-worker").unwrap();
        assert!(payloads.iter().any(|said| said.payload.starts_with("status 500")), "{payloads:?}");
        answer.store(200, Relaxed);
        until(&mut told, Health::Healthy).await;
        server.abort();
        let _ = server.await;
        let mut misses = 0;
        loop {
            let sample = told.recv().await.unwrap();
            if sample.status == Health::Offline {
                assert_eq!(misses, 2, "offline at the third poll without an answer");
                break;
            }
            misses += u32::from(sample.latency_ms.is_none());
        }
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let _back = tokio::spawn(axum::serve(listener, routes()).into_future());
        until(&mut told, Health::Healthy).await;
        stop.cancel();
    }

    #[tokio::test]
    async fn an_endpoint_that_never_answers_is_given_up_in_time() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let feeds = Feeds::default();
        let offline = until(&mut polls(&url, &stop, &feeds), Health::Offline).await;
        assert_eq!(offline.detail.unwrap().as_str(), "no answer within 400 ms, 3 polls in a row");
        let row = feeds.rows().remove(0);
        assert_eq!((row.state, row.why.as_deref()), ("away", Some("no answer within 400 ms")));
        stop.cancel();
    }
}
