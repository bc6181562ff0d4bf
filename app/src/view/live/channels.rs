//! Panel 1 (S21): channels in use.

use crate::domain::{Moment, TrunkId};
use crate::kpi::Band;
use crate::view::Table;
use crate::{diffed, keyed, sent_whole};
use serde::{Deserialize, Serialize};

/// Where a count of active channels comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelSource {
    /// Samples of the trunks.
    Samples,
    /// No trunk tells: the calls that are up.
    Calls,
}

/// The gauge: how many are up of how many there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChannelsHead {
    /// Channels in use, or calls that are up.
    pub active: i64,
    /// Provisioned channels; `null` where no trunk tells.
    pub capacity: Option<i64>,
    /// What the use of the channels is judged.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
    /// What is counted.
    pub source: ChannelSource,
    /// The highest of the points, and when.
    pub peak: i64,
    /// When that was.
    pub peak_at: Option<Moment>,
}

diffed! {
    ChannelsPanel / ChannelsDelta {
        /// The panel's own figures.
        head: ChannelsHead,
        /// A row for each trunk that tells, fullest first.
        trunks: Table<TrunkRow>,
        /// 15 minutes by 10 s, the highest of each.
        points: Table<ChannelPoint>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TrunkRow {
    /// The trunk's id.
    pub trunk: TrunkId,
    /// Channels in use.
    pub active: i64,
    /// Channels provisioned; `null`: never told.
    pub capacity: Option<i64>,
    /// What the use of its channels is judged.
    pub band: Band,
    /// When that was told.
    pub at: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChannelPoint {
    /// Begin of its 10 seconds.
    pub t: Moment,
    /// The most channels in use, or calls up, in them.
    pub active: i64,
}

sent_whole!(ChannelsHead);

keyed! {
    TrunkRow: |r| r.trunk.to_string();
    ChannelPoint: |r| r.t.secs().to_string();
}
