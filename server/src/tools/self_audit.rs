//! All day long: one hour of one campaign after another is recounted from its calls, and compared with the sums kept.
//!
//! Which hour comes next is drawn by lot; one that differs is looked at again and again until it is right. It reads as of
//! one instant, over a connection of its own, a slice at a time with long pauses between, and never more calls than a
//! bound. Agents' and components' time and the rotation of numbers are `verify`'s alone.

use super::recount::{Recount, Since, is_of_calls, only};
use super::unite::doubled_of;
use super::verify::{is_of_earlier_law, since};
use crate::board::Audited;
use crate::clock::Clock;
use crate::law::blocks::{Block, BlockKey};
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::live::LiveHandle;
use crate::store::StoreError;
use crate::store::any::{self, Database};
use crate::store::audit::Audit;
use crate::store::write::RowId;
use crate::telemetry::{Reading, counters};
use app::domain::{CampaignId, Dimension, Moment, Span};
use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often a cell is looked at: some three thousand a day.
const EVERY: Duration = Duration::from_secs(30);
/// Calls read at once, and how much longer than reading and counting them takes the pause after it is.
const SLICE: usize = 500;
const REST: u32 = 9;
/// How long before and after an hour calls are filed that have a moment in it: nearly all of them, and every one.
const NEAR: (Span, Span) = (Span::hours(1), Span::minutes(10));
const FAR: (Span, Span) = (Span::hours(48), Span::hours(48));
/// Calls of one cell at most, near and far: an hour of a campaign at the design load, and its four days.
const MOST: (usize, usize) = (200_000, 1_000_000);
/// Cells that are remembered because they differ.
const REMEMBERED: usize = 100;
/// Calls among which doubled rows are looked for at the start: of more, by the hash of their names, a fair part.
const LOOKED_THROUGH: usize = 1_000_000;

/// One hour of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub hour: Moment,
    pub campaign: CampaignId,
}

counters! {
    /// What the audit has found.
    pub struct AuditCounters {
        audited: counter "ringside_figures_audited", "Hours of campaigns recounted from their calls and compared";
        mismatches: gauge "ringside_figures_mismatched",
            "Hours of campaigns whose figures are not those of their calls: 0, or `ringside verify` names them";
        too_large: counter "ringside_figures_unaudited",
            "Hours of campaigns with more calls than are recounted beside the server";
        failed: counter "ringside_audits_failed", "Times that nothing could be recounted";
    }
    also {
        /// Calls that were found to stand in several rows at the start, once that was looked for.
        doubled: OnceLock<u64>;
        /// Whether the sums were made by an earlier edition of the law, once that was looked for.
        earlier_law: OnceLock<bool>;
    }
}

impl AuditCounters {
    /// What was found once, at the start.
    #[must_use]
    pub fn first_readings(&self) -> Vec<Reading> {
        vec![
            Reading::gauge(
                "ringside_calls_in_several_rows",
                "Calls that stood in several rows when the server started: counted as often",
                self.doubled.get().copied().unwrap_or_default(),
            ),
            Reading::gauge(
                "ringside_figures_of_an_earlier_law",
                "1 where sums of the past were made by an earlier edition of the law: `ringside verify --repair` makes them anew",
                self.earlier_law.get().copied().map_or(0, u64::from),
            ),
        ]
    }
}

/// Who is told what the audit finds.
pub trait Hears: Send + 'static {
    /// Gives whether anybody hears it still.
    fn audited(&self, found: Audited) -> impl Future<Output = bool> + Send;
}

impl Hears for LiveHandle {
    async fn audited(&self, found: Audited) -> bool {
        Self::audited(self, found).await.is_ok()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Equal,
    Different,
    TooLarge,
}

#[derive(Debug)]
pub struct SelfAudit {
    database: Database,
    clock: Clock,
    counters: Arc<AuditCounters>,
    differ: BTreeSet<Cell>,
    turns: usize,
    every: Duration,
}

impl SelfAudit {
    #[must_use]
    pub fn new(database: Database, clock: Clock, counters: Arc<AuditCounters>) -> Self {
        Self { database, clock, counters, differ: BTreeSet::new(), turns: 0, every: EVERY }
    }

