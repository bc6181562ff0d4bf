//! Of the running day: its figures that are out of band, as the daily view tells them. Made of its frame, every five minutes.

use super::Problem;
use app::domain::{Moment, Span};
use app::kpi::catalog::Unit;
use app::kpi::{Band, KpiId, Ratio, format};
use app::view::Place;
use app::view::daily::{CampaignDay, DailyFrame, DayKpi, DayState, RouteDay};
use app::view::problems::ProblemCause;

/// A frame that is older is none of now: three were missed.
const STALE: Span = Span::minutes(15);

/// What the running day's frame says.
#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    as_of: Moment,
    to: Moment,
    problems: Vec<Problem>,
    differing: Vec<&'static str>,
}

impl Today {
    /// `None` of a day that is over.
    #[must_use]
    pub fn of(frame: &DailyFrame) -> Option<Self> {
        if frame.day.state == DayState::Over {
            return None;
        }
        let problem = |row: &DayKpi| of_kpi(KpiId::from_id(&row.kpi)?, row, frame);
        let differs = |row: &DayKpi| row.against.is_out().then(|| KpiId::from_id(&row.kpi).map(|kpi| kpi.get().id));
        Some(Self {
            as_of: frame.as_of,
            to: frame.day.to,
            problems: frame.kpis.rows.iter().filter_map(problem).collect(),
            differing: frame.kpis.rows.iter().filter_map(|row| differs(row)?).collect(),
        })
    }

    /// Whether it still speaks of now.
    #[must_use]
    pub fn is_of(&self, now: Moment) -> bool {
        now < self.to && now - self.as_of <= STALE && self.as_of - now <= STALE
    }

    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> {
        self.problems.iter().cloned()
    }

    /// Figures that are out of range against the same day of the week before: another day, no problem of this one.
    #[must_use]
    pub fn differing(&self) -> &[&'static str] {
        &self.differing
    }
}

/// The floor's figure, with the campaigns and routes that are out with it; `None` where none of them is.
fn of_kpi(kpi: KpiId, row: &DayKpi, frame: &DailyFrame) -> Option<Problem> {
    let mut parts: Vec<Problem> = Vec::new();
    let name = |name: &str| if name.is_empty() { "without a name".to_owned() } else { name.to_owned() };
    for campaign in &frame.campaigns.rows {
        let (band, ratio) = of_campaign(kpi, campaign);
        parts.extend(band.is_out().then(|| part(kpi, band, &name(&campaign.name), ratio)));
    }
    for route in &frame.routes.rows {
        let (band, ratio) = of_route(kpi, route);
        let of_now = (ProblemCause::Route, route.route.as_str().into());
        parts.extend(band.is_out().then(|| part(kpi, band, &name(&route.name), ratio).follows_from([of_now])));
    }
    let whole = Ratio::new(row.part, row.whole);
    if row.band.is_out() {
        let problem = told(kpi, row.band, format!("{} today", kpi.get().label), whole);
        return Some(Problem { explains: parts, ..problem });
    }
    // Well as a whole: the worst of its parts speaks for the others.
    let worst = parts.iter().map(|part| part.band).max()?;
    let first = parts.iter().position(|part| part.band == worst)?;
    let mut first = parts.remove(first);
    if !parts.is_empty() {
        let more = format::count(i64::try_from(parts.len()).unwrap_or(i64::MAX));
        first.text.push_str(&format!(", {more} more"));
    }
    Some(Problem { explains: parts, ..first })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other KPIs are in no column of a campaign's day")]
fn of_campaign(kpi: KpiId, row: &CampaignDay) -> (Band, Ratio) {
    match kpi {
        KpiId::AbandonRate => (row.abandon_band, Ratio::new(row.abandoned, row.judged_live)),
        KpiId::ErrorRate => (row.error_band, Ratio::new(row.errors, row.resolved)),
        KpiId::InboundAnswerRate => (row.inbound_band, Ratio::new(row.inbound_answered, row.judged_inbound)),
        KpiId::QueueAbandonRate => (row.queue_band, Ratio::new(row.queue_abandoned, row.judged_queued)),
        _ => (Band::None, Ratio::default()),
    }
}

fn of_route(kpi: KpiId, row: &RouteDay) -> (Band, Ratio) {
    if kpi == KpiId::RouteFaultRate {
        (row.faults_band, Ratio::new(row.route_faults, row.resolved))
    } else {
        (Band::None, Ratio::default())
    }
}

fn part(kpi: KpiId, band: Band, of: &str, ratio: Ratio) -> Problem {
    told(kpi, band, format!("{of}: {} today", kpi.get().label.to_lowercase()), ratio)
}

fn told(kpi: KpiId, band: Band, subject: String, ratio: Ratio) -> Problem {
    let entry = kpi.get();
    let value = if entry.unit == Unit::Share {
        format::percent(ratio, 1, entry.bands())
    } else {
        format::seconds_judged(ratio, 1, entry.bands())
    };
    let text = match entry.is_share_of_calls() {
        true => format!("{value}, {} of {}", format::count(ratio.part), format::count(ratio.whole)),
        false => value,
    };
    // Where it is so right now, that it is so of the day follows.
    Problem::new(ProblemCause::Today, entry.id, band, Place::Day(entry.id), subject, text)
        .follows_from([(ProblemCause::Floor, entry.id.into())])
}
