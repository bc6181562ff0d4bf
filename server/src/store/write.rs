//! What the writer asks of a store, in domain words. There is one writer; a store may block it.
//!
//! A commit is made up as it is written ([`OpenCommit`]), in one transaction that is durable when it returns. Look-ups before it see
//! what was committed before.

use super::StoreError;
use super::read::Settings;
use crate::law::agents::AgentReport;
use crate::law::blocks::{Block, BlockKey};
use crate::law::calls::Before;
use crate::law::change::{Gone, HeardOn, SumKey};
use crate::law::components::Beat;
use crate::law::contribute::Judgement;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use app::domain::outcome::CostKind;
use app::domain::{
    AgentId, Call, CallName, Campaign, CampaignId, ComponentId, Did, Moment, Number, Route, RouteId, Tally,
};
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::HashMap;

/// A call's place in the store. Ascends with the instant it was filed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub i64);

impl RowId {
    pub const FIRST: Self = Self(i64::MIN);
    pub const LAST: Self = Self(i64::MAX);
    /// Places of calls filed in one microsecond.
    pub const A_MICRO: i64 = 1_024;

    /// The lowest place of calls filed at `at`.
    #[must_use]
    pub const fn at(at: Moment) -> Self {
        Self(at.micros().saturating_mul(Self::A_MICRO))
    }

    #[must_use]
    pub const fn filed_at(self) -> Moment {
        Moment::from_micros(self.0.div_euclid(Self::A_MICRO))
    }
}

/// Who writes to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// This server, and nobody else since it was asked last.
    Held,
    /// This server, from now on: another one may have led before.
    Taken,
    /// Another one, or nobody that we know of.
    Elsewhere,
}

/// How far one who follows has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowedTo {
    /// Up to and with this commit.
    To(i64),
    /// Commits are no longer there: what is known is too old to go on from.
    Missed,
}

/// Where a call may be filed, by the moments that an event tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilingHint {
    /// Near these: all moments of a call lie within a day of each other. A call of the same name that is filed days away
    /// may be found or not.
    Near(Stretch),
    /// Most likely near these, and if it is not there, anywhere.
    Anywhere(Stretch),
}

impl FilingHint {
    #[must_use]
    pub const fn near(self) -> Stretch {
        match self {
            Self::Near(near) | Self::Anywhere(near) => near,
        }
    }

    /// The better of two: a word that tells a moment says best where to look.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Anywhere(_), Self::Near(_)) => other,
            (Self::Anywhere(_), Self::Anywhere(_)) | (Self::Near(_), _) => self,
        }
    }
}

/// A call that is looked up.
#[derive(Debug, Clone, Copy)]
pub struct CallLookup<'a> {
    pub name: &'a CallName,
    pub reach: FilingHint,
}

/// A call as kept.
#[derive(Debug, Clone)]
pub struct StoredCall {
    /// `None` until it was written once.
    pub id: Option<RowId>,
    pub filed_at: Moment,
    pub call: Box<Call>,
    pub judgement: Judgement,
    /// When time alone will alter it.
    pub due: Option<Moment>,
}

#[derive(Debug)]
pub struct CallWrite<'a> {
    pub name: &'a CallName,
    /// Gets its `id` where it is new.
    pub kept: &'a mut StoredCall,
    /// As it was before this commit.
    pub before: CallBefore,
}

/// What a call was before the commit that changes it.
#[derive(Debug, Clone, Default)]
pub struct CallBefore {
    /// When it was to be judged again.
    pub due: Option<Moment>,
    pub is_lost: bool,
    pub up: Before,
    /// The floor's own number that it bore, and its start.
    pub own_use: Option<(Number, Moment)>,
}

/// A commit in the making. Its calls are judged one by one as they are written, so that the next ones are judged while the
/// database takes those before; what else is written is known when all are.
pub trait OpenCommit {
    /// Judges a call, once: then its row is complete.
    fn judge(&mut self, call: &mut CallWrite<'_>);
    /// What is written beside the calls, all of which are judged by now.
    ///
    /// # Errors
    /// If something can't be put into text.
    fn rest(&mut self) -> Result<Commit<'_>, StoreError>;
}

/// What the journal amounts to: whole new blocks, an empty one where nothing is left. The journal is emptied with it.
#[derive(Debug)]
pub struct Fold<'a> {
    pub blocks: Vec<(&'a BlockKey, &'a Block)>,
}

#[derive(Debug)]
pub struct AgentWrite {
    pub agent: AgentId,
    pub judged: Moment,
    pub due: Option<Moment>,
    /// Those that are new or changed.
    pub said: Vec<AgentReport>,
}