    /// Looks at a cell so often.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Begins, on a thread of its own: counting must not hold up who serves viewers. And in a runtime of its own: the
    /// server's may be gone before the last turn is over.
    pub fn start(self, hears: impl Hears, stop: CancellationToken) -> JoinHandle<()> {
        tokio::task::spawn_blocking(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(self.run(hears, stop)),
            Err(error) => tracing::warn!(%error, "figures are not audited: no thread can be had for it"),
        })
    }

    /// Goes on until told to stop, and tells the live state how many cells differ.
    async fn run(mut self, hears: impl Hears, stop: CancellationToken) {
        let looked = tokio::select! {
            () = stop.cancelled() => return,
            looked = self.look_around(LOOKED_THROUGH) => looked,
        };
        if let Err(error) = looked {
            self.counters.failed.add(1);
            tracing::debug!(%error, "the database could not be looked through for what older versions left");
        }
        let lots = RandomState::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.every) => {}
            }
            let mut lot = lots.build_hasher();
            lot.write_usize(self.turns);
            let turn = tokio::select! {
                () = stop.cancelled() => return,
                turn = self.turn(lot.finish()) => turn,
            };
            if let Err(error) = turn {
                self.counters.failed.add(1);
                tracing::debug!(%error, "no figures could be recounted; it is tried again");
            }
            let is_of_earlier_law = self.counters.earlier_law.get() == Some(&true);
            if !hears.audited(Audited { differ: self.differ.len() as u64, is_of_earlier_law }).await {
                return;
            }
        }
    }

    /// Warns of what older versions left: sums made by an earlier edition of the law, and, among so many, calls that stand in
    /// several rows, which are counted twice.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn look_around(&self, among: usize) -> Result<(), StoreError> {
        let mut store = any::audit(&self.database).await?;
        let earlier = is_of_earlier_law(&mut store).await?;
        // Asked once, at the start.
        let _ = self.counters.earlier_law.set(earlier);
        if earlier {
            tracing::warn!(
                "sums were made by an earlier edition of the law of figures; stop the server and run `ringside verify --repair`"
            );
        }
        let doubled = doubled_of(store.namesakes_among(among).await?).len() as u64;
        let _ = self.counters.doubled.set(doubled);
        if doubled > 0 {
            tracing::warn!(
                calls = doubled,
                "calls stand in several rows and are counted as often; stop the server and run `ringside verify --repair`"
            );
        }
        Ok(())
    }

    /// Looks at one cell, drawn by this lot; every other time at one that differed before, if there is any.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn turn(&mut self, lot: u64) -> Result<(), StoreError> {
        self.turns += 1;
        let mut store = any::audit(&self.database).await?;
        let known = self.differ.iter().nth(self.turns / 2 % self.differ.len().max(1)).cloned();
        let cell = match known.filter(|_| self.turns.is_multiple_of(2)) {
            Some(cell) => cell,
            None => match draw(&mut store, self.clock.now(), lot).await? {
                Some(cell) => cell,
                None => return Ok(()),
            },
        };
        let mut found = look(&mut store, &cell, NEAR, MOST.0).await?;
        if found == Found::Different {
            // A call may be filed at a moment far from those that count here.
            found = look(&mut store, &cell, FAR, MOST.1).await?;
        }
        self.note(cell, found);
        Ok(())
    }

    fn note(&mut self, cell: Cell, found: Found) {
        let Cell { hour, campaign } = &cell;
        match found {
            Found::TooLarge => {
                self.counters.too_large.add(1);
                return;
            }
            Found::Equal => {
                if self.differ.remove(&cell) {
                    tracing::info!(%campaign, hour = %hour.to_rfc3339(), "the figures are those of the calls again");
                }
            }
            Found::Different => {
                if self.differ.len() < REMEMBERED && self.differ.insert(cell.clone()) {
                    let hour = hour.to_rfc3339();
                    tracing::error!(%campaign, %hour, "figures are not those of the calls; `ringside verify` names them");
                }
            }
        }
        self.counters.audited.add(1);
        self.counters.mismatches.set(self.differ.len() as u64);
    }
}

