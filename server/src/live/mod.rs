//! ④ The live state: one task adds up what commits changed, ticks, and lets viewers in.
//!
//! A `select!` over changes, requests, the tick and shutdown; no locks. Readers ask the task, and a frame is made when the
//! first of a tick asks for it. Changes come in from the writer on a bounded channel: it waits for us rather than that
//! anything is lost. They are added at the tick, so that all who ask between two ticks see the state that bears the tick's
//! time.

pub mod frames;
pub mod hub;
mod made;
pub mod topic;
pub mod wire;

use crate::board::baseline::Baselines;
use crate::board::campaign_state::CampaignState;
use crate::board::present::PresentRow;
use crate::board::{Audited, Board, BoardConfig, Misspelt, OwnSums, Rejected, WindowSums};
use crate::clock::Clock;
use crate::ingest::Rejections;
use crate::kit::mask::Veil;
use crate::law::change::Change;
use crate::law::span::Stretch;
use app::domain::control::Controls;
use app::domain::{Audience, CampaignId, CampaignScope, Dimension, Moment, Span, Tally, Window};
use app::kpi::catalog::Present;
use app::kpi::{Band, KpiId};
use app::view::daily::DailyFrame;
use app::view::live::LiveFrame;
use app::view::problems::ProblemList;
use frames::AnyFrame;
use hub::{Hub, HubCounters, NoFrame, NotLetIn, Subscription};
use made::Made;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use topic::{Topic, View};

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
        reply: oneshot::Sender<Result<Subscription, NotLetIn>>,
    },
    Frame {
        view: View,
        audience: Audience,
        reply: oneshot::Sender<Result<AnyFrame, NoFrame>>,
    },
    Live {
        reply: oneshot::Sender<Arc<LiveFrame>>,
    },
    HandIn {
        view: View,
        frame: AnyFrame,
    },
    Sums {
        dimension: Dimension,
        window: Window,
        scope: CampaignScope,
        key: Option<SmolStr>,
        reply: oneshot::Sender<Option<WindowSums>>,
    },
    Present {
        what: Present,
        by: Dimension,
        scope: CampaignScope,
        reply: oneshot::Sender<(Moment, Vec<PresentRow>)>,
    },
    Said {
        kpi: KpiId,
        by: Dimension,
        window: Window,
        scope: CampaignScope,
        reply: oneshot::Sender<Option<HashMap<SmolStr, Band>>>,
    },
    Buckets {
        dimension: Dimension,
        scope: CampaignScope,
        key: Option<SmolStr>,
        during: Stretch,
        reply: oneshot::Sender<Vec<(Moment, SmolStr, Tally)>>,
    },
    Own {
        window: Window,
        scope: CampaignScope,
        reply: oneshot::Sender<(Moment, Vec<OwnSums>)>,
    },
    CampaignStates {
        of: Vec<(CampaignId, Option<Moment>)>,
        reply: oneshot::Sender<Vec<CampaignState>>,
    },
    Problems {
        reply: oneshot::Sender<ProblemList>,
    },
    Compare(Baselines),
    Audited(Audited),
    EndStreams,
}

/// The live state is gone: the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the live state has stopped")]
pub struct Stopped;

/// A tick as everybody hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    pub as_of: Moment,
    pub newest_event: Option<Moment>,
}

impl Beat {
    const fn of(board: &Board) -> Self {
        Self { as_of: board.now(), newest_event: board.newest_event() }
    }
}

/// The way to the live state. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveHandle {
    beat: watch::Receiver<Beat>,
    to: mpsc::Sender<Request>,
    counters: Arc<HubCounters>,
    veil: Veil,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Subscribe { .. } => "Subscribe",
            Self::Frame { .. } => "Frame",
            Self::Live { .. } => "Live",
            Self::HandIn { .. } => "HandIn",
            Self::Sums { .. } => "Sums",
            Self::Present { .. } => "Present",
            Self::Said { .. } => "Said",
            Self::Buckets { .. } => "Buckets",
            Self::Own { .. } => "Own",
            Self::CampaignStates { .. } => "CampaignStates",
            Self::Problems { .. } => "Problems",
            Self::Compare(_) => "Compare",
            Self::Audited(_) => "Audited",
            Self::EndStreams => "EndStreams",
        })
    }
}

impl LiveHandle {
    /// The last tick.
    #[must_use]
    pub fn beat(&self) -> Beat {
        *self.beat.borrow()
    }

    /// What hides persons' numbers in all that is shown of this floor.
    #[must_use]
    pub const fn veil(&self) -> &Veil {
        &self.veil
    }

    /// Whether the live state runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.to.is_closed()
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

