//! One encode per topic, cadence and audience, shared by all its viewers.
//!
//! Owns the topics that somebody watches: the frame each last sent, its sequence, the deltas still held for those who
//! come back, and the channel on which every viewer gets the same bytes. It does not own the board. A viewer too slow to
//! keep up falls out of the channel's bounded buffer and is given a fresh snapshot; nothing is queued for it. Who comes
//! between two beats of a slow cadence moves nobody: it begins with a snapshot of now, gets another at the next beat, and
//! from then on what all get.

use super::frames::{AnyFrame, Carries};
use super::topic::{EventMark, Topic};
use super::wire::Wire;
use crate::telemetry::counters;
use app::domain::Moment;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// At most this many topics at once: views × panels × cadences × the campaigns that people look at. Where there are more,
/// those that nobody watches any longer go first.
pub const MAX_TOPICS: usize = 1_024;
/// Deltas held a topic for viewers that come back, and the reach of a slow viewer: at 250 ms eight seconds, at 10 s five
/// minutes.
const HELD: usize = 32;
/// A topic without viewers is kept this many of its own beats, so that those who reconnect can resume.
const KEPT_BEATS: u32 = 8;

counters! {
    /// What the hub counts, and what the board it shows lets go.
    pub struct HubCounters {
        viewers: gauge "ringside_viewers", "Viewers connected";
        topics: gauge "ringside_topics", "Topics that somebody watches";
        snapshots: counter "ringside_snapshots", "Snapshots sent";
        deltas: counter "ringside_deltas", "Deltas encoded, each once for all its viewers";
        delta_bytes: counter "ringside_delta_bytes", "Bytes of the deltas encoded, before they are packed";
        resumed: counter "ringside_viewers_resumed", "Viewers that went on where they had left off";
        skipped: counter "ringside_viewers_skipped", "Viewers too slow, skipped to a snapshot";
        refused: counter "ringside_viewers_refused", "Viewers refused because of a limit";
        calls_listed: gauge "ringside_calls_listed", "Calls that campaigns' pages can list";
        calls_unlisted: counter "ringside_calls_unlisted", "Calls not kept for listing because of too many";
        samples_untaken: counter "ringside_samples_untaken", "Samples of trunks and components beyond those shown";
        keys_untaken: counter "ringside_keys_untaken", "Changes of sums of keys beyond those shown";
        agents_forgotten: counter "ringside_agents_forgotten", "Agents beyond those shown";
    }
}

/// Where a viewer begins, and what it hears from then on.
#[derive(Debug)]
pub struct Subscription {
    /// A snapshot, or the deltas that were missed.
    pub first: Vec<Wire>,
    pub rest: Rest,
}

/// What a viewer hears after its beginning.
#[derive(Debug)]
pub struct Rest {
    from: broadcast::Receiver<Wire>,
    /// Of who came between two beats: the snapshot of the next, to be heard in the place of its delta.
    instead: Option<Arc<OnceLock<Wire>>>,
}

impl Rest {
    /// The next event or comment.
    ///
    /// # Errors
    /// If the viewer is too slow, or the topic is gone.
    pub async fn next(&mut self) -> Result<Wire, RecvError> {
        let event = self.from.recv().await?;
        Ok(self.heard(event))
    }

    fn heard(&mut self, event: Wire) -> Wire {
        if event.plain().starts_with(COMMENT_BEGINS) {
            return event;
        }
        let snapshot = self.instead.take().and_then(|instead| instead.get().cloned());
        snapshot.unwrap_or(event)
    }
}

const COMMENT_BEGINS: &[u8] = b":";

/// Why there is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFrame {
    /// It is of a campaign that nobody has heard of, or that this audience may not know of; or it is not made yet.
    NotThere,
    /// It is made of one campaign or of all, and not of these.
    NotOfThese,
}

