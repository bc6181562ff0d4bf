//! What the present is compared with: read from the store every few minutes, off the live path.

use crate::law::span::{date_of, same_clock};
use app::domain::{CampaignId, Country, Moment, Span};
use app::kpi::Ratio;
use chrono::Days;
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Days back that a baseline is made of.
pub const BASELINE_DAYS: u64 = 7;

/// What figures are compared with. All are ratios of sums.
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

/// The spans to sum for a baseline at `now`: the clock hours that the last 60 minutes touch, on each of the 7 days before,
/// by the site's clock. Half-open, on the hour (UTC).
#[must_use]
pub fn same_hours(zone: Tz, now: Moment) -> Vec<(Moment, Moment)> {
    let hour = Span::hours(1);
    let (from, to) = ((now - hour).floor(hour), now.floor(hour) + hour);
    let shown = |like: Moment, days: u64| {
        let date = date_of(zone, like);
        same_clock(zone, like, date.checked_sub_days(Days::new(days)).unwrap_or(date)).floor(hour)
    };
    (1..=BASELINE_DAYS).map(|days| (shown(from, days), shown(to, days))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, UTC};

    fn spans(zone: Tz, now: &str) -> Vec<(String, String)> {
        let spans = same_hours(zone, Moment::parse(now).unwrap_or_default());
        spans.into_iter().map(|(from, to)| (from.to_rfc3339(), to.to_rfc3339())).collect()
    }

    fn span(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn the_last_sixty_minutes_touch_two_clock_hours() {
        let spans = spans(UTC, "2026-11-21T14:32:00Z");
        assert_eq!(spans.len(), 7);
        assert_eq!(spans[0], span("2026-11-20T13:00:00Z", "2026-11-20T15:00:00Z"));
    }

    #[test]
    fn nine_o_clock_is_compared_with_nine_o_clock_after_a_change_of_clocks() {
        // New York, 9:10 on the Monday after: eight and nine o'clock, the day before and at the end of the week before.
        let autumn = spans(America::New_York, "2026-11-02T14:10:00Z");
        assert_eq!(autumn[0], span("2026-11-01T13:00:00Z", "2026-11-01T15:00:00Z"), "standard time already");
        assert_eq!(autumn[1], span("2026-10-31T12:00:00Z", "2026-10-31T14:00:00Z"), "still summer time");
        assert_eq!(autumn[6], span("2026-10-26T12:00:00Z", "2026-10-26T14:00:00Z"));
        let spring = spans(America::New_York, "2026-03-09T13:10:00Z");
        assert_eq!(spring[0], span("2026-03-08T12:00:00Z", "2026-03-08T14:00:00Z"), "summer time already");
        assert_eq!(spring[1], span("2026-03-07T13:00:00Z", "2026-03-07T15:00:00Z"), "still standard time");
        // Of two and three o'clock there is only three on the day that skips two; of one and two there are three hours
        // on the day that has one twice.
        let skipped = spans(America::New_York, "2026-03-09T07:10:00Z");
        assert_eq!(skipped[0], span("2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"));
        let twice = spans(America::New_York, "2026-11-02T07:10:00Z");
        assert_eq!(twice[0], span("2026-11-01T05:00:00Z", "2026-11-01T08:00:00Z"));
    }
}
