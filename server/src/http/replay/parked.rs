//! Replays that wait for their viewer: a page's first paint opens one, and the page's stream goes on with it.
//!
//! Opening reads some hours of calls, so it is done once a page. What nobody comes for (a page without scripts, a viewer
//! who left) goes after some seconds, or as soon as somebody else needs the seat.

use super::seats::Seat;
use crate::access::proxies::Client;
use crate::figures::replay::Replay;
use app::domain::Moment;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A page asks for its stream once its program is loaded; on a slow line that takes some seconds.
const WAIT: Duration = Duration::from_secs(20);

/// Cheap to clone; clones speak of the same. Bounded by the seats there are: each that waits holds one.
#[derive(Debug)]
pub struct Parked<P>(Arc<Mutex<Vec<Waiting<P>>>>);

#[derive(Debug)]
struct Waiting<P> {
    at: Moment,
    replay: Replay<P>,
    seat: Seat,
    since: tokio::time::Instant,
}

impl<P> Clone for Parked<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> Default for Parked<P> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<P: Send + 'static> Parked<P> {
    /// Keeps one that shows `at` for whoever asks for that moment next.
    pub fn leave(&self, at: Moment, replay: Replay<P>, seat: Seat) {
        let since = tokio::time::Instant::now();
        self.waiting().push(Waiting { at, replay, seat, since });
        let all = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep_until(since + WAIT).await;
            if let Some(all) = all.upgrade() {
                let in_vain = |each: &Waiting<P>| each.since <= since;
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                let gone: Vec<_> = all.extract_if(.., |each| in_vain(each)).collect();
                drop(all);
                // A board is large: it goes when nobody waits for the lock.
                drop(gone);
            }
        });
    }

    /// The one that shows `at`, if one waits.
    #[must_use]
    pub fn take(&self, at: Moment) -> Option<(Replay<P>, Seat)> {
        let mut waiting = self.waiting();
        let place = waiting.iter().position(|each| each.at == at)?;
        let Waiting { replay, seat, .. } = waiting.remove(place);
        Some((replay, seat))
    }

    /// Gives up the one that has waited longest: somebody is here for the seat.
    pub fn give_up_one(&self) {
        let mut waiting = self.waiting();
        let gone = (!waiting.is_empty()).then(|| waiting.remove(0));
        drop(waiting);
        drop(gone);
    }

    /// Gives up the one that this client left longest ago.
    pub fn give_up_one_of(&self, client: Client) {
        let mut waiting = self.waiting();
        let place = waiting.iter().position(|each| each.seat.client() == client.counted());
        let gone = place.map(|place| waiting.remove(place));
        drop(waiting);
        drop(gone);
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<P>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
