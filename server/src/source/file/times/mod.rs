//! Times as files tell them: with an offset, as a count since 1970, or as a wall clock showed them in the file's zone
//! ([`shapes`]).
//!
//! A wall clock shows one hour twice when it is set back. Of the two readings the one is taken that fits the duration or the
//! order that the record itself tells; else the one of the second that its id begins with; else the one beside the row before
//! it; where nothing tells, the earlier (or, asked for, the later). Each such time is counted by what decided, and the first
//! are named.

pub mod shapes;

use super::Wrong;
use app::domain::{Moment, Span};
use chrono::{LocalResult, TimeZone};
use chrono_tz::Tz;
use shapes::{Dates, Shown};

/// Which of two readings is taken where nothing in the file decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Fold {
    #[default]
    Earlier,
    Later,
}

/// Whether a row's place tells of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    AsWritten,
    /// Sorted, by what a clock showed: both passes of an hour shown twice are mixed.
    Sorted,
}

/// How a time may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readings {
    None,
    One(Moment),
    /// The earlier and the later.
    Two(Moment, Moment),
}

impl Readings {
    fn all(self) -> impl Iterator<Item = Moment> + Clone {
        let (one, other) = match self {
            Self::None => (None, None),
            Self::One(at) => (Some(at), None),
            Self::Two(earlier, later) => (Some(earlier), Some(later)),
        };
        one.into_iter().chain(other)
    }
}

/// Ambiguous times named in the report at most.
const NAMED: usize = 5;
/// An id that begins with a second was given then: so far from it, it tells of another moment.
const ID_REACH: Span = Span::minutes(1);
/// Rows follow one another: so far from the one before, nearness tells nothing.
const ROW_REACH: Span = Span::minutes(30);

/// How many times that the clock showed twice were placed, by what decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placed {
    pub by_record: u64,
    pub by_id: u64,
    pub by_order: u64,
    pub by_fold: u64,
}

impl Placed {
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.by_record + self.by_id + self.by_order + self.by_fold
    }
}

/// Reads the times of one file.
#[derive(Debug, Clone)]
pub struct Times {
    zone: Option<Tz>,
    fold: Fold,
    dates: Option<Dates>,
    /// The number of the row that is read.
    row: u64,
    /// The second that the row's id begins with.
    id_second: Option<Moment>,
    /// Whether rows come in the order in which they were written.
    order: Order,
    /// The moment read last.
    last: Option<Moment>,
    pub placed: Placed,
    /// The first of them, as written.
    pub named: Vec<String>,
}

impl Times {
    #[must_use]
    pub const fn new(zone: Option<Tz>, fold: Fold) -> Self {
        let placed = Placed { by_record: 0, by_id: 0, by_order: 0, by_fold: 0 };
        Self {
            zone,
            fold,
            dates: None,
            row: 0,
            id_second: None,
            order: Order::AsWritten,
            last: None,
            placed,
            named: Vec::new(),
        }
    }

    /// The same, for dates whose year comes last.
    #[must_use]
    pub const fn dated(mut self, dates: Option<Dates>) -> Self {
        self.dates = dates;
        self
    }

    /// The same, for rows in another order than that in which they were written.
    #[must_use]
    pub const fn ordered(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Begins with the row of that number.
    pub fn begin(&mut self, row: u64) {
        self.row = row;
        self.id_second = None;
    }

    /// The number of the row that is read.
    #[must_use]
    pub const fn row(&self) -> u64 {
        self.row
    }

    /// Names the row that is read by an id like `1792888200.3` or `pbx-1792888200.3`, which begins with the second in
    /// which it was given.
    pub fn identified(&mut self, id: &str) {
        let second = id.rsplit_once('.').map(|(whole, _)| whole.rsplit_once('-').map_or(whole, |(_, secs)| secs));
        self.id_second =
            second.filter(|secs| secs.len() == 10).and_then(|secs| secs.parse().ok()).map(Moment::from_secs);
    }

    /// How `text` may be read; nothing from an empty one, or one of the ways to write that something never was.
    ///
    /// # Errors
    /// If it is no time, bears no offset where the file's zone is not known, or is one that clocks never showed.
    pub fn readings(&self, field: &'static str, text: &str) -> Result<Readings, Wrong> {
        let wrong = |why: String| Wrong::new(field, why).showing(text);
        let wall = match shapes::read(text, self.dates).map_err(|why| wrong(why.to_owned()))? {
            Shown::Never => return Ok(Readings::None),
            Shown::At(at) => return Ok(Readings::One(at)),
            Shown::Wall(wall) => wall,
        };
        let zone = self.zone.ok_or_else(|| {
            wrong(
                "bears no offset from UTC; say with --file-zone which zone's clock the file was written by".to_owned(),
            )
        })?;
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => Ok(Readings::One(Moment::from_micros(at.timestamp_micros()))),
            LocalResult::Ambiguous(earlier, later) => Ok(Readings::Two(
                Moment::from_micros(earlier.timestamp_micros()),
                Moment::from_micros(later.timestamp_micros()),
            )),
            LocalResult::None => {
                Err(wrong(format!("{wall} never was in {}: clocks were set forward over it", zone.name())))
            }
        }
    }

