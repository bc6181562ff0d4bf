//! What is said of a figure: label, formula, counts, window, interval, band, source. Pure: from the frame and the
//! catalogue, so that a test can read it and the dialog only shows it.

use super::figure::{grouped, name_of};
use super::{clock, strip};
use crate::compliance::PERIOD_DAYS;
use crate::domain::{Moment, Span};
use crate::kpi::band::{DID_POINTS, ENOUGH_LIVE};
use crate::kpi::{Band, Kpi, KpiId, Ratio, format};
use crate::view::PanelId;
use crate::view::live::{
    AbandonRow, AgentsRow, ChannelSource, ComponentRow, ConnectRow, DidRow, Heard, LiveFrame, PddRow, RouteRow, Site,
    StripId, StripItem, TrunkRow,
};

/// A figure, by the names its button, row and panel carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A panel's word, or `strip`.
    pub panel: String,
    /// The row; empty for a panel's own figure.
    pub key: String,
    pub figure: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    pub title: String,
    pub subject: String,
    pub value: String,
    pub band: Band,
    pub since: Option<Moment>,
    pub formula: String,
    /// Names of the counts, and the counts.
    pub parts: Vec<(String, String)>,
    pub window: String,
    pub interval: Option<String>,
    pub bands: Option<String>,
    pub source: String,
    pub notes: Vec<String>,
    /// Where more is said of it.
    pub more: Option<String>,
}

/// `None` for a figure or row that is not there (any more).
#[must_use]
pub fn explain(frame: &LiveFrame, asked: &Asked) -> Option<Explanation> {
    let key = asked.key.as_str();
    if asked.panel == "strip" {
        let item = frame.strip.rows.iter().find(|item| format!("{:?}", item.id) == key)?;
        return Some(dated(of_strip(item, frame), TEN_SECONDS, frame.as_of, &frame.site));
    }
    let panels = &frame.panels;
    let figure = asked.figure.as_str();
    let panel = PanelId::from_word(&asked.panel)?;
    let of_row = match panel {
        PanelId::Channels => of_channels(frame, key, figure),
        PanelId::Routes => panels
            .routes
            .as_ref()
            .and_then(|t| t.rows.iter().find(|r| r.route.as_str() == key))
            .and_then(|r| of_route(r, figure)),
        PanelId::Abandon => panels
            .abandon
            .as_ref()
            .and_then(|t| t.rows.iter().find(|r| r.campaign.as_str() == key))
            .map(|r| of_abandon(r, figure, &frame.site)),
        PanelId::Connect => panels
            .connect
            .as_ref()
            .and_then(|t| t.rows.iter().find(|r| r.campaign.as_str() == key))
            .map(|r| of_connect(r, figure)),
        PanelId::Dids => {
            panels.dids.as_ref().and_then(|t| t.rows.iter().find(|r| r.did == key)).map(|r| of_did(r, figure))
        }
        PanelId::Agents => panels
            .agents
            .as_ref()
            .and_then(|t| t.rows.iter().find(|r| r.campaign.as_str() == key))
            .map(|r| of_agents(r, figure)),
        PanelId::Pdd => panels
            .pdd
            .as_ref()
            .and_then(|p| p.countries.rows.iter().find(|r| r.country.to_string() == key))
            .map(|r| of_pdd(r, figure)),
        PanelId::Infra => {
            panels.infra.as_ref().and_then(|t| t.rows.iter().find(|r| r.component.as_str() == key)).map(of_component)
        }
    };
    let of_row = of_row.map(|said| dated(said, grain(panel), frame.as_of, &frame.site));
    // A panel's own question, asked from its menu.
    of_row.or_else(|| if key.is_empty() { KpiId::from_id(figure).map(|id| blank(id.get())) } else { None })
}

/// What the catalogue says, without any row.
pub fn blank(kpi: &Kpi) -> Explanation {
    Explanation {
        title: kpi.label.to_owned(),
        subject: String::new(),
        value: String::new(),
        band: Band::None,
        since: None,
        formula: kpi.formula.to_owned(),
        parts: Vec::new(),
        window: kpi.window.word().to_owned(),
        interval: None,
        bands: (!kpi.bands_in_words.is_empty()).then(|| kpi.bands_in_words.replace(" %", "\u{a0}%")),
        source: kpi.source.to_owned(),
        notes: Vec::new(),
        more: None,
    }
}

