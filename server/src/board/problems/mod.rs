//! The one list of what is wrong: made by one judgement from all that is judged, ranked by cause, then by whom it hits;
//! what a named cause explains stands under it.
//!
//! `intake` tells of what can't be taken or counted, `floor`, `routes`, `campaigns` and `numbers` of the live rows and of the
//! monitor's cards, `rates` of the floor's rates of now, `day` of the running day's figures; `fold` puts them under one
//! another and in order. The sentences of the live page and of the monitor, and the
//! API's answer, are renderings of it (`told`).

mod campaigns;
#[cfg(test)]
mod causes_tests;
#[cfg(test)]
mod codeless_tests;
mod day;
mod floor;
mod fold;
mod intake;
#[cfg(test)]
mod lately_tests;
mod numbers;
mod rates;
mod routes;
#[cfg(test)]
mod tests;
mod told;

use super::ServerHealth;
use super::floor::Floor;
use super::monitor::{CardMaker, Gathered, MonitorState};
use super::rows::Verdicts;
use app::domain::{CampaignId, Moment};
use app::kpi::Band;
use app::view::problems::ProblemCause;
use app::view::{PanelId, Place};
use campaigns::Campaigns;
pub use day::Today;
use floor::Machines;
use numbers::Numbers;
use rates::Rates;
pub(super) use rates::judge_rates;
use routes::Routes;
use smol_str::SmolStr;
use std::sync::Arc;
pub(super) use told::Sentence;

/// Whom a problem hits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hit {
    /// Calls of the last five minutes.
    pub calls: i64,
    /// Agents that are logged in.
    pub agents: i64,
    /// As they are shown, in byte order; one list for all problems that hit the same, for they may be many and long.
    pub campaigns: Arc<[CampaignId]>,
}

impl Hit {
    fn of(calls: i64, agents: i64, mut campaigns: Vec<CampaignId>) -> Self {
        campaigns.sort_unstable();
        Self { calls, agents, campaigns: campaigns.into() }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub cause: ProblemCause,
    /// Which of its cause, as it is shown.
    pub id: SmolStr,
    pub band: Band,
    pub since: Option<Moment>,
    pub subject: String,
    pub text: String,
    pub hit: Hit,
    pub place: Place,
    /// Which would explain it, were they named.
    pub follows_from: Vec<(ProblemCause, SmolStr)>,
    pub explains: Vec<Problem>,
}

impl Problem {
    fn new(cause: ProblemCause, id: &str, band: Band, place: Place, subject: impl Into<String>, text: String) -> Self {
        Self {
            cause,
            id: id.into(),
            band,
            since: None,
            subject: subject.into(),
            text,
            hit: Hit::default(),
            place,
            follows_from: Vec::new(),
            explains: Vec::new(),
        }
    }

    /// One that is shown in a row of a panel of the live page.
    fn in_panel(cause: ProblemCause, band: Band, panel: PanelId, key: &str, subject: String, text: String) -> Self {
        Self::new(cause, key, band, Place::Panel(panel, key.to_owned()), subject, text)
    }

    fn since(self, since: Option<Moment>) -> Self {
        Self { since, ..self }
    }

    fn hits(self, hit: Hit) -> Self {
        Self { hit, ..self }
    }

    fn follows_from(self, causes: impl IntoIterator<Item = (ProblemCause, SmolStr)>) -> Self {
        Self { follows_from: causes.into_iter().collect(), ..self }
    }

    /// A silent floor is silent for each of its campaigns.
    fn concerns(&self, campaign: &CampaignId) -> bool {
        self.cause == ProblemCause::Silence || self.hit.campaigns.binary_search(campaign).is_ok()
    }
}

/// What is wrong, and what is no problem but not "all is well" either.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Problems {
    /// Worst first.
    pub all: Vec<Problem>,
    pub paused: u32,
    /// KPIs of today that are out of range against the week before.
    pub differing: Vec<&'static str>,
}

impl Problems {
    /// The worst of them: how the whole stands; `None` where nothing is wrong.
    pub fn worst(&self) -> Option<Band> {
        self.all.first().map(|problem| problem.band)
    }
}

/// Finds what is wrong, in all that is known at a tick.
#[derive(Clone, Copy)]
pub(super) struct Finder<'a> {
    pub floor: &'a Floor,
    pub verdicts: &'a Verdicts,
    pub monitor: &'a MonitorState,
    pub server: &'a ServerHealth,
    pub today: Option<&'a Today>,
}

impl Finder<'_> {
    /// What is wrong, as of this tick.
    pub(super) fn find(self, gathered: &Gathered) -> Problems {
        let Self { floor, verdicts, monitor, server, today } = self;
        let Verdicts { rows, judgements, memory } = verdicts;
        let machines = Machines { floor, rows, judgements, memory };
        let routes = Routes { floor, rows, memory };
        let (cards, seen) = (&monitor.cards, &monitor.seen);
        let maker = CardMaker::of(floor, verdicts, seen);
        let campaigns = Campaigns { floor, rows, memory, cards, seen, maker };
        let rates = Rates { floor, rows, judgements, cards };
        let mut all = machines.of_the_server(server);
        // Where nothing is heard, that may be why.
        all.extend(intake::of_rejections(server, floor.presence()));
        all.extend(intake::of_misspelt(server));
        if floor.presence().is_now() {
            all.extend(intake::of_undirected(floor));
            all.extend(machines.of_components(gathered));
            all.extend(routes.of_routes(gathered));
            all.extend(machines.of_channels());
            all.extend(campaigns.of_campaigns(gathered));
            all.extend(Numbers { floor, rows, memory }.of_numbers(gathered));
            all.extend(routes.of_countries());
            let of_rates = rates.of_rates(&all);
            all.extend(of_rates);
        }
        let today = today.filter(|today| today.is_of(floor.now) && floor.presence().is_now());
        all.extend(today.into_iter().flat_map(|today| today.problems()));
        let paused = cards.iter().filter(|card| card.is_paused).count();
        Problems {
            all: fold::in_order(all),
            paused: u32::try_from(paused).unwrap_or(u32::MAX),
            differing: today.map_or_else(Vec::new, |today| today.differing().to_vec()),
        }
    }
}
