//! Of campaigns: one problem each, named by its diagnosis where there is one; what else is out of band with it stands under
//! that.

use super::{Hit, Problem};
use crate::board::floor::Floor;
use crate::board::memory::Memory;
use crate::board::monitor::{Area, CardMaker, CardSummary, Cards, Gathered};
use crate::board::rows::{CampaignRow, Rows};
use app::compliance::Budget;
use app::domain::outcome::{ComponentKind, Health};
use app::domain::{CampaignId, Fact};
use app::kpi::band::{self, Diagnosis};
use app::kpi::diagnosis::LEFT;
use app::kpi::problems::{Cause, Problem as Known};
use app::kpi::{Band, Bands, KpiId, Ratio, format};
use app::view::live::{AbandonRow, AgentsRow, ConnectRow};
use app::view::monitor::Chip;
use app::view::problems::ProblemCause;
use app::view::problems::ProblemCause::{Campaign, Component, Number, Route};
use app::view::{PanelId, Place};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What is told of one campaign, the first of it names the problem.
#[derive(Default)]
struct Told {
    diagnosis: Option<Problem>,
    connect: Option<Problem>,
    abandon: Option<Problem>,
    /// That its agents wait too long, or too little.
    on_call: Option<Problem>,
}

/// Finds what is wrong with campaigns.
#[derive(Clone, Copy)]
pub(super) struct Campaigns<'a> {
    pub floor: &'a Floor,
    pub rows: &'a Rows,
    pub memory: &'a Memory,
    pub cards: &'a Cards,
    /// Since when cards stand as they do.
    pub seen: &'a Memory<Area>,
    pub maker: CardMaker<'a>,
}

