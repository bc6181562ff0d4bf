//! One file through: read on a thread of its own, handed on in batches, several under way at once. The order in which they
//! arrive does not matter, for calls are merges.

use super::explain::Explained;
use super::lines::{self, Source};
use super::remote::{Failure, PATIENCE, Remote};
use super::rows::{Batch, Explain, Reject, Told};
use super::tables::{self, TableSource};
use super::tally::Tally;
use crate::law::span::Stretch;
use crate::source::feed::{Feed, Taken};
use crate::source::file::times::Times;
use crate::source::file::{Origin, Wrong};
use crate::store::any::Store;
use crate::store::read::Reader;
use app::domain::{Event, Moment, RealmId, Span};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Batches read ahead, and batches under way: the writer commits several at once.
const AHEAD: usize = 4;

/// What an import has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The rows, by what became of them.
    pub tally: Tally,
    pub accepted: u64,
    /// What was there already.
    pub duplicate: u64,
    /// What was not taken.
    pub rejected: u64,
    /// Up to which line everything is durable, and nothing was lost; how far that is, as [`Batch::done`] counts.
    pub line: u64,
    pub read: u64,
    /// From when on a table must be read again.
    pub mark: Option<String>,
    /// Hours that have calls of other sources, by their realm.
    pub covered: BTreeMap<RealmId, BTreeSet<Moment>>,
}

/// Where rows come from.
#[derive(Debug)]
pub enum Input {
    File(Source),
    Table(TableSource),
}

/// What one file, or table, needs.
#[derive(Debug)]
pub struct Job {
    pub input: Input,
    pub times: Times,
    pub explain: Explain,
    pub target: Feed<Remote>,
    /// Where it is looked who else tells of the same time; whose calls the file has.
    pub beside: Option<(Store, Origin)>,
}

/// Hears of progress and of each row that was not taken.
pub trait Listen {
    fn progress(&mut self, done: &Done);
    fn reject(&mut self, reject: &Reject);
    /// Hears what became of a row, where that was asked for.
    fn explain(&mut self, line: u64, explained: &Explained);
}

/// Reads the file and hands it on, to its end or until told to stop. Gives what was done, and what the file as a whole told.
///
/// # Errors
/// If the file can't be read, or its events can't be taken: what was taken stays, and the file can be read again.
pub async fn run(job: Job, stop: &CancellationToken, listen: &mut impl Listen) -> Result<(Done, Told), Failure> {
    let Job { input, times, explain, target, beside } = job;
    let (send, mut batches) = mpsc::channel::<Batch>(AHEAD);
    let reading = match input {
        Input::File(source) => tokio::task::spawn_blocking(move || {
            let sent = |batch| send.blocking_send(batch).is_ok();
            lines::read(source, times, explain, sent).map_err(|error| error.to_string())
        }),
        Input::Table(source) => tokio::spawn(tables::read(source, times, explain, send)),
    };
    let mut done = Done::default();
    let mut looked_at = BTreeSet::new();
    let mut under_way: JoinSet<Result<(u64, Batch, Taken), Failure>> = JoinSet::new();
    let (mut number, mut fates) = (0, Fates::default());
    loop {
        let batch = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            batch = batches.recv() => batch,
        };
        let Some(batch) = batch else { break };
        if let Some((reader, origin)) = &beside {
            look_beside(reader, origin, &batch, &mut looked_at, &mut done).await?;
        }
        let target = target.clone();
        under_way.spawn(async move {
            let events: Vec<Event> = batch.events.iter().map(|(_, event)| event.clone()).collect();
            let taken = if events.is_empty() { Taken::default() } else { target.hand_on(&events, PATIENCE).await? };
            Ok((number, batch, taken))
        });
        number += 1;
        while under_way.len() >= AHEAD {
            settle(&mut under_way, &mut fates, &mut done, listen).await?;
        }
    }
    batches.close();
    // What is on its way is not waited for by who reads.
    while batches.try_recv().is_ok() {}
    while !under_way.is_empty() {
        settle(&mut under_way, &mut fates, &mut done, listen).await?;
    }
    let told = reading.await.map_err(|error| error.to_string())??;
    Ok((done, told))
}

