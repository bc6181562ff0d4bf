//! The tasks that the server can't go on without: the writer, the board, and who asks dialers.
//!
//! Each ends when it is told to, and only then. One that ends before (it panicked, or what it needs went away) takes the
//! server with it: a restart mends more than half a server that looks well.

use futures_util::future::select_all;
use std::time::Duration;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

/// A task that ended though nobody told it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} ended by itself; what was acknowledged is durable")]
pub struct Gone(&'static str);

/// The tasks, each by the name that it is told by.
#[derive(Debug, Default)]
pub struct Vital(Vec<(&'static str, JoinHandle<()>)>);

impl Vital {
    #[must_use]
    pub fn with(mut self, name: &'static str, task: JoinHandle<()>) -> Self {
        self.0.push((name, task));
        self
    }

    /// Waits until one has ended, says so, and names it. Never, where there are none.
    pub async fn first_to_end(&mut self) -> &'static str {
        if self.0.is_empty() {
            return std::future::pending().await;
        }
        let (ended, at, _) = select_all(self.0.iter_mut().map(|(_, task)| task)).await;
        let (name, _) = self.0.swap_remove(at);
        said(name, ended);
        name
    }

    /// Serves until it is told to stop, or until one has ended: then the server is stopped.
    ///
    /// # Errors
    /// Names the one that ended.
    pub async fn beside(&mut self, serving: impl Future<Output = ()>, stop: &CancellationToken) -> Result<(), Gone> {
        let mut serving = std::pin::pin!(serving);
        let gone = tokio::select! {
            () = &mut serving => return Ok(()),
            gone = self.first_to_end() => gone,
        };
        tracing::error!("{gone} ended by itself; the server can't go on without it");
        stop.cancel();
        serving.await;
        Err(Gone(gone))
    }

    /// Waits until the sources and then all of these have ended; not for ever.
    pub async fn end_within(self, time: Duration, sources: Vec<JoinHandle<()>>) {
        let ending = async {
            for task in sources {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a source failed");
                }
            }
            self.end().await;
        };
        if tokio::time::timeout(time, ending).await.is_err() {
            tracing::warn!("not everything ended in time; what was acknowledged is durable");
        }
    }

    /// Waits until all have ended.
    pub async fn end(self) {
        for (name, task) in self.0 {
            said(name, task.await);
        }
    }
}

fn said(name: &str, ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "{name} failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_or_panics_before_it_is_told_to_is_noticed() {
        let stop = CancellationToken::new();
        let goes_on = stop.clone();
        #[allow(clippy::panic)] // that is what is to be noticed
        let mut vital = Vital::default()
            .with("one", tokio::spawn(async move { goes_on.cancelled().await }))
            .with("two", tokio::spawn(async { panic!("on purpose") }));
        assert_eq!(vital.first_to_end().await, "two");
        stop.cancel();
        assert_eq!(vital.first_to_end().await, "one");
        vital.end().await;
    }
}
