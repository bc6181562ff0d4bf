//! The tasks that the server can't go on without: the writer, the board, and who asks dialers.
//!
//! Each ends when it is told to, and only then. One that ends before (it panicked, or what it needs went away) takes the
//! server with it: a restart mends more than half a server that looks well.

use futures_util::future::select_all;
use tokio::task::{JoinError, JoinHandle};

/// See the module.
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
    use tokio_util::sync::CancellationToken;

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