/// What a month cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub month: SmolStr,
    pub kind: CostKind,
    pub amount: SmolStr,
    pub currency: SmolStr,
    pub told_at: Moment,
}

/// How far a component's time is counted, and when it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownComponent {
    pub component: ComponentId,
    /// Its time before this is in the sums.
    pub counted_to: Moment,
    /// Its latest health sample of any source.
    pub heard_at: Moment,
}

/// The names of agents, of what tells samples, and of settings, each with when it was last heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// By the last sample of each.
    pub series: Vec<SampleKey>,
    pub agents: Vec<(AgentId, Moment)>,
    /// When the names of settings were last heard of, as far as that was noted.
    pub heard: HeardOn,
}

/// What is remembered of a site day for telling whether it was revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayMark {
    /// The instant at which the day begins.
    pub day: Moment,
    /// When the first of its sums was committed.
    pub first_at: Moment,
    /// When its sums last changed after it was over.
    pub revised_at: Option<Moment>,
}

/// A span of a campaign's calls still to be judged again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejudgement {
    /// `None` until it was written once.
    pub id: Option<i64>,
    pub campaign: CampaignId,
    /// Done up to and with this.
    pub after: RowId,
    pub to: RowId,
}

/// All that one transaction writes beside calls.
#[derive(Debug, Default)]
pub struct Commit<'a> {
    /// What is added to the sums, as a journal entry (`tally`); nothing where nothing is.
    pub sums: Vec<u8>,
    /// What those who follow must know beside the sums (`telling`), where the store has such.
    pub rest: Vec<u8>,
    pub agents: Vec<AgentWrite>,
    /// With the body as JSON.
    pub samples: Vec<(SampleKey, String)>,
    pub campaigns: &'a [(CampaignId, Campaign)],
    pub routes: &'a [(RouteId, Route)],
    /// Of which nothing is known any more goes.
    pub dids: &'a [(Number, Did)],
    /// Persons whose numbers were found to stand in names.
    pub persons: &'a [Number],
    /// When names were last heard of, of those of which that changed.
    pub heard: HeardOn,
    pub costs: Vec<Cost>,
    /// How far the time of each is counted with this commit.
    pub components: Vec<(ComponentId, Moment)>,
    /// Days that are new, or revised.
    pub days: Vec<DayMark>,
    /// New ones, which get their id, and those with progress.
    pub rejudged: Vec<&'a mut Rejudgement>,
    pub rejudged_wholly: Vec<i64>,
}

impl Commit<'_> {
    /// Whether there is nothing to write beside calls.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sums.is_empty()
            && self.agents.is_empty()
            && self.samples.is_empty()
            && self.campaigns.is_empty()
            && self.routes.is_empty()
            && self.dids.is_empty()
            && self.persons.is_empty()
            && self.heard.is_empty()
            && self.costs.is_empty()
            && self.components.is_empty()
            && self.days.is_empty()
            && self.rejudged.is_empty()
            && self.rejudged_wholly.is_empty()
    }
}

/// What is known of an agent from some instant on, and the one word before it.
#[derive(Debug, Clone, Default)]
pub struct KnownAgent {
    pub judged: Moment,
    pub said: Vec<AgentReport>,
}

/// What time alone will alter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    Call(CallName),
    Agent(AgentId),
    /// Not told by the store: the writer knows its components.
    Component(ComponentId),
}

/// Whether a commit had anything to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Something,
    Nothing,
}

/// How much older than now something must be to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    pub calls: app::domain::Span,
}

/// Whether a slice of clearing away left something for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    All,
    MoreToDo,
}

/// Takes what one commit has told: what it added to the sums, and the rest.
pub type EachChange<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Calls that there are, by name. Some may be among them that were not asked for.
pub type FoundCalls = HashMap<CallName, StoredCall, RandomState>;

