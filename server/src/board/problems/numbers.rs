//! Of the floor's own numbers: one problem, however many go bad.

use super::{Hit, Problem};
use crate::board::Board;
use crate::board::monitor::Gathered;
use app::kpi::band::{self, DID_BACK, DID_POINTS};
use app::kpi::{Band, format};
use app::view::PanelId;
use app::view::live::DidRow;
use app::view::problems::ProblemCause::Number;

impl Board {
    /// It hits the campaigns that call from one of them, as far as it matters there.
    pub(super) fn of_numbers(&self, gathered: &Gathered) -> Option<Problem> {
        let out: Vec<&DidRow> = self.rows.dids.out().collect();
        let drop = |row: &DidRow| row.baseline.value().unwrap_or(0.0) - row.rate().value().unwrap_or(0.0);
        let worst = out.iter().max_by(|a, b| a.band.cmp(&b.band).then(drop(a).total_cmp(&drop(b))))?;
        let waits = waits(worst);
        let back: &[i64] = if waits.is_empty() { &[] } else { &DID_BACK };
        let points = format::points_judged(worst.rate(), worst.baseline, &[&DID_POINTS, back].concat());
        let (subject, text) = match out.len() {
            1 => (format!("{} is going bad", worst.did), format!("{points} against its own hours{waits}")),
            _ => {
                let n = format::count(i64::try_from(out.len()).unwrap_or(i64::MAX));
                (format!("{n} numbers are going bad"), format!("worst {} at {points}{waits}", worst.did))
            }
        };
        let calls = out.iter().map(|row| row.resolved).sum();
        let key = worst.did.as_str();
        let since = self.memory.since(PanelId::Dids, key, worst.band);
        let problem = Problem::in_panel(Number, worst.band, PanelId::Dids, key, subject, text);
        // However many they are and whichever is the worst: it is one problem.
        let hit = Hit::of(calls, 0, gathered.calling_from_bad_numbers().map(|id| self.shown(id)).collect());
        Some(Problem { id: "".into(), ..problem }.since(since).hits(hit))
    }
}

/// What a number waits for that is said to be worse than it is by itself.
fn waits(row: &DidRow) -> String {
    let [yellow, red] = DID_BACK;
    match row.band {
        band if band <= band::did_health(row.rate(), row.baseline) => String::new(),
        Band::Critical => format!(", red until back within {red}"),
        Band::Warn => format!(", yellow until back within {yellow}"),
        Band::None | Band::TooFew | Band::NoBaseline | Band::Ok => String::new(),
    }
}
