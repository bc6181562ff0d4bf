//! What is said of figures that the pages judge: the API says the same, by key.
//!
//! A page's judgement holds (`app::kpi::held`), and is of the KPI's own dimension and window; over others a figure is judged
//! as it is by itself.

use super::floor::Floor;
use super::judgements::Figure;
use super::rows::Verdicts;
use app::domain::{CampaignScope, Dimension, Window};
use app::kpi::{Band, KpiId};
use smol_str::SmolStr;
use std::collections::HashMap;

/// The bands that the pages show of a KPI, by its keys as they are told; `None` where no page judges it so.
#[expect(clippy::wildcard_enum_match_arm, reason = "most KPIs are judged by themselves, or where they are read")]
pub(super) fn said_of(
    floor: &Floor,
    verdicts: &Verdicts,
    kpi: KpiId,
    by: Dimension,
    window: Window,
    scope: &CampaignScope,
) -> Option<HashMap<SmolStr, Band>> {
    if *scope != CampaignScope::All {
        return None;
    }
    let table = kpi.get();
    if by == Dimension::Total && table.judged_now().is_some_and(|(_, now)| now == window) {
        let said = verdicts.judgements.said(Figure::Rate, table.id)?;
        let band = if floor.presence().is_now() { said } else { Band::None };
        return Some([(SmolStr::default(), band)].into());
    }
    if by != table.by || window != table.window {
        return None;
    }
    let rows = &verdicts.rows;
    Some(match kpi {
        KpiId::DidAnswerRate => of_dids(floor, verdicts, |row| row.answer_band),
        KpiId::BlockedRate => of_dids(floor, verdicts, |row| row.blocked_band),
        KpiId::ConnectRate => rows.campaigns.each().map(|(id, row)| (id.to_smol(), row.connect.band)).collect(),
        KpiId::RouteFaultRate => rows.routes.each().map(|(id, row)| (id.to_smol(), row.faults_band)).collect(),
        KpiId::Pdd => rows.pdd.iter().map(|row| (row.country.as_str().into(), row.band)).collect(),
        // Rows of agents bear their campaigns as they are shown.
        KpiId::OnCallShare if floor.presence().is_now() => verdicts.judgements.all(Figure::OnCall).collect(),
        // Gauges are judged where they are read (`present`), and the others by themselves.
        _ => return None,
    })
}

/// Numbers are many, and their rows kept: that they are of now no more is told here.
fn of_dids(floor: &Floor, verdicts: &Verdicts, band: fn(&app::view::live::DidRow) -> Band) -> HashMap<SmolStr, Band> {
    let is_now = floor.presence().is_now();
    verdicts.rows.dids.iter().map(|row| (row.did.clone(), if is_now { band(row) } else { Band::None })).collect()
}
