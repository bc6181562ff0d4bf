//! One encode per topic and cadence, shared by all its viewers.
//!
//! Owns the topics that somebody watches: the frame each last sent, its sequence, the deltas still held for those who
//! come back, and the channel on which every viewer gets the same bytes. It does not own the board. A viewer too slow to
//! keep up falls out of the channel's bounded buffer and is given a fresh snapshot; nothing is queued for it.

use super::frames::{AnyFrame, Carries};
use super::topic::{EventMark, Topic};
use app::domain::Moment;
use axum::body::Bytes;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::broadcast;

/// At most this many topics at once: views × panels × cadences × the campaigns that people look at.
pub const MAX_TOPICS: usize = 1_024;
/// Deltas held a topic for viewers that come back, and the reach of a slow viewer: at 250 ms eight seconds, at 10 s five
/// minutes.
const HELD: usize = 32;
/// A topic without viewers is kept this many of its own beats, so that those who reconnect can resume.
const KEPT_BEATS: u32 = 8;

/// Counters for `/metrics`.
#[derive(Debug, Default)]
pub struct HubCounters {
    pub snapshots: AtomicU64,
    /// Deltas encoded.
    pub deltas: AtomicU64,
    /// Bytes of the deltas encoded.
    pub delta_bytes: AtomicU64,
    /// Viewers that resumed where they had left off.
    pub resumed: AtomicU64,
    /// Viewers that skipped to a snapshot because they were too slow.
    pub skipped: AtomicU64,
    /// Viewers refused because of a limit.
    pub refused: AtomicU64,
    /// Viewers connected now.
    pub viewers: AtomicU64,
    pub topics: AtomicU64,
    /// Calls that campaigns' pages can list, and those that were not kept for that because there were too many.
    pub calls_listed: AtomicU64,
    pub calls_unlisted: AtomicU64,
    /// Samples that the live view did not take in, and agents that it forgot, because there were too many.
    pub samples_untaken: AtomicU64,
    pub agents_forgotten: AtomicU64,
}

/// Where a viewer begins, and what it hears from then on.
#[derive(Debug)]
pub struct Subscription {
    /// A snapshot, or the deltas that were missed.
    pub first: Vec<Bytes>,
    pub rest: broadcast::Receiver<Bytes>,
}

/// Why a viewer was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLetIn {
    /// There are [`MAX_TOPICS`] already.
    TooMany,
    /// There is no such frame: of a campaign that nobody has heard of, or not made yet.
    NoFrame,
}

#[derive(Debug)]
struct Channel {
    name: String,
    frame: AnyFrame,
    sequence: u64,
    held: VecDeque<(u64, Bytes)>,
    /// The snapshot of `sequence`, encoded once however many ask.
    snapshot: Option<Bytes>,
    to: broadcast::Sender<Bytes>,
    idle_beats: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Hub {
    epoch: u64,
    topics: HashMap<Topic, Channel>,
    counters: Arc<HubCounters>,
}

impl Hub {
    #[must_use]
    pub fn new(epoch: u64, counters: Arc<HubCounters>) -> Self {
        Self { epoch, topics: HashMap::new(), counters }
    }

    /// Topics that are due at the tick of `now`. Beats fall on whole multiples of the cadence.
    #[must_use]
    pub fn due(&self, before: Moment, now: Moment) -> Vec<Topic> {
        let beat = |topic: &&Topic| before.floor(topic.every.span()) != now.floor(topic.every.span());
        self.topics.keys().filter(beat).cloned().collect()
    }

    /// Sends a topic's viewers what changed since its last frame.
    pub fn publish(&mut self, topic: &Topic, frame: AnyFrame) {
        let Some(channel) = self.topics.get_mut(topic) else { return };
        channel.advance(self.epoch, frame, &self.counters);
        if channel.to.receiver_count() == 0 {
            channel.idle_beats += 1;
            if channel.idle_beats > KEPT_BEATS {
                self.topics.remove(topic);
            }
        } else {
            channel.idle_beats = 0;
        }
        self.counters.topics.store(self.topics.len() as u64, Relaxed);
    }