/// Looks calls up beside the writer, over a connection of its own.
pub trait Finder: Send + 'static {
    /// See `WriteStore::find`: as committed when it is asked.
    ///
    /// # Errors
    /// If the database fails, or holds what can't be read.
    fn find(&mut self, asked: &[CallLookup<'_>]) -> impl Future<Output = Result<FoundCalls, StoreError>> + Send;
}

/// The writing half of a store.
#[allow(async_fn_in_trait)] // the writer has a thread of its own: nothing needs its futures to be `Send`
pub trait WriteStore: Send + 'static {
    type Finder: Finder;

    /// Looks up what this one has committed.
    fn finder(&self) -> Self::Finder;

    /// Whether several servers may open it, of which one leads and the others follow what it commits.
    fn is_followed(&self) -> bool;

    /// Takes the lead if nobody has it, connecting anew where that is needed; or makes sure that it is still held. Whoever
    /// has lost it reads what was committed since, before anything else is written.
    ///
    /// # Errors
    /// If the database fails, or holds what can't be read; so for all that follow.
    async fn lead(&mut self) -> Result<Lead, StoreError>;
    /// From here to `looked`, what is read is as of one instant: that of the commit whose number this is.
    async fn look(&mut self) -> Result<i64, StoreError>;
    async fn looked(&mut self) -> Result<(), StoreError>;
    /// The number of the last commit that this server knows of.
    fn last(&self) -> i64;
    /// What the commits after one have told, in order: of each what it added to the sums, and the rest.
    async fn told_since(&mut self, after: i64, each: &mut EachChange<'_>) -> Result<FollowedTo, StoreError>;
    /// Whether what was opened is still there: a file may be deleted or moved away while it is used.
    ///
    /// # Errors
    /// If it is not: what is written now is lost.
    fn look_for_it(&self) -> Result<(), StoreError>;
    /// Gives the lead up, for good.
    async fn end(&mut self);
    /// The calls of these names.
    async fn find(&mut self, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError>;
    /// At most `limit` of a campaign's calls after and up to places, in their order.
    async fn calls_of(
        &mut self,
        campaign: &CampaignId,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    /// At most `limit` calls after a place, in the order of filing.
    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    /// Calls that had a moment at or after `since`, or that time will still alter; each once, in no order.
    async fn recent(&mut self, since: Moment, each: &mut dyn FnMut(CallName, StoredCall)) -> Result<(), StoreError>;
    async fn due(&mut self) -> Result<Vec<(Moment, Due)>, StoreError>;
    /// Blocks of sums as kept, without the journal; empty where there is none.
    async fn blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError>;
    /// Reads what commits have added to the sums since the last fold; how many bytes of it there are.
    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<u64, StoreError>;
    /// Replaces blocks and empties the journal, or nothing.
    async fn fold(&mut self, fold: &Fold<'_>) -> Result<(), StoreError>;
    /// What an agent was told to do from the last word at or before `from` on.
    async fn agent(&mut self, agent: &AgentId, from: Moment) -> Result<KnownAgent, StoreError>;
    /// All agents with all they were told to do from the last word before `from` on.
    async fn agents(&mut self, from: Moment) -> Result<Vec<(AgentId, KnownAgent)>, StoreError>;
    async fn sample(&mut self, of: &SampleKey) -> Result<Option<String>, StoreError>;
    /// The latest of each, of health samples the last two, and all of channels from an instant on; oldest first.
    async fn recent_samples(&mut self, channels_since: Moment) -> Result<Vec<(SampleKey, String)>, StoreError>;
    /// Health samples of a component: of each source the last two before the span, those in it, and the first two from its
    /// end on; in no order.
    async fn beats(&mut self, component: &ComponentId, during: Stretch) -> Result<Vec<Beat>, StoreError>;
    async fn components(&mut self) -> Result<Vec<KnownComponent>, StoreError>;
    async fn days(&mut self) -> Result<Vec<DayMark>, StoreError>;
    async fn cost(&mut self, month: &str, kind: CostKind) -> Result<Option<Cost>, StoreError>;
    async fn settings(&mut self) -> Result<Settings, StoreError>;
    async fn names(&mut self) -> Result<KnownNames, StoreError>;
    async fn rejudgements(&mut self) -> Result<Vec<Rejudgement>, StoreError>;
    /// A campaign's sum of each site day, oldest first.
    async fn campaign_days(&mut self, campaign: &CampaignId) -> Result<Vec<(Moment, Tally)>, StoreError>;
    /// Writes all of it, or nothing; durable over loss of power when it returns. Where there is nothing, nothing is written.
    async fn commit(&mut self, calls: &mut [CallWrite<'_>], making: &mut dyn OpenCommit)
    -> Result<Written, StoreError>;
    /// Writes the time down, durably: whether anything can be written, after something could not.
    async fn try_writing(&mut self, now: Moment) -> Result<(), StoreError>;
    /// Forgets the settings of these names, of which nothing is kept that is newer than an instant.
    async fn forget(&mut self, gone: &Gone, kept_from: Moment) -> Result<(), StoreError>;
    /// Clears away a slice of what is older than it is kept.
    async fn clear(&mut self, now: Moment, retention: Retention) -> Result<Cleared, StoreError>;
}