/// A share of the catalogue with its counts and its interval.
pub fn share(id: KpiId, ratio: Ratio, decimals: u32, window: &str) -> Explanation {
    let kpi = id.get();
    Explanation {
        value: format::percent(ratio, decimals, kpi.bands()),
        parts: [kpi.numerator, kpi.denominator].map(readable).into_iter().zip(format::amounts(kpi, ratio)).collect(),
        interval: interval(ratio).filter(|_| kpi.is_share_of_calls()),
        window: window.to_owned(),
        ..blank(kpi)
    }
}

pub fn counts(part: &str, whole: &str, ratio: Ratio) -> Vec<(String, String)> {
    vec![(readable(part), amount(part, ratio.part)), (readable(whole), amount(whole, ratio.whole))]
}

/// `answered_live` reads as people write it, and `talk_ms` is a time.
fn readable(name: &str) -> String {
    name.replace("_ms", " time").replace('_', " ")
}

/// A count, or where the name says that it is of milliseconds, hours, minutes and seconds.
fn amount(name: &str, n: i64) -> String {
    if name.contains("_ms") { format::duration(n / 1_000) } else { format::count(n) }
}

pub fn interval(ratio: Ratio) -> Option<String> {
    /// Ends of intervals are told in millionths: enough digits for a tenth of a percent.
    const FINE: f64 = 1_000_000.0;
    #[allow(clippy::cast_possible_truncation)] // 0…1
    let tenth = |end: f64| format::percent(Ratio::new((end * FINE).round() as i64, FINE as i64), 1, None);
    ratio.wilson().map(|(low, high)| format!("{} to {} (Wilson)", tenth(low), tenth(high)))
}

/// Where trunks tell their channels, these are shown, and not the calls that are up.
const CHANNELS_TOLD: &str = "the sum of the trunks’ latest samples";

/// Most sums are kept by this.
pub const TEN_SECONDS: Span = Span::secs(10);

/// By what a panel's sums are kept (kpis.md): so its window begins, and one of 60 minutes beside another at another second.
const fn grain(panel: PanelId) -> Span {
    match panel {
        PanelId::Dids => Span::minutes(1),
        PanelId::Channels
        | PanelId::Routes
        | PanelId::Abandon
        | PanelId::Connect
        | PanelId::Agents
        | PanelId::Pdd
        | PanelId::Infra => TEN_SECONDS,
    }
}

/// With the interval that its last minutes are, where it is of such: what is to be compared has to be of the same one.
pub fn dated(said: Explanation, grain: Span, as_of: Moment, site: &Site) -> Explanation {
    let minutes = match said.window.as_str() {
        LAST_5 => 5,
        LAST_60 => 60,
        _ => return said,
    };
    let from = as_of.floor(grain) + grain - Span::minutes(minutes);
    let [from, to] = [from, as_of].map(|at| clock::hms(at, site));
    let by = if grain == TEN_SECONDS { "" } else { ", kept by the minute" };
    Explanation { window: format!("{}: {from} to {to}{by}", said.window), ..said }
}

const LAST_MINUTE: &str = "the last whole minute";
const LAST_5: &str = "the last 5 minutes";
pub const LAST_60: &str = "the last 60 minutes";

