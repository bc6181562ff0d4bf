//! Panel 8 (S29): whether the machines work.

use crate::domain::outcome::{ComponentKind, Health};
use crate::domain::{ComponentId, Moment};
use crate::keyed;
use crate::kpi::{Band, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One part of the infrastructure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ComponentRow {
    /// The component's id.
    pub component: ComponentId,
    /// What it is.
    pub kind: ComponentKind,
    /// Offline where nothing was heard for three intervals.
    pub status: Health,
    /// Whether the status is what it last said, or what its silence says.
    pub heard: Heard,
    /// When that was told.
    pub at: Moment,
    /// Whole microseconds.
    pub latency_us: Option<i64>,
    /// In its own words.
    pub detail: Option<SmolStr>,
    /// To its own dashboard.
    pub link: Option<SmolStr>,
    /// Latest shares in 1/10,000.
    pub cpu: Option<i64>,
    /// Of memory, in 1/10,000.
    pub memory: Option<i64>,
    /// Of the disk, in 1/10,000.
    #[serde(default)]
    pub disk: Option<i64>,
    /// Bytes a second.
    #[serde(default)]
    pub net_in: Option<i64>,
    /// Bytes a second, going out.
    #[serde(default)]
    pub net_out: Option<i64>,
    /// The fullest of processor, memory and disk.
    #[serde(default)]
    pub load_band: Band,
    /// The worse of health and load.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
}

impl ComponentRow {
    /// What there is only so much of, each as a share: processor, memory, disk.
    #[must_use]
    pub fn loads(&self) -> [(&'static str, Option<Ratio>); 3] {
        let share = |n: Option<i64>| n.map(|n| Ratio::new(n, 10_000));
        [("cpu", share(self.cpu)), ("memory", share(self.memory)), ("disk", share(self.disk))]
    }

    /// The fullest of them.
    #[must_use]
    pub fn fullest(&self) -> Option<(&'static str, Ratio)> {
        let known = self.loads().into_iter().filter_map(|(name, share)| Some((name, share?)));
        known.max_by_key(|(_, share)| share.part)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    InTime,
    /// Silent for three of its intervals.
    Silent,
}

keyed! {
    ComponentRow: |r| r.component.to_string();
}
