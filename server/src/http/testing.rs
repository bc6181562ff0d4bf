//! A server over a real listener whose writer is the test: what the edge does when the writer is slow, full or gone
//! can't be had from a real one at will. `server/tests` has the whole server.
#![allow(clippy::unwrap_used)]

use super::pages::Pages;
use super::{Api, router, serve};
use crate::access::keys::Keys;
use crate::access::{Access, Doors};
use crate::audit::entry::Draft;
use crate::audit::seal::{Head, Sealed};
use crate::board::BoardConfig;
use crate::clock::Clock;
use crate::control;
use crate::control::adapter::Dialers;
use crate::figures::Figures;
use crate::figures::history::History;
use crate::ingest::{Batch, Ingest, Item, Receipt, Refusal};
use crate::kit::lane::Lanes;
use crate::law::change::Change;
use crate::law::span::Stretch;
use crate::live::{self, LiveHandle};
use crate::source::feed::{Feeds, SourceRow, WayIn};
use crate::source::webhook::Hooks;
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use crate::store::read::{CallQuery, Dids, FiledCall, OpenStates, Reader, Series, Settings, SumQuery};
use crate::store::write::Cost;
use crate::telemetry::Metrics;
use app::domain::{CallName, CampaignId, Moment, RealmId};
use app::ui::{About, FloorKind};
use axum::Router;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// A store in which nothing is.
#[derive(Debug, Clone)]
pub struct Nothing;

impl Reader for Nothing {
    async fn all_series(&self, queries: &[SumQuery], _: OpenStates) -> Result<Vec<Series>, StoreError> {
        Ok(vec![Series::new(); queries.len()])
    }
    async fn calls(&self, _: &CallQuery) -> Result<Vec<FiledCall>, StoreError> {
        Ok(Vec::new())
    }
    async fn call(&self, _: &CallName) -> Result<Option<FiledCall>, StoreError> {
        Ok(None)
    }
    async fn up(&self, _: &RealmId) -> Result<Vec<FiledCall>, StoreError> {
        Ok(Vec::new())
    }
    async fn realms(&self, _: Stretch) -> Result<Vec<RealmId>, StoreError> {
        Ok(Vec::new())
    }
    async fn settings(&self, _: Dids) -> Result<Settings, StoreError> {
        Ok(Settings::default())
    }
    async fn first_call(&self, _: &CampaignId) -> Result<Option<Moment>, StoreError> {
        Ok(None)
    }
    async fn costs(&self) -> Result<Vec<Cost>, StoreError> {
        Ok(Vec::new())
    }
    async fn revised(&self, _: Stretch) -> Result<Vec<(Moment, Moment)>, StoreError> {
        Ok(Vec::new())
    }
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl AuditLog for Nothing {
    fn append<'a>(&'a self, _: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>> {
        Box::pin(async { Ok(Head::default()) })
    }
    fn page<'a>(&'a self, _: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        Box::pin(async { Ok(Head::default()) })
    }
}

pub struct Edge {
    pub access: Arc<Access>,
    pub feeds: Feeds,
    pub url: String,
    pub client: reqwest::Client,
    stop: CancellationToken,
}

impl Edge {
    /// A source as it is listed.
    pub fn source(&self, name: &str) -> SourceRow {
        self.feeds.rows().into_iter().find(|row| row.name == name).unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap().text().await.unwrap()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts a server whose chunks are answered by `writer`.
pub async fn edge(keys: Keys, writer: impl FnMut(Vec<Item>) -> Result<Receipt, Refusal> + Send + 'static) -> Edge {
    edge_with(keys, writer, |_, _| {}).await
}

/// The same, with what it listens to beside the API.
pub async fn edge_with(
    keys: Keys,
    mut writer: impl FnMut(Vec<Item>) -> Result<Receipt, Refusal> + Send + 'static,
    listen: impl FnOnce(&WayIn, &Hooks),
) -> Edge {
    let (queue, mut chunks) = mpsc::channel::<Batch>(64);
    tokio::spawn(async move {
        while let Some(chunk) = chunks.recv().await {
            let _ = chunk.answer.send(writer(chunk.items));
        }
    });
    let stop = CancellationToken::new();
    let api = api(keys, queue, &stop).await;
    let feeds = api.feeds.clone();
    let (ingest, clock) = (api.ingest.clone(), api.clock.clone());
    listen(&WayIn { feeds: feeds.clone(), ingest, clock, stop: stop.clone() }, &api.hooks);
    let told = feeds.clone();
    api.metrics.watch(move || told.readings());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (metrics, access) = (api.metrics.clone(), api.access.clone());
    let pages = Pages::new(About { version: "0".to_owned(), floor: FloorKind::Real });
    let routes = router(api, pages, Router::new());
    tokio::spawn(serve::serve(vec![listener], routes, access.clone(), metrics, stop.clone()));
    // One for the whole process: the first to come installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Edge { access, feeds, url, client: reqwest::Client::new(), stop }
}

/// What the routes work with, where batches go to `queue` and nothing is stored.
pub async fn api(keys: Keys, queue: mpsc::Sender<Batch>, stop: &CancellationToken) -> Api<Nothing> {
    let clock = Clock::system();
    let (_, no_changes) = mpsc::channel(1);
    let hears = live::Hears::only(no_changes);
    let (live, _) = live::start(BoardConfig::default(), clock.clone(), &Change::default(), hears, stop.clone());
    api_over(keys, (Ingest::over(queue), Nothing, live), clock, stop).await
}

/// What the routes work with over a store, its way in and a board.
pub async fn api_over<R: Reader>(
    keys: Keys,
    (ingest, reader, live): (Ingest, R, LiveHandle),
    clock: Clock,
    stop: &CancellationToken,
) -> Api<R> {
    let (keys, metrics) = (Arc::new(keys), Metrics::default());
    let parts = control::Parts {
        dialers: Dialers::default(),
        audit: Arc::new(Nothing),
        live: live.clone(),
        clock: clock.clone(),
        told: control::channel().0,
    };
    let (control, _) = control::start(parts, &metrics, stop.clone()).await.unwrap();
    let history = History::new(reader.clone(), chrono_tz::Tz::UTC, live.clone(), clock.clone());
    let figures = Figures::new(reader.clone(), live.clone(), chrono_tz::Tz::UTC);
    let feeds = Feeds::default();
    let way_in = WayIn { feeds: feeds.clone(), ingest: ingest.clone(), clock: clock.clone(), stop: stop.clone() };
    Api {
        feed: way_in.open(super::sources::OURS, None),
        feeds,
        hooks: Hooks::default(),
        ingest,
        live,
        reader,
        store_kind: "none".into(),
        writer_status: tokio::sync::watch::channel(crate::ingest::WriterStatus::Leading).1,
        audited: Arc::default(),
        figures,
        history,
        access: Access::new(Doors::default(), keys.clone(), Lanes::default(), clock.clone(), &metrics),
        keys,
        metrics,
        clock,
        control,
        bodies: Arc::new(Semaphore::new(super::events::MAX_BODIES)),
        stopping: stop.clone(),
    }
}

/// A writer that takes everything.
pub fn takes_all(events: Vec<Item>) -> Result<Receipt, Refusal> {
    Ok(Receipt { accepted: events.len() as u64, ..Receipt::default() })
}