/// One of those that `lot` is told of, if there are any.
fn drawn<T>(mut from: Vec<T>, lot: u64) -> Option<T> {
    let at = usize::try_from(lot % u64::try_from(from.len()).ok().filter(|n| *n > 0)?).ok()?;
    Some(from.swap_remove(at))
}

/// A day by lot, of that a campaign, of that an hour.
async fn draw<S: Audit>(store: &mut S, now: Moment, lot: u64) -> Result<Option<Cell>, StoreError> {
    let Some(zone) = store.zone().await? else { return Ok(None) };
    let provable = super::verify::provable(store).await?;
    // From when on the hours of all dimensions are kept.
    let since = since(zone, provable, None, now);
    let hours = Dimension::ALL.iter().map(|dimension| since.of(Grain::Hour, *dimension));
    let first = hours.max().unwrap_or(Moment::MIN);
    let mut days = store.buckets(Grain::SiteDay, Dimension::Campaign, now).await?;
    days.retain(|day| *day >= first);
    let Some(day) = drawn(days, lot) else { return Ok(None) };
    let during = Stretch { from: day, to: day + Span::secs(1) };
    let mut campaigns = Vec::new();
    store.blocks(Grain::SiteDay, Dimension::Campaign, during, &mut |_, campaign, _| campaigns.push(campaign)).await?;
    let Some(campaign) = drawn(campaigns, lot >> 16) else { return Ok(None) };
    let end = SiteDays::new(zone).of(day).to.min(now);
    let mut hours = Vec::new();
    let mut hour = day.floor(Span::hours(1));
    while hour < end {
        hours.push(hour);
        hour = hour + Span::hours(1);
    }
    Ok(drawn(hours, lot >> 32).map(|hour| Cell { hour, campaign }))
}

/// Recounts a cell from its calls that are filed so near it, and compares.
async fn look<S: Audit>(
    store: &mut S,
    cell: &Cell,
    (before, after): (Span, Span),
    most: usize,
) -> Result<Found, StoreError> {
    let zone = store.zone().await?.unwrap_or(chrono_tz::Tz::UTC);
    let end = cell.hour + Span::hours(1);
    let from_here = |grain: Grain, _: Dimension| if grain == Grain::Hour { cell.hour } else { Moment::MAX };
    let mut recount = Recount::new(zone, Since::new(from_here));
    let (mut place, last) = (RowId::at(cell.hour - before), RowId::at(end + after));
    let mut calls = 0;
    loop {
        let began = Instant::now();
        let slice = store.calls_of(&cell.campaign, place, last, SLICE).await?;
        slice.iter().for_each(|kept| recount.call(kept));
        calls += slice.len();
        let Some(id) = slice.last().filter(|_| slice.len() == SLICE).and_then(|kept| kept.id) else { break };
        if calls > most {
            return Ok(Found::TooLarge);
        }
        place = id;
        tokio::time::sleep(began.elapsed() * REST).await;
    }
    let mut recounted = recount.take(Grain::Hour, end);
    let dimensions = Dimension::ALL.iter().copied().filter(|dimension| Grain::Hour.keeps(*dimension));
    let key = |dimension| BlockKey { grain: Grain::Hour, dimension, from: cell.hour, campaign: cell.campaign.clone() };
    let keys: Vec<BlockKey> = dimensions.map(key).collect();
    let mut kept = store.some_blocks(&keys.iter().collect::<Vec<_>>()).await?;
    store
        .journal(&mut |at, of, tally| {
            let is_here = of.campaign == cell.campaign && (cell.hour..end).contains(&at);
            if let Some(n) = keys.iter().position(|key| is_here && key.dimension == of.dimension) {
                *kept[n].entry(of.key).or_default() += &tally;
            }
        })
        .await?;
    for (key, mut kept) in keys.iter().zip(kept) {
        only(&mut kept, is_of_calls);
        let place = (cell.hour, cell.campaign.clone());
        let recounted: Block = recounted.get_mut(&key.dimension).and_then(|of| of.remove(&place)).unwrap_or_default();
        if kept != recounted {
            return Ok(Found::Different);
        }
    }
    Ok(Found::Equal)
}
