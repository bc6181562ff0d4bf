//! Adding up what calls and agents contribute, by grain, bucket and key.

use crate::law::agents::{Share, closed, shares};
use crate::law::blocks::Block;
use crate::law::change::SumKey;
use crate::law::contribute::contribute;
use crate::law::grain::Grain;
use crate::law::keys::keys;
use crate::law::span::{SiteDays, Stretch};
use crate::store::write::{KnownAgent, StoredCall};
use app::domain::facts::Slot;
use app::domain::{AgentId, CampaignId, Dimension, Fact, Moment, Number, Tally};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// Keys known by number; where there are more, those of buckets that are done are forgotten.
const KEYS: usize = 500_000;

/// Blocks of one grain and dimension.
pub(super) type Blocks = BTreeMap<(Moment, CampaignId), Block>;

/// From when on is to be counted, by grain and dimension; what is dated before is left out.
#[derive(Debug, Clone)]
pub(super) struct Since([[Moment; Dimension::ALL.len()]; Grain::ALL.len()]);

impl Since {
    pub(super) fn new(of: impl Fn(Grain, Dimension) -> Moment) -> Self {
        Self(Grain::ALL.map(|grain| std::array::from_fn(|at| of(grain, Dimension::ALL[at]))))
    }

    pub(super) const fn of(&self, grain: Grain, dimension: Dimension) -> Moment {
        self.0[grain as usize][dimension as usize]
    }
}

/// Sums that are being added up.
#[derive(Debug)]
pub(super) struct Recount {
    since: Since,
    days: SiteDays,
    names: Vec<SumKey>,
    ids: HashMap<SumKey, u32, RandomState>,
    sums: HashMap<(Grain, Moment, u32), Tally, RandomState>,
}

impl Recount {
    pub(super) fn new(zone: Tz, since: Since) -> Self {
        Self { since, days: SiteDays::new(zone), names: Vec::new(), ids: HashMap::default(), sums: HashMap::default() }
    }

    pub(super) fn call(&mut self, kept: &StoredCall) {
        let contributions = contribute(&kept.call, &kept.judgement);
        for key in keys(&kept.call) {
            let (dimension, id) = (key.dimension, self.id(key));
            for (moment, tally) in &contributions {
                self.add(*moment, dimension, id, tally);
            }
        }
    }

    /// Adds the time that an agent spent in each state during a stretch.
    pub(super) fn agent(&mut self, agent: &AgentId, known: &KnownAgent, during: Stretch) {
        for mut spent in closed(&known.said, known.judged) {
            spent.during.from = spent.during.from.max(during.from);
            spent.during.to = spent.during.to.min(during.to);
            // Nothing finer than five minutes is kept.
            shares(agent, &spent, Moment::MAX).into_iter().for_each(|share| self.share(share));
        }
    }

    /// Adds a share of somebody's or something's time.
    pub(super) fn share(&mut self, share: Share) {
        self.one(share.of, share.bucket, share.fact, share.ms);
    }

    /// Adds that a number came into use or was retired.
    pub(super) fn rotation(&mut self, did: &Number, (at, fact): (Moment, Fact)) {
        for (dimension, key) in [(Dimension::Total, SmolStr::default()), (Dimension::Did, SmolStr::new(did.reveal()))] {
            self.one(SumKey { campaign: CampaignId::none(), dimension, key }, at, fact, 1);
        }
    }

    fn one(&mut self, of: SumKey, at: Moment, fact: Fact, n: i64) {
        let (dimension, id) = (of.dimension, self.id(of));
        let mut tally = Tally::with_room(1);
        tally.add(fact, n);
        self.add(at, dimension, id, &tally);
    }

    fn add(&mut self, moment: Moment, dimension: Dimension, id: u32, tally: &Tally) {
        for grain in Grain::ALL {
            if !grain.keeps(dimension) || moment < self.since.of(grain, dimension) {
                continue;
            }
            let bucket = grain.bucket(moment, &mut self.days);
            let sum = self.sums.entry((grain, bucket, id)).or_default();
            for (slot, n) in tally.iter().filter(|(slot, _)| dimension.is_fine() || !slot.is_pdd_bucket()) {
                sum.add(slot, n);
            }
        }
    }

    /// Adds a whole block of another's counting.
    pub(super) fn block(
        &mut self,
        grain: Grain,
        dimension: Dimension,
        at: Moment,
        campaign: &CampaignId,
        block: Block,
    ) {
        for (key, tally) in block {
            let id = self.id(SumKey { campaign: campaign.clone(), dimension, key });
            *self.sums.entry((grain, at, id)).or_default() += &tally;
        }
    }

    fn id(&mut self, key: SumKey) -> u32 {
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(key.clone());
        self.ids.insert(key, id);
        id
    }

    /// Takes out the buckets of a grain before `edge`, by dimension.
    pub(super) fn take(&mut self, grain: Grain, edge: Moment) -> BTreeMap<Dimension, Blocks> {
        let mut taken: BTreeMap<Dimension, Blocks> = BTreeMap::new();
        let done: Vec<_> = self.sums.keys().filter(|(g, bucket, _)| *g == grain && *bucket < edge).copied().collect();
        for place in done {
            let Some(tally) = self.sums.remove(&place).filter(|tally| !tally.is_empty()) else { continue };
            let name = &self.names[place.2 as usize];
            let block = taken.entry(name.dimension).or_default().entry((place.1, name.campaign.clone())).or_default();
            block.insert(name.key.clone(), tally);
        }
        self.forget_names();
        taken
    }

    /// Names of one campaign's calls may be many (a new number for each); those no longer needed go.
    fn forget_names(&mut self) {
        if self.names.len() <= KEYS {
            return;
        }
        let names = std::mem::take(&mut self.names);
        self.ids.clear();
        for ((grain, bucket, id), tally) in std::mem::take(&mut self.sums) {
            let id = self.id(names[id as usize].clone());
            self.sums.insert((grain, bucket, id), tally);
        }
    }
}

/// Whether a counter is of what is kept as long as its sums: calls, agents' time, and the rotation of numbers.
pub(super) fn is_recounted(counter: Slot) -> bool {
    let is_kept = |fact| {
        matches!(
            fact,
            Fact::AgentReadyMs
                | Fact::AgentOnCallMs
                | Fact::AgentWrapUpMs
                | Fact::AgentBreakMs
                | Fact::DidsProvisioned
                | Fact::DidsRetired
        )
    };
    is_of_calls(counter) || counter.fact().is_some_and(is_kept)
}

/// Whether a counter is one of calls.
pub(super) fn is_of_calls(counter: Slot) -> bool {
    counter.fact().is_none_or(|fact| fact.dated().is_a_calls())
}

/// Leaves of a block the counters of which `which` holds.
pub(super) fn only(block: &mut Block, which: impl Fn(Slot) -> bool) {
    block.values_mut().for_each(|tally| tally.retain(&which));
    block.retain(|_, tally| !tally.is_empty());
}
