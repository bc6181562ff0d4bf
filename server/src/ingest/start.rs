//! Opening: the store, the writer, and what the live state begins with.

use super::ahead::Ahead;
use super::counters::IngestCounters;
use super::lead::Standing;
use super::names::Names;
use super::writer::Writer;
use super::{Door, Ingest};
use crate::clock::Clock;
use crate::kit::mask::Veil;
use crate::law::agents::{self, shares_since};
use crate::law::calls::{Before, CallNow};
use crate::law::change::{Change, GaugeKey};
use crate::law::keys::{in_reach, presence};
use crate::law::samples;
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::any::{self, Database, Store};
use crate::store::write::{Lead, Retention, WriteStore};
use app::domain::{Moment, Span};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What memory holds of the past: an hour, and the running bucket.
const REACH: Span = Span::minutes(61);
/// The sparkline of channels.
const CHANNELS_REACH: Span = Span::minutes(15);
/// Changes on their way to the live state: it takes microseconds for each, and the writer waits beyond.
const CHANGES: usize = 16;

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
    pub standing: watch::Receiver<Standing>,
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
    let (to_live, changes) = mpsc::channel(CHANGES);
    let retention = Retention { calls: config.keep_calls };
    let (mut writer, standing) =
        Writer::new(store, clock.clone(), config.zone, retention, Arc::clone(&counters), to_live, veil.clone());
    let ahead = Ahead {
        finder: writer.store.finder(),
        held: writer.held.clone(),
        standing: standing.clone(),
        counters: Arc::clone(&counters),
    };
    let initial = writer.begin().await?;
    let (ingest, queue) = Ingest::new(Door::new(clock, config.keep_calls, Arc::clone(&counters)));
    let (to_writer, looked_up) = mpsc::unbounded_channel();
    tokio::spawn(ahead.run(queue, to_writer, stop));
    let runtime = tokio::runtime::Handle::current();
    // Merging a large group takes many milliseconds without a pause: it must not hold up who serves viewers.
    let writer = tokio::task::spawn_blocking(move || runtime.block_on(writer.run(looked_up)));
    Ok(Opened { ingest, reader, changes, initial, writer, standing, counters, veil })
}

impl<S: WriteStore> Writer<S> {
    /// Forgets what is in memory and reads what is committed: at start, and after a commit that failed.
    pub(super) async fn read_anew(&mut self) -> Result<(), StoreError> {
        self.held.forget();
        self.sums.forget();
        let mut names = self.store.names().await?;
        let heard = std::mem::take(&mut names.heard);
        self.book = super::book::Book::of(self.store.settings().await?, heard, self.veil.clone());
        self.book.is_now(self.clock.now());
        self.names = Names::of(names);
        self.due = self.store.due().await?.into_iter().collect();
        self.rejudge = self.store.rejudgements().await?.into();
        self.days.know(self.store.days().await?);
        self.components.know(self.store.components().await?, &mut self.due);
        self.distrusted = false;
        Ok(())
    }

    /// Reads what is committed, and tells what the live state begins with.
    async fn begin(&mut self) -> Result<Change, StoreError> {
        let standing = match self.store.lead().await? {
            Lead::Held | Lead::Taken => {
                self.lead.ours = true;
                self.read_anew().await?;
                self.fold().await?;
                while !self.forget_names().await?.is_empty() {}
                Standing::Leading
            }
            Lead::Elsewhere => {
                self.read_anew().await?;
                Standing::StandingBy
            }
        };
        let initial = self.look_around().await?;
        self.stands(standing).await;
        Ok(initial)
    }

    /// What the live state begins with. Everything has been read anew before.
    pub(super) async fn last_hour(&mut self) -> Result<Change, StoreError> {
        let now = self.clock.now();
        let since = now - REACH;
        let mut change = Change::default();
        // Sums of their own: what is read here is committed already.
        let mut sums = SumChanges::default();
        let mut gauges: HashMap<GaugeKey, i64, RandomState> = HashMap::default();
        let mut newest: Option<Moment> = None;
        let mut calls = Vec::new();
        let each = &mut |name, kept: crate::store::write::Kept| {
            sums.call(Sign::Plus, &kept.call, &kept.judgement);
            for key in presence(&kept.call, &kept.judgement) {
                *gauges.entry(key).or_default() += 1;
            }
            calls.extend(CallNow::of(&name, &kept.call, &kept.judgement, Before::NotUp, now));
            newest = newest.max(kept.call.newest());
        };
        self.store.recent(since, each).await?;
        for (agent, known) in self.store.agents(since).await? {
            for share in shares_since(&agent, &agents::closed(&known.said, known.judged), since) {
                sums.share(Sign::Plus, share);
            }
            newest = newest.max(known.said.last().map(|said| said.at));
            change.agents.extend(agents::now(&agent, &known.said, known.judged));
        }
        for share in self.components.shares_since(since, &mut self.store).await? {
            sums.share(Sign::Plus, share);
        }
        self.book.rotations_since(since).for_each(|(did, rotation)| sums.rotation(Sign::Plus, did, rotation));
        change.newest_event = newest;
        change.facts = sums.take();
        change.facts.retain(|fact| fact.bucket >= since.floor(Span::minutes(1)));
        change.gauges = in_reach(gauges, now);
        change.calls = calls;
        samples::tell(&mut change, &self.store.recent_samples(now - CHANNELS_REACH).await?)?;
        let settings = self.book.all();
        settings.campaigns.iter().for_each(|(campaign, _)| self.periods.forget(campaign.clone()));
        self.periods.forget(app::domain::CampaignId::none());
        self.periods.read(now, &self.book, &mut self.store).await?.tell(&mut change);
        (change.campaigns, change.routes, change.dids) = (settings.campaigns, settings.routes, settings.dids);
        change.persons = settings.persons;
        Ok(change)
    }
}