    /// Keeps proxies from closing the streams of slow cadences.
    pub fn comment(&self) {
        let comment = Bytes::from_static(b": still here\n\n");
        for channel in self.topics.values() {
            let _ = channel.to.send(comment.clone());
        }
    }

    /// Lets a viewer in: with the deltas it missed where they are still held, else with a snapshot of `frame`.
    ///
    /// # Errors
    /// If there are too many topics, or there is no such frame.
    pub fn subscribe(
        &mut self,
        topic: &Topic,
        last: Option<&str>,
        frame: impl FnOnce() -> Option<AnyFrame>,
    ) -> Result<Subscription, NotLetIn> {
        if !self.topics.contains_key(topic) && self.topics.len() >= MAX_TOPICS {
            self.counters.refused.fetch_add(1, Relaxed);
            return Err(NotLetIn::TooMany);
        }
        let frame = frame().ok_or(NotLetIn::NoFrame)?;
        let (epoch, counters) = (self.epoch, &self.counters);
        let channel = match self.topics.entry(topic.clone()) {
            std::collections::hash_map::Entry::Occupied(channel) => {
                let channel = channel.into_mut();
                // The others get the step early: a newcomer must not begin with what a slow cadence last sent.
                if frame.as_of() != channel.frame.as_of() {
                    channel.advance(epoch, frame, counters);
                }
                channel
            }
            std::collections::hash_map::Entry::Vacant(place) => place.insert(Channel::new(topic.to_string(), frame)),
        };
        let rest = channel.to.subscribe();
        let missed = last.and_then(EventMark::parse).filter(|m| m.epoch == epoch && m.topic == channel.name);
        let first = match missed.and_then(|mark| channel.since(mark.sequence)) {
            Some(deltas) => {
                counters.resumed.fetch_add(1, Relaxed);
                deltas
            }
            None => {
                counters.snapshots.fetch_add(1, Relaxed);
                vec![channel.snapshot(epoch)]
            }
        };
        counters.topics.store(self.topics.len() as u64, Relaxed);
        Ok(Subscription { first, rest })
    }
}

impl Channel {
    fn new(name: String, frame: AnyFrame) -> Self {
        let (to, _) = broadcast::channel(HELD);
        Self { name, frame, sequence: 0, held: VecDeque::new(), snapshot: None, to, idle_beats: 0 }
    }

    fn advance(&mut self, epoch: u64, frame: AnyFrame, counters: &HubCounters) {
        let before = std::mem::replace(&mut self.frame, frame);
        self.sequence += 1;
        self.snapshot = None;
        let bytes = self.event(epoch, |frame, data| before.write_step(frame, data));
        counters.deltas.fetch_add(1, Relaxed);
        counters.delta_bytes.fetch_add(bytes.len() as u64, Relaxed);
        if self.held.len() == HELD {
            self.held.pop_front();
        }
        self.held.push_back((self.sequence, bytes.clone()));
        let _ = self.to.send(bytes);
    }

    /// The deltas after `sequence`; `None` where some are no longer held, or it is not one of ours.
    fn since(&self, sequence: u64) -> Option<Vec<Bytes>> {
        if sequence > self.sequence || sequence + (self.held.len() as u64) < self.sequence {
            return None;
        }
        Some(self.held.iter().filter(|(n, _)| *n > sequence).map(|(_, bytes)| bytes.clone()).collect())
    }

    fn snapshot(&mut self, epoch: u64) -> Bytes {
        if let Some(bytes) = &self.snapshot {
            return bytes.clone();
        }
        let bytes = self.event(epoch, |frame, data| {
            frame.write(data);
            Carries::Snapshot
        });
        self.snapshot = Some(bytes.clone());
        bytes
    }

