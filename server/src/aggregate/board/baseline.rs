//! What the present is compared with: read from the store every few minutes, off the live path.

use app::domain::{CampaignId, Country, Moment, Span};
use app::kpi::Ratio;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Days back that a baseline is made of.
pub const BASELINE_DAYS: i64 = 7;

/// See the module. All are ratios of sums.
#[derive(Debug, Default, Clone)]
pub struct Baselines {
    /// answered live ÷ resolved by campaign, over the clock hours that the last 60 minutes touch, on the 7 days before.
    pub connect: HashMap<CampaignId, Ratio>,
    /// abandoned ÷ answered live, likewise.
    pub abandon: HashMap<CampaignId, Ratio>,
    /// answered ÷ resolved by DID, likewise.
    pub dids: HashMap<SmolStr, Ratio>,
    /// ms ÷ progressed by country, over the hour before the last.
    pub pdd: HashMap<Country, Ratio>,
}

/// The spans to sum for a baseline at `now`: the clock hours (UTC) that the last 60 minutes touch, on each of the 7 days
/// before. Half-open, on the hour.
#[must_use]
pub fn same_hours(now: Moment) -> Vec<(Moment, Moment)> {
    let hour = Span::hours(1);
    let (from, to) = ((now - hour).floor(hour), now.floor(hour) + hour);
    (1..=BASELINE_DAYS).map(|day| (from - Span::days(day), to - Span::days(day))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sixty_minutes_touch_two_clock_hours() {
        let now = Moment::parse("2026-11-21T14:32:00Z").unwrap_or_default();
        let spans = same_hours(now);
        assert_eq!(spans.len(), 7);
        assert_eq!(spans[0].0.to_rfc3339(), "2026-11-20T13:00:00Z");
        assert_eq!(spans[0].1.to_rfc3339(), "2026-11-20T15:00:00Z");
    }
}
