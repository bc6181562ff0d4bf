//! What the trend view shows of calls, asked of the table of calls in SQL, in words that both databases know; and whether
//! the answer is the view's.

use app::domain::Moment;
use app::view::trend::TrendFrame;

const DAY: i64 = 86_400_000_000;
/// Rows of a call are numbered by the instant it was filed at.
const ROWS_A_MICRO: i64 = 1_024;

/// Which part of the view.
#[derive(Debug, Clone, Copy)]
pub enum What {
    Started,
    Resolved,
    Ended,
    Abandon,
    Aht,
    Routes,
    Pdd,
}

/// The days, and the weeks around them.
pub struct Span {
    days: Moment,
    weeks: Moment,
    to: Moment,
}

impl Span {
    pub fn of(frame: &TrendFrame) -> Result<Self, String> {
        let weeks = frame.weeks.rows.first().ok_or("the view has no weeks")?.from;
        Ok(Self { days: frame.span.from, weeks, to: frame.span.to })
    }
}

/// Each part as a statement of its own. Every figure is the last columns'; the first ones are its day or week and its key.
#[expect(clippy::too_many_lines, reason = "a list of statements that share their words")]
pub fn questions(span: &Span) -> Vec<(What, String)> {
    // The site's zone is UTC: a day is a whole number of µs, and 1970 began on a Thursday.
    let day = |at: &str| format!("{at} / {DAY}");
    let week = |at: &str| format!("({at} / {DAY} + 3) / 7");
    let within = |at: &str, from: Moment| {
        let first = (from.micros() - DAY) * ROWS_A_MICRO;
        format!("id >= {first} and {at} >= {} and {at} < {}", from.micros(), span.to.micros())
    };
    let count = |when: &str| format!("sum(case when {when} then 1 else 0 end)");
    let cast = |sum: &str| format!("cast({sum} as bigint)");
    let counts = |all: &[&str]| all.iter().map(|when| cast(&count(when))).collect::<Vec<_>>().join(", ");
    let resolved = "coalesce(answered_at, ended_at)";
    let live = "answered_at is not null and (answered_by is null or answered_by <> 'machine')";
    let abandoned = format!(
        "{live} and mode in ('predictive', 'progressive') and (bridged_at is null or bridged_at > answered_at + 2000000) \
         and (hung_up_by = 'dialer' or ended_at is null or ended_at >= answered_at + 2000000)"
    );
    let unanswered = "answered_at is null";
    let class = |n: u16| format!("{unanswered} and sip_code >= {n}00 and sip_code < {}00 and sip_code <> 408", n + 1);
    let timeout = format!("{unanswered} and (sip_code = 408 or (sip_code is null and q850 = 102))");
    let fault = format!(
        "{unanswered} and (sip_code >= 400 or (sip_code is null and q850 = 102)) and not (coalesce(sip_code, 0) = 408 and progress_at is not null) \
         and coalesce(sip_code, 0) not in (401, 404, 407, 410, 480, 484, 485, 486, 487, 600, 603, 604, 607, 608)"
    );
    let failed = format!(
        "{unanswered} and (outcome = 'failed' or (outcome is null and (sip_code is null or sip_code not in (486, 600, 480, 408, 487, 503) \
         or (sip_code = 408 and progress_at is null))))"
    );
    let handled = "answered_at is not null and bridged_at is not null";
    let handle_ms = cast(&format!(
        "sum(case when {handled} then (ended_at - bridged_at) / 1000 + coalesce(wrap_ms, 0) else 0 end)"
    ));
    let connected_ms = cast("sum(case when answered_at is not null then (ended_at - answered_at) / 1000 else 0 end)");
    let out = "(direction is null or direction = 'outbound')";
    let asked = |columns: &str, when: &str, by: &str| format!("select {columns} from calls where {when} group by {by}");
    vec![
        (
            What::Started,
            asked(
                &format!("{}, count(*)", day("started_at")),
                &format!("{out} and {}", within("started_at", span.days)),
                "1",
            ),
        ),
        (
            What::Resolved,
            asked(
                &format!(
                    "{}, count(*), {}",
                    day(resolved),
                    counts(&["answered_at is not null", live, &abandoned, &failed, &fault])
                ),
                &format!("{out} and {}", within(resolved, span.days)),
                "1",
            ),
        ),
        (
            What::Ended,
            asked(
                &format!(
                    "{}, {}, {handle_ms}, {connected_ms}",
                    day("ended_at"),
                    counts(&[handled, "answered_at is not null", "right_party"])
                ),
                &within("ended_at", span.days),
                "1",
            ),
        ),
        (
            What::Abandon,
            asked(
                &format!("campaign, {}, count(*), {}", day("answered_at"), counts(&[&abandoned])),
                &format!("{out} and {live} and {}", within("answered_at", span.days)),
                "1, 2",
            ),
        ),
        (
            What::Aht,
            asked(
                &format!("campaign, {}, count(*), {handle_ms}", week("ended_at")),
                &format!("{handled} and {}", within("ended_at", span.weeks)),
                "1, 2",
            ),
        ),
        (
            What::Routes,
            asked(
                &format!(
                    "route, {}, count(*), {}",
                    week(resolved),
                    counts(&[&class(4), &class(5), &class(6), &timeout, &fault])
                ),
                &format!("{out} and {}", within(resolved, span.weeks)),
                "1, 2",
            ),
        ),
        (
            What::Pdd,
            asked(
                &format!(
                    "coalesce(country, placed_in), {}, count(*), {}",
                    day("coalesce(progress_at, answered_at)"),
                    cast("sum((coalesce(progress_at, answered_at) - started_at) / 1000)")
                ),
                &format!("{out} and {}", within("coalesce(progress_at, answered_at)", span.days)),
                "1, 2",
            ),
        ),
    ]
}

