//! The calls that a commit touches: found, merged, judged, and what that changes.
//!
//! What a call contributed is taken back when the first word of a commit changes it, and added anew once, when all words
//! are heard. Calls heard of lately are held in memory, the others are looked up by name.

use super::Rejection;
use super::book::Book;
use super::country;
use super::item::Word;
use super::memory::Memory;
use super::sums::{Sign, Sums};
use crate::aggregate::calls::{Before, CALLS_REACH};
use crate::aggregate::change::{Gauge, GaugeKey, LIVE_GRAIN};
use crate::aggregate::contribute::{Judgement, is_active, is_lost};
use crate::aggregate::keys::{STALLED_REACH, campaign_of, presence};
use crate::store::StoreError;
use crate::store::write::{Asked, CallBefore, CallWrite, Kept, Reach, WriteStore};
use app::domain::call::LONGEST_CALL;
use app::domain::{Call, CallName, Moment, Told};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Calls held in each of two generations: those of some seconds of the design load, and whatever is talked about.
const HELD: usize = 30_000;

/// What became of a word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    New,
    Known,
    Rejected(Rejection),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Looked at only.
    Seen,
    Changed,
}

#[derive(Debug)]
struct Touched {
    name: CallName,
    kept: Kept,
    state: State,
    before: CallBefore,
}

/// The calls held in memory between commits.
#[derive(Debug)]
pub(super) struct Held(Memory<CallName, Kept, RandomState>);

