//! ④ The live state: one task adds up what commits changed, ticks, and lets viewers in.
//!
//! A `select!` over changes, requests, the tick and shutdown; no locks. Readers ask the task, and a frame is made when the
//! first of a tick asks for it. Changes come in from the writer on a bounded channel: it waits for us rather than that
//! anything is lost. They are added at the tick, so that all who ask between two ticks see the state that bears the tick's
//! time.

pub mod frames;
mod handle;
pub mod hub;
mod made;
mod request;
mod task;
pub mod topic;
pub mod wire;

pub use handle::{Beat, LiveHandle, Stopped};
pub use task::TICK;

use crate::board::{Board, BoardConfig};
use crate::clock::Clock;
use crate::ingest::Rejections;
use crate::law::change::Change;
use app::domain::control::Controls;
use hub::{Hub, HubCounters};
use made::Made;
use std::sync::Arc;
use task::Task;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Requests that wait for the task; each takes microseconds, so more than this means it stands still.
const REQUESTS: usize = 256;

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
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::live::hub::{NoFrame, NotLetIn};
    use crate::live::topic::{Cadence, Topic, View};
    use app::domain::{Audience, CampaignId, CampaignScope, Moment};
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
