//! Facts: the additive counters that every figure is made of.
//!
//! [`Facts`] is a dense vector of counts that adds and subtracts; [`Tally`] is the same, sparse, for buckets and the
//! store. Each fact says how it is dated ([`Dated`]): numerator and denominator of a ratio must bear the same date.
//! Positions are stored: append, never reorder.

use super::outcome::Direction;
use super::time::Span;
use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Index, IndexMut, Neg, Sub, SubAssign};

/// By which moment of its call a fact is dated (kpis.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    Started,
    Progress,
    /// At the answer, or at the end where there never was one.
    Resolved,
    Answered,
    Queued,
    Ended,
    LastMoment,
    FirstMoment,
    /// As it passes, split at bucket edges.
    Passing,
    /// When it happened, by who told it; not a call's.
    Happened,
}

impl Dated {
    /// Whether it is a moment of a call.
    #[must_use]
    pub const fn is_a_calls(self) -> bool {
        match self {
            Self::Started
            | Self::Progress
            | Self::Resolved
            | Self::Answered
            | Self::Queued
            | Self::Ended
            | Self::LastMoment
            | Self::FirstMoment => true,
            Self::Passing | Self::Happened => false,
        }
    }
}

impl Dated {
    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Started => "its start",
            Self::Progress => "ringback, or the answer without one",
            Self::Resolved => "its answer; its end where there never was one",
            Self::Answered => "its answer; the agent’s coming where none is told; its end where only the outcome tells",
            Self::Queued => "entering the queue",
            Self::Ended => "its end",
            Self::LastMoment => "its last known moment",
            Self::FirstMoment => "its first known moment",
            Self::Passing => "as it passes",
            Self::Happened => "when it was told to happen",
        }
    }
}

/// Which calls a fact counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Outbound,
    Inbound,
    Both,
    /// Those whose direction nobody has told.
    Undirected,
    /// None: agents, numbers, components.
    NoCalls,
}

impl Whose {
    /// Whether it counts calls of that direction.
    #[must_use]
    pub const fn counts(self, direction: Option<Direction>) -> bool {
        match (self, direction) {
            (Self::Outbound | Self::Both, Some(Direction::Outbound))
            | (Self::Inbound | Self::Both, Some(Direction::Inbound))
            | (Self::Undirected, None) => true,
            (Self::Outbound | Self::Inbound | Self::Both | Self::Undirected | Self::NoCalls, _) => false,
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
            Self::Both => "both",
            Self::Undirected => "of no direction",
            Self::NoCalls => "",
        }
    }
}