    /// Lets a viewer in, or says why not.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn subscribe(
        &self,
        topic: Topic,
        last: Option<String>,
    ) -> Result<Result<Subscription, NotLetIn>, Stopped> {
        self.ask(|reply| Request::Subscribe { topic, last, reply }).await
    }

    /// A view's frame for an audience as of the last tick, the very one that its stream sends; or why there is none.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn view(&self, view: View, audience: Audience) -> Result<Result<AnyFrame, NoFrame>, Stopped> {
        self.ask(|reply| Request::Frame { view, audience, reply }).await
    }

    /// The whole live frame of the last tick.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn live(&self) -> Result<Arc<LiveFrame>, Stopped> {
        self.ask(|reply| Request::Live { reply }).await
    }

    /// Gives viewers of a view that the board does not make a new frame of it; they hear of it at their next beat.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn hand_in(&self, view: View, frame: impl Into<AnyFrame>) -> Result<(), Stopped> {
        self.to.send(Request::HandIn { view, frame: frame.into() }).await.map_err(|_| Stopped)
    }

    /// Facts by key over a window that is kept in memory (5, 15, 60 min), of all keys or one, in byte order; `None` for
    /// longer ones.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn sums(
        &self,
        dimension: Dimension,
        window: Window,
        scope: CampaignScope,
        key: Option<SmolStr>,
    ) -> Result<Option<WindowSums>, Stopped> {
        self.ask(|reply| Request::Sums { dimension, window, scope, key, reply }).await
    }

    /// A gauge by key, as of the moment given with it.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn present(
        &self,
        what: Present,
        by: Dimension,
        scope: CampaignScope,
    ) -> Result<(Moment, Vec<PresentRow>), Stopped> {
        self.ask(|reply| Request::Present { what, by, scope, reply }).await
    }

    /// The bands that the pages show of a KPI by its keys as they are told; `None` where no page judges it so.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn said_of(
        &self,
        kpi: KpiId,
        by: Dimension,
        window: Window,
        scope: CampaignScope,
    ) -> Result<Option<HashMap<SmolStr, Band>>, Stopped> {
        self.ask(|reply| Request::Said { kpi, by, window, scope, reply }).await
    }

    /// The buckets kept in memory of a dimension that begin in a span, of all keys or one; several
    /// of a key and moment are to be added.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn buckets(
        &self,
        dimension: Dimension,
        scope: CampaignScope,
        key: Option<SmolStr>,
        during: Stretch,
    ) -> Result<Vec<(Moment, SmolStr, Tally)>, Stopped> {
        self.ask(|reply| Request::Buckets { dimension, scope, key, during, reply }).await
    }

    /// The sums of campaigns over the windows that are their own (`period`, `campaign`), of each in a scope, as of the moment
    /// given with them; see [`LiveSums::own`](crate::board::LiveSums::own).
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn own_sums(&self, window: Window, scope: CampaignScope) -> Result<(Moment, Vec<OwnSums>), Stopped> {
        self.ask(|reply| Request::Own { window, scope, reply }).await
    }

    /// How campaigns stand, in the order asked; of each its calls that began up to a moment, where one is given.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn campaign_states(&self, of: Vec<(CampaignId, Option<Moment>)>) -> Result<Vec<CampaignState>, Stopped> {
        self.ask(|reply| Request::CampaignStates { of, reply }).await
    }

    /// What is wrong, worst first, as of the last tick.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn problems(&self) -> Result<ProblemList, Stopped> {
        self.ask(|reply| Request::Problems { reply }).await
    }

    /// Ends the streams of all viewers, and lets nobody in any more.
    ///
    /// # Errors
    /// If the live state has stopped, and the streams with it.
    pub async fn end_streams(&self) -> Result<(), Stopped> {
        self.to.send(Request::EndStreams).await.map_err(|_| Stopped)
    }

    /// Ends all streams when the server is to stop: they would go on for ever, and the listener waits for its answers.
    pub fn end_streams_on(&self, stop: CancellationToken) {
        let live = self.clone();
        tokio::spawn(async move {
            stop.cancelled().await;
            // Without the live state there are none any more.
            let _ = live.end_streams().await;
        });
    }

    /// Tells how many hours of campaigns have figures that are not those of their calls.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn audited(&self, found: Audited) -> Result<(), Stopped> {
        self.to.send(Request::Audited(found)).await.map_err(|_| Stopped)
    }

    pub(crate) async fn compare_with(&self, baselines: Baselines) -> Result<(), Stopped> {
        self.to.send(Request::Compare(baselines)).await.map_err(|_| Stopped)
    }
}

