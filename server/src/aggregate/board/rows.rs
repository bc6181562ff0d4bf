//! The panels' rows, read off the sums: a file a panel. Here they are judged together, put in order and made a frame.

mod agents;
mod campaigns;
mod channels;
mod dids;
mod infra;
mod pdd;
mod routes;

use super::Board;
use super::memory::{Memory, Standing};
use app::domain::{CampaignId, Moment};
use app::kpi::Band;
use app::view::live::{
    AbandonRow, AgentsRow, ChannelPoint, ChannelSource, ChannelsHead, ChannelsPanel, Clause, ComponentRow, ConnectRow,
    DidRow, LiveFrame, Panels, PddPanel, PddPoint, PddRow, RouteRow, Status, StripItem, TrunkRow,
};
use app::view::panel::MAX_ROWS;
use app::view::{Keyed, PanelId, Table};
use std::collections::HashMap;

/// At most this many clauses in the sentence.
const MAX_CLAUSES: usize = 3;

/// A row that is judged.
trait Judged: Keyed {
    fn band(&self) -> Band;
    /// How bad it is for the order of rows, where that is more than its own band.
    fn severity(&self) -> Band {
        self.band()
    }
    /// How much it matters among its equals: calls, mostly.
    fn weight(&self) -> i64;
    fn set_since(&mut self, since: Option<Moment>);
}

macro_rules! judged {
    ($($row:ident: $weight:expr $(, severity $severity:expr)?;)*) => {$(
        impl Judged for $row {
            fn band(&self) -> Band { self.band }
            fn weight(&self) -> i64 { let weigh: fn(&Self) -> i64 = $weight; weigh(self) }
            fn set_since(&mut self, since: Option<Moment>) { self.since = since; }
            $(fn severity(&self) -> Band { let judge: fn(&Self) -> Band = $severity; judge(self) })?
        }
    )*};
}

judged! {
    RouteRow: |r| r.resolved.max(r.attempts);
    AbandonRow: |r| r.answered_live, severity |r| r.band.max(r.budget_band);
    ConnectRow: |r| r.resolved;
    DidRow: |r| r.resolved;
    AgentsRow: |r| r.ready + r.on_call + r.wrap_up + r.on_break;
    PddRow: |r| r.progressed;
    ComponentRow: |_| 0;
}

/// All rows of a frame, unsorted and complete.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub routes: Vec<RouteRow>,
    pub abandon: Vec<AbandonRow>,
    pub connect: Vec<ConnectRow>,
    pub dids: Vec<DidRow>,
    pub agents: Vec<AgentsRow>,
    pub pdd: Vec<PddRow>,
    pub infra: Vec<ComponentRow>,
    pub channels: Option<ChannelsHead>,
    pub trunks: Vec<TrunkRow>,
    pub pdd_points: Vec<PddPoint>,
    pub channel_points: Vec<ChannelPoint>,
}

impl Rows {
    /// Tells the memory how each row stands. Abandon and connect rows share one order: the worse of the two decides.
    pub fn note(&self, memory: &mut Memory, now: Moment) {
        fn stand<R: Judged>(rows: &[R], severity: impl Fn(&R) -> Band) -> Vec<Standing> {
            rows.iter()
                .map(|r| Standing { key: r.key(), band: r.band(), severity: severity(r), weight: r.weight() })
                .collect()
        }
        let connect: HashMap<&CampaignId, Band> = self.connect.iter().map(|r| (&r.campaign, r.band)).collect();
        let both = |r: &AbandonRow| r.severity().max(connect.get(&r.campaign).copied().unwrap_or_default());
        memory.note(PanelId::Routes, &stand(&self.routes, Judged::severity), now);
        memory.note(PanelId::Abandon, &stand(&self.abandon, both), now);
        memory.note(PanelId::Connect, &stand(&self.connect, Judged::severity), now);
        memory.note(PanelId::Dids, &stand(&self.dids, Judged::severity), now);
        memory.note(PanelId::Agents, &stand(&self.agents, Judged::severity), now);
        memory.note(PanelId::Pdd, &stand(&self.pdd, Judged::severity), now);
        memory.note(PanelId::Infra, &stand(&self.infra, Judged::severity), now);
        if let Some(head) = &self.channels {
            let row = Standing { key: String::new(), band: head.band, severity: head.band, weight: 0 };
            memory.note(PanelId::Channels, &[row], now);
        }
    }

    /// Trunks that are nearly full, where the floor as a whole is not.
    pub fn full_trunks(&self) -> impl Iterator<Item = &TrunkRow> {
        // Of one campaign the calls are counted, not the trunks.
        let judged = self.channels.as_ref().is_some_and(|c| c.source == ChannelSource::Samples && !c.band.is_out());
        self.trunks.iter().filter(move |trunk| judged && trunk.band.is_out())
    }

