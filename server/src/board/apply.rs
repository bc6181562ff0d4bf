//! How the board hears: of what commits changed, of the day, of what was asked of the dialer; and how it begins anew.

use super::presence::Listened;
use super::problems::Today;
use super::{Audited, Board, Misspelt, Rejected, veiled};
use crate::law::change::{Anew, Change, Gone};
use app::domain::control::Controls;
use app::domain::{Dimension, Moment};
use app::view::daily::DailyFrame;
use smol_str::SmolStr;
use std::sync::Arc;

impl Board {
    /// Adds what a commit changed.
    pub fn apply(&mut self, change: &Change) {
        match change.begins_anew {
            None => {}
            Some(Anew::Missed) => self.begin_anew(),
            Some(Anew::SetBack(to)) => self.set_back(to),
        }
        if veiled::learn(&self.config.veil, change) {
            self.rows.dids.touch_all();
            self.rows.campaigns.touch_all();
            self.rows.routes.touch_all();
        }
        self.storing = change.storing.unwrap_or(self.storing);
        match self.freshness.listen(change, self.now) {
            Listened::Begun => {
                self.samples.listen_from(self.now);
                self.memory.begin_in_the_midst();
            }
            Listened::GoesOn => {}
        }
        for fact in &change.facts {
            self.windows.add(fact);
            if fact.of.dimension != Dimension::Campaign {
                continue;
            }
            self.rows.campaigns.touch(&fact.of.campaign);
            self.own.add(fact);
        }
        for (key, n) in &change.gauges {
            self.gauges.add(key, *n);
        }
        change.agents.iter().for_each(|agent| self.agents.tell(agent));
        self.samples.channels(&change.channels);
        change.trunks.iter().for_each(|sample| self.samples.trunk(sample));
        let mut health: Vec<_> = change.health.iter().collect();
        health.sort_by_key(|sample| sample.at);
        health.into_iter().for_each(|sample| self.samples.health(sample));
        change.metrics.iter().for_each(|sample| self.samples.metric(sample));
        change.campaigns.iter().for_each(|(campaign, _)| self.rows.campaigns.touch(campaign));
        self.campaigns.extend(change.campaigns.iter().cloned());
        change.routes.iter().for_each(|(route, _)| self.rows.routes.touch(route));
        self.routes.extend(change.routes.iter().cloned());
        for (number, did) in &change.dids {
            let number = SmolStr::new(number.reveal());
            self.rows.dids.touch(&number);
            if did.is_known() {
                self.dids.insert(number, did.clone());
            } else {
                self.dids.remove(&number);
            }
        }
        for period in &change.periods {
            self.rows.campaigns.touch(&period.campaign);
            self.own.take_period(period);
        }
        for run in &change.runs {
            self.cards.touch(&run.campaign);
            self.own.take_run(run);
        }
        for campaign in &change.without_start {
            self.rows.campaigns.touch(campaign);
            self.own.forget(campaign);
        }
        change.calls.iter().for_each(|call| self.calls.tell(call));
        self.forget(&change.gone);
    }

    /// Forgets names of which nothing is kept any more.
    fn forget(&mut self, gone: &Gone) {
        for campaign in &gone.campaigns {
            self.rows.campaigns.touch(campaign);
            self.campaigns.remove(campaign);
            self.own.forget(campaign);
        }
        for route in &gone.routes {
            self.rows.routes.touch(route);
            self.routes.remove(route);
        }
        for number in &gone.dids {
            self.dids.remove(number.reveal());
            self.rows.dids.touch(&SmolStr::new(number.reveal()));
        }
    }

    /// Takes what the daily view says of the running day; nothing of one that is still being caught up with.
    pub fn hear_of_today(&mut self, frame: &DailyFrame) {
        self.today = Today::of(frame).filter(|_| self.presence().is_now());
    }

    /// Takes what was asked of the dialer.
    pub fn asked(&mut self, controls: Arc<Controls>) {
        let before = std::mem::replace(&mut self.controls, controls);
        let moved = self.controls.iter().filter(|(id, asked)| before.get(*id) != Some(*asked)).map(|(id, _)| id);
        let gone = before.keys().filter(|id| !self.controls.contains_key(*id));
        moved.chain(gone).for_each(|campaign| self.cards.touch(campaign));
    }

    /// Takes what the audit of the figures has found.
    pub const fn audited(&mut self, found: Audited) {
        self.audited = found;
    }

    /// Takes what was rejected of late; nothing where nothing was.
    pub fn hear_of_rejected(&mut self, rejected: Option<Rejected>) {
        self.rejected = rejected;
    }

    /// Likewise of fields that were ignored because they are misspelt.
    pub fn hear_of_misspelt(&mut self, misspelt: Option<Misspelt>) {
        self.misspelt = misspelt;
    }

    /// Forgets all that commits told; configuration, baselines, and what is remembered of past frames stay.
    fn begin_anew(&mut self) {
        let fresh = Self::new(self.config.clone(), self.now);
        let (baselines, memory) = (std::mem::take(&mut self.baselines), std::mem::take(&mut self.memory));
        let (seen, minutes) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.minutes));
        let (judgements, freshness) = (std::mem::take(&mut self.judgements), self.freshness.anew());
        let (controls, today) = (Arc::clone(&self.controls), self.today.take());
        // What was said of numbers and campaigns holds; their rows are all made anew.
        let (dids, campaigns) = (std::mem::take(&mut self.rows.dids), std::mem::take(&mut self.rows.campaigns));
        let (storing, audited) = (self.storing, self.audited);
        let (rejected, misspelt) = (self.rejected.take(), self.misspelt.take());
        *self = Self {
            baselines,
            memory,
            seen,
            minutes,
            judgements,
            freshness,
            controls,
            today,
            storing,
            audited,
            rejected,
            misspelt,
            ..fresh
        };
        (self.rows.dids, self.rows.campaigns) = (dids, campaigns);
        self.rows.dids.touch_all();
        self.rows.campaigns.touch_all();
    }

    /// Begins anew at an earlier time; what is remembered of a later one is void.
    fn set_back(&mut self, to: Moment) {
        let (baselines, controls) = (std::mem::take(&mut self.baselines), Arc::clone(&self.controls));
        let (storing, audited) = (self.storing, self.audited);
        *self = Self { baselines, controls, storing, audited, ..Self::new(self.config.clone(), to) };
    }
}
