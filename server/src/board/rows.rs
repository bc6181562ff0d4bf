//! The panels' rows, read off the sums: a file a panel. Here they are judged together, put in order and made a frame.

mod agents;
mod campaigns;
mod channels;
mod dids;
mod infra;
mod made_at;
mod pdd;
mod route_rows;
mod routes;

use super::floor::Floor;
use super::judgements::Judgements;
use super::memory::{Memory, RankEntry};
use super::monitor::Cards;
use super::over::Over;
use super::presence::Hush;
use super::problems::Sentence;
use super::strip::{Minutes, strip};
use super::{count, veiled};
use agents::agent_rows;
use app::domain::{Moment, RouteId};
use app::kpi::Band;
use app::view::live::{
    AbandonRow, AgentsRow, ChannelPoint, ChannelSource, ChannelsHead, ChannelsPanel, ComponentRow, ConnectRow, DidRow,
    LiveFrame, Panels, PddPanel, PddRow, RouteRow, TrunkRow,
};
use app::view::panel::MAX_ROWS;
use app::view::{Keyed, PanelId, Table};
pub(super) use campaigns::{CampaignRow, CampaignRows, abandoned_lately};
use campaigns::{campaign_rows, renew_campaigns};
pub(super) use channels::{Said, channels_head, trunk_rows};
use dids::renew_dids;
pub(super) use dids::{DidRows, answered, did_rows};
use infra::component_rows;
pub(super) use infra::severity;
use pdd::{pdd_points, pdd_rows};
pub(super) use route_rows::RouteRows;
use route_rows::renew_routes;
use routes::route_rows;
use std::collections::BTreeMap;

/// A row that is judged.
trait Judged: Keyed + Clone + Hush {
    /// Its key, as it stands in the row.
    fn id(&self) -> &str;
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
    ($($row:ident: $id:expr, $weight:expr $(, severity $severity:expr)?;)*) => {$(
        impl Judged for $row {
            fn id(&self) -> &str { let name: fn(&Self) -> &str = $id; name(self) }
            fn band(&self) -> Band { self.band }
            fn weight(&self) -> i64 { let weigh: fn(&Self) -> i64 = $weight; weigh(self) }
            fn set_since(&mut self, since: Option<Moment>) { self.since = since; }
            $(fn severity(&self) -> Band { let judge: fn(&Self) -> Band = $severity; judge(self) })?
        }
    )*};
}

judged! {
    RouteRow: |r| r.route.as_str(), |r| r.resolved.max(r.attempts);
    AbandonRow: |r| r.campaign.as_str(), |r| r.answered_live, severity |r| r.band.max(r.budget_band).max(r.pacing_band);
    ConnectRow: |r| r.campaign.as_str(), |r| r.resolved;
    DidRow: |r| r.did.as_str(), |r| r.resolved;
    AgentsRow: |r| r.campaign.as_str(), |r| r.ready + r.on_call + r.wrap_up + r.on_break;
    PddRow: |r| r.country.as_str(), |r| r.progressed;
    ComponentRow: |r| r.component.as_str(), |_| 0;
}

/// All rows that are judged, unsorted and complete. What is merely drawn is read when a frame is made.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub routes: RouteRows,
    pub campaigns: CampaignRows,
    pub dids: DidRows,
    pub agents: Vec<AgentsRow>,
    pub pdd: Vec<PddRow>,
    pub infra: Vec<ComponentRow>,
    pub channels: Option<ChannelsHead>,
    pub trunks: Vec<TrunkRow>,
}

/// Those that are kept from tick to tick: of what there may be thousands.
struct CachedRows {
    dids: DidRows,
    campaigns: CampaignRows,
    routes: RouteRows,
}