/// Why a viewer was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLetIn {
    /// There are [`MAX_TOPICS`] already, and each is watched.
    TooManyTopics,
    NoFrame(NoFrame),
    /// Streams have ended: the server is stopping.
    Ended,
}

#[derive(Debug)]
struct Channel {
    name: String,
    frame: AnyFrame,
    sequence: u64,
    held: VecDeque<(u64, Wire)>,
    /// The snapshot of `sequence`, encoded once however many ask.
    snapshot: Option<Wire>,
    /// What those get who come before the next beat, by the moment it shows; encoded once however many they are.
    apart: Option<(Moment, Wire)>,
    /// Where they find the snapshot of the next beat.
    next: Arc<OnceLock<Wire>>,
    to: broadcast::Sender<Wire>,
    idle_beats: u32,
}

#[derive(Debug)]
pub struct Hub {
    epoch: u64,
    topics: HashMap<Topic, Channel>,
    counters: Arc<HubCounters>,
    ended: bool,
}

impl Hub {
    #[must_use]
    pub fn new(epoch: u64, counters: Arc<HubCounters>) -> Self {
        Self { epoch, topics: HashMap::new(), counters, ended: false }
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
        self.counters.topics.set(self.topics.len() as u64);
    }

    /// Keeps proxies from closing the streams of slow cadences.
    pub fn comment(&self) {
        let comment = Wire::from(b": still here\n\n".to_vec());
        for channel in self.topics.values() {
            let _ = channel.to.send(comment.clone());
        }
    }

    /// Ends all streams, and lets nobody in any more. Who waits for the next event learns it as its channel's end: a word to
    /// stop of its own would have each viewer look for it at each event.
    pub fn end(&mut self) {
        self.ended = true;
        self.topics.clear();
        self.counters.topics.set(0);
    }

    /// Lets a viewer in: with the deltas it missed where they are still held, else with a snapshot of `frame`.
    ///
    /// # Errors
    /// If there are too many topics, there is no such frame, or streams have ended.
    pub fn subscribe(
        &mut self,
        topic: &Topic,
        last: Option<&str>,
        frame: impl FnOnce() -> Result<AnyFrame, NoFrame>,
    ) -> Result<Subscription, NotLetIn> {
        if self.ended {
            return Err(NotLetIn::Ended);
        }
        let frame = frame().map_err(NotLetIn::NoFrame)?;
        if !self.topics.contains_key(topic) && self.topics.len() >= MAX_TOPICS && !self.drop_idle() {
            self.counters.refused.add(1);
            return Err(NotLetIn::TooManyTopics);
        }
        let (epoch, counters) = (self.epoch, &self.counters);
        let channel = match self.topics.entry(topic.clone()) {
            std::collections::hash_map::Entry::Occupied(channel) => {
                let channel = channel.into_mut();
                // Nobody is moved where nobody watches.
                if frame.as_of() != channel.frame.as_of() && channel.to.receiver_count() == 0 {
                    channel.advance(epoch, frame.clone(), counters);
                }
                channel
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Channel::new(topic.to_string(), frame.clone()))
            }
        };
        let mut rest = Rest { from: channel.to.subscribe(), instead: None };
        let missed = last.and_then(EventMark::parse).filter(|m| m.epoch == epoch && m.topic == channel.name);
        let first = match missed.and_then(|mark| channel.since(mark.sequence)) {
            Some(deltas) => {
                counters.resumed.add(1);
                deltas
            }
            None => {
                counters.snapshots.add(1);
                if frame.as_of() == channel.frame.as_of() {
                    vec![channel.snapshot(epoch)]
                } else {
                    // A newcomer must not begin with what a slow cadence last sent, nor move the others.
                    rest.instead = Some(Arc::clone(&channel.next));
                    vec![channel.apart(epoch, &frame)]
                }
            }
        };
        counters.topics.set(self.topics.len() as u64);
        Ok(Subscription { first, rest })
    }

    /// Gives up the topic that nobody has watched for longest, if there is one.
    fn drop_idle(&mut self) -> bool {
        let idle = self.topics.iter().filter(|(_, channel)| channel.to.receiver_count() == 0);
        let longest =
            idle.max_by_key(|(topic, channel)| topic.every.span().as_millis() * i64::from(channel.idle_beats));
        let Some(topic) = longest.map(|(topic, _)| topic.clone()) else { return false };
        self.topics.remove(&topic).is_some()
    }
}