    /// Takes the reading that is nearest to `near`, where the record tells that.
    pub fn settle(&mut self, text: &str, readings: Readings, near: Option<Moment>) -> Option<Moment> {
        let at = match readings {
            Readings::None => return None,
            Readings::One(at) => at,
            Readings::Two(earlier, later) => {
                if self.named.len() < NAMED {
                    self.named.push(text.trim().to_owned());
                }
                self.place(earlier, later, near)
            }
        };
        self.last = match self.order {
            Order::AsWritten => Some(at),
            Order::Sorted => None,
        };
        Some(at)
    }

    fn place(&mut self, earlier: Moment, later: Moment, near: Option<Moment>) -> Moment {
        let nearest = |to: Moment| if distance(later, to) < distance(earlier, to) { later } else { earlier };
        let within = |to: Moment, reach: Span| (distance(nearest(to), to) <= reach).then(|| nearest(to));
        if let Some(near) = near {
            self.placed.by_record += 1;
            nearest(near)
        } else if let Some(at) = self.id_second.and_then(|second| within(second, ID_REACH)) {
            self.placed.by_id += 1;
            at
        } else if let Some(at) = self.last.and_then(|last| within(last, ROW_REACH)) {
            self.placed.by_order += 1;
            at
        } else {
            self.placed.by_fold += 1;
            match self.fold {
                Fold::Earlier => earlier,
                Fold::Later => later,
            }
        }
    }

    /// Reads a time that does not lie before another one of the same call.
    ///
    /// # Errors
    /// See [`Times::readings`].
    pub fn after(&mut self, field: &'static str, text: &str, before: Option<Moment>) -> Result<Option<Moment>, Wrong> {
        let readings = self.readings(field, text)?;
        let near = match (readings, before) {
            (Readings::Two(earlier, later), Some(before)) if earlier < before => Some(later),
            // What went before was settled; the earlier reading that fits it is the nearest.
            (Readings::Two(earlier, _), Some(_)) => Some(earlier),
            (Readings::None | Readings::One(_) | Readings::Two(..), _) => None,
        };
        Ok(self.settle(text, readings, near))
    }