impl Campaigns<'_> {
    pub(super) fn of_campaigns(&self, gathered: &Gathered) -> Vec<Problem> {
        let mut told: BTreeMap<&CampaignId, Told> = BTreeMap::new();
        for (id, card) in self.cards.each() {
            if let Some(chip) = &card.chip {
                // As long as its card has been out, but no longer than by this problem.
                let since = self.seen.since(Area::Cards, card.shown.as_str(), card.band).max(card.chip_since);
                let problem = diagnosed(card, chip).follows_from(self.deeper(chip, id, gathered)).since(since);
                told.entry(id).or_default().diagnosis = Some(problem);
            }
        }
        for (id, CampaignRow { abandon, connect }) in self.rows.campaigns.each() {
            if let Some(problem) = self.abandons(abandon) {
                told.entry(id).or_default().abandon = Some(problem);
            }
            if let Some(problem) = connects_less(connect) {
                let since = self.memory.since(PanelId::Connect, connect.campaign.as_str(), connect.band);
                told.entry(id).or_default().connect = Some(problem.since(since));
            }
        }
        let of_agents = self.of_agents(&mut told);
        let mut all: Vec<Problem> = of_agents.into_iter().collect();
        for (id, told) in told {
            let agents = gathered.agents.get(id).map_or(0, |states| states.logged_in());
            let hit = Hit::of(self.floor.five(id, Fact::Attempts), agents, vec![self.floor.shown(id)]);
            all.extend(told.together().into_iter().map(|problem| problem.hits(hit.clone())));
        }
        all
    }

    /// What would explain a diagnosis.
    fn deeper(&self, chip: &Chip, id: &CampaignId, gathered: &Gathered) -> Option<(ProblemCause, SmolStr)> {
        match Known::of(&chip.problem).map(|known| known.cause)? {
            Cause::Worker => self.dead_worker(),
            Cause::Route => gathered.route_of(id).map(|route| (Route, self.floor.config.veil.id(route))),
            Cause::Did => Some((Number, SmolStr::default())),
            Cause::Schedule
            | Cause::Staffing
            | Cause::Pacing
            | Cause::List
            | Cause::Queue
            | Cause::Idle
            | Cause::CallLimit
            | Cause::RateLimited => None,
        }
    }

    /// The first of the workers that are offline: it speaks for the others.
    fn dead_worker(&self) -> Option<(ProblemCause, SmolStr)> {
        let mut rows = self.rows.infra.iter();
        let dead = rows.find(|row| row.kind == ComponentKind::DialerWorker && row.status == Health::Offline);
        dead.map(|row| (Component, row.component.to_smol()))
    }

    fn abandons(&self, row: &AbandonRow) -> Option<Problem> {
        let band = row.band.max(row.budget_band);
        // That a pace is over the limit has to be beyond chance before it is told as a forecast.
        let ends = row.used_up_at.filter(|_| row.used_up_to.is_some());
        if !band.is_out() && ends.is_none() {
            return self.surely_past(row);
        }
        let bands = KpiId::AbandonRate.get().bands();
        // Where the hour's calls are too few to be judged, it is the period that is out.
        let rate = if row.band.is_judged() {
            format!("{} in 60 min", format::percent(row.rate(), 2, bands))
        } else {
            let period = Ratio::new(row.period_abandoned, row.period_live);
            format!("{} in its period", format::percent(period, 2, bands))
        };
        let of_period = Budget::of(Ratio::new(row.period_abandoned, row.period_live), row.limit_ppm);
        let budget = match row.budget {
            Some(left) if left < 0 => format!("{} owed", format::counted(-left, "clean answer", "clean answers")),
            Some(left) => format!("{} left in its budget", format::calls(left)),
            None => "no period yet".to_owned(),
        };
        let (subject, text) = match (band, ends) {
            (Band::Critical, _) if row.band == Band::Critical && is_over(row) => {
                let lately = format::percent(row.last_15m, 2, bands);
                let text = format!("{rate} abandoned, {lately} in the last 15 min, {budget}");
                (format!("{} has dropped people", row.name), text)
            }
            (Band::Critical, _) if row.band == Band::Critical => {
                (format!("{} drops people", row.name), format!("{rate} abandoned, {budget}"))
            }
            (Band::Critical, _) => (format!("{} is over its abandon limit", row.name), format!("{budget}, {rate}")),
            (_, Some(at)) => {
                let text = format!("about {}, {budget}", self.floor.clock_near(at));
                (format!("{} will use up its abandon budget", row.name), text)
            }
            // Above what is well, and no more than that: how near the limit is, its budget tells.
            (_, None) if of_period.is_near(row.rate()) => {
                (format!("{} nears the abandon limit", row.name), format!("{budget}, {rate}"))
            }
            (_, None) => (format!("{} abandons more than is well", row.name), format!("{rate}, {budget}")),
        };
        let key = row.campaign.as_str();
        let problem = Problem::in_panel(Campaign, band.max(Band::Warn), PanelId::Abandon, key, subject, text);
        Some(problem.since(self.memory.since(PanelId::Abandon, key, row.band)))
    }

    /// Of one whose live answers are too few to be judged, and whom no chance explains.
    fn surely_past(&self, row: &AbandonRow) -> Option<Problem> {
        let (dropped, limit, during) = row.surely_past()?;
        let (part, whole) = (format::count(dropped.part), format::count(dropped.whole));
        let limit = format::percent(limit, 1, None);
        let owed = row
            .budget
            .filter(|left| *left < 0)
            .map(|left| format!(", {} owed", format::counted(left.saturating_neg(), "clean answer", "clean answers")));
        let text = format!(
            "{part} of {whole} abandoned {during}: too few to tell the rate by, and beyond chance over {limit}{}",
            owed.unwrap_or_default()
        );
        let verb = if is_over(row) { "has dropped people" } else { "drops people" };
        let key = row.campaign.as_str();
        let problem =
            Problem::in_panel(Campaign, Band::Warn, PanelId::Abandon, key, format!("{} {verb}", row.name), text);
        Some(problem)
    }

    /// Campaigns whose agents are on calls for more or less of their time than is good: one problem, which names the worst of
    /// them. Of a campaign with a diagnosis it stands under that, which is why its agents wait, or don't get to wait.
    fn of_agents(&self, told: &mut BTreeMap<&CampaignId, Told>) -> Option<Problem> {
        let mut out: Vec<&AgentsRow> = Vec::new();
        for row in self.rows.agents.iter().filter(|row| row.band.is_out()) {
            match told.get_mut(&row.campaign).filter(|told| told.diagnosis.is_some()) {
                Some(told) => told.on_call = Some(self.on_call(&[row])?),
                // Why they wait will be named, or they wait no more.
                None if self.maker.awaits_a_cause(&row.campaign) => {}
                None => out.push(row),
            }
        }
        // The farthest out of range first: the others are no worse.
        out.sort_by(|a, b| out_of_range(b).total_cmp(&out_of_range(a)));
        Some(self.on_call(&out)?.follows_from(self.dead_worker()))
    }

    /// `None` where there is no row.
    fn on_call(&self, out: &[&AgentsRow]) -> Option<Problem> {
        let first = out.first()?;
        let share = format::percent_said(first.on_call_share(), 0, KpiId::OnCallShare.get().bands(), first.band);
        let others = match i64::try_from(out.len() - 1).unwrap_or(i64::MAX) {
            0 => String::new(),
            n => format!(", {} out of range", format::counted(n, "more campaign", "more campaigns")),
        };
        let text = format!("{} of logged-in time{}; 80 to 90 % is productive{others}", share.value, share.waits);
        let heads = |row: &AgentsRow| row.ready + row.on_call + row.wrap_up + row.on_break;
        let agents = out.iter().map(|row| heads(row)).sum();
        let hit = Hit::of(0, agents, out.iter().map(|row| row.campaign.clone()).collect());
        let key = first.campaign.as_str();
        let whose = if key.is_empty() { "agents of no campaign" } else { first.name.as_str() };
        let subject = format!("On-call share of {whose} is out of range");
        let place = Place::Panel(PanelId::Agents, key.to_owned());
        let problem = Problem::new(Campaign, "", Band::Warn, place, subject, text);
        Some(problem.since(self.memory.since(PanelId::Agents, key, first.band)).hits(hit))
    }
}

