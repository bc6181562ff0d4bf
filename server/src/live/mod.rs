//! ④ The live state: one task adds up what commits changed, ticks, and lets viewers in.
//!
//! A `select!` over changes, requests, the tick and shutdown; no locks. Readers get an `Arc` of the last frame, or ask
//! the task. Changes come in from the writer on a bounded channel: it waits for us rather than that anything is lost.

pub mod baselines;
pub mod hub;
pub mod topic;

use crate::aggregate::board::baseline::Baselines;
use crate::aggregate::board::present::PresentRow;
use crate::aggregate::board::{Board, BoardConfig, WindowSums};
use crate::aggregate::change::{Change, PeriodSums};
use crate::clock::Clock;
use app::domain::{CampaignId, Dimension, Moment, Span, Window};
use app::kpi::catalog::Present;
use app::view::live::LiveFrame;
use hub::{Hub, HubCounters, Subscription};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use topic::Topic;

/// How often the board ticks: the shortest cadence.
pub const TICK: Span = Span::millis(250);
/// Requests that wait for the task; each takes microseconds, so more than this means it stands still.
const REQUESTS: usize = 256;
/// Streams of slow cadences get a comment this often (contract.md: at least each 15 s).
const COMMENT: Span = Span::secs(10);

enum Request {
    Subscribe {
        topic: Topic,
        last: Option<String>,
        reply: oneshot::Sender<Option<Subscription>>,
    },
    Frame {
        campaign: CampaignId,
        reply: oneshot::Sender<LiveFrame>,
    },
    Sums {
        dimension: Dimension,
        window: Window,
        campaign: Option<CampaignId>,
        reply: oneshot::Sender<Option<WindowSums>>,
    },
    Present {
        what: Present,
        by: Dimension,
        campaign: Option<CampaignId>,
        reply: oneshot::Sender<(Moment, Vec<PresentRow>)>,
    },
    Period {
        campaign: CampaignId,
        reply: oneshot::Sender<Option<(PeriodSums, i64)>>,
    },
    Compare(Baselines),
}

/// The live state is gone: the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the live state has stopped")]
pub struct Stopped;

/// The way to the live state. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveHandle {
    frame: watch::Receiver<Arc<LiveFrame>>,
    to: mpsc::Sender<Request>,
    counters: Arc<HubCounters>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Subscribe { .. } => "Subscribe",
            Self::Frame { .. } => "Frame",
            Self::Sums { .. } => "Sums",
            Self::Present { .. } => "Present",
            Self::Period { .. } => "Period",
            Self::Compare(_) => "Compare",
        })
    }
}

impl LiveHandle {
    /// The whole frame of the last tick.
    #[must_use]
    pub fn frame(&self) -> Arc<LiveFrame> {
        self.frame.borrow().clone()
    }

    #[must_use]
    pub fn counters(&self) -> &Arc<HubCounters> {
        &self.counters
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.to.send(request(reply)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Lets a viewer in; `None` where there are too many topics.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn subscribe(&self, topic: Topic, last: Option<String>) -> Result<Option<Subscription>, Stopped> {
        self.ask(|reply| Request::Subscribe { topic, last, reply }).await
    }

    /// The frame of the last tick, narrowed to a campaign.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn frame_of(&self, campaign: CampaignId) -> Result<LiveFrame, Stopped> {
        self.ask(|reply| Request::Frame { campaign, reply }).await
    }

    /// Facts by key over a window that is kept in memory (5, 15, 60 min), keys in byte order; `None` for longer ones.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn sums(
        &self,
        dimension: Dimension,
        window: Window,
        campaign: Option<CampaignId>,
    ) -> Result<Option<WindowSums>, Stopped> {
        self.ask(|reply| Request::Sums { dimension, window, campaign, reply }).await
    }

    /// A gauge by key, as of the moment given with it.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn present(
        &self,
        what: Present,
        by: Dimension,
        campaign: Option<CampaignId>,
    ) -> Result<(Moment, Vec<PresentRow>), Stopped> {
        self.ask(|reply| Request::Present { what, by, campaign, reply }).await
    }

    /// A campaign's running compliance period and its limit in millionths.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn period(&self, campaign: CampaignId) -> Result<Option<(PeriodSums, i64)>, Stopped> {
        self.ask(|reply| Request::Period { campaign, reply }).await
    }

    pub(crate) async fn compare_with(&self, baselines: Baselines) -> Result<(), Stopped> {
        self.to.send(Request::Compare(baselines)).await.map_err(|_| Stopped)
    }
}