impl Channel {
    fn new(name: String, frame: AnyFrame) -> Self {
        let (to, _) = broadcast::channel(HELD);
        let next = Arc::default();
        Self { name, frame, sequence: 0, held: VecDeque::new(), snapshot: None, apart: None, next, to, idle_beats: 0 }
    }

    fn advance(&mut self, epoch: u64, frame: AnyFrame, counters: &HubCounters) {
        let before = std::mem::replace(&mut self.frame, frame);
        self.sequence += 1;
        (self.snapshot, self.apart) = (None, None);
        let event = self.event(epoch, |frame, data| before.write_step(frame, data));
        // Set before the delta is sent: who waits for it takes it in the delta's place.
        let waited_for = std::mem::take(&mut self.next);
        if Arc::strong_count(&waited_for) > 1 {
            let _ = waited_for.set(self.snapshot(epoch));
        }
        counters.deltas.add(1);
        counters.delta_bytes.add(event.plain().len() as u64);
        if self.held.len() == HELD {
            self.held.pop_front();
        }
        self.held.push_back((self.sequence, event.clone()));
        let _ = self.to.send(event);
    }

    /// The deltas after `sequence`; `None` where some are no longer held, or it is not one of ours.
    fn since(&self, sequence: u64) -> Option<Vec<Wire>> {
        if sequence > self.sequence || sequence + (self.held.len() as u64) < self.sequence {
            return None;
        }
        Some(self.held.iter().filter(|(n, _)| *n > sequence).map(|(_, event)| event.clone()).collect())
    }

    fn snapshot(&mut self, epoch: u64) -> Wire {
        if let Some(event) = &self.snapshot {
            return event.clone();
        }
        let event = self.event(epoch, |frame, data| {
            frame.write(data);
            Carries::Snapshot
        });
        self.snapshot = Some(event.clone());
        event
    }

    /// The snapshot of a frame between two beats.
    fn apart(&mut self, epoch: u64, frame: &AnyFrame) -> Wire {
        match &self.apart {
            Some((at, event)) if *at == frame.as_of() => event.clone(),
            Some(_) | None => {
                let snapshot = |data: &mut Vec<u8>| {
                    frame.write(data);
                    Carries::Snapshot
                };
                let event = self.event_of(epoch, EventMark::APART, snapshot);
                self.apart = Some((frame.as_of(), event.clone()));
                event
            }
        }
    }

    /// An event about the frame as it stands.
    fn event(&self, epoch: u64, write: impl FnOnce(&AnyFrame, &mut Vec<u8>) -> Carries) -> Wire {
        self.event_of(epoch, self.sequence, |data| write(&self.frame, data))
    }

