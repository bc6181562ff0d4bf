//! The list as it is told: the live page's sentence, the monitor's, the API's answer.

use super::{Problem, Problems};
use crate::board::floor::Floor;
use crate::board::judgements::Figure;
use crate::board::monitor::Cards;
use crate::board::over::Over;
use crate::board::presence::Presence;
use crate::board::rows::{Rows, Verdicts};
use app::domain::CampaignId;
use app::kpi::Band;
use app::view::live::{Clause, Status};
use app::view::monitor::{MonitorClause, MonitorStatus};
use app::view::problems::{MAX_EXPLAINED, MAX_NAMED, MAX_PROBLEMS, ProblemList, ProblemRow};
use app::view::{PanelId, Place};
use smol_str::SmolStr;

/// At most this many clauses in a sentence.
const MAX_CLAUSES: usize = 3;

/// The list as it is told, in the sentences and as a whole.
#[derive(Clone, Copy)]
pub(in crate::board) struct Sentence<'a> {
    pub floor: &'a Floor,
    pub verdicts: &'a Verdicts,
    pub cards: &'a Cards,
    pub problems: &'a Problems,
}

/// The whole floor, or some campaigns, with their rows.
#[derive(Clone, Copy)]
struct Part<'a> {
    over: Over<'a>,
    rows: &'a Rows,
}

impl Sentence<'_> {
    /// How the whole stands: as its worst problem does.
    pub(in crate::board) fn whole(self) -> Band {
        self.problems.worst().unwrap_or_else(|| self.well_or_unheard(self.floor_as_a_whole()))
    }

    /// The live page's sentence, of the whole floor or of what concerns some campaigns, whose rows these are: that others are well
    /// is not told of them, nor since when they are.
    pub(in crate::board) fn status(&self, over: Over<'_>, rows: &Rows) -> Status {
        let (all, own) = (self.concerning(over), Part { over, rows });
        Status {
            band: all.first().map_or(self.well_or_unheard(own), |worst| worst.band),
            rest: self.rest(own),
            since: if over.is_floor() { self.verdicts.memory.whole_since() } else { None },
            clauses: all.iter().take(MAX_CLAUSES).map(|problem| clause(problem)).collect(),
            more: beyond(all.len(), MAX_CLAUSES),
            silent_since: self.floor.presence().silent_since(self.floor.now),
            paused: if over.is_floor() { self.problems.paused } else { 0 },
            differ: if over.is_floor() { self.differ() } else { 0 },
            differing: if over.is_floor() { self.differing() } else { Vec::new() },
        }
    }

    /// As many as the sentence names or counts, of the whole floor or of what concerns some campaigns.
    pub(in crate::board) fn count_problems(&self, over: Over<'_>) -> i64 {
        let all = if over.is_floor() { self.problems.all.len() } else { self.concerning(over).len() };
        i64::try_from(all).unwrap_or(i64::MAX)
    }

    fn concerning(&self, over: Over<'_>) -> Vec<&Problem> {
        let shown: Vec<_> = over.named().map(|campaign| self.floor.shown(campaign)).collect();
        let concerns = |problem: &&Problem| {
            over.is_floor()
                || (problem.names_none_but(&shown) && shown.iter().any(|campaign| problem.concerns(campaign)))
        };
        self.problems.all.iter().filter(concerns).collect()
    }

    fn differ(&self) -> u32 {
        u32::try_from(self.problems.differing.len()).unwrap_or(u32::MAX)
    }

    fn differing(&self) -> Vec<SmolStr> {
        self.problems.differing.iter().map(|kpi| SmolStr::new_static(kpi)).collect()
    }

    /// How it stands where nothing is wrong. Where nothing was enough to be judged nobody knows that it is well.
    fn well_or_unheard(&self, part: Part<'_>) -> Band {
        match self.floor.presence() {
            Presence::Now if part.rows.no_route_is_well() => Band::Unjudged,
            Presence::Now if self.is_judged(part) => Band::Ok,
            Presence::Now => Band::TooFew,
            Presence::NothingYet | Presence::Silent { .. } | Presence::Behind { .. } | Presence::Ahead { .. } => {
                Band::None
            }
        }
    }

    /// How it stands beside what is wrong: that all else is well is said only where some of it is judged.
    fn rest(self, part: Part<'_>) -> Band {
        match self.floor.presence() {
            Presence::Now if part.rows.any_is_well() || self.beside_rows(part, |band| band == Band::Ok) => Band::Ok,
            Presence::Now => Band::TooFew,
            Presence::NothingYet | Presence::Silent { .. } | Presence::Behind { .. } | Presence::Ahead { .. } => {
                Band::None
            }
        }
    }

    /// Whether anything of calls or of people is judged at this tick.
    fn is_judged(self, part: Part<'_>) -> bool {
        part.rows.judge_anything() || self.beside_rows(part, Band::is_judged)
    }

    /// Whether any is so of what is said of callers, and of the floor's rates of now, which are of no part of it.
    fn beside_rows(self, Part { over, .. }: Part<'_>, so: fn(Band) -> bool) -> bool {
        let rates = self.verdicts.judgements.all(Figure::Rate).map(|(_, band)| band).filter(|_| over.is_floor());
        let cards = self.cards.each().filter(|(id, _)| over.holds(id));
        rates.chain(cards.flat_map(|(_, card)| card.callers())).any(so)
    }

    fn floor_as_a_whole(&self) -> Part<'_> {
        Part { over: Over::Floor, rows: &self.verdicts.rows }
    }

    /// The monitor's sentence: the same list.
    pub(in crate::board) fn monitor_status(&self, campaigns: usize) -> MonitorStatus {
        let all = &self.problems.all;
        let well = if campaigns == 0 { Band::None } else { self.well_or_unheard(self.floor_as_a_whole()) };
        MonitorStatus {
            band: all.first().map_or(well, |worst| worst.band),
            since: self.verdicts.memory.whole_since(),
            clauses: all.iter().take(MAX_CLAUSES).map(monitor_clause).collect(),
            more: beyond(all.len(), MAX_CLAUSES),
            silent_since: self.floor.presence().silent_since(self.floor.now),
        }
    }

    /// The whole list, as the API answers it.
    pub(in crate::board) fn problem_list(&self) -> ProblemList {
        let all = &self.problems.all;
        ProblemList {
            as_of: self.floor.now,
            newest_event: self.floor.newest_event(),
            band: self.whole(),
            since: self.verdicts.memory.whole_since(),
            silent_since: self.floor.presence().silent_since(self.floor.now),
            paused: self.problems.paused,
            differ: self.differ(),
            differing: self.differing(),
            rows: all.iter().take(MAX_PROBLEMS).map(row).collect(),
            more: beyond(all.len(), MAX_PROBLEMS),
        }
    }
}