    /// Reads the begin and the end of something that took a known time.
    ///
    /// # Errors
    /// See [`Times::readings`].
    pub fn span(
        &mut self,
        (start_field, start): (&'static str, &str),
        (end_field, end): (&'static str, &str),
        took: Option<Span>,
    ) -> Result<(Option<Moment>, Option<Moment>), Wrong> {
        let (starts, ends) = (self.readings(start_field, start)?, self.readings(end_field, end)?);
        let near = took.and_then(|took| begin_that_fits(starts, ends, took));
        let begun = self.settle(start, starts, near);
        let near = begun.zip(took).map(|(begun, took)| begun + took).or(begun);
        Ok((begun, self.settle(end, ends, near)))
    }
}

fn distance(a: Moment, b: Moment) -> Span {
    if a < b { b.since(a) } else { a.since(b) }
}

/// The begin that alone gives what something took, whichever end is meant; `None` where both do, or there is one only.
fn begin_that_fits(starts: Readings, ends: Readings, took: Span) -> Option<Moment> {
    let misses = |start: Moment| ends.all().map(|end| distance(start + took, end)).min();
    match starts {
        Readings::None | Readings::One(_) => None,
        Readings::Two(earlier, later) => match (misses(earlier)?, misses(later)?) {
            (a, b) if a < b => Some(earlier),
            (a, b) if b < a => Some(later),
            _ => None,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;

    fn at(text: &str) -> Option<Moment> {
        Some(Moment::parse(text).unwrap())
    }

    #[test]
    fn times_come_in_many_shapes() {
        let mut times = Times::new(Some(New_York), Fold::Earlier);
        for text in [
            "2026-11-21 09:32:08",
            "2026-11-21T09:32:08.000",
            "2026-11-21T14:32:08Z",
            "2026-11-21 15:32:08+01:00",
            "1795271528",
            "1795271528.000000",
            "1795271528000",
            "1795271528000000",
        ] {
            assert_eq!(times.after("t", text, None).unwrap(), at("2026-11-21T14:32:08Z"), "{text}");
        }
        assert_eq!(times.after("t", " ", None).unwrap(), None);
        assert_eq!(times.placed, Placed::default());
        let wrong = times.after("start", "yesterday", None).unwrap_err();
        assert_eq!((wrong.field.as_str(), wrong.why.as_str()), ("start", "not a time (like 2026-11-21 14:32:08)"));
        let unknown = Times::new(None, Fold::Earlier).after("t", "2026-11-21 09:32:08", None).unwrap_err();
        assert!(unknown.why.contains("--file-zone"));
    }

    #[test]
    fn an_hour_shown_twice_is_read_by_what_the_record_tells_else_as_the_earlier() {
        let mut times = Times::new(Some(New_York), Fold::Earlier);
        let (first, second) = (at("2026-11-01T05:30:00Z"), at("2026-11-01T06:30:00Z"));
        let shown = "2026-11-01 01:30:00";
        assert_eq!(times.after("t", shown, None).unwrap(), first);
        assert_eq!(times.after("t", shown, at("2026-11-01T05:40:00Z")).unwrap(), second, "not before what went before");
        assert_eq!(times.after("t", shown, at("2026-11-01T05:20:00Z")).unwrap(), first);
        // Twenty seconds over the end of the repeated hour.
        let span = times.span(("s", "2026-11-01 01:59:50"), ("e", "2026-11-01 02:00:10"), Some(Span::secs(20)));
        assert_eq!(span.unwrap(), (at("2026-11-01T06:59:50Z"), at("2026-11-01T07:00:10Z")));
        // Over the moment at which the clock was set back.
        let span = times.span(("s", "2026-11-01 01:59:50"), ("e", "2026-11-01 01:00:10"), Some(Span::secs(20)));
        assert_eq!(span.unwrap(), (at("2026-11-01T05:59:50Z"), at("2026-11-01T06:00:10Z")));
        assert_eq!(times.placed, Placed { by_fold: 1, by_record: 5, ..Placed::default() });
        assert_eq!(times.named.len(), 5);
        assert_eq!(Times::new(Some(New_York), Fold::Later).after("t", shown, None).unwrap(), second);
    }

    #[test]
    fn a_time_that_no_clock_showed_is_refused() {
        let wrong = Times::new(Some(New_York), Fold::Earlier).after("start", "2026-03-08 02:30:00", None).unwrap_err();
        assert_eq!(wrong.why, "2026-03-08 02:30:00 never was in America/New_York: clocks were set forward over it");
    }

    #[test]
    fn an_hour_shown_twice_is_placed_by_the_second_of_an_id() {
        let mut times = Times::new(Some(chrono_tz::Europe::Rome), Fold::Earlier);
        for (id, moment) in [
            ("1792888200.3", "2026-10-25T00:30:00Z"),
            ("1792891800.5", "2026-10-25T01:30:00Z"),
            ("pbx-2-1792891800.6", "2026-10-25T01:30:00Z"),
        ] {
            times.identified(id);
            assert_eq!(times.after("start", "2026-10-25 02:30:00", None).unwrap(), at(moment), "{id}");
        }
        assert_eq!(times.placed, Placed { by_id: 3, ..Placed::default() });
    }

    #[test]
    fn without_such_an_id_the_hour_is_placed_beside_the_row_before() {
        let mut times = Times::new(Some(chrono_tz::Europe::Rome), Fold::Earlier);
        let shown = ["01:50", "02:10", "02:30", "02:55", "02:05", "02:31", "02:58", "03:05"];
        let utc = ["23:50", "00:10", "00:30", "00:55", "01:05", "01:31", "01:58", "02:05"];
        let mut day = 24;
        for (shown, utc) in shown.into_iter().zip(utc) {
            let read = times.after("start", &format!("2026-10-25 {shown}:00"), None).unwrap();
            assert_eq!(read, at(&format!("2026-10-{day}T{utc}:00Z")), "{shown}");
            times.identified("");
            day = 25;
        }
        assert_eq!(times.placed, Placed { by_order: 6, ..Placed::default() });
        // A row from hours before tells nothing.
        let mut times = Times::new(Some(chrono_tz::Europe::Rome), Fold::Later);
        times.after("start", "2026-10-24 20:00:00", None).unwrap();
        assert_eq!(times.after("start", "2026-10-25 02:30:00", None).unwrap(), at("2026-10-25T01:30:00Z"));
        assert_eq!(times.placed, Placed { by_fold: 1, ..Placed::default() });
    }
}
