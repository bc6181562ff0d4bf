//! Sums made anew from the calls and agents as kept, beside those in use; then swapped in, all at once.
//!
//! Older rows whose calls are gone are carried over. Where the site's zone changes, days made for the old zone become the
//! day of the new zone that holds their middle; at the seam each call is counted once, on the one side or the other.
//! Components' time of before its samples is taken over by the same rule; all of it, where the zone changes.

use super::country::place;
use super::first_uses::renew;
use super::others::Sampled;
use super::recount::{Blocks, Recount, Since, only};
use super::unite::unite;
use super::verify::{first_bucket, provable, since};
use super::walk::{Counted, Done, Walk};
use crate::ingest::fold_journal;
use crate::law::blocks::{Block, BlockKey};
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::store::StoreError;
use crate::store::any::{self, Database, StoreAudit};
use crate::store::audit::{Audit, Rebuild};
use crate::store::write::{Lead, WriteStore};
use app::domain::{Dimension, Moment, Span};
use chrono_tz::Tz;

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub counted: Counted,
    /// Calls that stood in several rows.
    pub united: u64,
    /// Calls of which another country was noted than their number's.
    pub placed: u64,
    /// Numbers of the floor's own that were none, or not since when they were noted to be.
    pub numbers: u64,
    /// Blocks made anew.
    pub blocks: u64,
    /// What lies before was carried over; `None`: everything was made anew.
    pub from: Option<Moment>,
    /// The zone of the days as they were, and as they are.
    pub zones: (Tz, Tz),
}

/// Opens a store for nobody else, with all that was committed folded into its blocks.
///
/// # Errors
/// If there is none, somebody uses it, or it can't be read or written.
pub async fn open(database: &Database) -> Result<StoreAudit, StoreError> {
    let mut store = any::rebuild(database).await?;
    let Some(zone) = store.zone().await? else { return Ok(store) };
    drop(store);
    let (mut writer, _) = any::open(database, zone).await?;
    if writer.lead().await? == Lead::Elsewhere {
        return Err(StoreError::InUse(database.to_string()));
    }
    fold_journal(&mut writer, zone).await?;
    drop(writer);
    any::rebuild(database).await
}

/// Makes each call one row and the sums anew, for `zone` where one is given, else for the zone they were made for. The journal must be folded
/// ([`open`]).
///
/// # Errors
/// If the store can't be read or written; then the sums in use are as they were.
pub async fn rebuild<S: Rebuild>(
    store: &mut S,
    zone: Option<Tz>,
    now: Moment,
    progress: &mut dyn FnMut(Counted, Moment),
) -> Result<Rebuilt, StoreError> {
    let old = store.zone().await?.or(zone).unwrap_or(Tz::UTC);
    let zone = zone.unwrap_or(old);
    // The seams lie where a day of the old zone begins: what is carried over are whole days.
    let from = provable(store).await?;
    let seam = |at| first_bucket(Grain::SiteDay, at, &mut SiteDays::new(old));
    let (hour_seam, day_seam) = (from.map(seam), from.max(store.days_carried_to().await?).map(seam));
    let hours = since(zone, hour_seam, None, now);
    let since = Since::new(|grain, dimension| match grain {
        Grain::Minutes5 | Grain::Hour => hours.of(grain, dimension),
        Grain::SiteDay => day_seam.unwrap_or(Moment::MIN),
    });
    let (united, placed) = (unite(store).await?, place(store).await?);
    let numbers = renew(store, from).await?;
    store.begin().await?;
    let mut walk = Walk::new(zone, since.clone(), progress);
    let turned = zone != old;
    let sampled = if turned { Sampled::never() } else { Sampled::whole_days(now, zone) };
    sampled.count(store, walk.recount()).await?;
    let (days, seam) = (SiteDays::new(zone), day_seam.unwrap_or(Moment::MIN));
    let mut beside = Beside { blocks: 0, days, turned, sampled, seam };
    for grain in Grain::ALL {
        for dimension in Dimension::ALL.iter().copied().filter(|dimension| grain.keeps(*dimension)) {
            let before = since.of(grain, dimension);
            if grain == Grain::SiteDay && zone != old {
                carry_days(store, dimension, before, zone, walk.recount(), &mut beside).await?;
            } else {
                store.carry(grain, dimension, before).await?;
            }
        }
    }
    let counted = walk.run(store, &mut beside).await?;
    let carried = day_seam.filter(|_| zone != old).map(|seam| last_touched(seam, zone));
    store.swap(zone, carried).await?;
    Ok(Rebuilt { counted, united, placed, numbers, blocks: beside.blocks, from: day_seam, zones: (old, zone) })
}

