//! The drawn panels of the daily and the trend view as pictures that stand alone.

use crate::chart::picture::{Body, Picture, date_and_time};
use crate::chart::table::{Cell, Column, Look, TableData};
use crate::ui::about::FloorKind;
use crate::ui::pages::{daily, trend};
use crate::ui::parts::dates;
use crate::view::daily::{DailyFrame, DayState};
use crate::view::trend::TrendFrame;
use crate::view::{DailyPanel, TrendPanel};

/// A panel of a day.
#[must_use]
pub fn of_day(frame: &DailyFrame, panel: DailyPanel, floor: FloorKind) -> Picture {
    let (title, footnote) = (daily::course::question(panel), daily::course::footnote(panel, frame));
    let data = daily::course::data(panel, frame);
    let body = if data.is_empty() { Body::Empty(daily::course::missing(panel)) } else { Body::Courses(vec![data]) };
    let window = format!("{} · {}", dates::day(&frame.day.date), daily::course::steps(frame));
    let as_of = match frame.day.state {
        DayState::Running => date_and_time(frame.as_of, &frame.site),
        DayState::Over => format!("{} {}", frame.day.date, frame.site.zone),
    };
    Picture { title, window, floor, as_of, footnote, body }
}

/// A panel over many days.
#[must_use]
pub fn of_days(frame: &TrendFrame, panel: TrendPanel, floor: FloorKind) -> Picture {
    let (title, (window, footnote)) = (trend::drawn::question(panel), trend::drawn::words(panel, frame));
    let drawn = trend::drawn::data(panel, frame);
    let body = match drawn {
        _ if panel == TrendPanel::Leading && !frame.leading.rows.is_empty() => Body::Table(leading(frame)),
        drawn if drawn.is_empty() => Body::Empty(trend::drawn::missing(panel)),
        trend::drawn::Drawn::Courses(courses) => Body::Courses(courses),
        trend::drawn::Drawn::Strips(strips) => Body::Strips(strips),
    };
    Picture { title, window, floor, as_of: date_and_time(frame.as_of, &frame.site), footnote, body }
}

fn leading(frame: &TrendFrame) -> TableData {
    let columns = [("KPI", 150.0, 0), ("Out of band on", 120.0, 1), ("In days", 60.0, 2)];
    let row = |row: &crate::view::trend::Leading| {
        let cell = |text: String, look| Cell { text, look };
        vec![
            cell(trend::leading::subject(row), Look::Plain),
            cell(dates::day(&row.on), Look::Judged(row.reaches)),
            cell(row.in_days.to_string(), Look::Plain),
        ]
    };
    TableData {
        columns: columns.map(|(title, width, rank)| Column { title, width, rank }).to_vec(),
        rows: frame.leading.rows.iter().map(row).collect(),
        more: frame.leading.more as usize,
    }
}
