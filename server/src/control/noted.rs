//! The audit log with its head noted where the log is not: in a file, and in the server's own log.
//!
//! Whoever may do everything in the database can make a chain that is whole again, and shorter or another. What it can't
//! change with it is what was noted elsewhere. So each append notes the new head, and the chain is recounted against it: at
//! start, after each append as far as the entry before, and every ten minutes as a whole.

use crate::audit::entry::{Changed, Draft};
use crate::audit::seal::{Head, Sealed};
use crate::clock::Clock;
use crate::control::chain::{AuditError, verify};
use crate::kit::quiet::Quiet;
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use app::domain::{CampaignId, Moment};
use futures_util::future::BoxFuture;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The whole chain is recounted as often as this.
const RECOUNTED: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub struct NotedLog {
    log: Arc<dyn AuditLog>,
    file: Option<PathBuf>,
    notes: Mutex<Notes>,
    failed: Quiet,
}

/// What is noted.
#[derive(Debug, Clone, Default)]
struct Notes {
    head: Head,
    /// What was in force when it was last looked at, by what it is of.
    in_force: BTreeMap<String, String>,
    broken: Option<String>,
}

impl NotedLog {
    /// With the notes of a file, where there is one.
    ///
    /// # Errors
    /// If there is one that can't be read.
    pub fn open(log: Arc<dyn AuditLog>, file: Option<&Path>) -> Result<Arc<Self>, StoreError> {
        let text = match file.map(std::fs::read_to_string) {
            None => String::new(),
            Some(Ok(text)) => text,
            Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Some(Err(error)) => return Err(error.into()),
        };
        let file = file.map(Path::to_owned);
        Ok(Arc::new(Self { log, file, notes: Mutex::new(Notes::read(&text)), failed: Quiet::new() }))
    }