/// The fates of rows as they are told: when it is known whether what they tell was taken, in the rows' order.
#[derive(Debug, Default)]
struct Fates {
    next: u64,
    settled: BTreeMap<u64, Vec<(u64, Explained)>>,
    rejected: BTreeMap<u64, Explained>,
}

impl Fates {
    fn settle(&mut self, number: u64, explained: Vec<(u64, Explained)>, listen: &mut impl Listen) {
        self.settled.insert(number, explained);
        while let Some(explained) = self.settled.remove(&self.next) {
            self.next += 1;
            for (line, explained) in explained {
                listen.explain(line, &self.rejected.remove(&line).unwrap_or(explained));
            }
        }
    }
}

async fn settle(
    under_way: &mut JoinSet<Result<(u64, Batch, Taken), Failure>>,
    fates: &mut Fates,
    done: &mut Done,
    listen: &mut impl Listen,
) -> Result<(), Failure> {
    let Some(ended) = under_way.join_next().await else { return Ok(()) };
    let (number, batch, taken) = ended.map_err(|error| error.to_string())??;
    done.tally.add(&batch.tally);
    let mut rejects = batch.rejects;
    for (line, wrong) in of_rows(&batch.events, &taken.rejected) {
        done.tally.reject(&wrong);
        fates.rejected.insert(line, Explained::rejected(&wrong));
        rejects.push(Reject { line, wrong });
    }
    fates.settle(number, batch.explained, listen);
    rejects.sort_by_key(|reject| reject.line);
    rejects.iter().for_each(|reject| listen.reject(reject));
    done.accepted += taken.accepted;
    done.duplicate += taken.duplicate;
    done.rejected += taken.rejected.len() as u64;
    if batch.mark.is_some() && batch.line >= done.line {
        done.mark.clone_from(&batch.mark);
    }
    (done.line, done.read) = (done.line.max(batch.line), done.read.max(batch.done));
    listen.progress(done);
    Ok(())
}

/// The rows whose events were not taken, each once and with every reason that there is.
fn of_rows(events: &[(u64, Event)], rejected: &[(usize, String)]) -> BTreeMap<u64, Wrong> {
    let mut reasons: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for (at, why) in rejected {
        let line = events.get(*at).map_or(0, |(line, _)| *line);
        reasons.entry(line).or_default().insert(why);
    }
    let wrong = |reasons: BTreeSet<&str>| {
        let all = reasons.into_iter().collect::<Vec<_>>().join("; ");
        // `data.from: what is wrong`: the field, and why.
        let (field, why) = all.split_once(": ").unwrap_or(("", &all));
        Wrong::new(field.trim_start_matches("data."), why)
    };
    reasons.into_iter().map(|(line, reasons)| (line, wrong(reasons))).collect()
}

/// Looks, once an hour that the file tells of, whether others told of calls in it.
async fn look_beside(
    reader: &Store,
    origin: &Origin,
    batch: &Batch,
    looked_at: &mut BTreeSet<Moment>,
    done: &mut Done,
) -> Result<(), String> {
    let hours: BTreeSet<Moment> = batch.events.iter().map(|(_, event)| event.time.floor(Span::hours(1))).collect();
    for hour in hours.into_iter().filter(|hour| looked_at.insert(*hour)) {
        let during = Stretch { from: hour, to: hour + Span::hours(1) };
        let realms = reader.realms(during).await.map_err(|error| error.to_string())?;
        for realm in realms.into_iter().filter(|realm| *realm != origin.realm) {
            done.covered.entry(realm).or_default().insert(hour);
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_row_whose_events_were_not_taken_is_rejected_once_with_all_reasons() {
        let json = r#"{"specversion":"1.0","id":"e","source":"s","type":"call.ended","time":"2026-11-21T10:00:00Z","data":{"call_id":"a"}}"#;
        let event = app::domain::parse::event(json).unwrap();
        let events: Vec<_> = [7, 7, 7, 9].map(|line| (line, event.clone())).into();
        let (old, far) = ("time: too old".to_owned(), "data.ended_at: too far".to_owned());
        let rejected = [(0, old.clone()), (1, old.clone()), (2, far), (3, old)];
        let rows: Vec<_> =
            of_rows(&events, &rejected).into_iter().map(|(line, wrong)| (line, wrong.to_string())).collect();
        assert_eq!(rows, [(7, "ended_at: too far; time: too old".to_owned()), (9, "time: too old".to_owned())]);
    }
}
