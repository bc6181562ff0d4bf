//! The task: hears changes, answers requests, ticks.

use super::frames::AnyFrame;
use super::handle::Beat;
use super::hub::{Hub, HubCounters};
use super::made::Made;
use super::request::Request;
use crate::board::baseline::Baselines;
use crate::board::{Audited, Board, Misspelt, Rejected};
use crate::clock::Clock;
use crate::ingest::Rejections;
use crate::law::change::Change;
use app::domain::control::Controls;
use app::domain::{Moment, Span};
use app::view::daily::DailyFrame;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How often the board ticks: the shortest cadence.
pub const TICK: Span = Span::millis(250);
/// Streams of slow cadences get a comment this often (contract.md: at least each 15 s).
const COMMENT: Span = Span::secs(10);

pub(super) struct Task {
    pub(super) board: Board,
    pub(super) hub: Hub,
    pub(super) counters: Arc<HubCounters>,
    pub(super) clock: Clock,
    pub(super) made: Made,
    /// Since the last tick; the writer is some hundred commits ahead at most.
    pub(super) heard: Vec<Change>,
    /// New baselines since the last tick.
    pub(super) compare: Option<Baselines>,
    /// What the audit of the figures has found since the last tick.
    pub(super) audited: Option<Audited>,
    /// The daily view of today, where it was made anew since the last tick.
    pub(super) today: Option<Arc<DailyFrame>>,
    pub(super) controls: watch::Receiver<Arc<Controls>>,
    pub(super) rejections: Rejections,
    pub(super) beats: watch::Sender<Beat>,
    pub(super) commented: Moment,
}

impl Task {
    pub(super) async fn run(
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
