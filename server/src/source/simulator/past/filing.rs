//! Files a floor's past into this server's own ingest, beside the live floor, which it gives way to.

use super::super::drive::{Floor, Pace, Telling};
use super::super::plan::FloorPlan;
use super::calls::Calls;
use super::{Extent, FiledDay, Past, events};
use crate::ingest::{Ingest, Refusal};
use crate::law::change::FactChange;
use crate::source::feed::GivenUp;
use app::domain::Event;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Days of campaigns that are made ahead of being filed: what of a past is in memory.
const AHEAD: usize = 4;
/// Events in a batch: a fraction of what the server queues, so that others get through between two of them.
const BATCH: usize = 4_000;

/// Whether the floor is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    All,
    NoMore,
}

/// Everything that the past is made of, and whom it is told to.
pub(in crate::source::simulator) struct Filing<'a> {
    pub floor: &'a Floor<'a, Ingest>,
    pub telling: &'a Telling,
    pub pace: watch::Receiver<Pace>,
}

impl Filing<'_> {
    pub async fn file(mut self, seed: u64, plan: FloorPlan, extent: Extent) -> Result<(), GivenUp> {
        self.telling.begins(extent.days);
        let (to, mut made) = mpsc::channel(AHEAD);
        let planned = plan.clone();
        // A thread of its own: it computes for seconds, and a server that stops does not wait for it.
        std::thread::spawn(move || {
            let days = Past::of(seed, planned, extent);
            for day in days {
                if to.blocking_send(day).is_err() {
                    return;
                }
            }
        });
        while let Some(FiledDay { day, sums }) = made.recv().await {
            if self.gives_way().await {
                return Ok(());
            }
            let began = Instant::now();
            self.file_sums(extent, sums).await?;
            let days = u64::try_from(extent.until.since(day).as_secs() / 86_400).unwrap_or(0);
            self.telling.has_told(days);
            self.rest(began.elapsed()).await;
        }
        let told = events(seed, &plan, extent).into_iter();
        for batch in told.chain(Calls::of(seed, plan, extent.until, extent.opens)) {
            if self.tell(&batch).await? == Told::NoMore {
                return Ok(());
            }
        }
        self.telling.has_told(u64::MAX);
        Ok(())
    }

    async fn tell(&mut self, events: &[Event]) -> Result<Told, GivenUp> {
        for batch in events.chunks(BATCH) {
            if self.gives_way().await {
                return Ok(Told::NoMore);
            }
            let began = Instant::now();
            self.floor.send(batch).await?;
            self.rest(began.elapsed()).await;
        }
        Ok(Told::All)
    }

    /// Waits until the live floor keeps up; whether it is shut.
    async fn gives_way(&mut self) -> bool {
        tokio::select! {
            kept_up = self.pace.wait_for(|pace| *pace == Pace::KeepsUp) => kept_up.is_err(),
            () = self.floor.feed.stop().cancelled() => true,
        }
    }

    /// At most half of the writer's time goes into the past.
    async fn rest(&self, worked: Duration) {
        tokio::select! {
            () = tokio::time::sleep(worked) => {}
            () = self.floor.feed.stop().cancelled() => {}
        }
    }

    async fn file_sums(&self, extent: Extent, sums: Vec<FactChange>) -> Result<(), GivenUp> {
        loop {
            let after = match self.floor.feed.target().file_sums(extent.until, sums.clone()).await {
                Ok(()) => return Ok(()),
                Err(
                    Refusal::Full { retry_after }
                    | Refusal::NotDurable { retry_after, .. }
                    | Refusal::StandingBy { retry_after },
                ) => retry_after,
                Err(lost @ Refusal::Lost { .. }) => return Err(GivenUp::Never(lost.to_string())),
                Err(stopping @ Refusal::Stopping) => return Err(GivenUp::Never(stopping.to_string())),
            };
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = self.floor.feed.stop().cancelled() => return Ok(()),
            }
        }
    }
}