    /// An event; JSON holds no line breaks.
    fn event_of(&self, epoch: u64, sequence: u64, write: impl FnOnce(&mut Vec<u8>) -> Carries) -> Wire {
        let mut data = Vec::new();
        let carries = write(&mut data);
        let mark = EventMark { epoch, topic: self.name.clone(), sequence };
        let mut event = format!("id: {mark}\nevent: {}\ndata: ", carries.word()).into_bytes();
        event.reserve_exact(data.len() + 2);
        event.extend_from_slice(&data);
        event.extend_from_slice(b"\n\n");
        event.into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::{Board, BoardConfig};
    use crate::live::topic::{Cadence, View};
    use app::domain::{Audience, CampaignId, Span};
    use app::view::Frame;
    use app::view::live::LiveFrame;

    const START: Moment = Moment::from_secs(1_000_000);

    fn topic(every: Cadence) -> Topic {
        Topic { view: View::LIVE, every, audience: Audience::default() }
    }

    fn text(event: &Wire) -> String {
        String::from_utf8(event.plain().to_vec()).unwrap()
    }

    fn data<T: serde::de::DeserializeOwned>(event: &Wire) -> T {
        let text = text(event);
        let json = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(json).unwrap()
    }

    #[tokio::test]
    async fn at_the_end_each_viewer_hears_what_was_sent_and_nobody_is_let_in() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame = board.tick(START);
        let mut viewer = hub.subscribe(&topic(Cadence::S1), None, || Ok(frame.clone().into())).unwrap();
        hub.publish(&topic(Cadence::S1), board.tick(START + Span::secs(1)).into());
        hub.end();
        assert!(text(&viewer.rest.next().await.unwrap()).contains("event: delta"));
        assert_eq!(viewer.rest.next().await.unwrap_err(), RecvError::Closed);
        let late = hub.subscribe(&topic(Cadence::S1), None, || Ok(frame.into()));
        assert_eq!(late.unwrap_err(), NotLetIn::Ended);
    }