macro_rules! facts {
    ($($variant:ident = $name:literal, $whose:ident, $dated:ident, $help:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Fact { $(#[doc = $help] $variant),* }

        impl Fact {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            #[must_use]
            pub const fn dated(self) -> Dated {
                match self { $(Self::$variant => Dated::$dated),* }
            }

            /// Which calls it counts.
            #[must_use]
            pub const fn whose(self) -> Whose {
                match self { $(Self::$variant => Whose::$whose),* }
            }

            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }
        }
    };
}

facts! {
    Attempts = "attempts", Outbound, Started, "Outbound calls.";
    FirstAttempts = "first_attempts", Outbound, Started, "Outbound calls with attempt 1.";
    Progressed = "progressed", Outbound, Progress, "Calls that reached ringback; answered without one: at the answer.";
    PddMs = "pdd_ms", Outbound, Progress, "Post-dial delay of the progressed since their start, ms.";
    Resolved = "resolved", Outbound, Resolved, "Calls whose answer is decided.";
    Answered = "answered", Outbound, Answered, "Calls answered by anyone, an agent or not.";
    AnsweredLive = "answered_live", Outbound, Answered, "Calls answered by a person; unknown counts as a person.";
    AnsweredMachine = "answered_machine", Outbound, Answered, "Calls answered by a machine.";
    Abandoned = "abandoned", Outbound, Answered, "Live answers without an agent by the deadline, two seconds after the greeting, else the answer, that were not over before it: who hangs up sooner is not abandoned, unless the dialer hung up. Of preview and agentless campaigns those alone whose outcome says abandoned.";
    Bridged = "bridged", Outbound, Answered, "Of the answered: those to which an agent came, whenever that was. Of both directions, once they are over, there is handled.";
    Busy = "busy", Outbound, Resolved, "Never answered: busy.";
    NoAnswer = "no_answer", Outbound, Resolved, "Never answered: no answer.";
    Failed = "failed", Outbound, Resolved, "Never answered: failed.";
    Cancelled = "cancelled", Outbound, Resolved, "Never answered: cancelled by us.";
    Congestion = "congestion", Outbound, Resolved, "Never answered: congestion.";
    Sip4xx = "sip_4xx", Outbound, Resolved, "Never answered, final response 4xx but 408.";
    Sip5xx = "sip_5xx", Outbound, Resolved, "Never answered, final response 5xx.";
    Sip6xx = "sip_6xx", Outbound, Resolved, "Never answered, final response 6xx.";
    Timeouts = "timeouts", Outbound, Resolved, "Never answered: 408, or no SIP code and Q.850 102.";
    RouteFaults = "route_faults", Outbound, Resolved, "Those of the four that are the network's doing.";
    Blocked = "blocked", Outbound, Resolved, "The number was refused as unwanted.";
    Queued = "queued", Both, Queued, "Callers who entered a queue.";
    QueueAbandoned = "queue_abandoned", Both, Queued, "Callers who hung up in the queue; not those of whom no source can tell.";
    WaitMs = "wait_ms", Both, Queued, "Time in the queue to the agent or to giving up, ms; not of those of whom no source can tell it.";
    Inbound = "inbound", Inbound, Resolved, "Inbound calls, once they are answered or over: who still rings, or waits where nobody has answered, is in none yet.";
    InboundAnswered = "inbound_answered", Inbound, Resolved, "Inbound calls to which an agent came, or answered and never queued.";
    InboundRingMs = "inbound_ring_ms", Inbound, Resolved, "Ringing of the inbound answered, ms.";
    InboundWaitMs = "inbound_wait_ms", Inbound, Resolved, "Time in the queue of the inbound answered, ms.";
    RingMs = "ring_ms", Outbound, Answered, "Started to answered, ms.";
    Ended = "ended", Both, Ended, "Calls over.";
    Connected = "connected", Both, Ended, "Calls over that were answered, by anyone.";
    Handled = "handled", Both, Ended, "Calls over to which an agent came.";
    Completed = "completed", Both, Ended, "Calls over that were carried through: an agent came, or an agentless campaign was answered. An outcome that says completed makes none.";
    ConnectedMs = "connected_ms", Both, Ended, "Answered to ended of the connected, ms.";
    CompletedMs = "completed_ms", Both, Ended, "Answered to ended of the completed, ms.";
    TalkMs = "talk_ms", Both, Ended, "Bridged to ended less hold, ms; of calls to which an agent came. Where the hold told is longer it is 0.";
    HoldMs = "hold_ms", Both, Ended, "Hold as told, ms; of calls to which an agent came.";
    WrapMs = "wrap_ms", Both, Ended, "Wrap-up, ms; of calls to which an agent came.";
    Transferred = "transferred", Both, Ended, "Calls over that were transferred.";
    RightParty = "right_party", Both, Ended, "Right-party contacts: told so, and answered.";
    DestinationsCompleted = "destinations_completed", Outbound, Ended, "Completed calls.";
    DestinationsFailed = "destinations_failed", Outbound, Ended, "Calls not completed that were final or at the last attempt.";
    // Dispositions that the facts above don't give: never-answered calls by their outcome, dated as the others of the end.
    EndedBusy = "ended_busy", Both, Ended, "Disposition busy.";
    EndedNoAnswer = "ended_no_answer", Both, Ended, "Disposition no answer.";
    EndedFailed = "ended_failed", Both, Ended, "Disposition failed.";
    EndedCancelled = "ended_cancelled", Both, Ended, "Disposition cancelled.";
    EndedCongestion = "ended_congestion", Both, Ended, "Disposition congestion.";
    Lost = "lost", Both, LastMoment, "Calls closed after 4 h of silence.";
    UnknownMode = "unknown_mode", Outbound, Answered, "Live answers judged as predictive because no mode was known.";
    UngreetedBasis = "ungreeted_basis", Outbound, Answered, "Live answers judged from the answer because no greeting was reported.";
    AgentReadyMs = "agent_ready_ms", NoCalls, Passing, "Agent time ready, ms.";
    AgentOnCallMs = "agent_on_call_ms", NoCalls, Passing, "Agent time on a call, ms.";
    AgentWrapUpMs = "agent_wrap_up_ms", NoCalls, Passing, "Agent time in wrap-up, ms.";
    AgentBreakMs = "agent_break_ms", NoCalls, Passing, "Agent time on a break, ms.";
    DidsProvisioned = "dids_provisioned", NoCalls, Happened, "Numbers that came into use: told active, or first seen in a call.";
    DidsRetired = "dids_retired", NoCalls, Happened, "Numbers told retired.";
    ComponentObservedMs = "component_observed_ms", NoCalls, Passing, "Time for which components were observed, ms.";
    ComponentUpMs = "component_up_ms", NoCalls, Passing, "Of that, the time in which they were not offline, ms.";
    UnjudgedLive = "unjudged_live", Outbound, Answered, "Live answers never bridged whose source can’t tell agents: judged neither abandoned nor handled.";
    Undirected = "undirected", Undirected, FirstMoment, "Calls whose direction nobody has told: in no other fact.";
    InboundUntimed = "inbound_untimed", Inbound, Resolved, "Inbound answered of which nobody told how long they rang or waited: in no time of either.";
    UnjudgedQueued = "unjudged_queued", Both, Queued, "Callers who left the queue unbridged, of whom no source can tell whether an agent took them: neither hung up nor served.";
    UnjudgedInbound = "unjudged_inbound", Inbound, Resolved, "Inbound calls whose line was answered and who are in a queue still; or gone from it where no source can tell whether an agent took them: neither answered nor lost.";
    UnjudgedFaults = "unjudged_faults", Outbound, Resolved, "Never answered, failed or congestion, and no code tells whose fault it was: in none of the four classes, and with no Q.850 cause of the person or the number.";
    Waited = "waited", Both, Queued, "Callers whose time in the queue is in wait_ms: they have left it, and a source could tell when.";
}

/// Upper edges of the PDD histogram in ms, each bucket `(edge before, edge]`; the last bucket has no upper edge.
/// Near 10 % apart where carriers live, so that a median or a p95 read from it is off by no more.
pub const PDD_EDGES_MS: [i64; 39] = [
    50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800, 900, 1_000, 1_200, 1_400, 1_600, 1_800, 2_000,
    2_300, 2_600, 3_000, 3_500, 4_000, 4_500, 5_000, 6_000, 7_000, 8_000, 10_000, 12_000, 15_000, 20_000, 25_000,
    30_000, 45_000, 60_000,
];

const FACTS: usize = Fact::ALL.len();
/// Buckets of the PDD histogram.
pub const PDD_BUCKETS: usize = PDD_EDGES_MS.len() + 1;
/// Where the histogram begins among a tally's positions: room to append facts before it.
const PDD_BASE: usize = 128;

/// One counter: a fact, or a bucket of the PDD histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl From<Fact> for Slot {
    fn from(fact: Fact) -> Self {
        Self(fact as u8)
    }
}

impl Slot {
    /// The histogram's bucket for a post-dial delay.
    #[must_use]
    pub fn pdd(delay: Span) -> Self {
        let bucket = PDD_EDGES_MS.partition_point(|edge| *edge < delay.as_millis());
        Self(u8::try_from(PDD_BASE + bucket).unwrap_or(u8::MAX))
    }

    /// The position that is stored.
    #[must_use]
    pub const fn position(self) -> u8 {
        self.0
    }

    /// `None` for a position that this version does not know.
    #[must_use]
    pub fn at(position: u8) -> Option<Self> {
        let p = usize::from(position);
        (p < FACTS || (PDD_BASE..PDD_BASE + PDD_BUCKETS).contains(&p)).then_some(Self(position))
    }

    #[must_use]
    pub fn fact(self) -> Option<Fact> {
        Fact::ALL.get(usize::from(self.0)).copied()
    }

    #[must_use]
    pub const fn is_pdd_bucket(self) -> bool {
        self.0 as usize >= PDD_BASE
    }
}

/// All counters of one bucket, or of a sum of buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    counts: [i64; FACTS],
    pdd: [i64; PDD_BUCKETS],
}

