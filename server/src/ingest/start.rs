//! Opening: the store, the writer, and what the live state begins with.

use super::counters::IngestCounters;
use super::lead::{Leadership, WriterStatus};
use super::ledger::Ledger;
use super::live_feed::LiveFeed;
use super::prefetch::Prefetcher;
use super::writer::Writer;
use super::{Admission, Ingest};
use crate::clock::Clock;
use crate::kit::mask::Veil;
use crate::law::change::Change;
use crate::store::StoreError;
use crate::store::any::{self, Database, Store};
use crate::store::write::{Retention, WriteStore};
use app::domain::Span;
use chrono_tz::Tz;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone)]
pub struct StoreConfig {
    pub database: Database,
    pub zone: Tz,
    /// How long calls are kept; events of calls older than that are rejected.
    pub keep_calls: Span,
}

/// All that opening gives.
#[derive(Debug)]
pub struct Opened {
    pub ingest: Ingest,
    pub reader: Store,
    pub changes: mpsc::Receiver<Change>,
    /// What the live state begins with: the last hour, what is up, and what is in force.
    pub initial: Change,
    /// Ends when told to stop, once all that had queued up is committed and answered.
    pub writer: JoinHandle<()>,
    /// Whether it leads.
    pub status: watch::Receiver<WriterStatus>,
    pub counters: Arc<IngestCounters>,
    /// What hides persons' numbers in all that is shown of this store.
    pub veil: Veil,
}

/// Opens the store and starts the writer on a thread of its own.
///
/// # Errors
/// If the database can't be opened or read; see [`StoreError`].
pub async fn open(config: StoreConfig, clock: Clock, stop: CancellationToken) -> Result<Opened, StoreError> {
    let (store, reader) = any::open(&config.database, config.zone).await?;
    let (counters, veil) = (Arc::new(IngestCounters::default()), Veil::new(reader.secret()));
    let (live, changes) = LiveFeed::new();
    let (lead, status) = Leadership::new(clock.clone(), live.clone());
    let ledger = Ledger::new(store, config.zone, veil.clone(), Arc::clone(&counters));
    let prefetcher = Prefetcher {
        finder: ledger.store.finder(),
        cache: ledger.mirror.calls.clone(),
        status: status.clone(),
        counters: Arc::clone(&counters),
    };
    let retention = Retention { calls: config.keep_calls };
    let mut writer = Writer { ledger, lead, live, clock: clock.clone(), retention };
    let initial = writer.begin().await?;
    let (ingest, queue) = Ingest::new(Admission::new(clock, config.keep_calls, Arc::clone(&counters)));
    let (to_writer, looked_up) = mpsc::unbounded_channel();
    tokio::spawn(prefetcher.run(queue, to_writer, stop));
    let runtime = tokio::runtime::Handle::current();
    // Merging a large group takes many milliseconds without a pause: it must not hold up who serves viewers.
    let writer = tokio::task::spawn_blocking(move || runtime.block_on(writer.run(looked_up)));
    Ok(Opened { ingest, reader, changes, initial, writer, status, counters, veil })
}