impl Rows {
    /// Tells the memory how each row stands. Abandon and connect rows share one order: the worse of the two decides.
    pub fn note(&self, memory: &mut Memory, now: Moment) {
        fn stand<'a, R: Judged + 'a>(
            rows: impl IntoIterator<Item = &'a R>,
            severity: impl Fn(&R) -> Band,
        ) -> Vec<RankEntry<'a>> {
            let rows = rows.into_iter();
            let stand = |r: &'a R| {
                let (key, band, weight) = (r.id(), r.band(), r.weight());
                RankEntry { key, band, severity: severity(r), weight, began: None }
            };
            rows.map(stand).collect()
        }
        fn both(row: &CampaignRow) -> RankEntry<'_> {
            let (abandon, connect) = (&row.abandon, &row.connect);
            let severity = abandon.severity().max(connect.band);
            RankEntry { key: abandon.id(), band: abandon.band, severity, weight: abandon.weight(), began: None }
        }
        let routes: Vec<(&RouteId, &RouteRow)> =
            if memory.ranks(now) { self.routes.each().collect() } else { self.routes.renewed_each().collect() };
        let mut ranks = stand(routes.iter().map(|(_, row)| *row), Judged::severity);
        for (rank, (id, _)) in ranks.iter_mut().zip(&routes) {
            rank.began = self.routes.silent_since(id);
        }
        memory.note(PanelId::Routes, ranks, now);
        let campaigns: Vec<&CampaignRow> =
            if memory.ranks(now) { self.campaigns.iter().collect() } else { self.campaigns.renewed().collect() };
        memory.note(PanelId::Abandon, campaigns.iter().map(|row| both(row)).collect(), now);
        memory.note(PanelId::Connect, stand(campaigns.iter().map(|row| &row.connect), Judged::severity), now);
        let dids = if memory.ranks(now) {
            stand(self.dids.iter(), Judged::severity)
        } else {
            stand(self.dids.renewed(), Judged::severity)
        };
        memory.note(PanelId::Dids, dids, now);
        memory.note(PanelId::Agents, stand(&self.agents, Judged::severity), now);
        memory.note(PanelId::Pdd, stand(&self.pdd, Judged::severity), now);
        memory.note(PanelId::Infra, stand(&self.infra, Judged::severity), now);
        if let Some(head) = &self.channels {
            let row = RankEntry { key: "", band: head.band, severity: head.band, weight: 0, began: None };
            memory.note(PanelId::Channels, vec![row], now);
        }
    }

    /// Trunks that are nearly full, where the floor as a whole is not.
    pub fn full_trunks(&self) -> impl Iterator<Item = &TrunkRow> {
        // Of one campaign the calls are counted, not the trunks.
        let judged = self.channels.as_ref().is_some_and(|c| c.source == ChannelSource::Samples && !c.band.is_out());
        self.trunks.iter().filter(move |trunk| judged && trunk.band.is_out())
    }

    /// Whether anything of calls or of people is well, or out of its band: that a machine or a trunk is well by its own word
    /// says nothing of them, nor that there is room.
    pub fn judge_anything(&self) -> bool {
        self.any_is(Band::is_judged) || self.dids.out().next().is_some()
    }

    /// Whether anything of calls or of people is judged, and well.
    pub fn any_is_well(&self) -> bool {
        self.any_is(|band| band == Band::Ok)
    }

    /// Whether of routes some can't be judged for want of codes, and none is well.
    pub fn no_route_is_well(&self) -> bool {
        let any = |so: Band| self.routes.iter().any(|row| row.faults_band == so);
        any(Band::Unjudged) && !any(Band::Ok)
    }

    /// Whether any is so. Of numbers, whose rows are many, it is known alone how many are well.
    fn any_is(&self, so: fn(Band) -> bool) -> bool {
        let of_campaign = |CampaignRow { abandon: r, connect }: &CampaignRow| {
            [r.band, r.budget_band, r.pacing_band, connect.band].into_iter().any(so)
        };
        let (out, numbers) = self.dids.judged();
        (numbers > out && so(Band::Ok))
            || self.routes.iter().any(|row| so(row.faults_band) || so(row.stalled_band))
            || self.agents.iter().any(|row| so(row.band))
            || self.pdd.iter().any(|row| so(row.band))
            || self.campaigns.iter().any(of_campaign)
    }

    /// How many figures are judged.
    pub fn watched(&self) -> i64 {
        fn bands<'a, R: Judged + 'a>(rows: impl IntoIterator<Item = &'a R>) -> impl Iterator<Item = Band> {
            rows.into_iter().map(Judged::band)
        }
        let all =
            bands(self.routes.iter())
                .chain(self.campaigns.iter().flat_map(|CampaignRow { abandon: r, connect }| {
                    [r.band, r.budget_band, r.pacing_band, connect.band]
                }))
                .chain(bands(&self.agents))
                .chain(bands(&self.pdd))
                .chain(bands(&self.infra))
                .chain(self.channels.iter().map(|c| c.band))
                .chain(self.full_trunks().map(|trunk| trunk.band));
        let (_, of_numbers) = self.dids.judged();
        count(of_numbers + all.filter(|band| band.is_judged()).count())
    }
}