/// Whether people are dropped no more, though the hour shows them.
fn is_over(row: &AbandonRow) -> bool {
    !row.pacing_band.is_out() && band::has_eased(row.last_15m)
}

/// How far the on-call share is outside what is productive; 0 within, as one that is not back far enough yet.
fn out_of_range(row: &AgentsRow) -> f64 {
    let edges = KpiId::OnCallShare.get().bands().into_iter().flat_map(Bands::edges);
    let share = row.on_call_share();
    let past = edges.filter(|edge| edge.holds(share)).map(|edge| (share.value().unwrap_or(0.0) - edge.value()).abs());
    past.fold(0.0, f64::max)
}

impl Told {
    /// The diagnosis names what it explains: that fewer answer live, and where nothing deeper than the campaign does, that
    /// people are dropped.
    fn together(self) -> Vec<Problem> {
        let Self { diagnosis, connect, abandon, on_call } = self;
        let Some(mut first) = diagnosis else {
            return match (abandon, connect) {
                (Some(abandon), connect) => vec![abandon.with(connect)],
                (None, connect) => connect.into_iter().collect(),
            };
        };
        first = first.with(connect).with(on_call);
        if first.follows_from.is_empty() {
            return vec![first.with(abandon)];
        }
        [Some(first), abandon].into_iter().flatten().collect()
    }
}

impl Problem {
    /// Takes in another of the same campaign: as bad as the worse of the two.
    fn with(mut self, other: Option<Self>) -> Self {
        if let Some(other) = other {
            self.band = self.band.max(other.band);
            self.explains.push(other);
        }
        self
    }
}

fn diagnosed(card: &CardSummary, chip: &Chip) -> Problem {
    let told = chip.figures.iter().filter(|figure| figure.label != LEFT);
    let figures = told.map(|f| format!("{} {}", lower(&f.label), f.value)).collect::<Vec<_>>();
    let subject = format!("{}: {}", card.name, lower(&chip.title));
    let place = Place::Campaign(card.shown.clone());
    Problem::new(Campaign, card.shown.as_str(), chip.band, place, subject, figures.join(", "))
}

fn connects_less(row: &ConnectRow) -> Option<Problem> {
    let diagnosis = match row.diagnosis? {
        Diagnosis::List => "a list problem",
        Diagnosis::Pacing => "a pacing problem",
    };
    let (rate, minutes) = if row.falls_lately() { (row.last_5m, " in 5 min") } else { (row.rate(), "") };
    let (now, before) = (format::percent(rate, 1, None), format::percent(row.baseline, 1, None));
    let text = format!("{now}{minutes}, usually {before} at these hours, {diagnosis}");
    let subject = format!("Connect rate of {} is falling", row.name);
    Some(Problem::in_panel(Campaign, row.band, PanelId::Connect, row.campaign.as_str(), subject, text))
}

/// The first letter small, unless the second is large too (CAC).
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain([second]).chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}
