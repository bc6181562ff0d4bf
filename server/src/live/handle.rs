//! The way to the live state, and what one hears of it.

use super::frames::AnyFrame;
use super::hub::{HubCounters, NoFrame, NotLetIn, Subscription};
use super::request::Request;
use super::topic::{Topic, View};
use crate::board::baseline::Baselines;
use crate::board::campaign_state::CampaignState;
use crate::board::present::PresentRow;
use crate::board::{Audited, Board, OwnSums, WindowSums};
use crate::kit::mask::Veil;
use crate::law::span::Stretch;
use app::domain::{Audience, CampaignId, CampaignScope, Dimension, Moment, Tally, Window};
use app::kpi::catalog::Present;
use app::kpi::{Band, KpiId};
use app::view::live::LiveFrame;
use app::view::problems::ProblemList;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

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
    pub(super) const fn of(board: &Board) -> Self {
        Self { as_of: board.now(), newest_event: board.newest_event() }
    }
}

/// The way to the live state. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveHandle {
    pub(super) beat: watch::Receiver<Beat>,
    pub(super) to: mpsc::Sender<Request>,
    pub(super) counters: Arc<HubCounters>,
    pub(super) veil: Veil,
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
