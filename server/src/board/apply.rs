//! How the board hears: of what commits changed, of the day, of what was asked of the dialer; and how it begins anew.

use super::floor::Floor;
use super::monitor::Cards;
use super::presence::Listened;
use super::problems::{Problems, Today};
use super::rows::Rows;
use super::{Audited, Board, Misspelt, Rejected, ServerHealth, veiled};
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
        if veiled::learn(&self.floor.config.veil, change) {
            self.verdicts.rows.dids.touch_all();
            self.verdicts.rows.campaigns.touch_all();
            self.verdicts.rows.routes.touch_all();
        }
        self.server.storing = change.storing.unwrap_or(self.server.storing);
        match self.floor.freshness.listen(change, self.floor.now) {
            Listened::Begun => {
                self.floor.samples.listen_from(self.floor.now);
                self.verdicts.memory.begin_in_the_midst();
            }
            Listened::GoesOn => {}
        }
        for fact in &change.facts {
            self.floor.windows.add(fact);
            if fact.of.dimension != Dimension::Campaign {
                continue;
            }
            self.verdicts.rows.campaigns.touch(&fact.of.campaign);
            self.floor.own.add(fact);
        }
        for (key, n) in &change.gauges {
            self.floor.gauges.add(key, *n);
        }
        change.agents.iter().for_each(|agent| self.floor.agents.tell(agent));
        self.floor.samples.channels(&change.channels);
        change.trunks.iter().for_each(|sample| self.floor.samples.trunk(sample));
        let mut health: Vec<_> = change.health.iter().collect();
        health.sort_by_key(|sample| sample.at);
        health.into_iter().for_each(|sample| self.floor.samples.health(sample));
        change.metrics.iter().for_each(|sample| self.floor.samples.metric(sample));
        change.campaigns.iter().for_each(|(campaign, _)| self.verdicts.rows.campaigns.touch(campaign));
        self.floor.campaigns.extend(change.campaigns.iter().cloned());
        change.routes.iter().for_each(|(route, _)| self.verdicts.rows.routes.touch(route));
        self.floor.routes.extend(change.routes.iter().cloned());
        for (number, did) in &change.dids {
            let number = SmolStr::new(number.reveal());
            self.verdicts.rows.dids.touch(&number);
            if did.is_known() {
                self.floor.dids.insert(number, did.clone());
            } else {
                self.floor.dids.remove(&number);
            }
        }
        for period in &change.periods {
            self.verdicts.rows.campaigns.touch(&period.campaign);
            self.floor.own.take_period(period);
        }
        for run in &change.runs {
            self.monitor.cards.touch(&run.campaign);
            self.floor.own.take_run(run);
        }
        for campaign in &change.without_start {
            self.verdicts.rows.campaigns.touch(campaign);
            self.floor.own.forget(campaign);
        }
        change.calls.iter().for_each(|call| self.floor.calls.tell(call));
        self.forget(&change.gone);
    }

    /// Forgets names of which nothing is kept any more.
    fn forget(&mut self, gone: &Gone) {
        for campaign in &gone.campaigns {
            self.verdicts.rows.campaigns.touch(campaign);
            self.floor.campaigns.remove(campaign);
            self.floor.own.forget(campaign);
        }
        for route in &gone.routes {
            self.verdicts.rows.routes.touch(route);
            self.floor.routes.remove(route);
        }
        for number in &gone.dids {
            self.floor.dids.remove(number.reveal());
            self.verdicts.rows.dids.touch(&SmolStr::new(number.reveal()));
        }
    }

    /// Takes what the daily view says of the running day; nothing of one that is still being caught up with.
    pub fn hear_of_today(&mut self, frame: &DailyFrame) {
        self.today = Today::of(frame).filter(|_| self.floor.presence().is_now());
    }

    /// Takes what was asked of the dialer.
    pub fn asked(&mut self, controls: Arc<Controls>) {
        let before = std::mem::replace(&mut self.floor.controls, controls);
        let moved = self.floor.controls.iter().filter(|(id, asked)| before.get(*id) != Some(*asked)).map(|(id, _)| id);
        let gone = before.keys().filter(|id| !self.floor.controls.contains_key(*id));
        moved.chain(gone).for_each(|campaign| self.monitor.cards.touch(campaign));
    }

    /// Takes what the audit of the figures has found.
    pub const fn audited(&mut self, found: Audited) {
        self.server.audited = found;
    }

    /// Takes what was rejected of late; nothing where nothing was.
    pub fn hear_of_rejected(&mut self, rejected: Option<Rejected>) {
        self.server.rejected = rejected;
    }

    /// Likewise of fields that were ignored because they are misspelt.
    pub fn hear_of_misspelt(&mut self, misspelt: Option<Misspelt>) {
        self.server.misspelt = misspelt;
    }

    /// Forgets all that commits told; configuration, baselines, and what is remembered of past frames stay.
    fn begin_anew(&mut self) {
        let fresh = Floor::new(self.floor.config.clone(), self.floor.now);
        let (controls, freshness) = (Arc::clone(&self.floor.controls), self.floor.freshness.anew());
        let baselines = std::mem::take(&mut self.floor.baselines);
        self.floor = Floor { baselines, controls, freshness, ..fresh };
        self.judged = self.floor.now;
        // What was said of numbers and campaigns holds; their rows are all made anew.
        let rows = std::mem::take(&mut self.verdicts.rows);
        self.verdicts.rows = Rows { dids: rows.dids, campaigns: rows.campaigns, ..Rows::default() };
        self.verdicts.rows.dids.touch_all();
        self.verdicts.rows.campaigns.touch_all();
        self.monitor.cards = Cards::default();
        self.problems = Problems::default();
    }

    /// Begins anew at an earlier time; what is remembered of a later one is void.
    fn set_back(&mut self, to: Moment) {
        let (baselines, controls) = (std::mem::take(&mut self.floor.baselines), Arc::clone(&self.floor.controls));
        let server =
            ServerHealth { storing: self.server.storing, audited: self.server.audited, ..ServerHealth::default() };
        let fresh = Self::new(self.floor.config.clone(), to);
        *self = Self { floor: Floor { baselines, controls, ..fresh.floor }, server, ..fresh };
    }
}