    #[test]
    fn a_viewer_that_comes_back_gets_what_it_missed_and_ends_with_the_same_frame() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let mut frames: Vec<_> = (0..6).map(|i| board.tick(START + Span::secs(i))).collect();
        let first = hub.subscribe(&topic(Cadence::S1), None, || Ok(frames[0].clone().into())).unwrap();
        let mut mine: LiveFrame = data(&first.first[0]);
        hub.publish(&topic(Cadence::S1), frames[1].clone().into());
        let mark = text(&first.first[0]).lines().next().unwrap().strip_prefix("id: ").unwrap().to_owned();
        drop(first);
        hub.publish(&topic(Cadence::S1), frames[2].clone().into());
        let again = hub.subscribe(&topic(Cadence::S1), Some(&mark), || Ok(frames[3].clone().into())).unwrap();
        assert_eq!(again.first.len(), 3, "nobody else watched: it went on to now");
        again.first.iter().for_each(|delta| mine.apply(data(delta)));
        assert_eq!(serde_json::to_string(&mine).unwrap(), serde_json::to_string(&frames.remove(3)).unwrap());
    }

    #[test]
    fn another_epoch_or_a_gap_is_answered_with_a_snapshot() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame = board.tick(START);
        hub.subscribe(&topic(Cadence::S1), None, || Ok(frame.clone().into())).unwrap();
        for i in 1..60 {
            let frame = board.tick(START + Span::secs(i));
            let keeps_it_alive = hub.subscribe(&topic(Cadence::S1), None, || Ok(frame.clone().into()));
            hub.publish(&topic(Cadence::S1), frame.into());
            drop(keeps_it_alive);
        }
        for mark in [
            "2.live-all-1s-all-masked.58",
            "1.live-all-1s-all-masked.0",
            "1.live-all-5s-all-masked.58",
            "1.live-all-1s-all-masked.9999",
            "1.live-all-1s-of~a-masked.58",
            "nonsense",
        ] {
            let frame = board.tick(START + Span::secs(60));
            let again = hub.subscribe(&topic(Cadence::S1), Some(mark), || Ok(frame.into())).unwrap();
            assert!(text(&again.first[0]).contains("event: snapshot"), "{mark}");
        }
    }

    /// A viewer as the stream serves it.
    struct Viewer {
        rest: Rest,
        mine: LiveFrame,
    }

    impl Viewer {
        fn of(mut subscription: Subscription) -> Self {
            let mine = data(&subscription.first.remove(0));
            Self { rest: subscription.rest, mine }
        }

        /// Takes what has come, and says by which names.
        fn hear(&mut self) -> Vec<&'static str> {
            let mut heard = Vec::new();
            while let Ok(event) = self.rest.from.try_recv() {
                let event = self.rest.heard(event);
                if text(&event).contains("event: snapshot") {
                    self.mine = data(&event);
                    heard.push("snapshot");
                } else {
                    self.mine.apply(data(&event));
                    heard.push("delta");
                }
            }
            heard
        }
    }

    #[test]
    fn who_comes_between_two_beats_sees_the_present_and_moves_nobody() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let every = topic(Cadence::S10);
        let same =
            |a: &LiveFrame, b: &LiveFrame| serde_json::to_string(a).unwrap() == serde_json::to_string(b).unwrap();
        let frame = board.tick(START);
        let mut viewers = vec![Viewer::of(hub.subscribe(&every, None, || Ok(frame.into())).unwrap())];
        for second in 1..60 {
            let frame = board.tick(START + Span::secs(second));
            if second % 10 == 0 {
                hub.publish(&every, frame.clone().into());
                for (came, viewer) in (0..).zip(&mut viewers) {
                    let apart = came > second - 10 && came % 10 != 0;
                    assert_eq!(viewer.hear(), [if apart { "snapshot" } else { "delta" }], "{came} at {second}");
                    assert!(same(&viewer.mine, &frame), "{came} at {second}");
                }
            }
            let newcomer = Viewer::of(hub.subscribe(&every, None, || Ok(frame.clone().into())).unwrap());
            assert!(same(&newcomer.mine, &frame), "it begins with what is now");
            viewers.push(newcomer);
            assert!(viewers.iter_mut().all(|viewer| viewer.hear().is_empty()), "the others hear at the beat alone");
        }
        // Who leaves before the beat can't go on from what was for it alone.
        let frame = board.tick(START + Span::secs(61));
        let first = hub.subscribe(&every, None, || Ok(frame.clone().into())).unwrap().first;
        let mark = text(&first[0]).lines().next().unwrap().strip_prefix("id: ").unwrap().to_owned();
        let again = hub.subscribe(&every, Some(&mark), || Ok(frame.into())).unwrap();
        assert!(text(&again.first[0]).contains("event: snapshot"));
    }

    #[test]
    fn topics_that_nobody_watches_make_room_and_watched_ones_do_not() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame: AnyFrame = board.tick(START).into();
        let of = |n: usize| Topic {
            view: View::Campaign(CampaignId::trusted(format!("c{n}"))),
            every: Cadence::S1,
            audience: Audience::default(),
        };
        let mut enter = |n: usize| hub.subscribe(&of(n), None, || Ok(frame.clone()));
        let mut watched: Vec<_> = (0..MAX_TOPICS).map(|n| enter(n).unwrap()).collect();
        assert_eq!(enter(MAX_TOPICS).err(), Some(NotLetIn::TooManyTopics));
        watched.pop();
        assert!(enter(MAX_TOPICS).is_ok());
    }

    #[test]
    fn nobody_is_let_in_to_what_there_is_not() {
        let mut hub = Hub::new(1, Arc::default());
        let refused = hub.subscribe(&topic(Cadence::S1), None, || Err(NoFrame::NotThere)).err();
        assert_eq!(refused, Some(NotLetIn::NoFrame(NoFrame::NotThere)));
        assert!(hub.due(START, START + Span::secs(60)).is_empty(), "and no topic is kept for it");
    }

    #[test]
    fn beats_fall_on_whole_multiples() {
        let mut board = Board::new(BoardConfig::default(), START);
        let mut hub = Hub::new(1, Arc::default());
        let frame = board.tick(START);
        hub.subscribe(&topic(Cadence::S10), None, || Ok(frame.clone().into())).unwrap();
        assert!(hub.due(START, START + Span::millis(9_999)).is_empty());
        assert_eq!(hub.due(START + Span::millis(9_999), START + Span::secs(10)).len(), 1);
    }
}