/// The end of the last day of the new zone that has something carried over, or lacks what was carried to the day before.
fn last_touched(seam: Moment, zone: Tz) -> Moment {
    let mut days = SiteDays::new(zone);
    // The middle of the last day before the seam, be it an hour longer or shorter.
    days.of(seam - Span::hours(11)).to.max(first_bucket(Grain::SiteDay, seam, &mut days))
}

/// Carries days of another zone over. Those that the seam may touch go to the recount, which adds what comes after.
async fn carry_days<S: Rebuild>(
    store: &mut S,
    dimension: Dimension,
    before: Moment,
    zone: Tz,
    recount: &mut Recount,
    beside: &mut Beside,
) -> Result<(), StoreError> {
    let mut days = SiteDays::new(zone);
    let mut open = Blocks::new();
    for bucket in store.buckets(Grain::SiteDay, dimension, before).await? {
        let day = days.of(bucket + MIDDLE).from;
        let done = open.split_off(&(day, app::domain::CampaignId::none()));
        let done = std::mem::replace(&mut open, done);
        beside.put(store, Grain::SiteDay, dimension, done).await?;
        let during = Stretch { from: bucket, to: bucket + Span::secs(1) };
        let each = &mut |_, campaign: app::domain::CampaignId, block: Block| {
            if day + Span::days(2) > before {
                recount.block(Grain::SiteDay, dimension, day, &campaign, block);
                return;
            }
            let into = open.entry((day, campaign)).or_default();
            for (key, tally) in block {
                *into.entry(key).or_default() += &tally;
            }
        };
        store.blocks(Grain::SiteDay, dimension, during, each).await?;
    }
    beside.put(store, Grain::SiteDay, dimension, open).await
}

/// Puts what is counted beside.
struct Beside {
    blocks: u64,
    days: SiteDays,
    /// Whether days are now those of another zone.
    turned: bool,
    sampled: Sampled,
    /// Old days before this were carried over as a whole.
    seam: Moment,
}

/// From the begin of a day to its middle.
const MIDDLE: Span = Span::hours(12);

impl Beside {
    async fn put<S: Rebuild>(
        &mut self,
        store: &mut S,
        grain: Grain,
        dimension: Dimension,
        blocks: Blocks,
    ) -> Result<(), StoreError> {
        if blocks.is_empty() {
            return Ok(());
        }
        self.blocks += blocks.len() as u64;
        let with_key =
            blocks.into_iter().map(|((from, campaign), block)| (BlockKey { grain, dimension, from, campaign }, block));
        store.put(&with_key.collect::<Vec<_>>()).await
    }
}

impl<S: Rebuild> Done<S> for Beside {
    async fn done(
        &mut self,
        store: &mut S,
        grain: Grain,
        dimension: Dimension,
        during: Stretch,
        mut counted: Blocks,
    ) -> Result<(), StoreError> {
        let turned = self.turned && grain == Grain::SiteDay;
        let back = if turned { MIDDLE } else { Span::ZERO };
        let from = if turned { (during.from - back).max(self.seam) } else { during.from };
        let each = &mut |bucket, campaign, mut others: Block| {
            only(&mut others, |counter| !self.sampled.covers(counter, bucket));
            let bucket = if turned { self.days.of(bucket + back).from } else { bucket };
            let into = counted.entry((bucket, campaign)).or_default();
            for (key, tally) in others {
                *into.entry(key).or_default() += &tally;
            }
        };
        store.blocks(grain, dimension, Stretch { from, to: during.to - back }, each).await?;
        counted.retain(|_, block| !block.is_empty());
        self.put(store, grain, dimension, counted).await
    }
}
