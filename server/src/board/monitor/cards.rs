//! One campaign's card.

use super::callers::Callers;
use super::{Area, Cards, Gathered, break_band, cac_band};
use crate::board::floor::Floor;
use crate::board::judgements::{Figure, Judgements};
use crate::board::memory::Memory;
use crate::board::rows::{CampaignRows, Verdicts, abandoned_lately};
use crate::board::veiled;
use crate::law::change::LIVE_GRAIN;
use app::domain::control::Action;
use app::domain::event::Text;
use app::domain::outcome::CampaignStatus;
use app::domain::{Campaign, CampaignId, Dimension, Fact, Moment, Span};
use app::kpi::diagnosis::{Evidence, Finding, Missed, Rest, Settled, diagnose, is_missed};
use app::kpi::{Band, KpiId, Ratio};
use app::view::monitor::{CampaignCard, Chip, ChipFigure, Paused, PausedWhy};
use smol_str::SmolStr;

/// A campaign that was told to dial is expected to after this long.
const SETTLED: Span = Span::minutes(5);
/// One that dialed nothing for so long is about to be named for it.
const IDLE_ALREADY: Span = Span::minutes(1);
/// What was abandoned while agents were missed is in the figures of the last minutes for so long.
pub(super) const MISSED_LATELY: Span = Span::minutes(5);
/// And in those of the last quarter of an hour.
pub(super) const MISSED: Span = Span::minutes(15);

/// Makes campaigns' cards.
#[derive(Clone, Copy)]
pub(in crate::board) struct CardMaker<'a> {
    pub(super) floor: &'a Floor,
    /// What campaigns abandon and whom they reach, as it is judged.
    pub(super) rows: &'a CampaignRows,
    pub(super) judgements: &'a Judgements,
    /// Since when cards stand as they do.
    pub(super) seen: &'a Memory<Area>,
}

impl<'a> CardMaker<'a> {
    pub(in crate::board) const fn of(floor: &'a Floor, verdicts: &'a Verdicts, seen: &'a Memory<Area>) -> Self {
        Self { floor, rows: &verdicts.rows.campaigns, judgements: &verdicts.judgements, seen }
    }

