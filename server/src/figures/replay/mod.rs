//! A past moment as the live view showed it, and what came after it: the same board with another clock.
//!
//! A replay holds a board of its own and feeds it what the store keeps: calls as far as they had come by then (later
//! moments cut off, values as known today), what agents, trunks and components said, settings in force. It begins an hour
//! early, so that rows know since when they are out of band and the sparklines are there. It reads the store in slices,
//! knows no clock, and is not on the live path: nothing of the live state is asked or changed.

mod calls;
mod people;
mod periods;
mod settings;

use crate::board::{Board, BoardConfig};
use crate::figures::baselines;
use crate::law::samples::{self, SampleKey};
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::past::Past;
use crate::store::read::{Dids, SumQuery};
use app::domain::{CampaignId, CampaignScope, Dimension, Fact, Moment, Span};
use app::view::live::LiveFrame;
use calls::PastCalls;
use people::PastAgents;
use periods::PastPeriods;
use settings::PastSettings;
use std::collections::VecDeque;

/// What a board's windows hold.
const WINDOWS: Span = Span::minutes(60);
/// Sums of the compliance period are read on this grid.
const GRID: Span = Span::minutes(5);
/// How early it begins, and on a floor with more than [`MANY_CALLS`] in the two hours before: warming up reads each of them.
const WARM_UP: Span = Span::minutes(62);
const SHORT_WARM_UP: Span = Span::minutes(5);
const MANY_CALLS: i64 = 500_000;
/// Steps while it warms up: order and "since" are on the grid of ten seconds that every screen shows by default.
const WARM_STEP: Span = Span::secs(10);
/// How far agents' words and samples are read ahead.
const AHEAD: Span = Span::minutes(10);
/// As often as the live view reads what it compares with.
const BASELINES: Span = Span::minutes(5);
/// Points of the channels' sparkline.
const CHANNELS: Span = Span::minutes(15);

#[derive(Debug)]
pub struct Replay<P> {
    store: P,
    began: Moment,
    board: Board,
    calls: PastCalls,
    agents: PastAgents,
    settings: PastSettings,
    periods: PastPeriods,
    samples: VecDeque<(SampleKey, String)>,
    /// Agents' words and samples are here up to this.
    read_to: Moment,
    compared_at: Option<Moment>,
    newest: Option<Moment>,
    frame: LiveFrame,
    /// Calls of the hours before that are in the sums.
    counted: i64,
}

impl<P: Past> Replay<P> {
    /// The view as it was at `at`.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn open(store: P, config: BoardConfig, at: Moment) -> Result<Self, StoreError> {
        let counted = calls_before(&store, at).await?;
        let early = if counted > MANY_CALLS { SHORT_WARM_UP } else { WARM_UP };
        let begin = (at - early).floor(WARM_STEP);
        let since = (begin - WINDOWS).floor(GRID);
        let known = store.settings(Dids::With).await?;
        let zone = config.zone;
        let mut board = Board::new(config, begin);
        let settings = PastSettings::new(known);
        let mut calls = PastCalls::default();
        let mut change = calls.begin(&store, &settings, since, begin).await?;
        let periods = PastPeriods::begin(&store, zone, &settings, since, begin, &change.facts).await?;
        let during = Stretch { from: since, to: begin + AHEAD };
        let mut agents = PastAgents::new(store.agents_during(during).await?);
        agents.begin(since, begin, &mut change);
        change.facts.retain(|fact| fact.bucket >= since);
        change.periods = periods.all();
        settings.begin(begin, &mut change);
        let from = begin - CHANNELS;
        let samples = store.samples_during(Stretch { from, to: begin + AHEAD }).await?.into();
        board.apply(&change);
        let (read_to, newest) = (begin + AHEAD, change.newest_event);
        let frame = board.tick(begin);
        let mut replay = Self {
            store,
            began: begin,
            board,
            calls,
            agents,
            settings,
            periods,
            samples,
            read_to,
            compared_at: None,
            newest,
            frame,
            counted,
        };
        let mut now = begin;
        while now < at {
            now = (now + WARM_STEP).min(at);
            replay.go_on(now).await?;
        }
        replay.frame = replay.board.live();
        Ok(replay)
    }

    /// How many calls of the hours before are in the sums, where none of them is kept: what it shows is then no floor at rest.
    #[must_use]
    pub fn calls_not_kept(&self) -> Option<i64> {
        (self.counted > 0 && !self.calls.met_any()).then_some(self.counted)
    }

    /// Since when it knows how long a row has been as it is.
    #[must_use]
    pub const fn began(&self) -> Moment {
        self.began
    }

    /// The moment it shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.board.now()
    }

    #[must_use]
    pub const fn frame(&self) -> &LiveFrame {
        &self.frame
    }

    /// The frame, narrowed to a campaign.
    #[must_use]
    pub fn of_campaign(&self, campaign: &CampaignId) -> LiveFrame {
        self.board.of_campaigns(&[campaign.clone()].into())
    }

    /// Goes on to `to`; never back.
    ///
    /// # Errors
    /// If the store can't be read; it may be tried again.
    pub async fn step(&mut self, to: Moment) -> Result<&LiveFrame, StoreError> {
        if to > self.board.now() {
            self.go_on(to).await?;
            self.frame = self.board.live();
        }
        Ok(&self.frame)
    }

    async fn go_on(&mut self, to: Moment) -> Result<(), StoreError> {
        let before = self.board.now();
        self.read_ahead(to).await?;
        let mut change = self.calls.step(&self.store, &self.settings, to).await?;
        self.agents.step(before, to, &mut change);
        self.settings.step(before, to, &mut change);
        let said = self.samples.partition_point(|(key, _)| key.at <= to);
        let said: Vec<_> = self.samples.drain(..said).collect();
        change.newest_event = change.newest_event.max(said.iter().map(|(key, _)| key.at).max());
        samples::tell(&mut change, &said)?;
        change.periods = self.periods.turn(to, &change.facts);
        self.newest = self.newest.max(change.newest_event);
        self.board.apply(&change);
        if self.compared_at.is_none_or(|at| at.floor(BASELINES) != to.floor(BASELINES)) {
            self.board.compare_with(baselines::read(&self.store, self.board.zone(), to).await?);
            self.compared_at = Some(to);
        }
        self.board.advance(to);
        Ok(())
    }

    async fn read_ahead(&mut self, to: Moment) -> Result<(), StoreError> {
        if to < self.read_to {
            return Ok(());
        }
        let during = Stretch { from: self.read_to, to: to + AHEAD };
        let agents = self.store.agents_during(during).await?;
        let samples = self.store.samples_during(during).await?;
        self.agents.learn(agents);
        // Those before the span are known already.
        self.samples.extend(samples.into_iter().filter(|(key, _)| key.at >= during.from));
        self.read_to = during.to;
        Ok(())
    }
}

/// How many calls started in the two hours before `at`.
async fn calls_before<P: Past>(store: &P, at: Moment) -> Result<i64, StoreError> {
    let hour = Span::hours(1);
    let (from, to) = (at.floor(hour) - Span::hours(2), at.floor(hour) + hour);
    let grain = crate::law::grain::Grain::Hour;
    let query = SumQuery { dimension: Dimension::Total, key: None, scope: CampaignScope::All, from, to, grain };
    Ok(store.sums(&query).await?.iter().map(|(_, facts)| facts[Fact::Attempts]).sum())
}