/// What is said of the floor as of the last tick: its rows, the judgements that hold, and what is remembered of order and
/// "since".
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// The whole floor's.
    pub rows: Rows,
    pub judgements: Judgements,
    pub memory: Memory,
}

impl Verdicts {
    /// Judges the whole floor; touches the cards of campaigns whose rows are made anew.
    pub fn judge(&mut self, floor: &mut Floor, cards: &mut Cards) {
        renew_dids(&mut self.rows.dids, floor);
        renew_campaigns(&mut self.rows.campaigns, floor, cards);
        // They are judged by what was said of them before.
        let mut judgements = std::mem::take(&mut self.judgements);
        renew_routes(&mut self.rows.routes, floor, &mut judgements);
        let kept = CachedRows {
            dids: std::mem::take(&mut self.rows.dids),
            campaigns: std::mem::take(&mut self.rows.campaigns),
            routes: std::mem::take(&mut self.rows.routes),
        };
        let settle = |rows: &mut Rows| judgements.settle(rows, floor.now);
        self.rows = rows_with(floor, self.said(), Over::Floor, kept, settle);
        self.judgements = judgements;
    }

    /// The rows of some campaigns.
    pub fn rows_of(&self, floor: &Floor, over: Over<'_>) -> Rows {
        let recall = |rows: &mut Rows| self.judgements.recall(rows);
        let kept = CachedRows {
            dids: DidRows::of(did_rows(floor, Some((over, &self.rows.dids)))),
            campaigns: CampaignRows::of(campaign_rows(floor, over, &self.rows.campaigns)),
            routes: route_rows(floor, over, &self.rows.routes),
        };
        rows_with(floor, self.said(), over, kept, recall)
    }

    /// What was said before, and since when.
    pub const fn said(&self) -> Said<'_> {
        Said { judgements: &self.judgements, memory: &self.memory }
    }
}

fn rows_with(
    floor: &Floor,
    said: Said<'_>,
    over: Over<'_>,
    CachedRows { dids, campaigns, routes }: CachedRows,
    judge: impl FnOnce(&mut Rows),
) -> Rows {
    let mut rows = Rows {
        routes,
        campaigns,
        dids,
        agents: agent_rows(floor, over),
        pdd: pdd_rows(floor, over),
        infra: component_rows(floor),
        channels: Some(channels_head(floor, said, over)),
        trunks: trunk_rows(floor, said.judgements),
    };
    judge(&mut rows);
    if !floor.presence().is_now() {
        rows.hush();
    }
    veiled::rows(&floor.config.veil, &mut rows);
    rows
}

/// Makes the frames that show rows.
#[derive(Clone, Copy)]
pub(super) struct FrameMaker<'a> {
    pub floor: &'a Floor,
    pub memory: &'a Memory,
    pub sentence: Sentence<'a>,
    pub minutes: &'a Minutes,
}

