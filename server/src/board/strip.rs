//! The real-time strip (S61): six figures, and how each went over the last hour.

use super::floor::Floor;
use super::over::Over;
use super::rows::Rows;
use super::{MINUTE, drop_before};
use app::domain::{Dimension, Fact, Moment, Span, Window};
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::live::{ChannelsHead, StripId, StripItem};
use std::collections::{BTreeMap, HashMap};

const HOUR_OF_MINUTES: i64 = 60;

/// Gauges of one moment.
#[derive(Debug, Clone, Copy)]
pub struct Present {
    active: i64,
    ready: i64,
    waiting: i64,
    problems: i64,
}

impl Present {
    pub fn of(floor: &Floor, rows: &Rows, problems: i64) -> Self {
        Self {
            active: in_use(floor, Over::Floor, rows.channels.as_ref()).0,
            ready: floor.agents.total(floor.now, Over::Floor).ready,
            waiting: floor.gauges.waiting(Over::Floor, None).0,
            problems,
        }
    }
}

/// Gauges by the minute since this server started, as far as an hour back: what sums can't tell of the past.
#[derive(Debug, Default)]
pub struct Minutes(BTreeMap<Moment, Present>);

impl Minutes {
    /// Keeps the highest of each minute, and of the ready the lowest.
    pub fn note(&mut self, now: Moment, present: Present) {
        let minute = self.0.entry(now.floor(MINUTE)).or_insert(present);
        minute.active = minute.active.max(present.active);
        minute.ready = minute.ready.min(present.ready);
        minute.waiting = minute.waiting.max(present.waiting);
        minute.problems = minute.problems.max(present.problems);
        let keep = now.floor(MINUTE) - Span::minutes(HOUR_OF_MINUTES);
        drop_before(&mut self.0, keep);
    }

    fn series(&self, now: Moment, value: impl Fn(&Present) -> i64) -> Vec<Option<i64>> {
        whole_minutes(now).map(|at| self.0.get(&at).map(&value)).collect()
    }
}

/// The 60 whole minutes before the running one, oldest first.
fn whole_minutes(now: Moment) -> impl Iterator<Item = Moment> {
    let running = now.floor(MINUTE);
    (1..=HOUR_OF_MINUTES).rev().map(move |back| running - Span::minutes(back))
}

/// Channels in use of those that there are, with their band, where trunks tell both; else the active calls, which are the same
/// count wherever they are shown: what trunks count without a capacity stands in their panel alone.
fn in_use(floor: &Floor, over: Over<'_>, channels: Option<&ChannelsHead>) -> (i64, Option<i64>, Band) {
    match channels.filter(|head| head.capacity.is_some()) {
        Some(head) => (head.active, head.capacity, head.band),
        None => (floor.gauges.active(over), None, Band::None),
    }
}

/// The strip of the whole floor or of some campaigns; with its number of problems, and how bad the worst of them is.
pub(super) fn strip(
    floor: &Floor,
    minutes: &Minutes,
    over: Over<'_>,
    judged: &Rows,
    (problems, worst): (i64, Band),
) -> Table<StripItem> {
    let now = floor.now;
    let agents = floor.agents.total(now, over);
    let (waiting, first) = floor.gauges.waiting(over, None);
    let total = |window, fact: Fact| -> i64 {
        floor.windows.each(Dimension::Total, window, over).map(|(_, held)| held.get(fact)).sum()
    };
    let mut by_minute: HashMap<Moment, (i64, Ratio)> = HashMap::new();
    for (_, at, tally) in floor.windows.buckets(Dimension::Total, over, None) {
        let minute = by_minute.entry(at.floor(MINUTE)).or_default();
        minute.0 += tally.get(Fact::Attempts);
        minute.1 += KpiId::ConnectRate.ratio(|fact| tally.get(fact));
    }
    let attempts = whole_minutes(now).map(|at| by_minute.get(&at).map(|m| m.0)).collect();
    let reached = |at: Moment| by_minute.get(&at).map(|(_, reached)| *reached).filter(|reached| reached.whole > 0);
    let connect = whole_minutes(now).map(|at| reached(at).map(|r| r.part * 10_000 / r.whole)).collect();
    // The gauges of the past are known for the whole floor only.
    let past = |value: fn(&Present) -> i64| {
        if over.is_floor() { minutes.series(now, value) } else { Vec::new() }
    };
    let (in_use, capacity, channels_band) = in_use(floor, over, judged.channels.as_ref());
    let item = |id, part, whole, band, since, spark| StripItem { id, part, whole, band, since, spark };
    let live = KpiId::ConnectRate.ratio(|fact| total(Window::Minutes60, fact));
    let cpm = KpiId::CallsPerMinute.get();
    let rows = vec![
        item(StripId::ActiveCalls, in_use, capacity, channels_band, None, past(|p| p.active)),
        item(StripId::AgentsReady, agents.ready, Some(agents.logged_in()), Band::None, None, past(|p| p.ready)),
        item(StripId::CallersWaiting, waiting, None, Band::None, first, past(|p| p.waiting)),
        item(
            StripId::CallsPerMinute,
            floor.last_minute(Dimension::Total, over, None),
            Some(1),
            cpm.read_ratio(Ratio::new(0, 1)).band,
            None,
            attempts,
        ),
        item(StripId::ConnectRate, live.part, Some(live.whole), Band::None, None, connect),
        item(
            StripId::OutOfBand,
            problems,
            Some(judged.watched()),
            if problems > 0 { worst } else { Band::None },
            None,
            past(|p| p.problems),
        ),
    ];
    Table { rows, more: 0 }
}