fn of_strip(item: &StripItem, frame: &LiveFrame) -> Explanation {
    let ratio = Ratio::new(item.part, item.whole.unwrap_or(0));
    let of = |id: KpiId, window: &str| Explanation { window: window.to_owned(), ..blank(id.get()) };
    let said = match item.id {
        // The gauge's figure where there is a whole, and then what is said of that.
        StripId::ActiveCalls => match frame.panels.channels.as_ref().filter(|_| item.whole.is_some()) {
            Some(panel) => Explanation {
                parts: counts("channels in use", "provisioned channels", ratio),
                ..counted(panel.head.source)
            },
            None => of(KpiId::ActiveCalls, "now"),
        },
        StripId::AgentsReady => {
            Explanation { parts: counts("agents ready", "agents logged in", ratio), ..of(KpiId::AgentsReady, "now") }
        }
        StripId::CallersWaiting => of(KpiId::CallersWaiting, "now"),
        StripId::CallsPerMinute => {
            Explanation { parts: counts("attempts", "minutes", ratio), ..of(KpiId::CallsPerMinute, LAST_MINUTE) }
        }
        StripId::ConnectRate => share(KpiId::ConnectRate, ratio, 1, LAST_60),
        StripId::OutOfBand => Explanation {
            title: "Problems".to_owned(),
            subject: String::new(),
            value: String::new(),
            band: Band::None,
            since: None,
            formula: "what the sentence names or counts: each cause once, with what it explains".to_owned(),
            parts: counts("problems", "figures watched", ratio),
            window: "now".to_owned(),
            interval: None,
            bands: None,
            source: "all pages".to_owned(),
            notes: Vec::new(),
            more: None,
        },
    };
    Explanation {
        title: strip::label(item).to_owned(),
        subject: "The whole floor".to_owned(),
        value: strip::main_of(item),
        band: item.band,
        since: item.since.filter(|_| item.id != StripId::CallersWaiting),
        ..said
    }
}

fn of_channels(frame: &LiveFrame, key: &str, figure: &str) -> Option<Explanation> {
    let panel = frame.panels.channels.as_ref()?;
    if figure == "trunk" {
        return panel.trunks.rows.iter().find(|row| row.trunk.as_str() == key).map(of_trunk);
    }
    let head = &panel.head;
    let said = match head.capacity {
        Some(of) if figure == "channel_utilisation" => {
            share(KpiId::ChannelUtilisation, Ratio::new(head.active, of), 0, "now")
        }
        Some(_) | None => Explanation { value: format::count(head.active), ..counted(head.source) },
    };
    Some(Explanation {
        subject: "All trunks".to_owned(),
        band: head.band,
        since: head.since,
        interval: None,
        notes: counted(head.source).notes,
        ..said
    })
}

/// What is said of channels in use by who counts them.
fn counted(source: ChannelSource) -> Explanation {
    let blank = blank(KpiId::ActiveCalls.get());
    let (formula, note) = match source {
        ChannelSource::Samples => (
            CHANNELS_TOLD.to_owned(),
            "Counted by the trunks themselves: so are the chart and its peak, each point by the time it was told of.",
        ),
        ChannelSource::Calls => (
            blank.formula,
            "No trunk tells how many channels it uses: these are the calls that are up. The chart and its peak are as was known at the time: a call whose end comes late was up until it came.",
        ),
    };
    Explanation { formula, window: "now".to_owned(), notes: vec![note.to_owned()], ..blank }
}

fn of_trunk(row: &TrunkRow) -> Explanation {
    let said = match row.capacity {
        Some(of) => share(KpiId::ChannelUtilisation, Ratio::new(row.active, of), 0, "its latest sample"),
        None => Explanation {
            value: format::count(row.active),
            formula: "the trunk’s latest sample".to_owned(),
            ..blank(KpiId::ActiveCalls.get())
        },
    };
    Explanation { subject: row.trunk.to_string(), band: row.band, interval: None, ..said }
}

