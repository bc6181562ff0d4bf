//! How the day goes, in words: what is out, worst first, each clause a link to where it stands.

use super::{Day, cards, day};
use crate::kpi::catalog::KpiId;
use crate::kpi::{Band, Bands, Edge, Ratio, format};
use crate::ui::parts::clock;
use crate::ui::parts::dates;
use crate::ui::parts::digits::{self, Change};
use crate::ui::parts::figure::{anchor, name_of, still_shape, tone};
use crate::ui::parts::sentence::{beside_what_is_out, joined};
use crate::view::Keyed;
use crate::view::daily::{AgentDay, CampaignDay, DailyFrame, DayKpi, DayState, RouteDay};
use leptos::prelude::*;

/// Clauses that are said; the rest is counted.
const MOST: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub band: Band,
    /// The id of what it speaks of.
    pub goes_to: String,
    pub subject: String,
    pub text: String,
}

/// All that is out of band or out of range, worst first: the whole floor's figures before those of a part of it.
pub fn clauses(frame: &DailyFrame) -> Vec<Clause> {
    let of_kpi = |row: &DayKpi| Some(kpi_clause(KpiId::from_id(&row.kpi)?, row, frame));
    let kpis = frame.kpis.rows.iter().filter(|row| row.band.is_out() || row.against.is_out()).filter_map(of_kpi);
    let routes = frame.routes.rows.iter().filter(|row| row.band.is_out()).map(|row| route_clause(row, frame));
    let campaigns = frame.campaigns.rows.iter().filter(|row| row.band.is_out()).map(|row| campaign_clause(row, frame));
    let mut all: Vec<Clause> = kpis.chain(routes).chain(campaigns).chain(agents_clause(frame)).collect();
    all.sort_by_key(|clause| std::cmp::Reverse(clause.band));
    all
}

fn kpi_clause(kpi: KpiId, row: &DayKpi, frame: &DailyFrame) -> Clause {
    let now = Ratio::new(row.part, row.whole);
    let against = match Change::of(kpi, now, row.before).filter(|change| row.against.is_out() && change.shows()) {
        Some(change) => format!(", {} against {}", change.text, before(frame)),
        None => String::new(),
    };
    Clause {
        band: cards::worst(row),
        goes_to: format!("kpi-{}", row.kpi),
        subject: cards::label(kpi).to_owned(),
        text: format!("{}{against}", cards::main(kpi, now)),
    }
}

fn before(frame: &DailyFrame) -> String {
    dates::day(&frame.day.before_date)
}

fn route_clause(row: &RouteDay, frame: &DailyFrame) -> Clause {
    let mut said = Vec::new();
    if row.faults_band.is_out() {
        let rate = digits::value(KpiId::RouteFaultRate, Ratio::new(row.route_faults, row.resolved));
        said.push(format!("{rate} of {} resolved its fault", format::count(row.resolved)));
    }
    if row.unheard_band.is_out() {
        let (unheard, attempts) = (format::count(row.unheard), format::count(row.attempts));
        said.push(format!("{unheard} of {attempts} calls not heard of again"));
    }
    let answer = Ratio::new(row.answered, row.resolved);
    said.extend(worse(KpiId::AnswerRate, row.answer_band, answer, row.before_answer, frame));
    let pdd = Ratio::new(row.pdd_ms, row.progressed);
    said.extend(worse(KpiId::Pdd, row.pdd_band, pdd, row.before_pdd, frame));
    Clause {
        band: row.band,
        goes_to: anchor("routes", &row.key()),
        subject: format!("Route {}", name_of(&row.name, row.route.as_str())),
        text: said.join(", "),
    }
}

fn campaign_clause(row: &CampaignDay, frame: &DailyFrame) -> Clause {
    let mut said = Vec::new();
    let mut plain = |kpi: KpiId, band: Band, ratio: Ratio| {
        if band.is_out() {
            said.push(format!("{} {}", named(kpi), digits::value(kpi, ratio)));
        }
    };
    plain(KpiId::AbandonRate, row.abandon_band, Ratio::new(row.abandoned, row.judged_live));
    plain(KpiId::ErrorRate, row.error_band, Ratio::new(row.errors, row.resolved));
    plain(KpiId::InboundAnswerRate, row.inbound_band, Ratio::new(row.inbound_answered, row.judged_inbound));
    plain(KpiId::QueueAbandonRate, row.queue_band, Ratio::new(row.queue_abandoned, row.judged_queued));
    let connect = Ratio::new(row.answered_live, row.resolved);
    said.extend(worse(KpiId::ConnectRate, row.connect_band, connect, row.before_connect, frame));
    let aht = Ratio::new(row.handle_ms, row.handled);
    said.extend(worse(KpiId::Aht, row.aht_band, aht, row.before_aht, frame));
    Clause {
        band: row.band,
        goes_to: anchor("campaigns", &row.key()),
        subject: name_of(&row.name, row.campaign.as_str()),
        text: said.join(", "),
    }
}

