//! The site as a whole: the API, the replays, the pages and their first paint, out of what the server is made of.

use super::pages::Pages;
use super::replay::parked::Parked;
use super::replay::seats::Replays;
use super::replay::{ReplayApi, replay_router};
use super::still::cost_form;
use super::{Api, events, first_paint, first_run, headers, router};
use crate::access::{Access, Transport};
use crate::board::BoardConfig;
use crate::clock::Clock;
use crate::control::ControlHandle;
use crate::figures::Figures;
use crate::figures::history::History;
use crate::ingest::{Ingest, WriterStatus};
use crate::kit::lane::Lane;
use crate::live::LiveHandle;
use crate::source::feed::{Feed, Feeds};
use crate::source::webhook::Hooks;
use crate::store::any::Store;
use crate::telemetry::Metrics;
use crate::tools::self_audit::AuditCounters;
use app::domain::Span;
use app::ui::About;
use app::ui::pages::docs::ConfigKeys;
use axum::Router;
use axum::middleware::from_fn;
use leptos::context::provide_context;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// What the site is made of.
#[derive(Debug)]
pub struct Site {
    pub about: About,
    /// What the manual says of the configuration.
    pub keys_told: ConfigKeys,
    pub ingest: Ingest,
    /// What comes by the API, among the other sources.
    pub feed: Feed,
    pub feeds: Feeds,
    /// Addresses that sources have opened.
    pub hooks: Hooks,
    pub live: LiveHandle,
    pub reader: Store,
    pub writer_status: watch::Receiver<WriterStatus>,
    pub audited: Arc<AuditCounters>,
    pub access: Arc<Access>,
    pub metrics: Metrics,
    pub clock: Clock,
    pub control: ControlHandle,
    pub history: History<Store>,
    /// Boards of the past are made as the live one is.
    pub board: BoardConfig,
    pub keep_calls: Span,
    pub replays: Replays,
    /// Where answers are made.
    pub lane: Lane,
    pub stopping: CancellationToken,
}

impl Site {
    /// Every route. `more` are those of this command only, such as the demo's switches.
    pub fn routes(self, more: Router) -> Router {
        let replays = self.replay_api();
        let more = more.merge(replay_router(replays.clone()));
        let pages = self.pages(replays);
        let transport = self.access.transport;
        let routes = router(self.api(), pages, more);
        match transport {
            Transport::TlsAlone => routes.layer(from_fn(headers::by_tls_alone)),
            Transport::AsItComes => routes,
        }
    }

    fn replay_api(&self) -> ReplayApi<Store> {
        ReplayApi {
            store: self.reader.clone(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            keep_calls: self.keep_calls,
            replays: self.replays.clone(),
            parked: Parked::default(),
            clients: self.access.clients.clone(),
            lane: self.lane.clone(),
            stopping: self.stopping.clone(),
        }
    }

    /// Pages whose first paint shows the frame of the last tick, or what a newcomer is to do.
    fn pages(&self, replays: ReplayApi<Store>) -> Pages {
        let (live, keys_told) = (self.live.clone(), self.keys_told);
        let (first, keys, zone) = (self.ingest.first().clone(), self.access.keys.clone(), self.board.zone);
        let (history, form) = (self.history.clone(), cost_form(&self.access.keys));
        Pages::new(self.about.clone())
            .with_context(move || provide_context(keys_told))
            .with_frames(move |wanted| first_paint::find(live.clone(), replays.clone(), history.clone(), wanted))
            .with_context(move || provide_context(form.clone()))
            .with_context(move || first_run::provide(&first, &keys, zone))
    }

    fn api(self) -> Api<Store> {
        Api {
            store_kind: self.reader.kind().into(),
            figures: Figures::new(self.reader.clone(), self.live.clone(), self.board.zone),
            keys: self.access.keys.clone(),
            bodies: Arc::new(Semaphore::new(events::MAX_BODIES)),
            ingest: self.ingest,
            feed: self.feed,
            feeds: self.feeds,
            hooks: self.hooks,
            live: self.live,
            writer_status: self.writer_status,
            audited: self.audited,
            reader: self.reader,
            access: self.access,
            metrics: self.metrics,
            clock: self.clock,
            control: self.control,
            history: self.history,
            stopping: self.stopping,
        }
    }
}
