//! How things stand, in words: one clause a trouble, worst first.

use super::Board;
use super::rows::{DidRows, Rows};
use crate::aggregate::change::Storing;
use app::domain::outcome::{Health, TrunkHealth};
use app::kpi::band::Diagnosis;
use app::kpi::{Band, KpiId, Ratio, format};
use app::view::live::{
    AbandonRow, AgentsRow, Clause, ComponentRow, ConnectRow, DidRow, Heard, PddRow, RouteRow, TrunkRow,
};
use app::view::{Keyed, PanelId};

/// Clauses of all rows that are out of band: critical before warning, in the order of what stops a floor first.
pub(super) fn clauses(board: &Board, rows: &Rows) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    clauses.extend(storing(board));
    clauses.extend(audit(board));
    clauses.extend(rows.routes.iter().filter_map(|r| route(board, r)));
    if let Some(head) = rows.channels.as_ref().filter(|h| h.band.is_out()) {
        let share = format::percent(
            Ratio::new(head.active, head.capacity.unwrap_or(0)),
            0,
            KpiId::ChannelUtilisation.get().bands,
        );
        let (active, capacity) = (format::count(head.active), format::count(head.capacity.unwrap_or(0)));
        clauses.push(clause(
            head.band,
            PanelId::Channels,
            "",
            "Channels are running out",
            format!("{active} of {capacity} in use, {share}"),
        ));
    }
    clauses.extend(rows.full_trunks().map(trunk));
    clauses.extend(rows.abandon.iter().filter_map(|r| abandon(board, r)));
    clauses.extend(rows.infra.iter().filter_map(|r| component(board, r)));
    clauses.extend(rows.connect.iter().filter_map(connect));
    clauses.extend(dids(&rows.dids));
    clauses.extend(rows.pdd.iter().filter_map(pdd));
    clauses.extend(agents(&rows.agents));
    clauses.sort_by_key(|clause| std::cmp::Reverse(clause.band));
    clauses
}

/// While the database is away or can't be written nothing new is taken, and every other clause is of before.
fn storing(board: &Board) -> Option<Clause> {
    match board.storing {
        Storing::Keeps => None,
        Storing::Away { since } => {
            let text =
                format!("since {}: events are refused until it is back, and nothing here is newer", board.clock(since));
            Some(clause(Band::Critical, PanelId::Infra, "", "The database does not answer", text))
        }
        Storing::Fails { since } => {
            let text = format!(
                "what is written fails since {}; events are refused until it can be kept, and nothing here is newer",
                board.clock(since)
            );
            Some(clause(Band::Critical, PanelId::Infra, "", "Storage is degraded", text))
        }
    }
}

/// A figure that is not the sum of its calls is no figure to act upon.
fn audit(board: &Board) -> Option<Clause> {
    let hours = match board.mismatches {
        0 => return None,
        1 => "1 hour of a campaign".to_owned(),
        many => format!("{many} hours of campaigns"),
    };
    let text = format!("{hours} differ from a recount of the calls: `ringside verify` names what differs");
    Some(clause(Band::Critical, PanelId::Infra, "", "Figures are not proved", text))
}

fn clause(band: Band, panel: PanelId, key: &str, subject: impl Into<String>, text: String) -> Clause {
    Clause { band, panel, key: key.to_owned(), subject: subject.into(), text }
}

fn since(board: &Board, panel: PanelId, key: &str, band: Band) -> String {
    board.memory.since(panel, key, band).map_or_else(String::new, |at| format!(" since {}", board.clock(at)))
}

fn route(board: &Board, r: &RouteRow) -> Option<Clause> {
    if !r.band.is_out() {
        return None;
    }
    let name =
        if r.route.as_str().is_empty() { "The calls without a route".to_owned() } else { format!("Route {}", r.name) };
    let since = since(board, PanelId::Routes, &r.key(), r.band);
    let (subject, text) = if r.stalled_band == Band::Critical {
        let (unheard, started) = (format::count(r.unheard), format::count(r.started));
        (format!("{name} is silent"), format!("nothing heard of {unheard} of {started} calls{since}"))
    } else if r.faults_band.is_out() {
        let class = r.worst_class();
        let share = format::percent(r.fault_rate(), 0, KpiId::RouteFaultRate.get().bands);
        let verb = if r.faults_band == Band::Critical { "is failing" } else { "shows faults" };
        let calls = format::count(r.resolved);
        (format!("{name} {verb}"), format!("{share} of {calls} calls, mostly {class}{since}"))
    } else {
        let state = match r.trunk {
            Some(TrunkHealth::Unhealthy) => "unhealthy",
            Some(TrunkHealth::Degraded) => "degraded",
            Some(TrunkHealth::Healthy) | None => return None,
        };
        let detail = r.trunk_detail.as_deref().map_or_else(String::new, |d| format!("{d}, "));
        (format!("The trunk of {} is {state}", r.name), format!("{detail}told by the trunk{since}"))
    };
    Some(clause(r.band, PanelId::Routes, r.route.as_str(), subject, text))
}