/// The sums of what was found, to prove that it is the same question.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    started: [i64; 1],
    resolved: [i64; 6],
    ended: [i64; 5],
    abandon: [i64; 2],
    aht: [i64; 2],
    routes: [i64; 6],
    pdd: [i64; 2],
}

impl Answer {
    /// Adds a row, whose figures begin after its keys.
    pub fn add<E>(&mut self, what: What, column: impl Fn(usize) -> Result<i64, E>) -> Result<(), E> {
        let (sums, keys): (&mut [i64], usize) = match what {
            What::Started => (&mut self.started, 1),
            What::Resolved => (&mut self.resolved, 1),
            What::Ended => (&mut self.ended, 1),
            What::Abandon => (&mut self.abandon, 2),
            What::Aht => (&mut self.aht, 2),
            What::Routes => (&mut self.routes, 2),
            What::Pdd => (&mut self.pdd, 2),
        };
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += column(keys + at)?;
        }
        Ok(())
    }

    /// # Errors
    /// If the view shows other sums.
    pub fn same(&self, frame: &TrendFrame) -> Result<(), String> {
        let mut shown = Self::default();
        let put = |sums: &mut [i64], figures: &[i64]| sums.iter_mut().zip(figures).for_each(|(sum, n)| *sum += n);
        for day in &frame.days.rows {
            put(&mut shown.started, &[day.attempts]);
            let resolved = [day.resolved, day.answered, day.answered_live, day.abandoned, day.failed, day.route_faults];
            put(&mut shown.resolved, &resolved);
            put(&mut shown.ended, &[day.handled, day.connected, day.right_party, day.handle_ms, day.connected_ms]);
        }
        let sum = |list: &[i64]| list.iter().sum::<i64>();
        frame.abandon.rows.iter().for_each(|row| put(&mut shown.abandon, &[row.whole, row.part]));
        frame.aht.rows.iter().for_each(|row| put(&mut shown.aht, &[row.whole, row.part]));
        for row in &frame.routes.rows {
            let faults = sum(&row.route_faults);
            let codes = [&row.sip_4xx, &row.sip_5xx, &row.sip_6xx, &row.timeouts].map(|list| sum(list));
            put(&mut shown.routes, &[sum(&row.resolved), codes[0], codes[1], codes[2], codes[3], faults]);
        }
        frame.pdd.rows.iter().for_each(|row| put(&mut shown.pdd, &[row.whole, row.part]));
        if *self == shown { Ok(()) } else { Err(format!("SQL found {self:?}, the view shows {shown:?}")) }
    }
}