fn of_route(row: &RouteRow, figure: &str) -> Option<Explanation> {
    let class = |title: &str, formula: &str, n: i64, name: &str| {
        let ratio = Ratio::new(n, row.resolved);
        Explanation {
            title: title.to_owned(),
            formula: formula.to_owned(),
            value: format::percent(ratio, 1, None),
            parts: counts(name, "resolved", ratio),
            interval: interval(ratio),
            window: LAST_5.to_owned(),
            ..blank(KpiId::SipErrorRate.get())
        }
    };
    let said = match figure {
        "sip_4xx" => {
            class("4xx", "(never answered, final response 400 to 499 except 408) ÷ resolved", row.sip_4xx, "sip_4xx")
        }
        "sip_5xx" => class("5xx", "never answered, final response 500 to 599 ÷ resolved", row.sip_5xx, "sip_5xx"),
        "sip_6xx" => class("6xx", "never answered, final response 600 to 699 ÷ resolved", row.sip_6xx, "sip_6xx"),
        "timeouts" => {
            class("Time-outs", "never answered, 408 or the network’s own time-out ÷ resolved", row.timeouts, "timeouts")
        }
        "attempts" => Explanation {
            title: "Calls".to_owned(),
            formula: "calls begun on this route".to_owned(),
            value: format::count(row.attempts),
            window: LAST_5.to_owned(),
            source: "calls".to_owned(),
            bands: None,
            ..blank(KpiId::SipErrorRate.get())
        },
        "stalled" => {
            let ratio = Ratio::new(row.unheard, row.started);
            let kpi = KpiId::Stalled.get();
            let trunk = row.trunk.map_or("The trunk has told no state.".to_owned(), |state| {
                let detail = row.trunk_detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
                format!("The trunk says of itself: {}{detail}.", state.word())
            });
            Explanation {
                value: format!("{} of {}", format::count(row.unheard), format::count(row.started)),
                band: row.stalled_band,
                parts: counts(kpi.numerator, kpi.denominator, ratio),
                window: "the last minute".to_owned(),
                notes: vec![trunk],
                ..blank(kpi)
            }
        }
        "route_fault_rate" => Explanation {
            band: row.faults_band,
            notes: [
                Some("Not counted: busy, no answer, wrong or unknown number, declined, cancelled by us.".to_owned()),
                Some(format!(
                    "In the last minute {} of {}.",
                    format::count(row.minute.part),
                    format::count(row.minute.whole)
                )),
                format::without_a_code(row.unjudged_faults, row.resolved, row.faults_band),
            ]
            .into_iter()
            .flatten()
            .collect(),
            ..share(KpiId::RouteFaultRate, row.fault_rate(), 1, LAST_5)
        },
        _ => return None,
    };
    let carrier = row.carrier.as_ref().map(|carrier| format!(" ({carrier})")).unwrap_or_default();
    let since = row.since.filter(|_| said.band.is_out());
    Some(Explanation { subject: format!("Route {}{carrier}", name_of(&row.name, row.route.as_str())), since, ..said })
}

fn of_abandon(row: &AbandonRow, figure: &str, site: &Site) -> Explanation {
    let mut notes = Vec::new();
    // What is told of its calls is told of 60 minutes, also beside the figure of a whole period.
    let these = if figure == "abandon_budget" { "the last 60 minutes’ calls" } else { "these calls" };
    if row.unknown_mode > 0 {
        notes.push(format!(
            "{} of {these} came without a known dialling mode and were judged as predictive.",
            format::count(row.unknown_mode)
        ));
    }
    if row.ungreeted > 0 {
        notes.push(format!(
            "{} of {these} told no end of the greeting: their two seconds run from the answer, which counts too many.",
            format::count(row.ungreeted)
        ));
    }
    if row.unjudged_live > 0 {
        notes.push(format!(
            "{} more were answered live, but no source can tell whether an agent came on the line: they are in neither count.",
            format::count(row.unjudged_live)
        ));
    }
    let (whose, beyond) = match figure {
        "abandon_budget" => ("The period’s limit", row.period_beyond()),
        _ => ("The red edge", row.hour_beyond()),
    };
    notes.extend(beyond.map(|edge| {
        let edge = format::percent(edge, 1, None);
        format!(
            "Under {ENOUGH_LIVE} live answers are too few to tell the rate by. {whose}, {edge}, they are past all the same: the \
             whole interval lies above it."
        )
    }));
    let said = if figure == "abandon_budget" {
        let kpi = KpiId::AbandonBudget.get();
        let period = Ratio::new(row.period_abandoned, row.period_live);
        let left = match row.budget {
            Some(left) if left < 0 => {
                format!("{} owed", format::counted(left.saturating_neg(), "clean answer", "clean answers"))
            }
            Some(_) if row.period_live == 0 => "no answers yet".to_owned(),
            Some(left) => format!("{} left", format::calls(left)),
            None => format::NO_DATA.to_owned(),
        };
        let mut parts = counts("abandoned", "judged_live", period);
        parts.push(("rate of the period".to_owned(), format::percent(period, 2, KpiId::AbandonRate.get().bands())));
        parts.push(("limit".to_owned(), format::percent(Ratio::new(row.limit_ppm, 1_000_000), 1, None)));
        Explanation {
            value: left,
            band: row.budget_band,
            parts,
            interval: interval(period),
            window: match row.period_from {
                Some(from) => {
                    let last = from + Span::days(PERIOD_DAYS) - Span::hours(12);
                    format!(
                        "the period that runs now: {} to {}, 30 days",
                        clock::day(from, site),
                        clock::day(last, site)
                    )
                }
                None => "30 days from the campaign’s start, then the next 30".to_owned(),
            },
            ..blank(kpi)
        }
    } else {
        let mut said = share(KpiId::AbandonRate, row.rate(), 2, LAST_60);
        for (words, lately) in [("the last 15 minutes", row.last_15m), ("the last 5 minutes", row.last_5m)] {
            said.parts.push((words.to_owned(), lately_abandoned(lately)));
        }
        Explanation { band: row.band, since: row.since, ..said }
    };
    Explanation { subject: name_of(&row.name, row.campaign.as_str()), notes, ..said }
}

