//! Times at which nobody listened to the PBX: what was up then is known from its lists, calls that came and went are not.

use app::domain::{Moment, Span};
use chrono_tz::Tz;
use std::collections::VecDeque;

/// How long a gap is told of: to the end of the shift that it fell into, and the report after it.
const TOLD_FOR: Span = Span::hours(24);
/// Most gaps that are told of, the latest.
const MOST: usize = 4;

#[derive(Debug)]
pub struct Gaps {
    zone: Tz,
    gaps: VecDeque<(Moment, Moment)>,
}

impl Gaps {
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self { zone, gaps: VecDeque::new() }
    }

    pub fn note(&mut self, from: Moment, to: Moment) {
        if from < to {
            self.gaps.push_back((from, to));
        }
        while self.gaps.len() > MOST {
            self.gaps.pop_front();
        }
    }

    /// What to say of them at `now`.
    pub fn said(&mut self, now: Moment) -> Option<String> {
        self.gaps.retain(|(_, to)| now.since(*to) < TOLD_FOR);
        let spans: Vec<String> = self.gaps.iter().map(|(from, to)| self.span(*from, *to)).collect();
        (!spans.is_empty())
            .then(|| format!("away {}: calls of that time are not known; import the CDRs", spans.join(", ")))
    }

    /// In the site's time, with seconds where minutes would not tell begin and end apart.
    fn span(&self, from: Moment, to: Moment) -> String {
        let at = |moment: Moment, format| {
            let time = chrono::DateTime::from_timestamp_micros(moment.micros()).unwrap_or_default();
            time.with_timezone(&self.zone).format(format).to_string()
        };
        let format = if at(from, "%H:%M") == at(to, "%H:%M") { "%H:%M:%S" } else { "%H:%M" };
        format!("{}–{}", at(from, format), at(to, format))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_told_in_the_sites_time_for_a_day() {
        let mut gaps = Gaps::new(chrono_tz::Europe::Rome);
        let at = |text: &str| Moment::parse(text).unwrap();
        assert_eq!(gaps.said(at("2026-11-29T13:00:00Z")), None);
        gaps.note(at("2026-11-29T13:02:11Z"), at("2026-11-29T13:05:40Z"));
        gaps.note(at("2026-11-29T15:00:01Z"), at("2026-11-29T15:00:07Z"));
        let rest = "calls of that time are not known; import the CDRs";
        assert_eq!(
            gaps.said(at("2026-11-29T16:00:00Z")).unwrap(),
            format!("away 14:02–14:05, 16:00:01–16:00:07: {rest}")
        );
        assert_eq!(gaps.said(at("2026-11-30T14:00:00Z")).unwrap(), format!("away 16:00:01–16:00:07: {rest}"));
        assert_eq!(gaps.said(at("2026-11-30T16:00:00Z")), None);
    }
}
