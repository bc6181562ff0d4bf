//! Panel 8 (S29): whether the machines work.

use crate::domain::outcome::{ComponentKind, Health};
use crate::domain::{ComponentId, Moment};
use crate::keyed;
use crate::kpi::Band;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One part of the infrastructure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentRow {
    pub component: ComponentId,
    pub kind: ComponentKind,
    /// Offline where nothing was heard for three intervals.
    pub status: Health,
    /// Whether the status is what it last said, or what its silence says.
    pub heard: Heard,
    pub at: Moment,
    /// Whole microseconds.
    pub latency_us: Option<i64>,
    pub detail: Option<SmolStr>,
    /// To its own dashboard.
    pub link: Option<SmolStr>,
    /// Latest shares in 1/10,000.
    pub cpu: Option<i64>,
    pub memory: Option<i64>,
    pub band: Band,
    pub since: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    InTime,
    /// Silent for three of its intervals.
    Silent,
}

keyed! {
    ComponentRow: |r| r.component.to_string();
}
