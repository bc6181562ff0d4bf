//! What is said while files are read: how far it is, and each row that was not taken.

use super::super::progress::{Progress, bar, left, rate};
use crate::aside;
use crate::import::explain::Explained;
use crate::import::rows::{Explain, Reject};
use crate::import::run::{Done, Listen};
use crate::kit::sheet::harmless;
use anyhow::Context;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Rejected rows named on the terminal; all of them go to the file of `--rejects`.
const NAMED: u64 = 20;

pub(super) struct Report {
    progress: Progress,
    /// How much there is to read, as [`Done::read`] counts.
    size: u64,
    file: String,
    rejects: Rejects,
    explained: Listing,
}

impl Report {
    pub(super) fn new(rejects: Option<&Path>, explain: Option<&Path>) -> anyhow::Result<Self> {
        let rejects = Rejects {
            list: Listing::to("--rejects", rejects, &["file", "line", "field", "reason", "text"])?,
            count: 0,
        };
        let explained = Listing::to("--explain", explain, &["file", "line", "fate", "words"])?;
        Ok(Self { progress: Progress::new(), size: 0, file: String::new(), rejects, explained })
    }

    pub(super) fn explain(&self) -> Explain {
        if self.explained.is_asked_for() { Explain::EachRow } else { Explain::No }
    }

    pub(super) fn begin(&mut self, file: String, size: u64) {
        (self.file, self.size) = (file, size);
        self.progress = Progress::new();
    }

    /// Takes the line of progress away.
    pub(super) fn pause(&mut self) {
        self.progress.end();
    }

    pub(super) fn end(self) -> anyhow::Result<()> {
        self.rejects.end()?;
        self.explained.end()
    }
}

impl Listen for Report {
    fn progress(&mut self, done: &Done) {
        let size = self.size.max(1);
        self.progress.show(|progress| {
            let (elapsed, part) = (progress.elapsed(), done.read.saturating_mul(1_000) / size);
            let (rows, rejected) = (done.tally.rows, done.tally.rejected.all());
            let (rate, left) = (rate(elapsed, rows), left(elapsed, done.read, size));
            format!("{}  {rows} rows, {rate} a second, {left} left, {rejected} rejected", bar(part))
        });
    }

    fn reject(&mut self, reject: &Reject) {
        self.progress.end();
        self.rejects.add(&self.file, reject);
    }

    fn explain(&mut self, line: u64, Explained { fate, words }: &Explained) {
        self.explained.write(&[&self.file, &line.to_string(), fate, words]);
    }
}

/// The rows that were not taken: all of them to a file where one is named, the first to the terminal.
struct Rejects {
    list: Listing,
    count: u64,
}

impl Rejects {
    fn add(&mut self, file: &str, Reject { line, wrong }: &Reject) {
        self.count += 1;
        self.list.write(&[file, &line.to_string(), &wrong.field, &wrong.why, &wrong.text]);
        if self.count <= NAMED {
            aside!("{file}:{line}: {}", Explained::rejected(wrong).words);
        }
    }

    fn end(self) -> anyhow::Result<()> {
        if self.count > NAMED {
            let listed =
                if self.list.is_asked_for() { "all are in the file of --rejects" } else { "--rejects FILE lists all" };
            aside!("… and {} more rejected rows; {listed}", self.count - NAMED);
        }
        self.list.end()
    }
}

/// A CSV that is written on the side, where it is asked for.
struct Listing {
    option: &'static str,
    file: Option<csv::Writer<BufWriter<File>>>,
    failed: Option<csv::Error>,
}

impl Listing {
    fn to(option: &'static str, path: Option<&Path>, header: &[&str]) -> anyhow::Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| format!("{option} {}", path.display()));
        let file = path.map(open).transpose()?.map(|file| csv::Writer::from_writer(BufWriter::new(file)));
        let mut listing = Self { option, file, failed: None };
        listing.write(header);
        Ok(listing)
    }

    const fn is_asked_for(&self) -> bool {
        self.file.is_some()
    }

    /// These lists are looked at in a spreadsheet, too.
    fn write(&mut self, row: &[&str]) {
        let cells = row.iter().map(|text| harmless(text).into_owned());
        if let Some(Err(error)) = self.file.as_mut().map(|file| file.write_record(cells)) {
            self.failed = Some(error);
        }
    }

    fn end(mut self) -> anyhow::Result<()> {
        if let Some(error) = self.failed {
            return Err(error).context(self.option);
        }
        match self.file.take() {
            Some(mut file) => file.flush().context(self.option),
            None => Ok(()),
        }
    }
}