    /// The log of a server that begins: recounted, now and until `stop`, and with what is in force now.
    ///
    /// # Errors
    /// If it can't be read or written. That it is broken is said, and goes on being said: who watches the floor still does.
    pub async fn start(
        log: Arc<dyn AuditLog>,
        file: Option<&Path>,
        in_force: &[(Changed, String)],
        clock: &Clock,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, StoreError> {
        let log = Self::open(log, file)?;
        if let Err(AuditError::Store(error)) = log.recount().await {
            return Err(error);
        }
        for (what, now) in in_force {
            log.in_force(clock.now(), *what, now).await?;
        }
        tokio::spawn(log.clone().watch(stop));
        Ok(log)
    }

    /// Recounts the whole, and says so where it is not.
    ///
    /// # Errors
    /// If it is not whole, or can't be read.
    pub async fn recount(&self) -> Result<Head, AuditError> {
        let noted = self.notes().head.clone();
        let counted = verify(&*self.log, &noted).await;
        match &counted {
            Ok(head) => {
                let mut notes = self.notes();
                if notes.head.entries < head.entries {
                    notes.head = head.clone();
                }
            }
            Err(AuditError::Store(error)) => tracing::warn!(%error, "the audit log could not be recounted"),
            Err(error) => self.is_broken(error),
        }
        counted
    }

    fn is_broken(&self, why: &AuditError) {
        let before = self.notes().broken.replace(why.to_string());
        if before.is_none() {
            tracing::error!(%why, "the audit log can't be trusted: somebody has changed it");
        }
    }

    /// Recounts now and then.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RECOUNTED) => drop(self.recount().await),
            }
        }
    }

    /// Writes down that something else is in force than when it was last looked at. What is seen for the first time is
    /// noted only: it changes nothing.
    ///
    /// # Errors
    /// If it can't be written.
    pub async fn in_force(&self, at: Moment, what: Changed, now: &str) -> Result<(), StoreError> {
        let before = self.notes().in_force.insert(what.word().to_owned(), now.to_owned());
        match before {
            Some(before) if before != now => {
                let why = SmolStr::new(format!("{now}; before: {before}"));
                self.put(&[Draft::changed(at, what, "start".into(), SmolStr::default(), why)]).await.map(|_| ())
            }
            Some(_) => Ok(()),
            None => {
                self.keep().await;
                Ok(())
            }
        }
    }

    /// Begins anew with the chain that is there: a backup has been put in the place of what was noted.
    ///
    /// # Errors
    /// If that chain is not whole, or the change can't be written down.
    pub async fn restored(&self, at: Moment, who: &str) -> Result<(), AuditError> {
        let before = self.notes().head.clone();
        let head = verify(&*self.log, &Head::default()).await?;
        self.notes().head = head;
        let why = SmolStr::new(format!("until then there were {} entries, the last {}", before.entries, before.hash));
        self.put(&[Draft::changed(at, Changed::Restore, who.into(), SmolStr::default(), why)]).await?;
        Ok(())
    }

    async fn put(&self, drafts: &[Draft]) -> Result<Head, StoreError> {
        let before = self.notes().head.clone();
        let head = self.log.append(drafts).await?;
        self.notes().head = head.clone();
        if let Err(why) = self.follows(&before, &head, drafts.len() as u64).await {
            self.is_broken(&why);
        }
        self.keep().await;
        tracing::info!(entries = head.entries, head = head.hash, "written into the audit log");
        Ok(head)
    }

    /// Whether what was appended stands behind what was noted. Another server may have written between.
    async fn follows(&self, before: &Head, head: &Head, appended: u64) -> Result<(), AuditError> {
        if head.entries < before.entries + appended {
            return Err(AuditError::CutOff { noted: before.entries, found: head.entries - appended.min(head.entries) });
        }
        if before.entries == 0 {
            return Ok(());
        }
        let query = AuditQuery { after: Some(before.entries - 1), limit: 1, ..AuditQuery::default() };
        let last = self.log.page(&query).await?;
        if last.first().is_some_and(|last| last.n == before.entries && last.hash == before.hash) {
            return Ok(());
        }
        Err(AuditError::Broken { n: before.entries, what: "it is another than the one that was noted" })
    }

    /// Writes the notes into their file, whole or not at all.
    async fn keep(&self) {
        let Some(file) = self.file.clone() else { return };
        let text = self.notes().text();
        let written = tokio::task::spawn_blocking(move || write(&file, &text)).await;
        let failed = written.map_err(std::io::Error::other).and_then(|written| written);
        if let Err(error) = failed
            && let Some(unsaid) = self.failed.turn()
        {
            tracing::warn!(%error, unsaid, "the audit log's head could not be noted in its file");
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditLog for NotedLog {
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>> {
        Box::pin(self.put(drafts))
    }

    fn page<'a>(&'a self, query: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>> {
        self.log.page(query)
    }

    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>> {
        self.log.campaigns()
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        self.log.head()
    }

    fn broken(&self) -> Option<String> {
        self.notes().broken.clone()
    }
}

impl Notes {
    /// `head ENTRIES HASH`, then a line for each thing in force. What is none of these is left out.
    fn read(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let Some((what, rest)) = line.split_once(' ') else { continue };
            match (what, rest.split_once(' ')) {
                ("head", Some((entries, hash))) => {
                    if let Ok(entries) = entries.parse() {
                        notes.head = Head { entries, hash: hash.to_owned() };
                    }
                }
                ("head", None) => {}
                (what, _) => drop(notes.in_force.insert(what.to_owned(), rest.to_owned())),
            }
        }
        notes
    }

    fn text(&self) -> String {
        let head = format!("head {} {}\n", self.head.entries, self.head.hash);
        let in_force = self.in_force.iter().map(|(what, now)| format!("{what} {}\n", now.replace('\n', " ")));
        std::iter::once(head).chain(in_force).collect()
    }
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut new = std::fs::OpenOptions::new();
    new.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    let mut to = new.open(&part)?;
    to.write_all(text.as_bytes())?;
    to.sync_all()?;
    std::fs::rename(&part, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read_back() {
        let mut notes = Notes { head: Head { entries: 7, hash: "abc".to_owned() }, ..Notes::default() };
        notes.in_force.insert("keys".to_owned(), "a (read) 12, b (ingest) 34".to_owned());
        let read = Notes::read(&notes.text());
        assert_eq!((read.head, read.in_force), (notes.head, notes.in_force));
        assert_eq!(Notes::read("nonsense\nhead x\n\n").head, Head::default());
    }
}
