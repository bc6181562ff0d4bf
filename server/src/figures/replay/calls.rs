//! The calls of a replay: each as far as it had come, judged anew when one of its moments is reached.

use super::settings::PastSettings;
use crate::law::change::{Change, GaugeKey};
use crate::law::contribute::{Judgement, next_change};
use crate::law::keys::{campaign_of, in_reach, presence};
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::past::Past;
use crate::store::write::RowId;
use app::domain::{Call, Moment, Span};
use foldhash::fast::RandomState;
use std::collections::{BTreeSet, HashMap};

/// Calls read at once.
const SLICE: usize = 5_000;
/// How far ahead of the moment shown calls are read, by where they are filed: a call told of in order is filed at its
/// start, one of which the end came first a little later.
const AHEAD: Span = Span::minutes(5);
/// A call filed earlier than this before its last moment is found by `Past::reaching`.
const LONG: Span = Span::minutes(30);

/// A call that something still happens to.
#[derive(Debug)]
struct Coming {
    call: Call,
    judgement: Judgement,
}

#[derive(Debug, Default)]
pub(super) struct PastCalls {
    coming: HashMap<RowId, Coming, RandomState>,
    /// When something happens to which call.
    agenda: BTreeSet<(Moment, RowId)>,
    /// All calls filed up to here have been read.
    filed_to: Option<RowId>,
    /// Whether there was any call at all.
    met_any: bool,
    sums: SumChanges,
    gauges: HashMap<GaugeKey, i64, RandomState>,
}

impl PastCalls {
    /// What calls amount to at `begin`, those of them that had a moment since `since`.
    pub(super) async fn begin(
        &mut self,
        store: &impl Past,
        settings: &PastSettings,
        since: Moment,
        begin: Moment,
    ) -> Result<Change, StoreError> {
        let filed_from = RowId::at(since - LONG);
        let mut newest = None;
        for (id, call) in store.reaching(since, filed_from).await? {
            newest = newest.max(self.meet(id, call, settings, begin));
        }
        self.filed_to = Some(filed_from);
        newest = newest.max(self.read_to(store, settings, begin).await?);
        Ok(self.change(newest, begin))
    }

    pub(super) const fn met_any(&self) -> bool {
        self.met_any
    }

    /// What changes up to `to`.
    pub(super) async fn step(
        &mut self,
        store: &impl Past,
        settings: &PastSettings,
        to: Moment,
    ) -> Result<Change, StoreError> {
        let mut newest = self.read_to(store, settings, to).await?;
        let later = self.agenda.split_off(&(to, RowId::LAST));
        let due: BTreeSet<RowId> = std::mem::replace(&mut self.agenda, later).into_iter().map(|(_, id)| id).collect();
        for id in due {
            let Some(Coming { call, judgement }) = self.coming.remove(&id) else { continue };
            self.count(Sign::Minus, &call.until(judgement.at), &judgement);
            newest = newest.max(self.judge(id, call, settings, to));
        }
        Ok(self.change(newest, to))
    }

    async fn read_to(
        &mut self,
        store: &impl Past,
        settings: &PastSettings,
        at: Moment,
    ) -> Result<Option<Moment>, StoreError> {
        let mut newest = None;
        let mut after = self.filed_to.unwrap_or(RowId::FIRST);
        let (wanted, to) = (RowId::at(at + Span::minutes(1)), RowId::at(at + AHEAD));
        while after < wanted {
            let slice = store.filed(after, to, SLICE).await?;
            let whole = slice.len() < SLICE;
            for (id, call) in slice {
                after = id;
                newest = newest.max(self.meet(id, call, settings, at));
            }
            if whole {
                after = to;
            }
            self.filed_to = Some(after);
        }
        Ok(newest)
    }

    /// Takes a call in as it was at `at`. Returns the newest thing told of it by then.
    fn meet(&mut self, id: RowId, call: Call, settings: &PastSettings, at: Moment) -> Option<Moment> {
        self.met_any = true;
        for instant in call.moments().chain(call.stamps().into_iter().flatten()).filter(|instant| *instant > at) {
            self.agenda.insert((instant, id));
        }
        self.judge(id, call, settings, at)
    }

    /// Counts a call as it was at `at`, and keeps it if something still happens to it.
    fn judge(&mut self, id: RowId, call: Call, settings: &PastSettings, at: Moment) -> Option<Moment> {
        let now = call.until(at);
        let judgement = Judgement::of(&now, settings.campaign(&campaign_of(&now)), at);
        self.count(Sign::Plus, &now, &judgement);
        let by_the_clock = next_change(&now, &judgement);
        self.agenda.extend(by_the_clock.map(|due| (due, id)));
        if by_the_clock.is_some() || call.newest().is_some_and(|newest| newest > at) {
            self.coming.insert(id, Coming { call, judgement });
        }
        now.newest().filter(|newest| *newest <= at)
    }

    fn count(&mut self, sign: Sign, call: &Call, judgement: &Judgement) {
        self.sums.call(sign, call, judgement);
        let n = if sign == Sign::Plus { 1 } else { -1 };
        for key in presence(call, judgement) {
            *self.gauges.entry(key).or_default() += n;
        }
    }

    fn change(&mut self, newest_event: Option<Moment>, at: Moment) -> Change {
        let gauges = in_reach(std::mem::take(&mut self.gauges), at);
        Change { newest_event, facts: self.sums.take(), gauges, ..Change::default() }
    }
}