    /// An event about the frame as it stands; JSON holds no line breaks.
    fn event(&self, epoch: u64, write: impl FnOnce(&AnyFrame, &mut Vec<u8>) -> Carries) -> Bytes {
        let mut data = Vec::new();
        let carries = write(&self.frame, &mut data);
        let mark = EventMark { epoch, topic: self.name.clone(), sequence: self.sequence };
        let mut event = format!("id: {mark}\nevent: {}\ndata: ", carries.word()).into_bytes();
        event.reserve_exact(data.len() + 2);
        event.extend_from_slice(&data);
        event.extend_from_slice(b"\n\n");
        Bytes::from(event)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::aggregate::board::{Board, BoardConfig};
    use crate::live::topic::{Cadence, View};
    use app::domain::Span;
    use app::view::Frame;
    use app::view::live::LiveFrame;

    const START: Moment = Moment::from_secs(1_000_000);

    fn topic(every: Cadence) -> Topic {
        Topic { view: View::LIVE, every }
    }

    fn text(bytes: &Bytes) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn data<T: serde::de::DeserializeOwned>(bytes: &Bytes) -> T {
        let event = text(bytes);
        let json = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_viewer_that_comes_back_gets_what_it_missed_and_ends_with_the_same_frame() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let mut frames: Vec<_> = (0..6).map(|i| board.tick(START + Span::secs(i))).collect();
        let first = hub.subscribe(&topic(Cadence::S1), None, || Some(frames[0].clone().into())).unwrap();
        let mut mine: LiveFrame = data(&first.first[0]);
        hub.publish(&topic(Cadence::S1), frames[1].clone().into());
        let mark = text(&first.first[0]).lines().next().unwrap().strip_prefix("id: ").unwrap().to_owned();
        drop(first);
        hub.publish(&topic(Cadence::S1), frames[2].clone().into());
        let again = hub.subscribe(&topic(Cadence::S1), Some(&mark), || Some(frames[3].clone().into())).unwrap();
        assert_eq!(again.first.len(), 3);
        again.first.iter().for_each(|delta| mine.apply(data(delta)));
        assert_eq!(serde_json::to_string(&mine).unwrap(), serde_json::to_string(&frames.remove(3)).unwrap());
    }

    #[test]
    fn another_epoch_or_a_gap_is_answered_with_a_snapshot() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame = board.tick(START);
        hub.subscribe(&topic(Cadence::S1), None, || Some(frame.clone().into())).unwrap();
        for i in 1..60 {
            let frame = board.tick(START + Span::secs(i));
            let keeps_it_alive = hub.subscribe(&topic(Cadence::S1), None, || Some(frame.clone().into()));
            hub.publish(&topic(Cadence::S1), frame.into());
            drop(keeps_it_alive);
        }
        for mark in ["2.live-all-1s-.58", "1.live-all-1s-.0", "1.live-all-5s-.58", "1.live-all-1s-.9999", "nonsense"] {
            let frame = board.tick(START + Span::secs(60));
            let again = hub.subscribe(&topic(Cadence::S1), Some(mark), || Some(frame.into())).unwrap();
            assert!(text(&again.first[0]).contains("event: snapshot"), "{mark}");
        }
    }

    #[test]
    fn nobody_is_let_in_to_what_there_is_not() {
        let mut hub = Hub::new(1, Arc::default());
        let refused = hub.subscribe(&topic(Cadence::S1), None, || None).err();
        assert_eq!(refused, Some(NotLetIn::NoFrame));
        assert!(hub.due(START, START + Span::secs(60)).is_empty(), "and no topic is kept for it");
    }

    #[test]
    fn beats_fall_on_whole_multiples() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame = board.tick(START);
        hub.subscribe(&topic(Cadence::S10), None, || Some(frame.clone().into())).unwrap();
        assert!(hub.due(START, START + Span::millis(9_999)).is_empty());
        assert_eq!(hub.due(START + Span::millis(9_999), START + Span::secs(10)).len(), 1);
    }
}
