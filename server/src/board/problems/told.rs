//! The list as it is told: the live page's sentence, the monitor's, the API's answer.

use super::{Problem, Problems};
use crate::board::Board;
use crate::board::presence::Presence;
use app::domain::CampaignId;
use app::kpi::Band;
use app::view::live::{Clause, Status};
use app::view::monitor::{MonitorClause, MonitorStatus};
use app::view::problems::{MAX_EXPLAINED, MAX_NAMED, MAX_PROBLEMS, ProblemList, ProblemRow};
use app::view::{PanelId, Place};
use smol_str::SmolStr;

/// At most this many clauses in a sentence.
const MAX_CLAUSES: usize = 3;

impl Board {
    /// How the whole stands: as its worst problem does. Where nothing was enough to be judged nobody knows that it is well.
    pub(in crate::board) fn whole(&self, problems: &Problems) -> Band {
        let well = match self.presence() {
            Presence::Now if self.is_judged() => Band::Ok,
            Presence::Now => Band::TooFew,
            Presence::NothingYet | Presence::Silent { .. } | Presence::Behind { .. } | Presence::Ahead { .. } => {
                Band::None
            }
        };
        problems.worst().unwrap_or(well)
    }

    /// The live page's sentence, of the whole floor or of what concerns one campaign.
    pub(in crate::board) fn status(&self, campaign: Option<&CampaignId>) -> Status {
        let all = self.concerning(campaign);
        Status {
            band: all.first().map_or(self.well_or_unheard(), |worst| worst.band),
            since: self.memory.whole_since(),
            clauses: all.iter().take(MAX_CLAUSES).map(|problem| clause(problem)).collect(),
            more: beyond(all.len(), MAX_CLAUSES),
            silent_since: self.presence().silent_since(self.now),
            paused: if campaign.is_none() { self.problems.paused } else { 0 },
            differ: if campaign.is_none() { self.differ() } else { 0 },
            differing: if campaign.is_none() { self.differing() } else { Vec::new() },
        }
    }

    /// As many as the sentence names or counts, of the whole floor or of what concerns one campaign.
    pub(in crate::board) fn count_problems(&self, campaign: Option<&CampaignId>) -> i64 {
        let all = campaign.map_or_else(|| self.problems.all.len(), |one| self.concerning(Some(one)).len());
        i64::try_from(all).unwrap_or(i64::MAX)
    }

    fn concerning(&self, campaign: Option<&CampaignId>) -> Vec<&Problem> {
        let shown = campaign.map(|campaign| self.shown(campaign));
        let concerns = |problem: &&Problem| shown.as_ref().is_none_or(|campaign| problem.concerns(campaign));
        self.problems.all.iter().filter(concerns).collect()
    }

    fn differ(&self) -> u32 {
        u32::try_from(self.problems.differing.len()).unwrap_or(u32::MAX)
    }

    fn differing(&self) -> Vec<SmolStr> {
        self.problems.differing.iter().map(|kpi| SmolStr::new_static(kpi)).collect()
    }

    fn well_or_unheard(&self) -> Band {
        self.whole(&Problems::default())
    }

    /// The monitor's sentence: the same list.
    pub(in crate::board) fn monitor_status(&self, campaigns: usize) -> MonitorStatus {
        let all = &self.problems.all;
        let well = if campaigns == 0 { Band::None } else { self.well_or_unheard() };
        MonitorStatus {
            band: all.first().map_or(well, |worst| worst.band),
            since: self.memory.whole_since(),
            clauses: all.iter().take(MAX_CLAUSES).map(monitor_clause).collect(),
            more: beyond(all.len(), MAX_CLAUSES),
            silent_since: self.presence().silent_since(self.now),
        }
    }

    /// The whole list, as the API answers it.
    #[must_use]
    pub fn problem_list(&self) -> ProblemList {
        let all = &self.problems.all;
        ProblemList {
            as_of: self.now,
            newest_event: self.newest_event(),
            band: self.whole(&self.problems),
            since: self.memory.whole_since(),
            silent_since: self.presence().silent_since(self.now),
            paused: self.problems.paused,
            differ: self.differ(),
            differing: self.differing(),
            rows: all.iter().take(MAX_PROBLEMS).map(row).collect(),
            more: beyond(all.len(), MAX_PROBLEMS),
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
