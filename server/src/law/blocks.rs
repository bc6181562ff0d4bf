//! Blocks of sums: what falls into one bucket, dimension and campaign, spread over the grains that keep it.

use super::change::SumKey;
use super::grain::Grain;
use super::span::SiteDays;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// What changes are gathered by before they are spread over the grains: every bucket of the others is made of whole ones.
const FINEST: Grain = Grain::Minutes5;

/// The tallies of one block by key.
pub type Block = BTreeMap<SmolStr, Tally>;

/// Which sums are kept together: those of one bucket, dimension and campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockKey {
    pub grain: Grain,
    pub dimension: Dimension,
    pub from: Moment,
    pub campaign: CampaignId,
}

/// Changes of sums by the finest grain and key.
#[derive(Debug)]
pub struct Gathered {
    days: SiteDays,
    sums: HashMap<(Moment, SumKey), Tally, RandomState>,
}

impl Gathered {
    #[must_use]
    pub fn new(zone: Tz) -> Self {
        Self { days: SiteDays::new(zone), sums: HashMap::default() }
    }

    /// Adds a change of one bucket, however short that is.
    pub fn add(&mut self, at: Moment, of: SumKey, tally: Tally) {
        match self.sums.entry((FINEST.bucket(at, &mut self.days), of)) {
            Entry::Vacant(place) => {
                place.insert(tally);
            }
            Entry::Occupied(mut sum) => *sum.get_mut() += &tally,
        }
    }

    /// What it adds to the blocks of every grain that keeps it.
    #[must_use]
    pub fn spread(mut self) -> HashMap<BlockKey, Block, RandomState> {
        let mut changes: HashMap<BlockKey, Block, RandomState> = HashMap::default();
        for ((at, of), tally) in self.sums {
            for grain in Grain::ALL.into_iter().filter(|grain| grain.keeps(of.dimension)) {
                let from = grain.bucket(at, &mut self.days);
                let key = BlockKey { grain, dimension: of.dimension, from, campaign: of.campaign.clone() };
                *changes.entry(key).or_default().entry(of.key.clone()).or_default() += &tally;
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::Span;

    #[test]
    fn the_buckets_of_every_grain_are_made_of_whole_finest_ones_in_all_zones() {
        let (from, to) = (Moment::from_secs(1_735_689_600), Moment::from_secs(1_798_761_600));
        for zone in chrono_tz::TZ_VARIANTS {
            let mut days = SiteDays::new(zone);
            let mut at = from;
            while at < to {
                for grain in Grain::ALL {
                    let begin = grain.bucket(at, &mut days);
                    assert_eq!(FINEST.bucket(begin, &mut days), begin, "{grain:?} at {begin:?} in {zone}");
                }
                at = at + Span::hours(12);
            }
        }
    }
}
