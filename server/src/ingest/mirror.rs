//! What is known in memory of what is committed, so that a commit need not read it: settings and names, what is due, which
//! calls were heard of lately.
//!
//! As the last commit left it. Read from the store at start, and again wherever it may be something else; each commit then
//! changes it as it changes the store.

use super::call_cache::CallCache;
use super::components::Components;
use super::days::Days;
use super::directory::Directory;
use super::due::DueQueue;
use super::names::NameLimits;
use super::periods::Periods;
use crate::kit::mask::Veil;
use crate::law::agents::{self, shares_since};
use crate::law::calls::{Before, CallNow};
use crate::law::change::{Change, GaugeKey};
use crate::law::keys::{in_reach, presence};
use crate::law::samples;
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::write::{Rejudgement, StoredCall, WriteStore};
use app::domain::{CampaignId, Moment, Span};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use std::collections::{HashMap, VecDeque};

/// What the live state holds of the past: an hour, and the running bucket.
const REACH: Span = Span::minutes(61);
/// The sparkline of channels.
const CHANNELS_REACH: Span = Span::minutes(15);

/// All that is known of the floor between two commits.
#[derive(Debug)]
pub(super) struct Mirror {
    /// The calls heard of lately.
    pub(super) calls: CallCache,
    /// What the commit under way adds to the sums; nothing between two.
    pub(super) sums: SumChanges,
    /// Settings, and the names that calls bear.
    pub(super) directory: Directory,
    /// Who tells samples, and the agents.
    pub(super) names: NameLimits,
    /// What time alone will alter.
    pub(super) due: DueQueue,
    /// Where each campaign's periods begin and end.
    pub(super) periods: Periods,
    /// How far each component's time is counted.
    pub(super) components: Components,
    /// The days that have sums, and which were revised.
    pub(super) days: Days,
    /// Spans of calls that are to be judged again.
    pub(super) rejudgements: VecDeque<Rejudgement>,
    /// Hides the persons whose numbers stand in names.
    veil: Veil,
}

impl Mirror {
    /// One that knows nothing yet.
    pub(super) fn new(zone: Tz, veil: Veil) -> Self {
        Self {
            calls: CallCache::new(),
            sums: SumChanges::default(),
            directory: Directory::default(),
            names: NameLimits::default(),
            due: DueQueue::default(),
            periods: Periods::new(zone),
            components: Components::default(),
            days: Days::new(zone),
            rejudgements: VecDeque::new(),
            veil,
        }
    }

    /// Forgets all and reads what is committed; the running periods are read when they are next asked for.
    pub(super) async fn reload(&mut self, now: Moment, store: &mut impl WriteStore) -> Result<(), StoreError> {
        self.calls.forget();
        self.sums.forget();
        let mut names = store.names().await?;
        let heard = std::mem::take(&mut names.heard);
        self.directory = Directory::of(store.settings().await?, heard, self.veil.clone());
        self.directory.is_now(now);
        self.names = NameLimits::of(names);
        self.due = DueQueue::of(store.due().await?);
        self.rejudgements = store.rejudgements().await?.into();
        self.days.know(store.days().await?);
        self.components.know(store.components().await?, &mut self.due);
        Ok(())
    }

    /// Takes over what another server has committed, of what is known here of settings and periods.
    pub(super) fn take_over(&mut self, change: &Change) {
        for (id, campaign) in &change.campaigns {
            let before = self.directory.campaign(id).and_then(|before| before.started_at.value());
            if before != campaign.started_at.value() {
                self.periods.forget(id.clone());
            }
        }
        self.directory.take_over(change);
        self.periods.see(&change.facts);
    }

    /// What the live state begins with: the last hour, what is up, and what is in force. All has been read before.
    pub(super) async fn last_hour(&mut self, now: Moment, store: &mut impl WriteStore) -> Result<Change, StoreError> {
        let since = now - REACH;
        let mut change = Change::default();
        // Sums of their own: what is read here is committed already.
        let mut sums = SumChanges::default();
        let mut gauges: HashMap<GaugeKey, i64, RandomState> = HashMap::default();
        let mut newest: Option<Moment> = None;
        let mut calls = Vec::new();
        let each = &mut |name, kept: StoredCall| {
            sums.call(Sign::Plus, &kept.call, &kept.judgement);
            for key in presence(&kept.call, &kept.judgement) {
                *gauges.entry(key).or_default() += 1;
            }
            calls.extend(CallNow::of(&name, &kept.call, &kept.judgement, Before::NotUp, now));
            newest = newest.max(kept.call.newest());
        };
        store.recent(since, each).await?;
        for (agent, known) in store.agents(since).await? {
            for share in shares_since(&agent, &agents::closed(&known.said, known.judged), since) {
                sums.share(Sign::Plus, share);
            }
            newest = newest.max(known.said.last().map(|said| said.at));
            change.agents.extend(agents::now(&agent, &known.said, known.judged));
        }
        for share in self.components.shares_since(since, store).await? {
            sums.share(Sign::Plus, share);
        }
        self.directory.rotations_since(since).for_each(|(did, rotation)| sums.rotation(Sign::Plus, did, rotation));
        change.newest_event = newest;
        change.facts = sums.take();
        change.facts.retain(|fact| fact.bucket >= since.floor(Span::minutes(1)));
        change.gauges = in_reach(gauges, now);
        change.calls = calls;
        samples::tell(&mut change, &store.recent_samples(now - CHANNELS_REACH).await?)?;
        let settings = self.directory.all();
        settings.campaigns.iter().for_each(|(campaign, _)| self.periods.forget(campaign.clone()));
        self.periods.forget(CampaignId::none());
        self.periods.read(now, &self.directory, store).await?.tell(&mut change);
        (change.campaigns, change.routes, change.dids) = (settings.campaigns, settings.routes, settings.dids);
        change.persons = settings.persons;
        Ok(change)
    }
}
