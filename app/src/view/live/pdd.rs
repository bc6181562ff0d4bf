//! Panel 7 (S28): how long it takes to ring, by country.

use crate::domain::{Country, Moment};
use crate::kpi::{Band, Ratio};
use crate::view::Table;
use crate::{diffed, keyed};
use serde::{Deserialize, Serialize};

diffed! {
    PddPanel / PddDelta {
        /// A row for each country, worst first.
        countries: Table<PddRow>,
        /// By country and minute, last 60.
        points: Table<PddPoint>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PddRow {
    /// ISO 3166-1, two letters; `ZZ`: it can't be placed.
    pub country: Country,
    /// Last 60 minutes.
    pub pdd_ms: i64,
    pub progressed: i64,
    /// Whole ms; `null` without data.
    pub p95_ms: Option<i64>,
    /// ms over calls of the hour before.
    pub before: Ratio,
    /// Against the hour before.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
}

impl PddRow {
    /// Milliseconds to ringback, over the calls that reached it.
    #[must_use]
    pub const fn mean(&self) -> Ratio {
        Ratio::new(self.pdd_ms, self.progressed)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PddPoint {
    /// ISO 3166-1, two letters; `ZZ`: it can't be placed.
    pub country: Country,
    /// Begin of its minute.
    pub t: Moment,
    pub pdd_ms: i64,
    pub progressed: i64,
}

keyed! {
    PddRow: |r| r.country.to_string();
    PddPoint: |r| format!("{}@{}", r.country, r.t.secs());
}
