//! Panel 2 (S22): the routes that calls take.

use crate::domain::outcome::TrunkHealth;
use crate::domain::{Moment, RouteId};
use crate::keyed;
use crate::kpi::{Band, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One active route, last 5 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteRow {
    /// Empty: calls that name no route.
    #[serde(deserialize_with = "RouteId::of_a_key")]
    pub route: RouteId,
    pub name: SmolStr,
    pub carrier: Option<SmolStr>,
    /// The trunk's own word, and when it came.
    pub trunk: Option<TrunkHealth>,
    pub trunk_detail: Option<SmolStr>,
    pub trunk_at: Option<Moment>,
    pub attempts: i64,
    pub resolved: i64,
    pub sip_4xx: i64,
    pub sip_5xx: i64,
    pub sip_6xx: i64,
    pub timeouts: i64,
    pub route_faults: i64,
    pub faults_band: Band,
    /// Calls started 10 to 60 s ago, and those of them not heard of again.
    pub started: i64,
    pub unheard: i64,
    pub stalled_band: Band,
    /// The worst of faults, stalled and trunk.
    pub band: Band,
    pub since: Option<Moment>,
}

impl RouteRow {
    /// Calls that it lost by its own fault, of those decided.
    #[must_use]
    pub const fn fault_rate(&self) -> Ratio {
        Ratio::new(self.route_faults, self.resolved)
    }

    /// Of the 4xx, those that must be what people did (busy, no answer): all errors less the route's faults.
    #[must_use]
    pub fn harmless_4xx(&self) -> i64 {
        (self.sip_4xx + self.sip_5xx + self.sip_6xx + self.timeouts - self.route_faults).clamp(0, self.sip_4xx.max(0))
    }

    /// The class that most of the route's faults are of.
    #[must_use]
    pub fn worst_class(&self) -> &'static str {
        let classes = [
            ("4xx", self.sip_4xx - self.harmless_4xx()),
            ("5xx", self.sip_5xx),
            ("6xx", self.sip_6xx),
            ("time-outs", self.timeouts),
        ];
        classes.into_iter().max_by_key(|(_, n)| *n).map_or("faults", |(class, _)| class)
    }
}

keyed! {
    RouteRow: |r| r.route.to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_class_is_that_of_faults_and_not_of_busy_lines() {
        let row = RouteRow {
            route: RouteId::none(),
            name: SmolStr::default(),
            carrier: None,
            trunk: None,
            trunk_detail: None,
            trunk_at: None,
            attempts: 453,
            resolved: 453,
            sip_4xx: 213,
            sip_5xx: 114,
            sip_6xx: 0,
            timeouts: 0,
            route_faults: 114,
            faults_band: Band::Critical,
            started: 0,
            unheard: 0,
            stalled_band: Band::None,
            band: Band::Critical,
            since: None,
        };
        assert_eq!((row.harmless_4xx(), row.worst_class()), (213, "5xx"));
    }
}