/// What the live state hears.
#[derive(Debug)]
pub struct Hears {
    /// What each commit changed.
    pub changes: mpsc::Receiver<Change>,
    /// What was asked of the dialer; looked at with each tick.
    pub controls: watch::Receiver<Arc<Controls>>,
    /// What was rejected lately; looked at likewise.
    pub rejections: Rejections,
}

impl Hears {
    /// Of a server that nobody asks anything of.
    #[must_use]
    pub fn only(changes: mpsc::Receiver<Change>) -> Self {
        Self { changes, controls: watch::channel(Arc::default()).1, rejections: Rejections::default() }
    }
}

/// Starts the live state from what the store tells of the last hour.
pub fn start(
    config: BoardConfig,
    clock: Clock,
    initial: &Change,
    hears: Hears,
    stop: CancellationToken,
) -> (LiveHandle, JoinHandle<()>) {
    let now = clock.now();
    let veil = config.veil.clone();
    let mut board = Board::new(config, now);
    board.apply(initial);
    board.advance(now);
    let (beats, beat) = watch::channel(Beat::of(&board));
    let (to, requests) = mpsc::channel(REQUESTS);
    let counters = Arc::new(HubCounters::default());
    // Marks of another run must not resume here: the start in µs tells the runs apart.
    let hub = Hub::new(now.micros().unsigned_abs(), counters.clone());
    let task = Task {
        board,
        hub,
        counters: counters.clone(),
        clock,
        made: Made::default(),
        heard: Vec::new(),
        compare: None,
        audited: None,
        today: None,
        controls: hears.controls,
        rejections: hears.rejections,
        beats,
        commented: now,
    };
    // Its ticks are what everybody waits for: they must not wait for others.
    let ticking = tokio::task::spawn_blocking(move || match Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(task.run(hears.changes, requests, stop)),
        Err(error) => tracing::error!(%error, "no thread can be had for the board"),
    });
    (LiveHandle { beat, to, counters, veil }, ticking)
}

struct Task {
    board: Board,
    hub: Hub,
    counters: Arc<HubCounters>,
    clock: Clock,
    made: Made,
    /// Since the last tick; the writer is some hundred commits ahead at most.
    heard: Vec<Change>,
    /// New baselines since the last tick.
    compare: Option<Baselines>,
    /// What the audit of the figures has found since the last tick.
    audited: Option<Audited>,
    /// The daily view of today, where it was made anew since the last tick.
    today: Option<Arc<DailyFrame>>,
    controls: watch::Receiver<Arc<Controls>>,
    rejections: Rejections,
    beats: watch::Sender<Beat>,
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
                        Some(change) => self.heard.push(change),
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
        self.board.turn_to(now);
        self.heard.drain(..).for_each(|change| self.board.apply(&change));
        if let Some(baselines) = self.compare.take() {
            self.board.compare_with(baselines);
        }
        if let Some(found) = self.audited.take() {
            self.board.audited(found);
        }
        if let Some(today) = self.today.take() {
            self.board.hear_of_today(&today);
        }
        if self.controls.has_changed().unwrap_or(false) {
            self.board.asked(self.controls.borrow_and_update().clone());
        }
        let rejected = self.rejections.lately(now);
        self.board.hear_of_rejected(rejected.map(|l| {
            let (events, bodies, requests, why, of) = (l.events, l.bodies, l.requests, l.why.into(), l.of);
            Rejected { events, bodies, requests, why, of }
        }));
        let misspelt = self.rejections.misspelt(now);
        self.board.hear_of_misspelt(misspelt.map(|(why, times)| Misspelt { why: why.into(), times }));
        self.board.advance(now);
        let (listed, unlisted) = self.board.listed_calls();
        self.counters.calls_listed.set(listed as u64);
        self.counters.calls_unlisted.set(unlisted);
        let (samples, agents) = self.board.beyond_bounds();
        self.counters.samples_untaken.set(samples);
        self.counters.agents_forgotten.set(agents);
        self.counters.keys_untaken.set(self.board.keys_untaken());
        self.made.turn();
        // Not the clock's time, which may for a moment be behind the board's.
        let now = self.board.now();
        for topic in self.hub.due(before, now) {
            if let Ok(frame) = self.made.frame(&self.board, &topic.view, &topic.audience) {
                self.hub.publish(&topic, frame);
            }
        }
        if now - self.commented >= COMMENT || now < self.commented {
            self.commented = now;
            self.hub.comment();
        }
        self.beats.send_replace(Beat::of(&self.board));
    }

    /// Replies to those who no longer wait are dropped.
    fn answer(&mut self, request: Request) {
        match request {
            Request::Subscribe { topic, last, reply } => {
                let (board, made) = (&self.board, &mut self.made);
                let frame = || made.frame(board, &topic.view, &topic.audience);
                let _ = reply.send(self.hub.subscribe(&topic, last.as_deref(), frame));
            }
            Request::Frame { view, audience, reply } => {
                let _ = reply.send(self.made.frame(&self.board, &view, &audience));
            }
            Request::Live { reply } => {
                let _ = reply.send(self.made.live(&self.board).clone());
            }
            Request::HandIn { view, frame } => {
                if let AnyFrame::Daily(today) = &frame {
                    self.today = Some(Arc::clone(today));
                }
                self.made.hand_in(view, frame);
            }
            Request::Problems { reply } => {
                let _ = reply.send(self.board.problem_list());
            }
            Request::Sums { dimension, window, scope, key, reply } => {
                let _ = reply.send(self.board.sums().over(dimension, window, &scope, key.as_deref()));
            }
            Request::Present { what, by, scope, reply } => {
                let _ = reply.send((self.board.now(), self.board.present(what, by, &scope)));
            }
            Request::Said { kpi, by, window, scope, reply } => {
                let _ = reply.send(self.board.said_of(kpi, by, window, &scope));
            }
            Request::Buckets { dimension, scope, key, during, reply } => {
                let _ = reply.send(self.board.sums().buckets(dimension, &scope, key.as_deref(), during));
            }
            Request::Own { window, scope, reply } => {
                let _ = reply.send((self.board.now(), self.board.sums().own(window, &scope)));
            }
            Request::CampaignStates { of, reply } => {
                let board = &self.board;
                let _ = reply.send(of.iter().map(|(campaign, until)| board.state_of(campaign, *until)).collect());
            }
            Request::Compare(baselines) => self.compare = Some(baselines),
            Request::Audited(found) => self.audited = Some(found),
            Request::EndStreams => self.hub.end(),
        }
    }
}