impl Problem {
    /// Whether the campaign that it is named by is one of these: where one is named for several, the worst of them is.
    fn names_none_but(&self, shown: &[CampaignId]) -> bool {
        match &self.place {
            Place::Campaign(campaign) => shown.contains(campaign),
            Place::Panel(PanelId::Abandon | PanelId::Connect | PanelId::Agents, campaign) => {
                shown.iter().any(|one| one.as_str() == campaign.as_str())
            }
            Place::Panel(PanelId::Channels | PanelId::Routes | PanelId::Dids | PanelId::Pdd | PanelId::Infra, _)
            | Place::Day(_)
            | Place::Advice(_) => true,
        }
    }
}

fn beyond(all: usize, most: usize) -> u32 {
    u32::try_from(all.saturating_sub(most)).unwrap_or(u32::MAX)
}

fn row(problem: &Problem) -> ProblemRow {
    ProblemRow {
        cause: problem.cause,
        id: problem.id.clone(),
        band: problem.band,
        since: problem.since,
        subject: problem.subject.clone(),
        text: problem.text.clone(),
        calls: problem.hit.calls,
        agents: problem.hit.agents,
        campaigns: problem.hit.campaigns.iter().take(MAX_NAMED).cloned().collect(),
        more_campaigns: beyond(problem.hit.campaigns.len(), MAX_NAMED),
        href: problem.place.href(),
        explains: problem.explains.iter().take(MAX_EXPLAINED).map(row).collect(),
        more_explained: beyond(problem.explains.len(), MAX_EXPLAINED),
    }
}

/// It leads to a row of a panel, or to another page.
fn clause(problem: &Problem) -> Clause {
    let (panel, key, href) = match &problem.place {
        Place::Panel(panel, key) => (*panel, key.clone(), None),
        Place::Campaign(campaign) => (PanelId::Abandon, campaign.to_string(), Some(problem.place.href())),
        Place::Day(_) | Place::Advice(_) => (PanelId::Channels, String::new(), Some(problem.place.href())),
    };
    let (subject, text) = (problem.subject.clone(), problem.text.clone());
    Clause { band: problem.band, panel, key, href, subject, text }
}

fn monitor_clause(problem: &Problem) -> MonitorClause {
    let (campaign, href) = match &problem.place {
        Place::Campaign(campaign) => (Some(campaign.clone()), None),
        Place::Panel(..) | Place::Day(_) | Place::Advice(_) => (None, Some(problem.place.href())),
    };
    let (subject, text) = (problem.subject.clone(), problem.text.clone());
    MonitorClause { band: problem.band, campaign, href, subject, text }
}