impl Default for Facts {
    fn default() -> Self {
        Self { counts: [0; FACTS], pdd: [0; PDD_BUCKETS] }
    }
}

impl Index<Fact> for Facts {
    type Output = i64;
    fn index(&self, fact: Fact) -> &i64 {
        &self.counts[fact as usize]
    }
}

impl IndexMut<Fact> for Facts {
    fn index_mut(&mut self, fact: Fact) -> &mut i64 {
        &mut self.counts[fact as usize]
    }
}

impl Facts {
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.counts.iter().chain(&self.pdd).all(|n| *n == 0)
    }

    /// The counters that are not zero.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let counts = Fact::ALL.iter().map(|fact| Slot::from(*fact)).zip(self.counts);
        let pdd = (PDD_BASE..PDD_BASE + PDD_BUCKETS).filter_map(|p| u8::try_from(p).ok().map(Slot)).zip(self.pdd);
        Tally(counts.chain(pdd).filter(|(_, n)| *n != 0).collect())
    }

    /// Counts per bucket of [`PDD_EDGES_MS`].
    #[must_use]
    pub const fn pdd_histogram(&self) -> &[i64; PDD_BUCKETS] {
        &self.pdd
    }

    pub fn add_slot(&mut self, slot: Slot, n: i64) {
        let p = usize::from(slot.0);
        let cell = if p >= PDD_BASE { self.pdd.get_mut(p - PDD_BASE) } else { self.counts.get_mut(p) };
        if let Some(cell) = cell {
            *cell += n;
        }
    }

    /// Agent time in any state but offline, ms.
    #[must_use]
    pub fn logged_in_ms(&self) -> i64 {
        self[Fact::AgentReadyMs] + self[Fact::AgentOnCallMs] + self[Fact::AgentWrapUpMs] + self[Fact::AgentBreakMs]
    }
}