/// Ticks fall on whole multiples of [`TICK`], so that every cadence finds its beat.
fn until_next_tick(now: Moment) -> Duration {
    let next = now.floor(TICK) + TICK;
    Duration::from_micros((next.micros() - now.micros()).unsigned_abs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::live::topic::Cadence;
    use app::view::Table;
    use app::view::live::Site;
    use app::view::trend::{TrendFrame, TrendSpan};

    fn trend(at: i64) -> TrendFrame {
        let at = Moment::from_secs(at);
        TrendFrame {
            as_of: at,
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            span: TrendSpan { days: 7, from: at, to: at, until: at },
            days: Table::default(),
            weeks: Table::default(),
            abandon: Table::default(),
            aht: Table::default(),
            routes: Table::default(),
            pdd: Table::default(),
            components: Table::default(),
            costs: Table::default(),
            leading: Table::default(),
        }
    }

    #[tokio::test]
    async fn a_view_that_others_make_is_shown_as_it_was_handed_in() {
        let (_changes, changed) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let clock = Clock::by_hand(Moment::from_secs(1_000_000));
        let (live, _) = start(BoardConfig::default(), clock, &Change::default(), Hears::only(changed), stop.clone());
        let view = View::Trend { days: 7 };
        let topic = Topic { view: view.clone(), every: Cadence::S60, audience: Audience::default() };
        assert_eq!(
            live.subscribe(topic.clone(), None).await.unwrap().err(),
            Some(NotLetIn::NoFrame(NoFrame::NotThere))
        );
        live.hand_in(view.clone(), trend(1)).await.unwrap();
        let json = serde_json::to_string(&trend(1)).unwrap();
        assert_eq!(live.view(view, Audience::default()).await.unwrap().unwrap().json(), json.as_bytes());
        let first = live.subscribe(topic, None).await.unwrap().unwrap().first;
        assert!(String::from_utf8(first[0].plain().to_vec()).unwrap().ends_with(&format!("data: {json}\n\n")));
        let daily = live.view(View::Daily, Audience::default()).await.unwrap();
        assert_eq!(daily.err(), Some(NoFrame::NotThere));
        let one = Audience { scope: CampaignScope::one(CampaignId::trusted("spring")), ..Audience::default() };
        for view in [View::Monitor, View::Daily, View::Trend { days: 7 }] {
            let cut = live.view(view.clone(), one.clone()).await.unwrap();
            assert_eq!(cut.err(), Some(NoFrame::NotOfThese), "{view:?} tells of others");
        }
        let unheard_of = live.view(View::LIVE, one).await.unwrap();
        assert_eq!(unheard_of.err(), Some(NoFrame::NotThere));
        stop.cancel();
    }
}
