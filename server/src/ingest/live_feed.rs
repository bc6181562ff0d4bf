//! What changed, on its way to the live state.

use crate::law::change::Change;
use tokio::sync::mpsc;

/// Changes under way at most: the live state takes microseconds for each, and the writer waits beyond.
const CHANGES: usize = 16;

/// Sends changes, in the order of their commits. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct LiveFeed(mpsc::Sender<Change>);

impl LiveFeed {
    pub(super) fn new() -> (Self, mpsc::Receiver<Change>) {
        let (to_live, changes) = mpsc::channel(CHANGES);
        (Self(to_live), changes)
    }

    pub(super) async fn tell(&self, change: Change) {
        // The live state is waited for rather than that anything is lost; without one (it stopped) there is nobody to tell.
        drop(self.0.send(change).await);
    }
}
