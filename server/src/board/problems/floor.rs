//! Of the server, of machines and of channels.

use super::{Hit, Problem};
use crate::board::ServerHealth;
use crate::board::floor::Floor;
use crate::board::judgements::Judgements;
use crate::board::memory::Memory;
use crate::board::monitor::Gathered;
use crate::board::presence::Presence;
use crate::board::rows::Rows;
use crate::kit::zones;
use crate::law::change::Storing;
use app::domain::outcome::{CampaignStatus, ComponentKind, Health};
use app::domain::{Dimension, Fact, Moment, Span, Window};
use app::kpi::band::{LOAD, TRUNK};
use app::kpi::{Band, KpiId, Ratio, format};
use app::view::PanelId;
use app::view::live::{ComponentRow, Heard, TrunkRow};
use app::view::problems::ProblemCause::{Component, Database, Figures, Silence, Trunk};

/// Without a call set off for so many usual gaps between two, within these bounds, dialing has stopped.
const USUAL_GAPS: i64 = 3;
const AT_LEAST: Span = Span::secs(5);
const AT_MOST: Span = Span::secs(60);

/// Whether calls go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dials {
    On,
    /// With the last of the calls that are known.
    Stopped(Option<Moment>),
}

/// Finds what is wrong with the server, with machines and with channels.
#[derive(Clone, Copy)]
pub(super) struct Machines<'a> {
    pub floor: &'a Floor,
    pub rows: &'a Rows,
    pub judgements: &'a Judgements,
    pub memory: &'a Memory,
}

