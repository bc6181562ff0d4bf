//! A call is the merge of what is known of it.
//!
//! [`Call`] is a join-semilattice: `merge` is commutative, associative and idempotent, so that events which come
//! late, twice or out of order need no special case anywhere (contract.md, "Merging"). For each moment the earliest
//! time reported wins, for `ended_at` the latest; of every other field the value told latest, and on equal times the
//! greater. The time of each value belongs to the call. An event becomes a [`Call`] that holds just what it tells
//! (`Call::told_by`), and is merged like any other.
//!
//! A call lasts a day at most: a moment later than that after its first one is none of it, whether it was told before the
//! first or after. Values told with such a moment stand, as those of an update do.

use super::cannot_tell::{CannotTell, Matter};
use super::event::{AbandonLimit, Data, Event, Metadata, Q850, SipCode, Text};
use super::ids::{AgentId, CallId, CampaignId, ListId, QueueId, RealmId, RoomId, RouteId};
use super::outcome::{
    AnsweredBy, CampaignStatus, DidStatus, Direction, HungUpBy, Mode, Outcome, Progress, RouteStatus, Signalling,
    TransferKind,
};
use super::phone::{Country, Number, Party};
use super::time::{Moment, Span};
use std::cmp::Ordering;

/// All moments of a call lie within this after its first (contract.md).
pub const LONGEST_CALL: Span = Span::hours(24);
/// In whatever order words of one name come that lie within this of each other, they make the same call. Of a word farther
/// away nothing is taken where its call is found, which the stores need not look for.
pub const TOLD_WITHIN: Span = Span::millis(48 * 3_600_000 - 1);
/// A call is closed as lost after this long without a word.
pub const SILENCE: Span = Span::hours(4);

/// A call's name: unique over all sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallName {
    pub realm: RealmId,
    pub call_id: CallId,
}

/// A value and when it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamped<T> {
    pub value: T,
    pub at: Moment,
}

/// A field of a call: nothing yet, or the value told latest.
#[derive(Debug, Clone, PartialEq)]
pub struct LastWrite<T>(pub Option<Stamped<T>>);

impl<T> Default for LastWrite<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> LastWrite<T> {
    #[must_use]
    pub const fn at(value: T, at: Moment) -> Self {
        Self(Some(Stamped { value, at }))
    }

    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|s| &s.value)
    }

    /// When the value was told.
    #[must_use]
    pub fn stamp(&self) -> Option<Moment> {
        self.0.as_ref().map(|s| s.at)
    }
}

impl<T: Copy> LastWrite<T> {
    #[must_use]
    pub fn value(&self) -> Option<T> {
        self.get().copied()
    }
}

/// The order that decides between two values told at the same time: a known value over `unknown`, numbers by size,
/// false before true, strings (and words) by bytes; the greater wins.
pub trait Rank {
    fn rank(&self, other: &Self) -> Ordering;
}

macro_rules! rank {
    (ord: $($t:ty),*; words: $($w:ty),*) => {
        $(impl Rank for $t { fn rank(&self, other: &Self) -> Ordering { self.cmp(other) } })*
        $(impl Rank for $w { fn rank(&self, other: &Self) -> Ordering { self.word().cmp(other.word()) } })*
    };
}
rank!(ord: bool, u32, u64, Moment, CampaignId, RouteId, Number, Country, ListId, RoomId, QueueId, AgentId, Metadata,
      AbandonLimit;
      words: Direction, Mode, TransferKind, Outcome, HungUpBy, CampaignStatus, RouteStatus, DidStatus);

