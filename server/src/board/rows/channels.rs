//! Channels in use: of each trunk, and of the whole floor.

use crate::board::Board;
use crate::board::judgements::Figure;
use app::domain::CampaignId;
use app::kpi::{KpiId, Ratio};
use app::view::PanelId;
use app::view::live::{ChannelSource, ChannelsHead, TrunkRow};

impl Board {
    pub(in crate::board) fn trunk_rows(&self) -> Vec<TrunkRow> {
        let kpi = KpiId::ChannelUtilisation.get();
        self.samples
            .trunk_channels(self.now)
            .map(|s| {
                let trunk = s.body.trunk.clone();
                let told = s.body.capacity.or_else(|| self.config.capacities.get(&trunk).copied());
                let (active, capacity) = (i64::from(s.body.active), told.map(i64::from));
                let judged = kpi.read_ratio(Ratio::new(active, capacity.unwrap_or(0))).band;
                let band = self.judgements.said(Figure::Trunk, trunk.as_str()).unwrap_or(judged);
                TrunkRow { trunk, active, capacity, band, at: s.at }
            })
            .collect()
    }

    /// Channels are the trunks' own count where they tell it (of the whole floor: a trunk knows no campaigns), else the calls
    /// that are up.
    pub(in crate::board) fn channels_head(&self, campaign: Option<&CampaignId>) -> ChannelsHead {
        let trunks = if campaign.is_none() { self.trunk_rows() } else { Vec::new() };
        let (active, capacity, source) = if trunks.is_empty() {
            (self.gauges.active(campaign), None, ChannelSource::Calls)
        } else {
            // A trunk without a known capacity would make the whole look fuller than it is: then none is given.
            let capacity = trunks.iter().map(|t| t.capacity).sum::<Option<i64>>();
            (trunks.iter().map(|t| t.active).sum(), capacity, ChannelSource::Samples)
        };
        let peak = self.samples.peak();
        let judged = KpiId::ChannelUtilisation.get().read_ratio(Ratio::new(active, capacity.unwrap_or(0))).band;
        let band = campaign.map_or_else(|| self.judgements.said(Figure::Channels, ""), |_| None).unwrap_or(judged);
        ChannelsHead {
            active,
            capacity,
            band,
            since: self.memory.since(PanelId::Channels, "", band),
            source,
            peak: peak.map_or(active, |(_, n)| n),
            peak_at: peak.map(|(at, _)| at),
        }
    }
}