impl AddAssign<&Self> for Facts {
    fn add_assign(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += b;
        }
        for (a, b) in self.pdd.iter_mut().zip(&other.pdd) {
            *a += b;
        }
    }
}

impl SubAssign<&Self> for Facts {
    fn sub_assign(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a -= b;
        }
        for (a, b) in self.pdd.iter_mut().zip(&other.pdd) {
            *a -= b;
        }
    }
}

impl Add<&Self> for Facts {
    type Output = Self;
    fn add(mut self, other: &Self) -> Self {
        self += other;
        self
    }
}

impl Sub<&Self> for Facts {
    type Output = Self;
    fn sub(mut self, other: &Self) -> Self {
        self -= other;
        self
    }
}

impl AddAssign<&Tally> for Facts {
    fn add_assign(&mut self, tally: &Tally) {
        for (slot, n) in &tally.0 {
            self.add_slot(*slot, *n);
        }
    }
}

impl SubAssign<&Tally> for Facts {
    fn sub_assign(&mut self, tally: &Tally) {
        for (slot, n) in &tally.0 {
            self.add_slot(*slot, -n);
        }
    }
}

/// The counters that are not zero, sorted by position: small where a bucket saw little.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(Vec<(Slot, i64)>);

impl Tally {
    pub fn add(&mut self, slot: impl Into<Slot>, n: i64) {
        let slot = slot.into();
        if n == 0 {
            return;
        }
        match self.0.binary_search_by_key(&slot, |(s, _)| *s) {
            Ok(i) => {
                self.0[i].1 += n;
                if self.0[i].1 == 0 {
                    self.0.remove(i);
                }
            }
            Err(i) => self.0.insert(i, (slot, n)),
        }
    }