impl Rank for AnsweredBy {
    fn rank(&self, other: &Self) -> Ordering {
        let known = |by: Self| (by != Self::Unknown, by.word());
        known(*self).cmp(&known(*other))
    }
}
impl Rank for Text {
    fn rank(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}
impl Rank for SipCode {
    fn rank(&self, other: &Self) -> Ordering {
        self.get().cmp(other.get())
    }
}
impl Rank for Q850 {
    fn rank(&self, other: &Self) -> Ordering {
        self.get().cmp(other.get())
    }
}

impl Rank for f64 {
    fn rank(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl<T: Rank + Clone + PartialEq> LastWrite<T> {
    /// Takes in another value if it was told later, or at the same time and is the greater.
    pub fn merge(&mut self, other: &Self) {
        if !self.knows(other) {
            self.0.clone_from(&other.0);
        }
    }

    /// Whether merging `other` would change nothing.
    #[must_use]
    pub fn knows(&self, other: &Self) -> bool {
        let Some(theirs) = &other.0 else { return true };
        self.0.as_ref().is_some_and(|ours| {
            theirs.at.cmp(&ours.at).then_with(|| theirs.value.rank(&ours.value)) != Ordering::Greater
        })
    }
}

impl LastWrite<CannotTell> {
    /// What can't be known of a call is what none of those who tell of it can: of all lists stated the common part, told when
    /// the last of them was. Who states nothing says nothing.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.0 else { return };
        match &mut self.0 {
            Some(ours) => {
                ours.value = ours.value.both(theirs.value);
                ours.at = ours.at.max(theirs.at);
            }
            None => self.0.clone_from(&other.0),
        }
    }

    /// Whether merging `other` would change nothing.
    #[must_use]
    pub fn knows(&self, other: &Self) -> bool {
        let Some(theirs) = &other.0 else { return true };
        self.0.as_ref().is_some_and(|ours| ours.at >= theirs.at && ours.value.both(theirs.value) == ours.value)
    }
}

/// Of the ends told of a call the first and the last, where they are not its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OtherEnds {
    pub first: Option<Moment>,
    pub last: Option<Moment>,
}

macro_rules! call {
    (moments { $($moment:ident),* } told { $($field:ident: $type:ty),* $(,)? }) => {
        /// What is known of a call. Absent fields were never told.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Call {
            $(pub $moment: Option<Moment>,)*
            /// The latest end reported; the earliest, where the latest is none of this call.
            pub ended_at: Option<Moment>,
            pub other_ends: OtherEnds,
            $(pub $field: LastWrite<$type>,)*
        }

        impl Call {
            /// Takes in all that `other` knows.
            pub fn merge(&mut self, other: &Self) {
                let ends = match (self.ends(), other.ends()) {
                    (Some((first, last)), Some((a, b))) => Some((first.min(a), last.max(b))),
                    (one, other) => one.or(other),
                };
                $(self.$moment = earliest(self.$moment, other.$moment);)*
                $(self.$field.merge(&other.$field);)*
                let first = [$(self.$moment,)* ends.map(|(first, _)| first)].into_iter().flatten().min();
                let Some(latest) = first.map(|first| first + LONGEST_CALL) else { return };
                $(self.$moment = self.$moment.filter(|moment| *moment <= latest);)*
                self.ended_at = ends.and_then(|(first, last)| [last, first].into_iter().find(|end| *end <= latest));
                let other = |end: Option<Moment>| end.filter(|end| Some(*end) != self.ended_at);
                self.other_ends = OtherEnds { first: other(ends.map(|e| e.0)), last: other(ends.map(|e| e.1)) };
            }

            /// Whether merging `other` would change nothing.
            #[must_use]
            pub fn knows(&self, other: &Self) -> bool {
                let latest = self.latest_possible();
                let has = |ours: Option<Moment>, theirs: Option<Moment>| {
                    earliest(ours, theirs) == ours || theirs.zip(latest).is_some_and(|(theirs, latest)| theirs > latest)
                };
                $(has(self.$moment, other.$moment) &&)*
                $(self.$field.knows(&other.$field) &&)*
                other.ends().is_none_or(|(a, b)| self.ends().is_some_and(|(first, last)| first <= a && b <= last))
            }

            /// The newest time at which anything was told of it that still stands: its moments, and when its fields were told.
            #[must_use]
            pub fn newest(&self) -> Option<Moment> {
                self.moments().max() $(.max(self.$field.stamp()))*
            }

            /// The call as it had come about by `at`: later moments are cut off, values are those known today. Of a value
            /// told later it counts as told with the first moment, so that it decides nothing before its time.
            #[must_use]
            pub fn until(&self, at: Moment) -> Self {
                let mut past = self.clone();
                $(past.$moment = past.$moment.filter(|moment| *moment <= at);)*
                past.ended_at = past.ended_at.filter(|moment| *moment <= at);
                past.other_ends = OtherEnds::default();
                let first = past.moments().min().unwrap_or(at);
                $(if let Some(told) = &mut past.$field.0 && told.at > at {
                    told.at = first;
                })*
                past
            }

            /// The moments known, by the names they have in a `call.record`.
            pub fn named_moments(&self) -> impl Iterator<Item = (&'static str, Moment)> {
                [$((stringify!($moment), self.$moment),)* ("ended_at", self.ended_at)]
                    .into_iter().filter_map(|(name, moment)| moment.map(|m| (name, m)))
            }

            /// Every moment known, in no order.
            pub fn moments(&self) -> impl Iterator<Item = Moment> {
                [$(self.$moment,)* self.ended_at].into_iter().flatten()
            }

            /// Names of the told fields, in the order of [`Call::stamps`]. Append only: the store keeps positions.
            pub const TOLD: &'static [&'static str] = &[$(stringify!($field)),*];

            /// When each field was told, in the order of [`Call::TOLD`].
            #[must_use]
            pub fn stamps(&self) -> Vec<Option<Moment>> {
                vec![$(self.$field.stamp()),*]
            }
        }
    };
}