/// Starts the live state from what the store tells of the last hour.
pub fn start(
    config: BoardConfig,
    clock: Clock,
    initial: &Change,
    changes: mpsc::Receiver<Change>,
    stop: CancellationToken,
) -> (LiveHandle, JoinHandle<()>) {
    let now = clock.now();
    let mut board = Board::new(config, now);
    board.apply(initial);
    let first = Arc::new(board.tick(now));
    let (frames, frame) = watch::channel(first);
    let (to, requests) = mpsc::channel(REQUESTS);
    let counters = Arc::new(HubCounters::default());
    // Marks of another run must not resume here: the start in µs tells the runs apart.
    let hub = Hub::new(now.micros().unsigned_abs(), counters.clone());
    let task = Task { board, hub, clock, frames, commented: now };
    (LiveHandle { frame, to, counters }, tokio::spawn(task.run(changes, requests, stop)))
}

struct Task {
    board: Board,
    hub: Hub,
    clock: Clock,
    frames: watch::Sender<Arc<LiveFrame>>,
    commented: Moment,
}

impl Task {
    async fn run(
        mut self,
        mut changes: mpsc::Receiver<Change>,
        mut requests: mpsc::Receiver<Request>,
        stop: CancellationToken,
    ) {
        let mut changes_open = true;
        loop {
            let wait = until_next_tick(self.clock.now());
            let tick = tokio::time::sleep(wait);
            tokio::pin!(tick);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = &mut tick => break,
                    change = changes.recv(), if changes_open => match change {
                        Some(change) => self.board.apply(&change),
                        None => changes_open = false,
                    },
                    request = requests.recv() => match request {
                        Some(request) => self.answer(request),
                        None => return,
                    },
                }
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        let before = self.board.now();
        let now = self.clock.now();
        let frame = self.board.tick(now);
        let mut narrowed: HashMap<CampaignId, LiveFrame> = HashMap::new();
        for topic in self.hub.due(before, now) {
            let whole = match &topic.campaign {
                None => frame.clone(),
                Some(id) => narrowed.entry(id.clone()).or_insert_with(|| self.board.of_campaign(id)).clone(),
            };
            self.hub.publish(&topic, narrow(whole, &topic));
        }
        if now - self.commented >= COMMENT {
            self.commented = now;
            self.hub.comment();
        }
        self.frames.send_replace(Arc::new(frame));
    }

    /// Replies to those who no longer wait are dropped.
    fn answer(&mut self, request: Request) {
        match request {
            Request::Subscribe { topic, last, reply } => {
                let (board, frames) = (&self.board, &self.frames);
                let frame = || {
                    let whole = match &topic.campaign {
                        None => LiveFrame::clone(&frames.borrow()),
                        Some(id) => board.of_campaign(id),
                    };
                    narrow(whole, &topic)
                };
                let _ = reply.send(self.hub.subscribe(&topic, last.as_deref(), frame));
            }
            Request::Frame { campaign, reply } => {
                let _ = reply.send(self.board.of_campaign(&campaign));
            }
            Request::Sums { dimension, window, campaign, reply } => {
                let _ = reply.send(self.board.sums(dimension, window, campaign.as_ref()));
            }
            Request::Present { what, by, campaign, reply } => {
                let _ = reply.send((self.board.now(), self.board.present(what, by, campaign.as_ref())));
            }
            Request::Period { campaign, reply } => {
                let limit = crate::aggregate::board::limit_ppm(self.board.campaigns().get(&campaign));
                let _ = reply.send(self.board.period(&campaign).map(|period| (period.clone(), limit)));
            }
            Request::Compare(baselines) => self.board.compare_with(baselines),
        }
    }
}

fn narrow(frame: LiveFrame, topic: &Topic) -> LiveFrame {
    match topic.panel {
        Some(panel) => frame.narrowed(panel),
        None => frame,
    }
}

/// Ticks fall on whole multiples of [`TICK`], so that every cadence finds its beat.
fn until_next_tick(now: Moment) -> Duration {
    let next = now.floor(TICK) + TICK;
    Duration::from_micros((next.micros() - now.micros()).unsigned_abs())
}