fn trunk(r: &TrunkRow) -> Clause {
    let capacity = r.capacity.unwrap_or(0);
    let share = format::percent(Ratio::new(r.active, capacity), 0, KpiId::ChannelUtilisation.get().bands);
    let text = format!("{} of {} channels in use, {share}", format::count(r.active), format::count(capacity));
    clause(r.band, PanelId::Channels, r.trunk.as_str(), format!("Trunk {} is nearly full", r.trunk), text)
}

fn abandon(board: &Board, r: &AbandonRow) -> Option<Clause> {
    let band = r.band.max(r.budget_band);
    if !band.is_out() && r.used_up_at.is_none() {
        return None;
    }
    let rate = format::percent(r.rate(), 2, KpiId::AbandonRate.get().bands);
    let budget = match r.budget {
        Some(left) if left < 0 => format!("{} clean answers owed", format::count(-left)),
        Some(left) => format!("{} calls left in its budget", format::count(left)),
        None => "no period yet".to_owned(),
    };
    let (band, subject, text) = match (band, r.used_up_at) {
        (Band::Critical, _) if r.band == Band::Critical => {
            (band, format!("{} drops people", r.name), format!("{rate} abandoned in 60 min, {budget}"))
        }
        (Band::Critical, _) => {
            (band, format!("{} is over its abandon limit", r.name), format!("{budget}, {rate} in 60 min"))
        }
        (_, Some(at)) => (
            Band::Warn,
            format!("{} will use up its abandon budget", r.name),
            format!("about {}, {budget}", board.clock(at)),
        ),
        (_, None) => (band, format!("{} nears the abandon limit", r.name), format!("{rate} in 60 min, {budget}")),
    };
    Some(clause(band, PanelId::Abandon, r.campaign.as_str(), subject, text))
}

fn connect(r: &ConnectRow) -> Option<Clause> {
    let diagnosis = match r.diagnosis {
        Some(Diagnosis::List) => "a list problem",
        Some(Diagnosis::Pacing) => "a pacing problem",
        None => return None,
    };
    let now = format::percent(r.rate(), 1, None);
    let before = format::percent(r.baseline, 1, None);
    let text = format!("{now} against {before} at these hours, {diagnosis}");
    Some(clause(r.band, PanelId::Connect, r.campaign.as_str(), format!("{} reaches fewer people", r.name), text))
}

fn dids(rows: &DidRows) -> Option<Clause> {
    let out: Vec<&DidRow> = rows.out().collect();
    let worst = out.iter().max_by(|a, b| {
        let drop = |r: &DidRow| r.baseline.value().unwrap_or(0.0) - r.rate().value().unwrap_or(0.0);
        a.band.cmp(&b.band).then(drop(a).total_cmp(&drop(b)))
    })?;
    let subject = match out.len() {
        1 => format!("{} is going bad", worst.did),
        n => format!("{n} numbers are going bad"),
    };
    let points = format::points(worst.rate(), worst.baseline);
    let text = if out.len() == 1 {
        format!("{points} against its own hours")
    } else {
        format!("worst {} at {points}", worst.did)
    };
    Some(clause(worst.band, PanelId::Dids, worst.did.as_str(), subject, text))
}

fn pdd(r: &PddRow) -> Option<Clause> {
    if !r.band.is_out() {
        return None;
    }
    let now = format::seconds(r.mean(), 1);
    let text = format!("{now} until it rings, {} the hour before", format::seconds(r.before, 1));
    Some(clause(r.band, PanelId::Pdd, r.country.as_str(), format!("Calls to {} ring late", r.country), text))
}

fn component(board: &Board, r: &ComponentRow) -> Option<Clause> {
    let (state, text) = match (r.status, r.heard) {
        (Health::Healthy, _) => return None,
        (Health::Degraded, _) => ("is degraded", r.detail.as_deref().unwrap_or("it says so itself").to_owned()),
        (Health::Offline, Heard::InTime) => {
            ("is offline", r.detail.as_deref().unwrap_or("it says so itself").to_owned())
        }
        (Health::Offline, Heard::Silent) => ("is silent", format!("last heard at {}", board.clock(r.at))),
    };
    Some(clause(r.band, PanelId::Infra, r.component.as_str(), format!("{} {state}", r.component), text))
}

fn agents(rows: &[AgentsRow]) -> Option<Clause> {
    let out: Vec<&AgentsRow> = rows.iter().filter(|r| r.band.is_out()).collect();
    let first = out.first()?;
    let share = format::percent(first.on_call_share(), 0, KpiId::OnCallShare.get().bands);
    let others = match out.len() - 1 {
        0 => String::new(),
        n => format!(", {n} more campaigns out of range"),
    };
    let text = format!("{share} of logged-in time; 80 to 90 % is productive{others}");
    Some(clause(
        Band::Warn,
        PanelId::Agents,
        first.campaign.as_str(),
        format!("On-call time of {} is out of range", first.name),
        text,
    ))
}