call! {
    moments { started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at }
    told {
        direction: Direction, campaign: CampaignId, mode: Mode, route: RouteId, from: Number, to: Number,
        country: Country, placed_in: Country, list: ListId, attempt: u32, room: RoomId, by: AnsweredBy, queue: QueueId,
        agent: AgentId, transfer_kind: TransferKind, transfer_target: Text, outcome: Outcome, sip_code: SipCode,
        sip_reason: Text, q850: Q850, hung_up_by: HungUpBy, is_final: bool, right_party: bool, wrap_ms: u64, hold_ms: u64,
        disposition: Text, recording_url: Text, metadata: Metadata, cannot_tell: CannotTell,
    }
}

/// A number that is withheld tells nothing: a number told by whoever sees it stays.
fn party(party: Option<&Party>, at: Moment) -> LastWrite<Number> {
    party.and_then(Party::number).map_or_else(LastWrite::default, |number| LastWrite::at(number.clone(), at))
}

fn earliest(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

impl Call {
    /// Told to be outbound. A call of which nobody has told the direction is neither: it counts in no figure of either.
    #[must_use]
    pub fn is_outbound(&self) -> bool {
        self.direction.value() == Some(Direction::Outbound)
    }

    #[must_use]
    pub fn is_inbound(&self) -> bool {
        self.direction.value() == Some(Direction::Inbound)
    }

    /// Whether none of its sources can know of a matter.
    #[must_use]
    pub fn cannot_tell(&self, matter: Matter) -> bool {
        self.cannot_tell.value().is_some_and(|all| all.has(matter))
    }

    /// The start reported, else the earliest known moment; `None` for a call that only an update tells of.
    #[must_use]
    pub fn start(&self) -> Option<Moment> {
        self.started_at.or_else(|| self.moments().min())
    }

    #[must_use]
    pub fn last_moment(&self) -> Option<Moment> {
        self.moments().max()
    }

    /// The first and the last end told of it.
    fn ends(&self) -> Option<(Moment, Moment)> {
        Some((self.other_ends.first.or(self.ended_at)?, self.other_ends.last.or(self.ended_at)?))
    }

    /// Up to when a moment may be one of this call's.
    #[must_use]
    pub fn latest_possible(&self) -> Option<Moment> {
        self.moments().chain(self.other_ends.first).min().map(|first| first + LONGEST_CALL)
    }

    /// When it was answered: as reported; when an agent came on the line, where no answer was; or at its end where only the
    /// outcome says so. A dialer that abandons has a person on the line; a caller who abandons was answered by nobody.
    #[must_use]
    pub fn answer(&self) -> Option<Moment> {
        let says_answered = self.outcome.value().is_some_and(|outcome| match outcome {
            Outcome::Answered | Outcome::Completed => true,
            Outcome::Abandoned => !self.is_inbound(),
            Outcome::Busy | Outcome::NoAnswer | Outcome::Failed | Outcome::Cancelled | Outcome::Congestion => false,
        });
        self.answered_at.or(self.bridged_at).or_else(|| self.ended_at.filter(|_| says_answered))
    }

    /// The floor's own number of the call: `from` of an outbound, `to` of an inbound one. Which it is can't be known before
    /// the direction is; and where both ends are one number, it is a person's.
    #[must_use]
    pub fn did(&self) -> Option<&Number> {
        let own = self.direction.value().and_then(|direction| match direction {
            Direction::Outbound => self.from.get(),
            Direction::Inbound => self.to.get(),
        });
        own.filter(|own| self.far_end() != Some(*own))
    }

    /// Of which number of the floor's own it is a use, and since when; `None` until both are known.
    #[must_use]
    pub fn own_use(&self) -> Option<(&Number, Moment)> {
        self.did().zip(self.start())
    }

    /// The number at the far end, where it is known which that is; never shown in clear.
    #[must_use]
    pub fn far_end(&self) -> Option<&Number> {
        self.direction.value().and_then(|direction| match direction {
            Direction::Outbound => self.to.get(),
            Direction::Inbound => self.from.get(),
        })
    }

    /// The far end's country as told, else as derived from its number at the door.
    #[must_use]
    pub fn far_country(&self) -> Option<Country> {
        self.country.value().or_else(|| self.placed_in.value())
    }

    #[must_use]
    pub fn signalling(&self) -> Signalling<'_> {
        Signalling {
            sip_code: self.sip_code.get().map(|c| *c.get()),
            sip_reason: self.sip_reason.get().map(Text::as_str),
            q850: self.q850.get().map(|c| *c.get()),
            progress: if self.progress_at.is_some() { Progress::Reached } else { Progress::None },
        }
    }

    /// What one event tells of a call, and which call; `None` for events about other things.
    #[must_use]
    pub fn told_by(event: &Event) -> Option<(CallName, Self)> {
        let (call_id, realm) = event.data.call()?;
        let realm = realm.cloned().unwrap_or_else(|| RealmId::trusted(event.source.to_smol()));
        let name = CallName { realm, call_id: call_id.clone() };
        let at = event.time;
        let mut call = Self::default();
        macro_rules! tell {
            ($body:ident: $($from:ident => $to:ident),* $(,)?) => {
                $(if let Some(value) = &$body.$from { call.$to = LastWrite::at(value.clone(), at); })*
            };
        }
        macro_rules! tell_all {
            ($body:ident) => {
                (call.from, call.to) = (party($body.from.as_ref(), at), party($body.to.as_ref(), at));
                tell!($body: cannot_tell => cannot_tell, direction => direction, campaign => campaign, mode => mode, route => route,
                    country => country, list => list, attempt => attempt, room => room, by => by, queue => queue, agent => agent,
                    transfer_kind => transfer_kind, transfer_target => transfer_target, outcome => outcome,
                    sip_code => sip_code, sip_reason => sip_reason, q850 => q850, hung_up_by => hung_up_by, r#final => is_final,
                    right_party => right_party, wrap_ms => wrap_ms, hold_ms => hold_ms, disposition => disposition,
                    recording_url => recording_url, metadata => metadata)
            };
        }
        match &event.data {
            Data::CallStarted(b) => {
                call.started_at = Some(at);
                call.direction = LastWrite::at(b.direction, at);
                (call.from, call.to) = (party(b.from.as_ref(), at), party(b.to.as_ref(), at));
                tell!(b: cannot_tell => cannot_tell, campaign => campaign, mode => mode, route => route, country => country, list => list, attempt => attempt,
                    room => room, right_party => right_party, wrap_ms => wrap_ms, hold_ms => hold_ms, recording_url => recording_url);
            }
            Data::CallProgress(b) => {
                call.progress_at = Some(at);
                tell!(b: cannot_tell => cannot_tell);
            }
            Data::CallAnswered(b) => {
                call.answered_at = Some(at);
                tell!(b: cannot_tell => cannot_tell, by => by, right_party => right_party, wrap_ms => wrap_ms, hold_ms => hold_ms, recording_url => recording_url);
            }
            Data::CallGreeted(b) => {
                call.greeted_at = Some(at);
                tell!(b: cannot_tell => cannot_tell);
            }
            Data::CallQueued(b) => {
                call.queued_at = Some(at);
                tell!(b: cannot_tell => cannot_tell, queue => queue);
            }
            Data::CallBridged(b) => {
                call.bridged_at = Some(at);
                call.agent = LastWrite::at(b.agent.clone(), at);
                tell!(b: cannot_tell => cannot_tell);
            }
            Data::CallTransferred(b) => {
                call.transferred_at = Some(at);
                call.transfer_kind = LastWrite::at(b.kind, at);
                call.transfer_target = LastWrite::at(b.target.clone(), at);
                tell!(b: cannot_tell => cannot_tell);
            }
            Data::CallEnded(b) => {
                call.ended_at = Some(at);
                tell!(b: cannot_tell => cannot_tell, outcome => outcome, sip_code => sip_code, sip_reason => sip_reason, q850 => q850, hung_up_by => hung_up_by,
                    r#final => is_final, right_party => right_party, wrap_ms => wrap_ms, hold_ms => hold_ms,
                    recording_url => recording_url);
            }
            Data::CallUpdated(b) => {
                tell_all!(b);
            }
            Data::CallRecord(b) => {
                call.started_at = Some(b.started_at);
                call.progress_at = b.progress_at;
                call.answered_at = b.answered_at;
                call.greeted_at = b.greeted_at;
                call.queued_at = b.queued_at;
                call.bridged_at = b.bridged_at;
                call.transferred_at = b.transferred_at;
                call.ended_at = b.ended_at;
                tell_all!(b);
            }
            Data::AgentState(_)
            | Data::ChannelsSample(_)
            | Data::TrunkStatus(_)
            | Data::HealthSample(_)
            | Data::MetricSample(_)
            | Data::CampaignUpdated(_)
            | Data::DidUpdated(_)
            | Data::RouteUpdated(_)
            | Data::CostUpdated(_) => {}
        }
        Some((name, call))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = LastWrite<T>> {
        (prop::option::of((prop::sample::select(values), 0..3i64)))
            .prop_map(|v| LastWrite(v.map(|(value, at)| Stamped { value, at: Moment::from_secs(at) })))
    }

    /// Some minutes, and some days, apart.
    fn moment() -> impl Strategy<Value = Option<Moment>> {
        prop::option::of(prop_oneof![0..5i64, (0..60i64).prop_map(|hour| hour * 3_600)].prop_map(Moment::from_secs))
    }

    prop_compose! {
        fn call()(
            moments in prop::array::uniform8(moment()),
            campaign in told(vec![CampaignId::trusted("a"), CampaignId::trusted("b")]),
            by in told(AnsweredBy::ALL.to_vec()),
            outcome in told(Outcome::ALL.to_vec()),
            is_final in told(vec![false, true]),
            wrap_ms in told(vec![9u64, 10]),
            cannot_tell in told((0..16).map(CannotTell::from_bits).collect()),
        ) -> Call {
            let [started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at] = moments;
            // As one event tells it, but that it may tell moments days apart, which are then let go.
            let told = Call { started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at,
                campaign, by, outcome, is_final, wrap_ms, cannot_tell, ..Call::default() };
            merged(&Call::default(), &told)
        }
    }

    fn merged(a: &Call, b: &Call) -> Call {
        let mut a = a.clone();
        a.merge(b);
        a
    }

    proptest! {
        #[test]
        fn merge_is_commutative(a in call(), b in call()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        }

        #[test]
        fn merge_is_associative(a in call(), b in call(), c in call()) {
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        }

        #[test]
        fn merge_is_idempotent(a in call(), b in call()) {
            prop_assert_eq!(merged(&a, &a), a.clone());
            prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
        }

        #[test]
        fn whatever_the_order_a_call_is_the_same_and_lasts_a_day(calls in prop::collection::vec(call(), 1..6).prop_flat_map(
            |calls| (Just(calls.clone()), Just(calls).prop_shuffle())
        )) {
            let all = |calls: &[Call]| calls.iter().fold(Call::default(), |all, call| merged(&all, call));
            let (one, other) = (all(&calls.0), all(&calls.1));
            prop_assert_eq!(&one, &other);
            let (first, last) = (one.moments().min(), one.moments().max());
            prop_assert!(first.zip(last).is_none_or(|(first, last)| last - first <= LONGEST_CALL));
            let told = calls.0.iter().flat_map(|call| call.moments().chain(call.other_ends.first)).min();
            prop_assert_eq!(one.moments().chain(one.other_ends.first).min(), told, "the first moment told is its first");
        }

        #[test]
        fn what_is_known_changes_nothing_and_nothing_else_is(a in call(), b in call()) {
            prop_assert_eq!(a.knows(&b), merged(&a, &b) == a);
        }
    }

    #[test]
    fn an_end_days_later_is_none_and_what_it_tells_stands() {
        let hour = |n: i64| Moment::from_secs(n * 3_600);
        let start = Call { started_at: Some(hour(0)), ..Call::default() };
        let end =
            |n, outcome| Call { ended_at: Some(hour(n)), outcome: LastWrite::at(outcome, hour(n)), ..Call::default() };
        let (ended, closed) = (end(1, Outcome::Completed), end(30, Outcome::Failed));
        for order in [[&start, &ended, &closed], [&closed, &start, &ended], [&ended, &closed, &start]] {
            let call = order.into_iter().fold(Call::default(), |all, call| merged(&all, call));
            assert_eq!((call.started_at, call.ended_at), (Some(hour(0)), Some(hour(1))));
            assert_eq!(call.outcome.value(), Some(Outcome::Failed));
            assert!(order.into_iter().all(|told| call.knows(told)));
        }
        let lost = merged(&closed, &start);
        assert_eq!((lost.ended_at, lost.last_moment()), (None, Some(hour(0))));
    }

    #[test]
    fn what_one_of_its_sources_can_tell_is_told_whoever_spoke_last() {
        let says = |hidden, at| Call { cannot_tell: LastWrite::at(hidden, Moment::from_secs(at)), ..Call::default() };
        let (blind, deaf) = (CannotTell::AGENT.and(CannotTell::QUEUE), CannotTell::PROGRESS.and(CannotTell::QUEUE));
        for (one, other) in [(says(blind, 1), says(deaf, 2)), (says(blind, 2), says(deaf, 1))] {
            let both = merged(&one, &other);
            assert_eq!(both.cannot_tell, LastWrite::at(CannotTell::QUEUE, Moment::from_secs(2)));
            assert_eq!(both, merged(&other, &one));
            assert!(both.knows(&one) && both.knows(&other) && !one.knows(&other));
            assert_eq!(merged(&both, &says(CannotTell::NOTHING, 0)).cannot_tell.value(), Some(CannotTell::NOTHING));
            assert_eq!(merged(&both, &Call::default()), both, "who states nothing says nothing");
        }
    }

    #[test]
    fn a_number_that_is_withheld_afterwards_stays() {
        let event = |id: &str, at: &str, from: &str, to: &str| {
            let json = format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"d","type":"call.updated","time":"2026-11-21T00:00:0{at}Z","data":{{"call_id":"c","direction":"outbound","from":"{from}","to":"{to}"}}}}"#
            );
            Call::told_by(&crate::domain::parse::event(&json).unwrap()).unwrap().1
        };
        let told = event("1", "1", "+12025550142", "+12025550187");
        for word in ["anonymous", "unknown"] {
            let withheld = event("2", "2", word, word);
            for call in [merged(&told, &withheld), merged(&withheld, &told)] {
                assert_eq!(call.far_end().map(Number::reveal), Some("+12025550187"), "{word}");
                assert_eq!(call.did().map(Number::reveal), Some("+12025550142"), "{word}");
            }
        }
        let same = event("3", "3", "+12025550187", "+12025550187");
        assert_eq!(same.did(), None, "both ends one number: a person's, and no DID");
    }

    #[test]
    fn on_equal_times_a_known_value_beats_unknown() {
        let at = Moment::from_secs(1);
        let mut by = LastWrite::at(AnsweredBy::Human, at);
        by.merge(&LastWrite::at(AnsweredBy::Unknown, at));
        assert_eq!(by.value(), Some(AnsweredBy::Human));
        by.merge(&LastWrite::at(AnsweredBy::Machine, at));
        assert_eq!(by.value(), Some(AnsweredBy::Machine));
    }
}