    /// How many figures are out of their bands, and how many are judged at all.
    pub fn out_of_band(&self) -> (i64, i64) {
        fn bands<R: Judged>(rows: &[R]) -> impl Iterator<Item = Band> {
            rows.iter().map(Judged::band)
        }
        let all = bands(&self.routes)
            .chain(bands(&self.abandon))
            .chain(self.abandon.iter().map(|r| r.budget_band))
            .chain(bands(&self.connect))
            .chain(bands(&self.dids))
            .chain(bands(&self.agents))
            .chain(bands(&self.pdd))
            .chain(bands(&self.infra))
            .chain(self.channels.iter().map(|c| c.band))
            .chain(self.full_trunks().map(|trunk| trunk.band));
        let (mut out, mut watched) = (0, 0);
        for band in all {
            match band {
                Band::Ok => watched += 1,
                Band::Warn | Band::Critical => {
                    watched += 1;
                    out += 1;
                }
                Band::None | Band::TooFew | Band::NoBaseline => {}
            }
        }
        (out, watched)
    }
}

impl Board {
    pub(super) fn rows(&self, campaign: Option<&CampaignId>) -> Rows {
        let (abandon, connect) = self.campaign_rows(campaign);
        let (pdd, pdd_points) = self.pdd_rows(campaign);
        Rows {
            routes: self.route_rows(campaign),
            abandon,
            connect,
            dids: self.did_rows(campaign),
            agents: self.agent_rows(campaign),
            pdd,
            pdd_points,
            infra: self.component_rows(),
            channels: Some(self.channels_head(campaign)),
            trunks: self.trunk_rows(),
            channel_points: self.samples.points().into_iter().map(|(t, active)| ChannelPoint { t, active }).collect(),
        }
    }

    pub(super) fn frame(
        &self,
        rows: Rows,
        mut clauses: Vec<Clause>,
        whole: Band,
        strip: Table<StripItem>,
    ) -> LiveFrame {
        let more = u32::try_from(clauses.len().saturating_sub(MAX_CLAUSES)).unwrap_or(u32::MAX);
        clauses.truncate(MAX_CLAUSES);
        let head = rows.channels.unwrap_or_else(|| self.channels_head(None));
        let mut trunks = Table { more: beyond(rows.trunks.len()), rows: rows.trunks };
        // The fullest are the ones to be seen; the others stay in the order of their names.
        trunks.rows.sort_by_key(|trunk| std::cmp::Reverse(trunk.band));
        trunks.rows.truncate(MAX_ROWS);
        LiveFrame {
            as_of: self.now,
            newest_event: self.newest_event,
            site: self.site(),
            status: Status { band: whole, since: self.memory.whole_since(), clauses, more },
            strip,
            panels: Panels {
                channels: Some(ChannelsPanel { head, trunks, points: Table { rows: rows.channel_points, more: 0 } }),
                routes: Some(self.table(PanelId::Routes, PanelId::Routes, rows.routes)),
                abandon: Some(self.table(PanelId::Abandon, PanelId::Abandon, rows.abandon)),
                connect: Some(self.table(PanelId::Connect, PanelId::Abandon, rows.connect)),
                dids: Some(self.table(PanelId::Dids, PanelId::Dids, rows.dids)),
                agents: Some(self.table(PanelId::Agents, PanelId::Agents, rows.agents)),
                pdd: Some(PddPanel {
                    countries: self.table(PanelId::Pdd, PanelId::Pdd, rows.pdd),
                    points: Table { rows: rows.pdd_points, more: 0 },
                }),
                infra: Some(self.table(PanelId::Infra, PanelId::Infra, rows.infra)),
            },
        }
    }

    /// Rows in the remembered order of `ranked`, with their "since", cut to what crosses the network.
    fn table<R: Judged>(&self, panel: PanelId, ranked: PanelId, rows: Vec<R>) -> Table<R> {
        let mut keyed: Vec<(usize, String, R)> = rows
            .into_iter()
            .map(|row| {
                let key = row.key();
                (self.memory.rank(ranked, &key), key, row)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let more = beyond(keyed.len());
        let rows = keyed.into_iter().take(MAX_ROWS).map(|(_, key, mut row)| {
            row.set_since(self.memory.since(panel, &key, row.band()));
            row
        });
        Table { rows: rows.collect(), more }
    }
}

/// Of so many rows, how many do not cross the network.
fn beyond(rows: usize) -> u32 {
    u32::try_from(rows.saturating_sub(MAX_ROWS)).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_possible_truncation)] // saturates, by the language
fn whole(value: f64) -> i64 {
    value.round() as i64
}