    #[must_use]
    pub fn get(&self, slot: impl Into<Slot>) -> i64 {
        let slot = slot.into();
        self.0.binary_search_by_key(&slot, |(s, _)| *s).map_or(0, |i| self.0[i].1)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many counters are not zero.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing yet, with room for so many counters.
    #[must_use]
    pub fn with_room(counters: usize) -> Self {
        Self(Vec::with_capacity(counters))
    }

    pub fn iter(&self) -> impl Iterator<Item = (Slot, i64)> {
        self.0.iter().copied()
    }

    /// Adds counters that come sorted by position, each once: one walk along both does it.
    pub fn add_sorted(&mut self, counters: impl Iterator<Item = (Slot, i64)>) {
        if self.0.is_empty() {
            self.0.extend(counters);
            return;
        }
        let mut at = 0;
        for (slot, n) in counters {
            while self.0.get(at).is_some_and(|(mine, _)| *mine < slot) {
                at += 1;
            }
            match self.0.get_mut(at) {
                Some((mine, sum)) if *mine == slot => {
                    *sum += n;
                    if *sum == 0 {
                        self.0.remove(at);
                    }
                }
                Some(_) | None => self.0.insert(at, (slot, n)),
            }
        }
    }

    pub fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        self.0.retain(|(slot, _)| keep(*slot));
    }
}

impl Tally {
    /// Whether it counts any call, and not only what passes or happens to others.
    #[must_use]
    pub fn tells_of_calls(&self) -> bool {
        self.iter().any(|(slot, n)| n != 0 && slot.fact().is_none_or(|fact| fact.dated().is_a_calls()))
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.add_sorted(other.iter());
    }
}

impl SubAssign<&Self> for Tally {
    fn sub_assign(&mut self, other: &Self) {
        self.add_sorted(other.iter().map(|(slot, n)| (slot, -n)));
    }
}

impl Neg for Tally {
    type Output = Self;
    fn neg(mut self) -> Self {
        for (_, n) in &mut self.0 {
            *n = -*n;
        }
        self
    }
}

/// By what figures are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Dimension {
    Total,
    Campaign,
    Route,
    Country,
    Did,
    Agent,
    Queue,
    SipCode,
    Component,
}

impl Dimension {
    pub const ALL: &'static [Self] = &[
        Self::Total,
        Self::Campaign,
        Self::Route,
        Self::Country,
        Self::Did,
        Self::Agent,
        Self::Queue,
        Self::SipCode,
        Self::Component,
    ];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Campaign => "campaign",
            Self::Route => "route",
            Self::Country => "country",
            Self::Did => "did",
            Self::Agent => "agent",
            Self::Queue => "queue",
            Self::SipCode => "sip_code",
            Self::Component => "component",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|d| d.word() == word)
    }

    /// Whether it is kept at the fine grains (10 s in memory, 5 min in the store) and with the PDD histogram.
    /// The others (DID, agent, queue, SIP code, component) are kept by the minute in memory.
    #[must_use]
    pub const fn is_fine(self) -> bool {
        match self {
            Self::Total | Self::Campaign | Self::Route | Self::Country => true,
            Self::Did | Self::Agent | Self::Queue | Self::SipCode | Self::Component => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally() -> impl Strategy<Value = Tally> {
        prop::collection::vec((0..FACTS, -3..4i64), 0..12).prop_map(|counts| {
            let mut tally = Tally::default();
            for (i, n) in counts {
                tally.add(Fact::ALL[i], n);
            }
            tally
        })
    }

    proptest! {
        #[test]
        fn sparse_and_dense_agree(a in tally(), b in tally()) {
            let mut sparse = a.clone();
            sparse += &b;
            let mut dense = Facts::default();
            dense += &a;
            dense += &b;
            let mut from_sparse = Facts::default();
            from_sparse += &sparse;
            prop_assert_eq!(&dense, &from_sparse);
            prop_assert_eq!(&dense.tally(), &sparse);
            prop_assert!(sparse.iter().all(|(_, n)| n != 0));
            dense -= &b;
            dense -= &a;
            prop_assert!(dense.is_zero());
        }
    }

    #[test]
    fn every_name_is_its_own_and_fits_below_the_histogram() {
        let names: std::collections::BTreeSet<_> = Fact::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), FACTS);
        const { assert!(FACTS <= PDD_BASE && PDD_BASE + PDD_BUCKETS <= 256) };
    }

    #[test]
    fn a_delay_falls_into_the_bucket_whose_upper_edge_it_does_not_pass() {
        assert_eq!(Slot::pdd(Span::millis(50)).position(), 128);
        assert_eq!(Slot::pdd(Span::millis(51)).position(), 129);
        assert_eq!(usize::from(Slot::pdd(Span::minutes(9)).position()), PDD_BASE + PDD_BUCKETS - 1);
    }
}