    pub(super) const fn callers(self) -> Callers<'a> {
        Callers { floor: self.floor, judgements: self.judgements }
    }

    pub(super) fn card(&self, id: &CampaignId, gathered: &Gathered, kept: &Cards) -> CampaignCard {
        self.card_after(id, gathered, kept.get(id).and_then(|card| card.missed_at)).0
    }

    /// The card, by when agents were missed last before; and when they are now.
    pub(super) fn card_after(
        &self,
        id: &CampaignId,
        gathered: &Gathered,
        missed_at: Option<Moment>,
    ) -> (CampaignCard, Option<Moment>) {
        let (none, is_now) = (Campaign::default(), self.floor.presence().is_now());
        let told = self.floor.campaigns.get(id).unwrap_or(&none);
        let hour = |kpi: KpiId| kpi.ratio(|fact| self.floor.hour(id, fact));
        let destinations = told.destinations.value().map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let (completed, failed) = self.floor.done(id);
        let active = gathered.active(id);
        let cac_limit = told.cac_limit.value().map(i64::from);
        let cac_band = cac_band(self.floor, self.judgements, id.as_str(), Ratio::new(active, cac_limit.unwrap_or(0)));
        let first_attempts = self.floor.first_attempts(id);
        let abandon = hour(KpiId::AbandonRate);
        let mut card = CampaignCard {
            campaign: id.clone(),
            name: self.floor.campaign_name(id),
            status: told.status.value(),
            paused: self.paused(id, told),
            destination: told.destination.get().map(smol),
            destinations,
            active,
            cac_limit,
            cac_band,
            completed,
            failed,
            pending: destinations.map(|n| (n - completed - failed).max(0)),
            rate_limited: told.rate_limited.value(),
            cps_limit_milli: told.cps_limit.value().map(in_thousandths),
            first_attempts,
            first_attempts_hour: first_attempts.map(|_| self.floor.hour(id, Fact::FirstAttempts)),
            connect: hour(KpiId::ConnectRate),
            abandon,
            abandon_band: if is_now { KpiId::AbandonRate.get().read_ratio(abandon).band } else { Band::None },
            diagnosis: None,
            control: self.floor.controls.get(id).cloned(),
            dials: self.callers().dials_out(id, told),
            inbound: self.callers().inbound(id),
            hears: self.floor.config.hears.hears(id),
            band: cac_band,
            since: None,
        };
        let mut missed_at = missed_at.filter(|at| self.floor.now - *at < MISSED);
        if is_now {
            let missed = match missed_at {
                Some(at) if self.floor.now - at < MISSED_LATELY => Missed::Lately,
                Some(_) => Missed::InTheQuarter,
                None => Missed::No,
            };
            let evidence = Evidence { missed, ..self.evidence(id, &card, told, gathered) };
            card.diagnosis = diagnose(&evidence).map(chip);
            missed_at = if is_missed(&evidence) { Some(self.floor.now) } else { missed_at };
        }
        card.band = cac_band.max(card.diagnosis.as_ref().map_or(cac_band, |chip| chip.band));
        veiled::card(&self.floor.config.veil, &mut card);
        card.since = self.seen.since(Area::Cards, card.campaign.as_str(), card.band);
        (card, missed_at)
    }

    /// Whether what would explain that a campaign's agents wait is to be seen, and has not lasted long enough to be named: it
    /// dials nothing, it is at its limit, or many are on a break.
    pub(in crate::board) fn awaits_a_cause(&self, id: &CampaignId) -> bool {
        let Some(told) = self.floor.campaigns.get(id) else { return false };
        let is_settled = self.settles(id).is_some_and(|at| at <= self.floor.now);
        let is_to_dial =
            told.status.value() == Some(CampaignStatus::Active) && is_settled && self.callers().dials_out(id, told);
        let dials = || {
            let from = self.floor.now.floor(LIVE_GRAIN) + LIVE_GRAIN - IDLE_ALREADY;
            let buckets = self.floor.windows.buckets(Dimension::Campaign, Some(id), Some(id.as_str()));
            buckets.filter(|(_, at, _)| *at >= from).any(|(_, _, tally)| tally.get(Fact::Attempts) > 0)
        };
        let is_worse = |figure| self.judgements.is_worse(figure, id.as_str());
        (is_to_dial && !dials()) || is_worse(Figure::Cac) || is_worse(Figure::Breaks)
    }

    /// When a campaign that was told to dial is expected to.
    pub(super) fn settles(&self, id: &CampaignId) -> Option<Moment> {
        self.floor.campaigns.get(id)?.statuses.latest_since().map(|since| since + SETTLED)
    }

    fn paused(&self, id: &CampaignId, told: &Campaign) -> Option<Paused> {
        if told.status.value() != Some(CampaignStatus::Paused) {
            return None;
        }
        let since = told.statuses.latest_since();
        // A reason given for an earlier pause is none for this one.
        let reason = told.reason.get().filter(|_| told.reason.stamp() >= since).map(smol);
        let asked = self.floor.controls.get(id).filter(|c| c.action == Action::Pause && c.phase.is_confirmed());
        let by = asked.map(|control| control.by.clone());
        let why = match reason.as_deref() {
            _ if by.is_some() => PausedWhy::Operator,
            None => PausedWhy::Unknown,
            Some(word) if word.eq_ignore_ascii_case("schedule") => PausedWhy::Schedule,
            Some(word) if word.eq_ignore_ascii_case("operator") => PausedWhy::Operator,
            Some(_) => PausedWhy::Other,
        };
        Some(Paused { since, why, reason, by })
    }

    fn evidence(&self, id: &CampaignId, card: &CampaignCard, told: &Campaign, gathered: &Gathered) -> Evidence {
        let agents = gathered.agents.get(id).copied().unwrap_or_default();
        let before =
            |baselines: &std::collections::HashMap<CampaignId, Ratio>| baselines.get(id).copied().unwrap_or_default();
        let since = told.statuses.latest_since();
        let rests = since.filter(|_| card.paused.is_some());
        let abandon_5m = KpiId::AbandonRate.ratio(|fact| self.floor.five(id, fact));
        let connects = self.rows.get(id).map(|row| &row.connect);
        let abandons = self.rows.get(id).map(|row| &row.abandon);
        let left = gathered.left.get(id).copied().unwrap_or_default();
        Evidence {
            status: card.status,
            rest: match card.paused.as_ref().map(|paused| paused.why) {
                None => Rest::None,
                Some(PausedWhy::Schedule) => Rest::Schedule,
                Some(PausedWhy::Operator | PausedWhy::Other | PausedWhy::Unknown) => Rest::Other,
            },
            settled: if since.is_some_and(|at| at <= self.floor.now - SETTLED) { Settled::Yes } else { Settled::No },
            workers: gathered.workers,
            worker_heard: gathered.worker_heard.clone(),
            // Who dials does not rest: of him it is not told, and there are many.
            rests_since: rests.map_or_else(String::new, |at: Moment| self.floor.clock_near(at)),
            active: card.active,
            cac_limit: card.cac_limit,
            cac_band: card.cac_band,
            destinations: card.destinations,
            pending: card.pending,
            attempts_5m: self.floor.five(id, Fact::Attempts),
            rate_limited: card.rate_limited,
            only_inbound: !card.dials,
            callers: if card.inbound.is_some() { self.callers().callers_out(id) } else { Vec::new() },
            connect: card.connect,
            connect_before: before(&self.floor.baselines.connect),
            connect_5m: connects.filter(|row| row.falls_lately()).map(|row| row.last_5m),
            falls: connects.and_then(|row| row.diagnosis),
            abandon: card.abandon,
            abandon_5m,
            abandon_2m: abandoned_lately(self.floor, id, abandon_5m),
            rush_band: abandons.map_or(Band::None, |row| row.pacing_band),
            abandon_15m: abandons.map_or_else(Ratio::default, |row| row.last_15m),
            abandon_before: before(&self.floor.baselines.abandon),
            agents_ready: agents.ready,
            agents_on_break: agents.on_break,
            agents: agents.logged_in(),
            breaks_lately: left.on_break,
            agents_gone: left.gone,
            missed: Missed::No,
            break_band: break_band(self.judgements, id, &agents),
            route: gathered.routes.get(id).cloned(),
            did: gathered.dids.get(id).cloned(),
        }
    }
}

fn smol(text: &Text) -> SmolStr {
    SmolStr::new(text.as_str())
}

fn chip(finding: Finding) -> Chip {
    let figure = |f: app::kpi::diagnosis::Figure| ChipFigure { label: f.label.into(), value: f.value.into() };
    Chip {
        problem: finding.problem.word.into(),
        band: finding.band,
        title: finding.problem.title.into(),
        figures: finding.figures.into_iter().map(figure).collect(),
        next: finding.problem.next.into(),
    }
}

/// What a frame holds of calls a second: whole numbers alone.
#[allow(clippy::cast_possible_truncation)] // a million at most (`plausible`)
fn in_thousandths(cps: f64) -> i64 {
    (cps * 1_000.0).round() as i64
}
