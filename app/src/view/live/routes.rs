//! Panel 2 (S22): the routes that calls take.

use crate::domain::outcome::TrunkHealth;
use crate::domain::{Moment, RouteId};
use crate::keyed;
use crate::kpi::{Band, Ratio, format};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};

/// One active route, last 5 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RouteRow {
    /// Empty: calls that name no route.
    #[serde(deserialize_with = "RouteId::of_a_key")]
    pub route: RouteId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Whose route it is; `null`: never told.
    pub carrier: Option<SmolStr>,
    /// The trunk's own word, and when it came.
    pub trunk: Option<TrunkHealth>,
    /// Its trunk's own words.
    pub trunk_detail: Option<SmolStr>,
    /// When its trunk told that.
    pub trunk_at: Option<Moment>,
    pub attempts: i64,
    pub resolved: i64,
    pub sip_4xx: i64,
    pub sip_5xx: i64,
    pub sip_6xx: i64,
    pub timeouts: i64,
    /// Of the final errors those that are the network's doing.
    pub route_faults: i64,
    /// What the share of route faults is judged.
    pub faults_band: Band,
    /// Calls that failed, and no code tells whose fault it was: they may be the route's.
    #[serde(default)]
    pub unjudged_faults: i64,
    /// Red where its faults are not, and so many failed without a code that they are, while others' calls fare better.
    #[serde(default)]
    pub unjudged_band: Band,
    /// The route's faults of the decided in the last minute: whether it is over.
    #[serde(default)]
    pub minute: Ratio,
    /// Of the decided in the last minute those that failed without a code.
    #[serde(default)]
    pub minute_unjudged: i64,
    /// The SIP code of most of its faults, where one surely is.
    #[serde(default)]
    pub code: Option<u16>,
    /// Calls started 10 to 60 s ago, and those of them not heard of again.
    pub started: i64,
    /// Those of them that are not heard of again.
    pub unheard: i64,
    /// What their share is judged.
    pub stalled_band: Band,
    /// The worst of faults, of what failed without a code, stalled and trunk.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
}

impl RouteRow {
    /// Calls that it lost by its own fault, of those decided.
    #[must_use]
    pub const fn fault_rate(&self) -> Ratio {
        Ratio::new(self.route_faults, self.resolved)
    }

    /// The same, and those that failed without a code.
    #[must_use]
    pub const fn failed_rate(&self) -> Ratio {
        Ratio::new(self.route_faults + self.unjudged_faults, self.resolved)
    }

    /// The same of the last minute.
    #[must_use]
    pub const fn minute_failed(&self) -> Ratio {
        Ratio::new(self.minute.part + self.minute_unjudged, self.minute.whole)
    }

    /// "34 of 40 failed".
    #[must_use]
    pub fn failed_in_words(&self) -> String {
        let failed = self.failed_rate();
        format!("{} of {} failed", format::count(failed.part), format::count(failed.whole))
    }

    /// That no code says why, or of how many of those.
    #[must_use]
    pub fn codeless_in_words(&self) -> String {
        match self.unjudged_faults {
            n if n >= self.failed_rate().part => "no code says why".to_owned(),
            n => format!("{} of them without a code that says why", format::count(n)),
        }
    }

    /// What the trunk's own word is worth: nothing where it says that it is well.
    #[must_use]
    pub const fn trunk_band(&self) -> Band {
        match self.trunk {
            Some(health) => band_of_trunk(health),
            None => Band::None,
        }
    }

    /// The worst of its faults, its silence and its trunk's own word.
    #[must_use]
    pub fn own_band(&self) -> Band {
        self.faults_band.max(self.stalled_band).max(self.trunk_band())
    }

    /// Errors that are no fault of the route: what people did (busy, no answer, declined), and wrong numbers.
    fn harmless(&self) -> i64 {
        (self.sip_4xx + self.sip_5xx + self.sip_6xx + self.timeouts - self.route_faults).max(0)
    }

    /// Of the 6xx those that are harmless: hardly any 6xx is a route's fault, so that they are taken first.
    #[must_use]
    pub fn harmless_6xx(&self) -> i64 {
        self.harmless().min(self.sip_6xx.max(0))
    }

    /// Of the 4xx those that must be harmless.
    #[must_use]
    pub fn harmless_4xx(&self) -> i64 {
        (self.harmless() - self.harmless_6xx()).min(self.sip_4xx.max(0))
    }

    /// Whether `part` of its calls, of which so many are harmless, is what puts it out of its band.
    #[must_use]
    pub fn is_hot(&self, part: i64, harmless: i64) -> bool {
        self.faults_band.is_out() && part > harmless
    }

    /// What most of the route's faults are: a code, or their class.
    #[must_use]
    pub fn mostly(&self) -> SmolStr {
        if let Some(code) = self.code {
            return code.to_smolstr();
        }
        let classes = [
            ("4xx", self.sip_4xx - self.harmless_4xx()),
            ("5xx", self.sip_5xx),
            ("6xx", self.sip_6xx - self.harmless_6xx()),
            ("time-outs", self.timeouts),
        ];
        let most = classes.into_iter().filter(|(_, n)| *n > 0).max_by_key(|(_, n)| *n);
        most.map_or("faults", |(class, _)| class).into()
    }
}

/// A trunk that says it is well has no band of its own.
#[must_use]
pub const fn band_of_trunk(health: TrunkHealth) -> Band {
    match health {
        TrunkHealth::Unhealthy => Band::Critical,
        TrunkHealth::Degraded => Band::Warn,
        TrunkHealth::Healthy => Band::None,
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
            unjudged_faults: 0,
            unjudged_band: Band::None,
            minute: Ratio::default(),
            minute_unjudged: 0,
            code: None,
            started: 0,
            unheard: 0,
            stalled_band: Band::None,
            band: Band::Critical,
            since: None,
        };
        assert_eq!((row.harmless_4xx(), row.mostly().as_str()), (213, "5xx"));
        let declined = RouteRow { sip_4xx: 30, sip_5xx: 40, sip_6xx: 90, route_faults: 41, ..row };
        let said = (declined.harmless_6xx(), declined.harmless_4xx(), declined.mostly());
        assert_eq!((said.0, said.1, said.2.as_str()), (90, 29, "5xx"), "declined calls are no cause");
        assert_eq!(RouteRow { code: Some(503), ..declined.clone() }.mostly(), "503");
        let codeless = RouteRow { resolved: 40, route_faults: 0, unjudged_faults: 34, ..declined };
        let said = |row: &RouteRow| format!("{}, {}", row.failed_in_words(), row.codeless_in_words());
        assert_eq!(said(&codeless), "34 of 40 failed, no code says why");
        let some = RouteRow { route_faults: 10, unjudged_faults: 24, ..codeless };
        assert_eq!(said(&some), "34 of 40 failed, 24 of them without a code that says why");
    }
}
