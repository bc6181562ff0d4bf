//! Channels in use: of each trunk, and of the whole floor.

use crate::board::floor::Floor;
use crate::board::judgements::{Figure, Judgements};
use crate::board::memory::Memory;
use crate::board::over::Over;
use app::kpi::{KpiId, Ratio};
use app::view::PanelId;
use app::view::live::{ChannelSource, ChannelsHead, TrunkRow};

/// What was said before, and since when.
#[derive(Clone, Copy)]
pub(in crate::board) struct Said<'a> {
    pub judgements: &'a Judgements,
    pub memory: &'a Memory,
}

pub(in crate::board) fn trunk_rows(floor: &Floor, judgements: &Judgements) -> Vec<TrunkRow> {
    let kpi = KpiId::ChannelUtilisation.get();
    floor
        .samples
        .trunk_channels(floor.now)
        .map(|s| {
            let trunk = s.body.trunk.clone();
            let told = s.body.capacity.or_else(|| floor.config.capacities.get(&trunk).copied());
            let (active, capacity) = (i64::from(s.body.active), told.map(i64::from));
            let judged = kpi.read_ratio(Ratio::new(active, capacity.unwrap_or(0))).band;
            let band = judgements.said(Figure::Trunk, trunk.as_str()).unwrap_or(judged);
            TrunkRow { trunk, active, capacity, band, at: s.at }
        })
        .collect()
}

/// Channels are the trunks' own count where they tell it (of the whole floor: a trunk knows no campaigns), else the calls
/// that are up.
pub(in crate::board) fn channels_head(floor: &Floor, said: Said<'_>, over: Over<'_>) -> ChannelsHead {
    let trunks = if over.is_floor() { trunk_rows(floor, said.judgements) } else { Vec::new() };
    let (active, capacity, source) = if trunks.is_empty() {
        (floor.gauges.active(over), None, ChannelSource::Calls)
    } else {
        // A trunk without a known capacity would make the whole look fuller than it is: then none is given.
        let capacity = trunks.iter().map(|t| t.capacity).sum::<Option<i64>>();
        (trunks.iter().map(|t| t.active).sum(), capacity, ChannelSource::Samples)
    };
    // The past of the whole floor is no past of some campaigns.
    let peak = if over.is_floor() { floor.samples.peak(floor.now) } else { None };
    let judged = KpiId::ChannelUtilisation.get().read_ratio(Ratio::new(active, capacity.unwrap_or(0))).band;
    let held = if over.is_floor() { said.judgements.said(Figure::Channels, "") } else { None };
    let band = held.unwrap_or(judged);
    ChannelsHead {
        active,
        capacity,
        band,
        since: said.memory.since(PanelId::Channels, "", band),
        source,
        peak: peak.map_or(active, |(_, n)| n),
        peak_at: peak.map(|(at, _)| at),
    }
}
