//! The panels' rows, read off the sums.

use super::gauges::Silence;
use super::memory::{Memory, Standing};
use super::{Board, MINUTE, limit_ppm, pick};
use app::compliance::Budget;
use app::domain::facts::PDD_EDGES_MS;
use app::domain::outcome::{CampaignStatus, Health, RouteStatus, TrunkHealth};
use app::domain::{CampaignId, Country, Dimension, Fact, Facts, Moment, RouteId, Tally, Window};
use app::kpi::value::quantile;
use app::kpi::{Band, KpiId, Ratio, band};
use app::view::live::{
    AbandonRow, AgentsRow, ChannelPoint, ChannelSource, ChannelsHead, ChannelsPanel, Clause, ComponentRow, ConnectRow,
    DidRow, LiveFrame, Panels, PddPanel, PddPoint, PddRow, RouteRow, Status, StripItem, TrunkRow,
};
use app::view::panel::MAX_ROWS;
use app::view::{Keyed, PanelId, Table};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// At most this many countries are drawn as lines; the rest are in the rows.
const MAX_LINES: usize = 6;
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
            .chain(self.channels.iter().map(|c| c.band));
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
            channel_points: self.samples.points().map(|(t, active)| ChannelPoint { t, active }).collect(),
        }
    }

    fn route_rows(&self, campaign: Option<&CampaignId>) -> Vec<RouteRow> {
        let five = self.windows.sums(Dimension::Route, Window::Minutes5, campaign);
        let hour = self.windows.sums(Dimension::Route, Window::Minutes60, campaign);
        let silence = self.gauges.silence(self.now, campaign);
        let trunks: HashMap<RouteId, _> = self.samples.trunks().map(|s| (self.route_of(&s.body.trunk), s)).collect();
        let mut keys: BTreeSet<RouteId> = hour.keys().map(|k| RouteId::trusted(k.clone())).collect();
        keys.extend(silence.keys().cloned());
        if campaign.is_none() {
            keys.extend(trunks.keys().cloned());
            let active = |status: Option<RouteStatus>| status != Some(RouteStatus::Disabled);
            keys.extend(self.routes.iter().filter(|(_, r)| active(r.status.value())).map(|(id, _)| id.clone()));
        }
        let faults_bands = KpiId::RouteFaultRate.get();
        keys.into_iter()
            .map(|route| {
                let facts = five.get(route.as_str()).cloned().unwrap_or_default();
                let settings = self.routes.get(&route);
                let trunk = trunks.get(&route);
                let Silence { started, unheard } = silence.get(&route).copied().unwrap_or_default();
                let faults_band =
                    faults_bands.read_ratio(Ratio::new(facts[Fact::RouteFaults], facts[Fact::Resolved])).band;
                let stalled_band = band::stalled(unheard, started);
                let trunk_health = trunk.map(|s| s.body.status);
                let trunk_band = match trunk_health {
                    Some(TrunkHealth::Unhealthy) => Band::Critical,
                    Some(TrunkHealth::Degraded) => Band::Warn,
                    Some(TrunkHealth::Healthy) | None => Band::None,
                };
                let name = settings.and_then(|r| r.name.get()).map(|n| SmolStr::new(n.as_str()));
                let shown = if route.as_str().is_empty() { SmolStr::new_static("no route") } else { route.to_smol() };
                RouteRow {
                    name: name.unwrap_or(shown),
                    carrier: settings.and_then(|r| r.carrier.get()).map(|c| SmolStr::new(c.as_str())),
                    trunk: trunk_health,
                    trunk_detail: trunk.and_then(|s| s.body.detail.as_ref()).map(|d| SmolStr::new(d.as_str())),
                    trunk_at: trunk.map(|s| s.at),
                    attempts: facts[Fact::Attempts],
                    resolved: facts[Fact::Resolved],
                    sip_4xx: facts[Fact::Sip4xx],
                    sip_5xx: facts[Fact::Sip5xx],
                    sip_6xx: facts[Fact::Sip6xx],
                    timeouts: facts[Fact::Timeouts],
                    route_faults: facts[Fact::RouteFaults],
                    faults_band,
                    started,
                    unheard,
                    stalled_band,
                    band: faults_band.max(stalled_band).max(trunk_band),
                    since: None,
                    route,
                }
            })
            .collect()
    }

    fn campaign_rows(&self, campaign: Option<&CampaignId>) -> (Vec<AbandonRow>, Vec<ConnectRow>) {
        let hour = self.windows.sums(Dimension::Campaign, Window::Minutes60, campaign);
        let mut keys: BTreeSet<CampaignId> = hour
            .iter()
            .filter(|(_, f)| f[Fact::Attempts] != 0 || f[Fact::Resolved] != 0)
            .map(|(k, _)| CampaignId::trusted(k.clone()))
            .collect();
        let active = self.campaigns.iter().filter(|(_, c)| c.status.value() == Some(CampaignStatus::Active));
        keys.extend(active.map(|(id, _)| id.clone()).filter(|id| campaign.is_none_or(|c| id == c)));
        let (abandon_kpi, nothing) = (KpiId::AbandonRate.get(), Facts::default());
        let mut abandon = Vec::with_capacity(keys.len());
        let mut connect = Vec::with_capacity(keys.len());
        for id in keys {
            let facts = hour.get(id.as_str()).unwrap_or(&nothing);
            let rate = Ratio::new(facts[Fact::Abandoned], facts[Fact::AnsweredLive]);
            let reached = Ratio::new(facts[Fact::AnsweredLive], facts[Fact::Resolved]);
            let period = self.period(&id);
            let budget = Budget {
                abandoned: period.map_or(0, |p| pick(&p.tally, Fact::Abandoned)),
                answered_live: period.map_or(0, |p| pick(&p.tally, Fact::AnsweredLive)),
                limit_ppm: limit_ppm(self.campaigns.get(&id)),
            };
            let ends = period.map(|p| p.to);
            let used_up_at = budget.runway(rate.part, rate.whole).map(|span| self.now + span);
            let name = self.campaign_name(&id);
            let baseline = self.baselines.connect.get(&id).copied().unwrap_or_default();
            let connect_band = band::connect_trend(reached, baseline);
            let abandon_before = self.baselines.abandon.get(&id).copied().unwrap_or_default();
            connect.push(ConnectRow {
                campaign: id.clone(),
                name: name.clone(),
                answered_live: reached.part,
                resolved: reached.whole,
                baseline,
                band: connect_band,
                since: None,
                diagnosis: band::diagnose(connect_band, rate, abandon_before),
            });
            abandon.push(AbandonRow {
                campaign: id,
                name,
                abandoned: rate.part,
                answered_live: rate.whole,
                band: abandon_kpi.read_ratio(rate).band,
                since: None,
                period_from: period.map(|p| p.from),
                period_abandoned: budget.abandoned,
                period_live: budget.answered_live,
                limit_ppm: budget.limit_ppm,
                budget: period.and_then(|_| budget.calls_left()),
                budget_band: budget.band(),
                used_up_at: used_up_at.filter(|at| ends.is_none_or(|end| *at < end)),
                unknown_mode: facts[Fact::UnknownMode],
                ungreeted: facts[Fact::UngreetedBasis],
            });
        }
        (abandon, connect)
    }

    fn did_rows(&self, campaign: Option<&CampaignId>) -> Vec<DidRow> {
        let answered = |sum: &Tally| Ratio::new(sum.get(Fact::Answered), sum.get(Fact::Resolved));
        let mut now: Vec<(&SmolStr, Ratio)> = Vec::new();
        match campaign {
            None => now.extend(self.windows.dids().map(|(did, sum)| (did, answered(sum)))),
            Some(_) => self
                .windows
                .each(Dimension::Did, Window::Minutes60, campaign, |of, sum| now.push((&of.key, answered(sum)))),
        }
        now.into_iter()
            .filter(|(did, ratio)| !did.is_empty() && ratio.whole > 0)
            .map(|(did, ratio)| {
                // Baselines are the whole floor's: of one campaign's share of a number they would say nothing.
                let known = self.baselines.dids.get(did).filter(|_| campaign.is_none());
                let baseline = known.copied().unwrap_or_default();
                let pool = self.dids.get(did).and_then(|d| d.pool.get()).map(|p| SmolStr::new(p.as_str()));
                DidRow {
                    did: did.clone(),
                    pool,
                    answered: ratio.part,
                    resolved: ratio.whole,
                    baseline,
                    band: band::did_health(ratio, baseline),
                    since: None,
                }
            })
            .collect()
    }

    fn agent_rows(&self, campaign: Option<&CampaignId>) -> Vec<AgentsRow> {
        let by_state = self.agents.by_campaign(self.now);
        let time = self.sums(Dimension::Campaign, Window::Minutes60, campaign).map_or_else(Vec::new, |s| s.rows);
        let time: HashMap<SmolStr, Facts> = time.into_iter().collect();
        let mut keys: BTreeSet<CampaignId> = by_state.keys().cloned().collect();
        keys.extend(time.iter().filter(|(_, f)| f.logged_in_ms() > 0).map(|(k, _)| CampaignId::trusted(k.clone())));
        let kpi = KpiId::OnCallShare.get();
        keys.into_iter()
            .filter(|id| campaign.is_none_or(|c| id == c))
            .map(|id| {
                let states = by_state.get(&id).copied().unwrap_or_default();
                let facts = time.get(id.as_str()).cloned().unwrap_or_default();
                let share = Ratio::new(facts[Fact::AgentOnCallMs], facts.logged_in_ms());
                AgentsRow {
                    name: self.campaign_name(&id),
                    ready: states.ready,
                    on_call: states.on_call,
                    wrap_up: states.wrap_up,
                    on_break: states.on_break,
                    on_call_s: share.part / 1_000,
                    logged_in_s: share.whole / 1_000,
                    band: kpi.read_ratio(share).band,
                    since: None,
                    campaign: id,
                }
            })
            .collect()
    }

    fn pdd_rows(&self, campaign: Option<&CampaignId>) -> (Vec<PddRow>, Vec<PddPoint>) {
        let hour = self.windows.sums(Dimension::Country, Window::Minutes60, campaign);
        let mut rows: Vec<PddRow> = hour
            .iter()
            .filter(|(_, f)| f[Fact::Progressed] > 0)
            .filter_map(|(key, f)| Some((Country::new(key).ok()?, f)))
            .map(|(country, f)| {
                let now = Ratio::new(f[Fact::PddMs], f[Fact::Progressed]);
                let before =
                    self.baselines.pdd.get(&country).filter(|_| campaign.is_none()).copied().unwrap_or_default();
                PddRow {
                    country,
                    pdd_ms: now.part,
                    progressed: now.whole,
                    p95_ms: quantile(f.pdd_histogram(), &PDD_EDGES_MS, 95, 100).map(whole),
                    before,
                    band: band::pdd_trend(now, before),
                    since: None,
                }
            })
            .collect();
        rows.sort_by(|a, b| b.band.cmp(&a.band).then(b.progressed.cmp(&a.progressed)).then(a.country.cmp(&b.country)));
        let drawn: HashSet<Country> = rows.iter().take(MAX_LINES).map(|r| r.country).collect();
        let mut points: BTreeMap<(Country, Moment), (i64, i64)> = BTreeMap::new();
        for (key, at, tally) in self.windows.buckets(Dimension::Country, campaign, None) {
            let progressed = tally.get(Fact::Progressed);
            let Ok(country) = Country::new(&key.key) else { continue };
            if progressed != 0 && at <= self.now && drawn.contains(&country) {
                let point = points.entry((country, at.floor(MINUTE))).or_default();
                point.0 += tally.get(Fact::PddMs);
                point.1 += progressed;
            }
        }
        let points = points.into_iter().filter(|(_, (_, n))| *n > 0);
        let points = points.map(|((country, t), (pdd_ms, progressed))| PddPoint { country, t, pdd_ms, progressed });
        (rows, points.collect())
    }

    fn component_rows(&self) -> Vec<ComponentRow> {
        self.samples
            .components(self.now)
            .into_iter()
            .map(|c| {
                let body = &c.sample.body;
                let told = body.link.as_ref().map(|l| SmolStr::new(l.as_str()));
                let metric = |name: &str| self.samples.metric_of(&body.component, name).map(|v| whole(v * 10_000.0));
                ComponentRow {
                    component: body.component.clone(),
                    kind: body.kind,
                    status: c.status,
                    heard: c.heard,
                    at: c.sample.at,
                    latency_us: body.latency_ms.filter(|ms| ms.is_finite()).map(|ms| whole(ms * 1_000.0)),
                    detail: body.detail.as_ref().map(|d| SmolStr::new(d.as_str())),
                    link: told.filter(is_web_link).or_else(|| self.config.links.get(&body.component).cloned()),
                    cpu: metric("cpu"),
                    memory: metric("memory"),
                    band: match c.status {
                        Health::Healthy => Band::Ok,
                        Health::Degraded => Band::Warn,
                        Health::Offline => Band::Critical,
                    },
                    since: None,
                }
            })
            .collect()
    }

    pub(super) fn trunk_rows(&self) -> Vec<TrunkRow> {
        let kpi = KpiId::ChannelUtilisation.get();
        self.samples
            .trunk_channels(self.now)
            .map(|s| {
                let trunk = s.body.trunk.clone();
                let told = s.body.capacity.or_else(|| self.config.capacities.get(&trunk).copied());
                let (active, capacity) = (i64::from(s.body.active), told.map(i64::from));
                let band = kpi.read_ratio(Ratio::new(active, capacity.unwrap_or(0))).band;
                TrunkRow { trunk, active, capacity, band, at: s.at }
            })
            .collect()
    }

    /// Channels are the trunks' own count where they tell it (of the whole floor: a trunk knows no campaigns), else the calls
    /// that are up.
    pub(super) fn channels_head(&self, campaign: Option<&CampaignId>) -> ChannelsHead {
        let trunks = if campaign.is_none() { self.trunk_rows() } else { Vec::new() };
        let (active, capacity, source) = if trunks.is_empty() {
            (self.gauges.active(campaign), None, ChannelSource::Calls)
        } else {
            // A trunk without a known capacity would make the whole look fuller than it is: then none is given.
            let capacity = trunks.iter().map(|t| t.capacity).sum::<Option<i64>>();
            (trunks.iter().map(|t| t.active).sum(), capacity, ChannelSource::Samples)
        };
        let peak = self.samples.points().max_by_key(|(at, n)| (*n, std::cmp::Reverse(*at)));
        let judged = KpiId::ChannelUtilisation.get().read_ratio(Ratio::new(active, capacity.unwrap_or(0)));
        ChannelsHead {
            active,
            capacity,
            band: judged.band,
            since: self.memory.since(PanelId::Channels, "", judged.band),
            source,
            peak: peak.map_or(active, |(_, n)| n),
            peak_at: peak.map(|(at, _)| at),
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
        LiveFrame {
            as_of: self.now,
            newest_event: self.newest_event,
            site: self.site(),
            status: Status { band: whole, since: self.memory.whole_since(), clauses, more },
            strip,
            panels: Panels {
                channels: Some(ChannelsPanel {
                    head,
                    trunks: Table { rows: rows.trunks, more: 0 },
                    points: Table { rows: rows.channel_points, more: 0 },
                }),
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
        let more = u32::try_from(keyed.len().saturating_sub(MAX_ROWS)).unwrap_or(u32::MAX);
        let rows = keyed.into_iter().take(MAX_ROWS).map(|(_, key, mut row)| {
            row.set_since(self.memory.since(panel, &key, row.band()));
            row
        });
        Table { rows: rows.collect(), more }
    }
}

/// Only what a browser opens as a page may become a link.
fn is_web_link(link: &SmolStr) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

#[allow(clippy::cast_possible_truncation)] // saturates, by the language
fn whole(value: f64) -> i64 {
    value.round() as i64
}
