//! The base of a source that is asked for what it knows, again and again.
//!
//! Owns the pace. What one poll tells is soon told anew, so that none waits for another.

use super::feed::{Feed, State, Target};
use app::domain::Event;
use std::future::Future;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// What ingest has no room for waits no longer than until the next poll's would.
const HAND_ON_WITHIN: Duration = Duration::from_secs(5);

/// What a poll came to.
#[derive(Debug)]
pub struct Polled {
    /// How the source is by it.
    pub state: State,
    pub events: Vec<Event>,
}

/// What a polled source does.
pub trait Poll: Send {
    /// Asks once. It is given up in the middle where the source is to end.
    fn poll(&mut self) -> impl Future<Output = Polled> + Send;
}

/// Polls every so often until the feed stops.
pub async fn run<T: Target>(mut source: impl Poll, every: Duration, feed: Feed<T>) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = feed.stop().clone();
    let ended = loop {
        tokio::select! {
            () = stop.cancelled() => break None,
            _ = ticks.tick() => {}
        }
        let Polled { state, events } = tokio::select! {
            () = stop.cancelled() => break None,
            polled = source.poll() => polled,
        };
        feed.is(state);
        if let Err(gone) = feed.hand_on_once(&events, HAND_ON_WITHIN).await {
            break Some(gone.to_string());
        }
    };
    feed.is(State::Ended(ended));
}