/// "3.10 %, 4 of 129".
fn lately_abandoned(ratio: Ratio) -> String {
    let rate = format::percent(ratio, 2, KpiId::AbandonRate.get().bands());
    format!("{rate}, {} of {}", format::count(ratio.part), format::count(ratio.whole))
}

fn of_connect(row: &ConnectRow, figure: &str) -> Explanation {
    let subject = name_of(&row.name, row.campaign.as_str());
    if figure == "connect_baseline" {
        let said = share(KpiId::ConnectRate, row.baseline, 1, "the same clock hours of the 7 days before");
        return Explanation { subject, bands: None, ..said };
    }
    let now = row.rate();
    let mut said = share(KpiId::ConnectRate, now, 1, LAST_60);
    said.parts.push(("same hours of 7 days".to_owned(), format::percent(row.baseline, 1, None)));
    said.parts.push(("difference".to_owned(), format::points(now, row.baseline)));
    if row.last_5m.whole > 0 {
        let (rate, of) = (format::percent(row.last_5m, 1, None), format::count(row.last_5m.whole));
        said.parts.push(("the last 5 minutes".to_owned(), format!("{rate} of {of}")));
    }
    let notes = match row.diagnosis {
        Some(crate::kpi::band::Diagnosis::List) => {
            vec!["Connect rate down while the abandon rate is flat: look at the list.".to_owned()]
        }
        Some(crate::kpi::band::Diagnosis::Pacing) => {
            vec!["Connect rate down while the abandon rate is up: look at the pacing.".to_owned()]
        }
        None => Vec::new(),
    };
    Explanation { subject, band: row.band, since: row.since, notes, ..said }
}

fn of_did(row: &DidRow, figure: &str) -> Explanation {
    let pool = row.pool.as_ref().map(|pool| format!(" (pool {pool})")).unwrap_or_default();
    let subject = format!("{}{pool}", name_of(&grouped(&row.did), &row.did));
    if figure == "did_baseline" {
        let said = share(KpiId::DidAnswerRate, row.baseline, 1, "the same clock hours of the 7 days before");
        return Explanation { subject, bands: None, ..said };
    }
    let now = row.rate();
    let mut said = share(KpiId::DidAnswerRate, now, 1, LAST_60);
    said.parts.push(("same hours of 7 days".to_owned(), format::percent(row.baseline, 1, None)));
    said.parts.push(("difference".to_owned(), format::points_judged(now, row.baseline, &DID_POINTS)));
    if row.blocked.part > 0 {
        let (blocked, of) = (format::count(row.blocked.part), format::count(row.blocked.whole));
        said.parts.push(("refused as unwanted, 5 min".to_owned(), format!("{blocked} of {of}")));
    }
    if row.blocked_band > row.answer_band {
        let blocked = KpiId::BlockedRate.get();
        said.notes.push(format!(
            "It is out by its share refused as unwanted (603, 607, 608), judged so: {}.",
            blocked.bands_in_words
        ));
    }
    Explanation { subject, band: row.band, since: row.since, ..said }
}

