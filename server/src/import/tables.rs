//! A table of another's database, row by row, as batches of events: the same as a file's.

use super::rows::{Batch, Explain, Reading, Told};
use crate::source::file::Translate;
use crate::source::file::times::{Order, Times};
use crate::store::foreign::Table;
use csv::StringRecord;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Pages between what is read and where a stopped import would go on: a call's rows may stand that far apart, and those
/// that waited for others when it was stopped must be read again.
const LAG: usize = 16;

/// A table, and what reads its rows.
#[derive(Debug)]
pub struct TableSource {
    pub table: Table,
    /// As it is shown: without a password.
    pub name: String,
    pub translate: Box<dyn Translate>,
    /// The names of the columns, for a translator that wants them as its first row.
    pub header: Option<StringRecord>,
}

/// Reads a table to its end, or until nobody takes batches any more.
///
/// # Errors
/// If its rows can't be read.
pub async fn read(
    source: TableSource,
    times: Times,
    explain: Explain,
    send: mpsc::Sender<Batch>,
) -> Result<Told, String> {
    let TableSource { mut table, translate, header, .. } = source;
    let mut reading = Reading::new(Some(translate), times.ordered(Order::Sorted), explain);
    if let Some(header) = header {
        reading.translated(0, &header).map_err(|wrong| wrong.to_string())?;
    }
    let mut row = 0;
    let mut marks: VecDeque<Option<String>> = VecDeque::new();
    while let Some((fields, from)) = table.page().await.map_err(|error| error.to_string())? {
        for fields in fields {
            row += 1;
            reading.row(row, fields, None);
            if let Some(batch) = reading.full(row)
                && send.send(batch).await.is_err()
            {
                return Ok(reading.end(row).1);
            }
        }
        marks.push_back(from);
        let mark = if marks.len() > LAG { marks.pop_front().flatten() } else { None };
        if send.send(Batch { mark, ..reading.take(row) }).await.is_err() {
            return Ok(reading.end(row).1);
        }
    }
    let (last, told) = reading.end(row);
    // Nobody takes it where the import was stopped.
    let _ = send.send(last).await;
    Ok(told)
}
