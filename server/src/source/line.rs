//! The base of a source that is followed over a connection: connect, log in, follow, and come back when it breaks.
//!
//! Owns the waits between tries, and what the feed says of the source's state. What is sent and understood, and what is asked
//! again after a break, is the source's own.

use super::feed::{Feed, GivenUp, State};
use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;
use tokio::time::sleep;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The source is to end.
    Stopping,
    Broken {
        why: String,
        last: Last,
    },
}

/// What became of a try to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// However soon it broke.
    LetUsIn,
    Failed,
}

/// What a followed source does.
pub trait Line: Send {
    /// Connects, logs in and follows, until something breaks.
    fn connection(&mut self) -> impl Future<Output = Ended> + Send;
    /// The connection is gone: tells so, where the source has an event for it.
    fn lost(&mut self, why: &str) -> impl Future<Output = Result<(), GivenUp>> + Send;
}

/// Follows until the feed stops. What can't be reached is tried again, for ever.
pub async fn run<T>(line: &mut impl Line, feed: &Feed<T>)
where
    Feed<T>: Sync,
{
    let mut retry = Retry::default();
    while let Ended::Broken { why, last } = line.connection().await {
        feed.is(State::Away(why.clone()));
        if line.lost(&why).await.is_err() {
            break;
        }
        tokio::select! {
            () = sleep(jittered(retry.after(last))) => {}
            () = feed.stop().cancelled() => break,
        }
    }
    feed.is(State::Ended(None));
}

/// How long to wait before the next try: twice as long after each that failed.
#[derive(Debug, Default)]
struct Retry {
    failed: u32,
}

impl Retry {
    /// Whoever lets us in is there again: each second that we are not is one of which nothing is known.
    fn after(&mut self, last: Last) -> Duration {
        self.failed = match last {
            Last::LetUsIn => 0,
            Last::Failed => self.failed.saturating_add(1),
        };
        let doubled = 2u32.saturating_pow(self.failed.saturating_sub(1));
        FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT)
    }
}

/// Between half and the whole of a wait, so that many clients do not come back at once.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1_000;
    wait.mul_f64(0.5 + 0.5 * random as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lets_us_in_is_tried_again_soon_however_often_it_failed_before() {
        let mut retry = Retry::default();
        let mut waits = |tries: &[Last]| tries.iter().map(|last| retry.after(*last).as_secs()).collect::<Vec<_>>();
        assert_eq!(waits(&[Last::Failed; 7]), [1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(waits(&[Last::LetUsIn, Last::LetUsIn, Last::Failed, Last::Failed]), [1, 1, 1, 2]);
    }
}