fn of_agents(row: &AgentsRow, figure: &str) -> Explanation {
    let subject = name_of(&row.name, row.campaign.as_str());
    let heads =
        [("ready", row.ready), ("on a call", row.on_call), ("in wrap-up", row.wrap_up), ("on a break", row.on_break)];
    let parts = || heads.iter().map(|(name, n)| ((*name).to_owned(), format::count(*n)));
    if figure == "agents" {
        let why = row.breaks.iter().map(|(reason, n)| (format!("on a break: {reason}"), format::count(*n)));
        let total = heads.iter().map(|(_, n)| n).sum();
        return Explanation {
            title: "Agents logged in".to_owned(),
            subject,
            value: format::count(total),
            formula: "agents ready, on a call, in wrap-up and on a break".to_owned(),
            parts: parts().chain(why).collect(),
            window: "now".to_owned(),
            bands: None,
            ..blank(KpiId::AgentsReady.get())
        };
    }
    Explanation {
        subject,
        band: row.band,
        since: row.since,
        interval: None,
        parts: vec![
            ("on a call".to_owned(), format::duration(row.on_call_s)),
            ("logged in".to_owned(), format::duration(row.logged_in_s)),
        ],
        ..share(KpiId::OnCallShare, row.on_call_share(), 0, LAST_60)
    }
}

fn of_pdd(row: &PddRow, figure: &str) -> Explanation {
    let subject = row.country.to_string();
    if figure == "pdd_p95" {
        let value = row.p95_ms.map_or(format::NO_DATA.to_owned(), |ms| format::seconds(Ratio::new(ms, 1), 1));
        let parts = vec![("progressed".to_owned(), format::count(row.progressed))];
        return Explanation { subject, value, parts, window: LAST_60.to_owned(), ..blank(KpiId::PddP95.get()) };
    }
    Explanation {
        subject,
        value: format::seconds(row.mean(), 2),
        band: row.band,
        since: row.since,
        parts: vec![
            ("time to ringback".to_owned(), amount("pdd_ms", row.pdd_ms)),
            ("calls that reached it".to_owned(), format::count(row.progressed)),
            ("the hour before".to_owned(), format::seconds(row.before, 2)),
            ("its calls".to_owned(), format::count(row.before.whole)),
        ],
        window: LAST_60.to_owned(),
        ..blank(KpiId::Pdd.get())
    }
}

