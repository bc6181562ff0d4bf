//! Panel 1 (S21): channels in use.

use crate::domain::{Moment, TrunkId};
use crate::kpi::Band;
use crate::view::Table;
use crate::{diffed, keyed, sent_whole};
use serde::{Deserialize, Serialize};

/// Where a count of active channels comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelSource {
    /// Samples of the trunks.
    Samples,
    /// No trunk tells: the calls that are up.
    Calls,
}

/// The gauge: how many are up of how many there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelsHead {
    pub active: i64,
    /// Provisioned channels; `null` where no trunk tells.
    pub capacity: Option<i64>,
    pub band: Band,
    pub since: Option<Moment>,
    pub source: ChannelSource,
    /// The highest of the points, and when.
    pub peak: i64,
    pub peak_at: Option<Moment>,
}

diffed! {
    ChannelsPanel / ChannelsDelta {
        head: ChannelsHead,
        trunks: Table<TrunkRow>,
        /// 15 minutes by 10 s, the highest of each.
        points: Table<ChannelPoint>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrunkRow {
    pub trunk: TrunkId,
    pub active: i64,
    pub capacity: Option<i64>,
    pub band: Band,
    pub at: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelPoint {
    /// Begin of its 10 seconds.
    pub t: Moment,
    pub active: i64,
}

sent_whole!(ChannelsHead);

keyed! {
    TrunkRow: |r| r.trunk.to_string();
    ChannelPoint: |r| r.t.secs().to_string();
}
