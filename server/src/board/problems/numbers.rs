//! Of the floor's own numbers: one problem, however many go bad.

use super::floor::counted;
use super::{Hit, Problem};
use crate::board::floor::Floor;
use crate::board::memory::Memory;
use crate::board::monitor::Gathered;
use crate::board::rows::Rows;
use app::kpi::band::{DID_BACK, DID_POINTS};
use app::kpi::{Band, KpiId, Ratio, format};
use app::view::PanelId;
use app::view::live::DidRow;
use app::view::problems::ProblemCause::Number;

/// Finds what is wrong with the floor's own numbers.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    pub floor: &'a Floor,
    pub rows: &'a Rows,
    pub memory: &'a Memory,
}

impl Numbers<'_> {
    /// It hits the campaigns that call from one of them, as far as it matters there. Those that are refused as unwanted are
    /// named first: their answer rate falls for that.
    pub(super) fn of_numbers(&self, gathered: &Gathered) -> Option<Problem> {
        let (blocked, falling): (Vec<&DidRow>, Vec<&DidRow>) =
            self.rows.dids.out().partition(|row| row.blocked_band.is_out());
        let (worst, subject, text) = match refused(&blocked) {
            Some((worst, subject, text)) => (worst, subject, format!("{text}{}", beside(&falling))),
            None => going_bad(&falling)?,
        };
        let calls = blocked.iter().chain(&falling).map(|row| row.resolved).sum();
        let key = worst.did.as_str();
        let since = self.memory.since(PanelId::Dids, key, worst.band);
        let problem = Problem::in_panel(Number, worst.band, PanelId::Dids, key, subject, text);
        // However many they are and whichever is the worst: it is one problem.
        let hit = Hit::of(calls, 0, gathered.calling_from_bad_numbers().map(|id| self.floor.shown(id)).collect());
        Some(Problem { id: "".into(), ..problem }.since(since).hits(hit))
    }
}

/// Numbers that are refused as unwanted: the worst of them, and what is said; `None` where there is none.
fn refused<'a>(out: &[&'a DidRow]) -> Option<(&'a DidRow, String, String)> {
    let worst = *out.iter().max_by_key(|row| (row.blocked_band, row.blocked.part))?;
    let Ratio { part, whole } = worst.blocked;
    let said = format::percent_said(worst.blocked, 0, KpiId::BlockedRate.get().bands(), worst.blocked_band);
    let calls = format!("{} of its {}", format::count(part), format::calls(whole));
    let what = format!("{calls} in 5 min refused as unwanted (603/607/608){}", said.waits);
    Some(match out.len() {
        1 => (worst, format!("{} is being blocked", worst.did), what),
        n => (worst, format!("{} are being blocked", counted(n, "number")), format!("worst {}: {what}", worst.did)),
    })
}

/// ", 2 more numbers are going bad".
fn beside(falling: &[&DidRow]) -> String {
    match falling.len() {
        0 => String::new(),
        1 => format!(", {} is going bad too", falling[0].did),
        n => format!(", {} more are going bad", counted(n, "number")),
    }
}

fn going_bad<'a>(out: &[&'a DidRow]) -> Option<(&'a DidRow, String, String)> {
    let drop = |row: &DidRow| row.baseline.value().unwrap_or(0.0) - row.rate().value().unwrap_or(0.0);
    let worst = *out.iter().max_by(|a, b| a.band.cmp(&b.band).then(drop(a).total_cmp(&drop(b))))?;
    let waits = waits(worst);
    let back: &[i64] = if waits.is_empty() { &[] } else { &DID_BACK };
    let points = format::points_judged(worst.rate(), worst.baseline, &[&DID_POINTS, back].concat());
    Some(match out.len() {
        1 => (worst, format!("{} is going bad", worst.did), format!("{points} against its own hours{waits}")),
        n => {
            let subject = format!("{} are going bad", counted(n, "number"));
            (worst, subject, format!("worst {} at {points}{waits}", worst.did))
        }
    })
}

/// What a number waits for that is said to be worse than it is by itself.
fn waits(row: &DidRow) -> String {
    let [yellow, red] = DID_BACK;
    match row.band {
        band if band <= KpiId::DidAnswerRate.get().against(row.rate(), row.baseline) => String::new(),
        Band::Critical => format!(", red until back within {red}"),
        Band::Warn => format!(", yellow until back within {yellow}"),
        Band::None | Band::TooFew | Band::NoBaseline | Band::Ok | Band::Unjudged => String::new(),
    }
}