fn of_component(row: &ComponentRow) -> Explanation {
    let mut parts = vec![("kind".to_owned(), crate::ui::panels::kind(row.kind).to_owned())];
    let share = |n: i64| format::percent(Ratio::new(n, 10_000), 0, None);
    parts.extend(row.latency_us.map(|us| ("latency".to_owned(), format!("{}.{:03} ms", us / 1_000, us % 1_000))));
    parts.extend(row.cpu.map(|n| ("cpu".to_owned(), share(n))));
    parts.extend(row.memory.map(|n| ("memory".to_owned(), share(n))));
    parts.extend(row.disk.map(|n| ("disk".to_owned(), share(n))));
    parts.extend(row.net_in.map(|n| ("network in".to_owned(), format::bytes_a_second(n))));
    parts.extend(row.net_out.map(|n| ("network out".to_owned(), format::bytes_a_second(n))));
    parts.extend(row.detail.as_ref().map(|detail| ("it says".to_owned(), detail.to_string())));
    let (value, notes) = match row.heard {
        Heard::InTime => (row.status.word().to_owned(), Vec::new()),
        Heard::Silent => (
            "offline".to_owned(),
            vec!["Nothing was heard for three of its intervals: silence counts as offline.".to_owned()],
        ),
    };
    Explanation {
        subject: row.component.to_string(),
        value,
        band: row.band,
        since: row.since,
        parts,
        window: "the latest samples".to_owned(),
        notes,
        ..blank(KpiId::Health.get())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::view::Table;
    use crate::view::live::{ChannelsHead, ChannelsPanel, Panels, Status};

    fn frame(capacity: Option<i64>, source: ChannelSource) -> LiveFrame {
        let item = StripItem {
            id: StripId::ActiveCalls,
            part: 19,
            whole: capacity,
            band: Band::Ok,
            since: None,
            spark: Vec::new(),
        };
        let head = ChannelsHead { active: 19, capacity, band: Band::Ok, since: None, source, peak: 19, peak_at: None };
        let channels = ChannelsPanel { head, trunks: Table::default(), points: Table::default() };
        LiveFrame {
            as_of: Moment::default(),
            newest_event: None,
            site: Site { zone: "UTC".to_owned(), utc_offset_s: 0 },
            status: Status::default(),
            strip: Table::of(vec![item]),
            panels: Panels { channels: Some(channels), ..Panels::default() },
        }
    }

    fn asked(frame: &LiveFrame) -> Explanation {
        let (panel, key, figure) = ("strip".to_owned(), "ActiveCalls".to_owned(), "strip".to_owned());
        explain(frame, &Asked { panel, key, figure }).unwrap()
    }

    #[test]
    fn sixty_minutes_of_numbers_and_of_campaigns_say_from_when_to_when() {
        let as_of = Moment::parse("2026-11-20T14:32:47Z").unwrap();
        let frame = LiveFrame { as_of, ..frame(None, ChannelSource::Calls) };
        let of = |panel: PanelId, window: &str| {
            let said = Explanation { window: window.to_owned(), ..blank(KpiId::ConnectRate.get()) };
            dated(said, grain(panel), frame.as_of, &frame.site).window
        };
        assert_eq!(of(PanelId::Connect, LAST_60), "the last 60 minutes: 13:32:50 to 14:32:47");
        assert_eq!(of(PanelId::Dids, LAST_60), "the last 60 minutes: 13:33:00 to 14:32:47, kept by the minute");
        assert_eq!(of(PanelId::Routes, LAST_5), "the last 5 minutes: 14:27:50 to 14:32:47");
        assert_eq!(of(PanelId::Channels, "now"), "now");
        let item = StripItem {
            id: StripId::ConnectRate,
            part: 1,
            whole: Some(9),
            band: Band::None,
            since: None,
            spark: Vec::new(),
        };
        let frame = LiveFrame { strip: Table::of(vec![item]), ..frame };
        let asked = Asked { panel: "strip".to_owned(), key: "ConnectRate".to_owned(), figure: "strip".to_owned() };
        assert_eq!(explain(&frame, &asked).unwrap().window, "the last 60 minutes: 13:32:50 to 14:32:47");
    }

    /// The strip has the gauge's figure: what is said of it is of that, not of the calls that are up.
    #[test]
    fn the_channels_of_the_strip_are_explained_as_those_of_the_gauge() {
        let told = asked(&frame(Some(60), ChannelSource::Samples));
        assert_eq!((told.title.as_str(), told.formula.as_str()), ("Channels in use", CHANNELS_TOLD));
        assert!(told.parts.iter().all(|(name, _)| name != "active calls"), "{:?}", told.parts);
        assert_eq!(
            told.notes,
            ["Counted by the trunks themselves: so are the chart and its peak, each point by the time it was told of."]
        );
        let counted = asked(&frame(Some(60), ChannelSource::Calls));
        assert_eq!(counted.formula, "calls started and not ended");
        assert!(counted.notes[0].starts_with("No trunk tells how many channels it uses"), "{:?}", counted.notes);
        // Without a whole it is the calls that are up, whatever the trunks count.
        let up = asked(&frame(None, ChannelSource::Samples));
        assert_eq!((up.title.as_str(), up.formula.as_str()), ("Active calls", "calls started and not ended"));
    }
}
