//! Of the floor's own numbers: one problem, however many go bad.

use super::{Hit, Problem};
use crate::board::Board;
use app::kpi::band::DID_POINTS;
use app::kpi::format;
use app::view::PanelId;
use app::view::live::DidRow;
use app::view::problems::ProblemCause::Number;

impl Board {
    pub(super) fn of_numbers(&self) -> Option<Problem> {
        let out: Vec<&DidRow> = self.rows.dids.out().collect();
        let drop = |row: &DidRow| row.baseline.value().unwrap_or(0.0) - row.rate().value().unwrap_or(0.0);
        let worst = out.iter().max_by(|a, b| a.band.cmp(&b.band).then(drop(a).total_cmp(&drop(b))))?;
        let points = format::points_judged(worst.rate(), worst.baseline, &DID_POINTS);
        let (subject, text) = match out.len() {
            1 => (format!("{} is going bad", worst.did), format!("{points} against its own hours")),
            n => (format!("{n} numbers are going bad"), format!("worst {} at {points}", worst.did)),
        };
        let calls = out.iter().map(|row| row.resolved).sum();
        let key = worst.did.as_str();
        let since = self.memory.since(PanelId::Dids, key, worst.band);
        let problem = Problem::in_panel(Number, worst.band, PanelId::Dids, key, subject, text);
        // However many they are and whichever is the worst: it is one problem.
        Some(Problem { id: "".into(), ..problem }.since(since).hits(Hit { calls, ..Hit::default() }))
    }
}