impl Machines<'_> {
    /// What concerns the server itself: then every other word may be of before.
    pub(super) fn of_the_server(self, server: &ServerHealth) -> Vec<Problem> {
        let infra = |cause, subject: &str, text| {
            Problem::in_panel(cause, Band::Critical, PanelId::Infra, "", subject.to_owned(), text)
        };
        let stored = match server.storing {
            Storing::Keeps => None,
            Storing::Away { since } => {
                let text = format!(
                    "since {}: events are refused until it is back, and nothing here is newer",
                    self.floor.clock(since)
                );
                Some(infra(Database, "The database does not answer", text).since(Some(since)))
            }
            Storing::Fails { since } => {
                let text = format!(
                    "what is written fails since {}; events are refused until it can be kept, and nothing here is newer",
                    self.floor.clock(since)
                );
                Some(infra(Database, "Storage is degraded", text).since(Some(since)))
            }
        };
        let silent = match self.floor.presence() {
            Presence::Now | Presence::NothingYet => None,
            Presence::Silent { since, usual } => {
                let text = match usual {
                    Some(usual) => format!(
                        "{} without an event, where {} is usual; figures are not of now",
                        format::age((self.floor.now - since).as_millis()),
                        format::age(usual.as_millis())
                    ),
                    None => format!(
                        "{} without an event; what is usual here is not known yet",
                        format::age((self.floor.now - since).as_millis())
                    ),
                };
                Some((since, format!("Nothing heard since {}", self.floor.clock_near(since)), text))
            }
            Presence::Behind { newest, by } => {
                let text = if zones::is_of_a_zone(by) {
                    format!(
                        "{} behind, which is a distance of time zones: most likely local time sent as UTC; send times with \
                         their offset (like -05:00). No figure is of now until then",
                        zones::said(by)
                    )
                } else {
                    format!(
                        "{} behind: events of before come in; no figure is of now until they have caught up",
                        zones::said(by)
                    )
                };
                Some((newest, "What is heard is of the past".to_owned(), text))
            }
            Presence::Ahead { by } => {
                let text = "it shows what was before until it has found to the clock’s time".to_owned();
                let subject = format!("The clock was set back by {}", format::age(by.as_millis()));
                Some((self.floor.now, subject, text))
            }
        };
        let silent = silent.map(|(since, subject, text)| {
            let problem = Problem::in_panel(Silence, Band::None, PanelId::Infra, "", subject, text);
            problem.since(Some(since)).follows_from([(Database, "".into())])
        });
        // A figure that is not the sum of its calls is no figure to act upon.
        let audited = match server.audited.differ {
            0 if !server.audited.is_of_earlier_law => None,
            0 => {
                let text =
                    "the server counts by a newer edition of the law: stop it, `ringside verify --repair`".to_owned();
                let subject = "Figures of the past are by an earlier law".to_owned();
                Some(Problem::in_panel(Figures, Band::Warn, PanelId::Infra, "", subject, text))
            }
            hours => {
                let hours = i64::try_from(hours).unwrap_or(i64::MAX);
                let hours = format::counted(hours, "hour of a campaign", "hours of campaigns");
                let text = format!("{hours} differ from a recount of the calls: `ringside verify` names what differs");
                Some(infra(Figures, "Figures are not proved", text))
            }
        };
        [stored, silent, audited].into_iter().flatten().collect()
    }

    pub(super) fn of_components(&self, gathered: &Gathered) -> Vec<Problem> {
        let out = self.rows.infra.iter().filter(|row| row.band.is_out());
        // Of many workers that are offline each hits the same.
        let mut hit = None;
        out.map(|row| match (row.kind, row.status) {
            (ComponentKind::DialerWorker, Health::Offline) => {
                let hit = hit.get_or_insert_with(|| self.hit_by_dead_workers()).clone();
                self.of_worker(row, gathered, hit)
            }
            _ => self.of_component(row),
        })
        .collect()
    }

    fn of_component(&self, row: &ComponentRow) -> Problem {
        let says = || row.detail.as_deref().unwrap_or("it says so itself").to_owned();
        let full = self.fullest(row).filter(|_| row.load_band.is_out());
        let (state, text) = match (row.status, row.heard) {
            (Health::Offline, Heard::Silent) => {
                (format!("is silent since {}", self.floor.clock(row.at)), String::new())
            }
            (Health::Offline, Heard::InTime) => ("is offline".to_owned(), says()),
            (Health::Degraded, _) => ("is degraded".to_owned(), says()),
            (Health::Healthy, _) => ("is nearly full".to_owned(), String::new()),
        };
        let load =
            full.map(|(name, share)| format!("{name} {}", format::percent_said(share, 0, Some(&LOAD), row.load_band)));
        let text = [Some(text).filter(|text| !text.is_empty()), load].into_iter().flatten().collect::<Vec<_>>();
        let key = row.component.as_str();
        let subject = format!("{key} {state}");
        Problem::in_panel(Component, row.band, PanelId::Infra, key, subject, text.join(", ")).since(self.memory.since(
            PanelId::Infra,
            key,
            row.band,
        ))
    }

    /// Which of its loads is said to be out: not always the highest, for one stays out until it is back far enough.
    fn fullest(&self, row: &ComponentRow) -> Option<(&'static str, Ratio)> {
        let known = row.loads().into_iter().filter_map(|(name, share)| Some((name, share?)));
        known.max_by_key(|(name, share)| (self.judgements.said_of_load(row, name), share.part))
    }

    /// A worker that is not there: what that means for those who wait for its calls.
    fn of_worker(&self, row: &ComponentRow, gathered: &Gathered, hit: Hit) -> Problem {
        let key = row.component.as_str();
        let (word, since) = match (row.heard, gathered.worker.at) {
            (Heard::Silent, _) => ("silent", Some(row.at)),
            // It was polled and did not answer: the last answer counts, not the last poll.
            (Heard::InTime, answered) => ("offline", answered),
        };
        let since_word = since.map_or_else(String::new, |at| format!(" since {}", self.floor.clock_near(at)));
        let workers = &gathered.worker;
        let mut said = Vec::new();
        if workers.offline < workers.workers {
            let (offline, all) = (format::count(workers.offline), format::count(workers.workers));
            said.push(format!("{offline} of {all} workers are offline, their campaigns do not progress"));
        } else {
            said.push(match self.dials() {
                Dials::On => "calls still go out, for how long nobody knows".to_owned(),
                Dials::Stopped(Some(last)) => {
                    format!("dialing has stopped, last call at {}", self.floor.clock_near(last))
                }
                Dials::Stopped(None) => "dialing has stopped".to_owned(),
            });
        }
        if hit.agents > 0 {
            let ready = gathered.agents.values().map(|states| states.ready).sum();
            let (ready, all) = (format::count(ready), format::count(hit.agents));
            said.push(format!("{ready} of {all} agents wait"));
        }
        if !hit.campaigns.is_empty() {
            said.push(counted(hit.campaigns.len(), "campaign"));
        }
        let subject = format!("{key} is {word}{since_word}");
        Problem::in_panel(Component, row.band, PanelId::Infra, key, subject, said.join(", ")).since(since).hits(hit)
    }

    /// Whether calls are set off: dialing has stopped where none was for three times as long as is usual between two.
    fn dials(&self) -> Dials {
        let five = self.floor.windows.each(Dimension::Total, Window::Minutes5, None);
        let calls: i64 = five.map(|(_, held)| held.get(Fact::Attempts)).sum();
        let usual = Span::minutes(5).as_millis() / calls.max(1);
        let patience = Span::millis(usual.saturating_mul(USUAL_GAPS)).clamp(AT_LEAST, AT_MOST);
        match self.floor.gauges.last_started() {
            Some(last) if self.floor.told_to() - last <= patience => Dials::On,
            last => Dials::Stopped(last),
        }
    }

    /// All agents, and the campaigns that would dial.
    fn hit_by_dead_workers(&self) -> Hit {
        let dials = self.floor.campaigns.iter().filter(|(_, told)| told.status.value() == Some(CampaignStatus::Active));
        let campaigns = dials.map(|(id, _)| self.floor.shown(id)).collect();
        Hit::of(0, self.floor.agents.total(self.floor.now, None).logged_in(), campaigns)
    }

    pub(super) fn of_channels(&self) -> Vec<Problem> {
        let head = self.rows.channels.as_ref().filter(|head| head.band.is_out()).map(|head| {
            let used = Ratio::new(head.active, head.capacity.unwrap_or(0));
            let share = format::percent_said(used, 0, KpiId::ChannelUtilisation.get().bands(), head.band);
            let text = format!("{} of {} in use, {share}", format::count(used.part), format::count(used.whole));
            let subject = "Channels are running out".to_owned();
            Problem::in_panel(Trunk, head.band, PanelId::Channels, "", subject, text)
                .since(self.memory.since(PanelId::Channels, "", head.band))
                .hits(Hit { calls: head.active, ..Hit::default() })
        });
        let trunk = |row: &TrunkRow| {
            let used = Ratio::new(row.active, row.capacity.unwrap_or(0));
            let share = format::percent_said(used, 0, Some(&TRUNK), row.band);
            let text =
                format!("{} of {} channels in use, {share}", format::count(used.part), format::count(used.whole));
            let subject = format!("Trunk {} is nearly full", row.trunk);
            Problem::in_panel(Trunk, row.band, PanelId::Channels, row.trunk.as_str(), subject, text)
                .hits(Hit { calls: row.active, ..Hit::default() })
        };
        head.into_iter().chain(self.rows.full_trunks().map(trunk)).collect()
    }
}

/// "1 campaign", "4 campaigns".
pub(super) fn counted(n: usize, what: &str) -> String {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    format!("{} {what}{}", format::count(n), if n == 1 { "" } else { "s" })
}