/// However many agents are out of range: one clause, of the farthest.
fn agents_clause(frame: &DailyFrame) -> Option<Clause> {
    let bands = KpiId::OnCallShare.get().bands();
    let edges = || bands.into_iter().flat_map(Bands::edges);
    let past = |row: &AgentDay| {
        let share = row.on_call_share();
        let by = |edge: &Edge| (share.value().unwrap_or(0.0) - edge.value()).abs();
        edges().filter(|edge| edge.holds(share)).map(by).fold(0.0, f64::max)
    };
    let out: Vec<&AgentDay> = frame.agents.rows.iter().filter(|row| row.band.is_out()).collect();
    let farthest = out.iter().max_by(|a, b| past(a).total_cmp(&past(b)))?;
    let share = digits::value(KpiId::OnCallShare, farthest.on_call_share());
    let of = match out.len() {
        1 => farthest.agent.to_string(),
        n => format!("{} agents", format::count(i64::try_from(n).unwrap_or(i64::MAX))),
    };
    let text = match out.len() {
        1 => format!("{share}; 80 to 90 % is productive"),
        _ => format!("farthest {} at {share}; 80 to 90 % is productive", farthest.agent),
    };
    let subject = format!("On-call share of {of}");
    Some(Clause { band: farthest.band, goes_to: "agents".to_owned(), subject, text })
}

/// A figure within a sentence has the name that it has at its head.
fn named(kpi: KpiId) -> String {
    cards::label(kpi).to_lowercase()
}

/// "connect rate 24.1 %, −5.7 pp against Sat 14 Nov"; nothing where it is in range.
fn worse(kpi: KpiId, band: Band, now: Ratio, before_: Ratio, frame: &DailyFrame) -> Option<String> {
    let change = Change::of(kpi, now, before_).filter(|_| band.is_out())?;
    let against = if change.shows() { format!(", {} against {}", change.text, before(frame)) } else { String::new() };
    Some(format!("{} {}{against}", named(kpi), digits::value(kpi, now)))
}

pub fn view(day: Day) -> AnyView {
    (move || day.with(|frame| Some(said(frame)))).into_any()
}

fn said(frame: &DailyFrame) -> AnyView {
    let all = clauses(frame);
    let rest = rest(frame, all.len());
    let said = all.into_iter().take(MOST).map(|clause| {
        view! {
            <a class=format!("clause {}", tone(clause.band)) href=format!("#{}", clause.goes_to)>
                {still_shape(clause.band)} <b>{clause.subject}</b>
                <span>{joined(&clause.text)}</span>
            </a>
        }
    });
    view! { <p class="sentence">{said.collect_view()} <span class="rest">{rest}</span></p> }.into_any()
}

fn rest(frame: &DailyFrame, out: usize) -> String {
    // Of what has come since nothing is said here: the live page knows it.
    let (verb, reach) = match frame.day.state {
        DayState::Running => ("goes", format!(" up to {}", clock::hm(frame.day.until, &frame.site))),
        DayState::Over => ("went", String::new()),
    };
    let attempts: i64 = frame.steps.rows.iter().map(|step| step.attempts.saturating_add(step.inbound)).sum();
    let more = i64::try_from(out.saturating_sub(MOST)).unwrap_or(i64::MAX);
    match (out, more, frame.day.state) {
        (_, _, DayState::Running) if attempts == 0 => {
            let counted = day::counted(frame).map_or_else(String::new, |counted| format!(", {counted}"));
            format!("No calls today{counted}.")
        }
        (0, _, DayState::Over) if attempts == 0 => "There were no calls on this day.".to_owned(),
        (0, _, _) if !frame.kpis.rows.iter().any(|row| row.band.is_judged() || row.against.is_judged()) => {
            format!("{}: too few to judge the day by.", format::calls(attempts))
        }
        (0, _, _) => {
            format!("The day {verb} well{reach}: {}, nothing out of band or out of range.", format::calls(attempts))
        }
        (_, 0, _) => format!("{}{reach}.", beside_what_is_out(well(frame))),
        (_, more, _) => format!("{} more out of band or range.", format::count(more)),
    }
}

/// [`Band::Ok`] where anything of the day is judged and well.
fn well(frame: &DailyFrame) -> Band {
    let kpis = frame.kpis.rows.iter().filter(|row| !cards::worst(row).is_out()).flat_map(|row| [row.band, row.against]);
    let parts = frame.routes.rows.iter().map(|row| row.band).chain(frame.campaigns.rows.iter().map(|row| row.band));
    let agents = frame.agents.rows.iter().map(|row| row.band);
    kpis.chain(parts).chain(agents).find(|band| *band == Band::Ok).unwrap_or_default()
}