impl Held {
    pub(super) fn new() -> Self {
        Self(Memory::of(HELD))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// How gauges move.
pub(crate) type Gauges = HashMap<GaugeKey, i64, RandomState>;

/// The calls of one commit.
#[derive(Debug, Default)]
pub(super) struct Group {
    touched: Vec<Touched>,
    index: HashMap<CallName, usize, RandomState>,
    gauges: Gauges,
}

impl Group {
    /// Brings the calls of these names in, from memory or from the store.
    pub(super) async fn find(
        &mut self,
        calls: impl Iterator<Item = Asked<'_>>,
        held: &mut Held,
        store: &mut impl WriteStore,
    ) -> Result<(), StoreError> {
        // Most name a call of their own: room at once, instead of growing a dozen times.
        let most = calls.size_hint().0;
        self.index.reserve(most);
        self.touched.reserve(most);
        let mut unknown: HashMap<&CallName, Reach, RandomState> = HashMap::default();
        unknown.reserve(most);
        for Asked { name, reach } in calls {
            if self.index.contains_key(name) {
                continue;
            }
            if let Some(kept) = held.0.take(name) {
                self.bring(name.clone(), kept);
                continue;
            }
            // A word that tells a moment says best where to look.
            match (unknown.entry(name).or_insert(reach), reach) {
                (known @ Reach::Anywhere(_), Reach::Near(_)) => *known = reach,
                (Reach::Anywhere(_) | Reach::Near(_), Reach::Anywhere(_) | Reach::Near(_)) => {}
            }
        }
        let unknown: Vec<Asked<'_>> = unknown.into_iter().map(|(name, reach)| Asked { name, reach }).collect();
        for (asked, kept) in unknown.iter().zip(store.find(&unknown).await?) {
            if let Some(kept) = kept {
                self.bring(asked.name.clone(), kept);
            }
        }
        Ok(())
    }

    /// Brings one call in as it was just read, unless it is here or held already.
    pub(super) fn bring_read(&mut self, name: CallName, kept: Kept, held: &mut Held) {
        if !self.index.contains_key(&name) {
            let kept = held.0.take(&name).unwrap_or(kept);
            self.bring(name, kept);
        }
    }

    fn bring(&mut self, name: CallName, kept: Kept) -> usize {
        let at = self.touched.len();
        self.index.insert(name.clone(), at);
        let up = if is_active(&kept.call, kept.judgement.at) { Before::Up } else { Before::NotUp };
        let before = CallBefore { due: kept.due, is_lost: is_lost(&kept.call, kept.judgement.at), up };
        self.touched.push(Touched { name, kept, state: State::Seen, before });
        at
    }

    /// Merges what an event tells into its call.
    pub(super) fn hear(&mut self, word: Word, sums: &mut Sums) -> Heard {
        let Word { name, at, told } = word;
        let Some(place) = self.index.get(&name).copied() else {
            if *told == Call::default() {
                return Heard::Known;
            }
            if let Some(far) = far_from(&told, &told) {
                return Heard::Rejected(Rejection::FarFromCall(far));
            }
            let filed_at = told.start().unwrap_or(at);
            let kept = Kept { id: None, filed_at, call: told, judgement: Judgement::default(), due: None };
            let place = self.bring(name, kept);
            let new = &mut self.touched[place];
            new.state = State::Changed;
            new.before = CallBefore::default();
            return Heard::New;
        };
        let touched = &mut self.touched[place];
        if let Some(far) = far_from(&told, &touched.kept.call) {
            return Heard::Rejected(Rejection::FarFromCall(far));
        }
        if touched.kept.call.knows(&told) {
            return Heard::Known;
        }
        take_back(touched, &mut self.gauges, sums);
        let before_outbound = touched.kept.call.is_outbound();
        touched.kept.call.merge(&told);
        let turned = before_outbound != touched.kept.call.is_outbound();
        replace_country(&mut touched.kept.call, turned, &told);
        Heard::New
    }

    /// Judges a call again though nothing new is heard of it: by the clock, or since a setting came late.
    pub(super) fn touch(&mut self, name: &CallName, sums: &mut Sums) {
        if let Some(place) = self.index.get(name) {
            take_back(&mut self.touched[*place], &mut self.gauges, sums);
        }
    }

    /// Touches all whose judgement a setting changes; how many.
    pub(super) fn touch_resettled(&mut self, book: &Book, sums: &mut Sums) -> u64 {
        let mut changed = 0;
        for touched in &mut self.touched {
            let (now, before) = (book.judge(&touched.kept.call, Moment::MIN), touched.kept.judgement);
            if (now.campaign_mode, now.max_attempts) != (before.campaign_mode, before.max_attempts) {
                take_back(touched, &mut self.gauges, sums);
                changed += 1;
            }
        }
        changed
    }

    /// The changed calls, to be judged and written; and how the gauges moved when they were taken back.
    pub(super) fn changed(&mut self) -> (Vec<CallWrite<'_>>, Gauges) {
        let changed = self.touched.iter_mut().filter(|touched| touched.state == State::Changed);
        let calls = changed.map(|t| CallWrite { name: &t.name, kept: &mut t.kept, before: t.before }).collect();
        (calls, std::mem::take(&mut self.gauges))
    }

    /// Holds the calls for the next commit.
    pub(super) fn committed(self, held: &mut Held) {
        for touched in self.touched {
            held.0.put(touched.name, touched.kept);
        }
    }
}

/// Gauges as the live state is told them.
pub(crate) fn told(gauges: Gauges, now: Moment) -> Vec<(GaugeKey, i64)> {
    let reaches = |key: &GaugeKey| match key.gauge {
        Gauge::Active | Gauge::Waiting => true,
        Gauge::Started | Gauge::Unheard => key.second >= now - STALLED_REACH,
        Gauge::Over => key.second >= now - CALLS_REACH + LIVE_GRAIN,
    };
    gauges.into_iter().filter(|(key, n)| *n != 0 && reaches(key)).collect()
}

fn take_back(touched: &mut Touched, gauges: &mut Gauges, sums: &mut Sums) {
    if touched.state == State::Changed {
        return;
    }
    touched.state = State::Changed;
    let Kept { call, judgement, .. } = &touched.kept;
    sums.call(Sign::Minus, call, judgement);
    for key in presence(call, judgement) {
        *gauges.entry(key).or_default() -= 1;
    }
}

/// Keeps the noted country that of the far end, whatever order direction and numbers were told in.
fn replace_country(call: &mut Call, turned: bool, told: &Call) {
    if country::is_misplaced(call, turned, told) {
        call.placed_in = Told::default();
        call.placed_in = country::placed(call);
    }
}

/// The moment told that lies more than 24 h from the call's others, by name.
fn far_from(told: &Call, call: &Call) -> Option<&'static str> {
    let known = || call.moments().chain(told.moments());
    let (first, last) = (known().min()?, known().max()?);
    if last - first <= LONGEST_CALL {
        return None;
    }
    let middle =
        |moment: Moment| call.moments().any(|other| (moment - other).as_millis().abs() > LONGEST_CALL.as_millis());
    told.named_moments().find(|(_, moment)| middle(*moment)).map(|(name, _)| name)
}

impl Book {
    /// What a call is judged with at `at`.
    pub(super) fn judge(&self, call: &Call, at: Moment) -> Judgement {
        Judgement::of(call, self.campaign(&campaign_of(call)), at)
    }
}