impl FrameMaker<'_> {
    /// The frame that shows the rows.
    pub fn frame(self, over: Over<'_>, rows: &Rows) -> LiveFrame {
        let status = self.sentence.status(over, rows);
        let strip = strip(self.floor, self.minutes, over, rows, (self.sentence.count_problems(over), status.band));
        // Of the past the whole floor's channels are known, and no campaign's.
        let points = if over.is_floor() { self.floor.samples.points(self.floor.now) } else { BTreeMap::new() };
        let points = points.into_iter().map(|(t, active)| ChannelPoint { t, active });
        LiveFrame {
            as_of: self.floor.now,
            newest_event: self.floor.newest_event(),
            site: self.floor.site(),
            status,
            strip,
            panels: Panels {
                channels: rows.channels.clone().map(|head| ChannelsPanel {
                    head: ChannelsHead { since: self.memory.since(PanelId::Channels, "", head.band), ..head },
                    trunks: fullest(&rows.trunks),
                    points: Table { rows: points.collect(), more: 0 },
                }),
                routes: Some(self.table(PanelId::Routes, PanelId::Routes, rows.routes.iter())),
                abandon: Some(self.table(
                    PanelId::Abandon,
                    PanelId::Abandon,
                    rows.campaigns.iter().map(|r| &r.abandon),
                )),
                connect: Some(self.table(
                    PanelId::Connect,
                    PanelId::Abandon,
                    rows.campaigns.iter().map(|r| &r.connect),
                )),
                dids: Some(self.table(PanelId::Dids, PanelId::Dids, rows.dids.iter())),
                agents: Some(self.table(PanelId::Agents, PanelId::Agents, &rows.agents)),
                pdd: Some(PddPanel {
                    countries: self.table(PanelId::Pdd, PanelId::Pdd, &rows.pdd),
                    points: Table { rows: pdd_points(self.floor, over, &rows.pdd), more: 0 },
                }),
                infra: Some(self.table(PanelId::Infra, PanelId::Infra, &rows.infra)),
            },
        }
    }

    /// Rows in the remembered order of `ranked`, with their "since", cut to what crosses the network.
    fn table<'r, R: Judged + 'r>(
        self,
        panel: PanelId,
        ranked: PanelId,
        rows: impl IntoIterator<Item = &'r R>,
    ) -> Table<R> {
        let mut ranks: Vec<((usize, &str), &R)> =
            rows.into_iter().map(|row| ((self.memory.rank(ranked, row.id()), row.id()), row)).collect();
        let more = beyond(ranks.len());
        if ranks.len() > MAX_ROWS {
            // Of thousands the first are found without putting all in order.
            ranks.select_nth_unstable_by_key(MAX_ROWS, |(rank, _)| *rank);
            ranks.truncate(MAX_ROWS);
        }
        ranks.sort_unstable_by_key(|(rank, _)| *rank);
        let shown = |(_, row): ((usize, &str), &R)| {
            let mut row = row.clone();
            if !self.floor.presence().is_now() {
                row.hush();
            }
            row.set_since(self.memory.since(panel, row.id(), row.band()));
            row
        };
        Table { rows: ranks.into_iter().map(shown).collect(), more }
    }
}

/// The fullest trunks are the ones to be seen; the others stay in the order of their names.
fn fullest(trunks: &[TrunkRow]) -> Table<TrunkRow> {
    let mut rows = trunks.to_vec();
    rows.sort_by_key(|trunk| std::cmp::Reverse(trunk.band));
    rows.truncate(MAX_ROWS);
    Table { rows, more: beyond(trunks.len()) }
}

/// Of so many rows, how many do not cross the network.
fn beyond(rows: usize) -> u32 {
    u32::try_from(rows.saturating_sub(MAX_ROWS)).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_possible_truncation)] // saturates, by the language
fn whole(value: f64) -> i64 {
    value.round() as i64
}
