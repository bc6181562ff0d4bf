//! The database's file as this process holds it: its lock, who may read it, whether it is still there, and whether it was
//! found with all that had been committed.
//!
//! SQLite goes on writing into a file that somebody has deleted or moved away, and into a log (`-wal`) likewise: what is
//! acknowledged then is nowhere when the process ends. So before and after each commit they are looked for where they were.
//! And it opens a database without its log without a word, though the newest commits stand there: so each commit has a
//! number, which is also noted in the file of the lock.

use super::beside;
use crate::store::StoreError;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Seek, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Beside the database: held by older versions alone, and by all where a database's own lock is not to be had.
const LOCK: &str = ".lock";
/// SQLite's log of what is not yet in the database itself.
const WAL: &str = "-wal";
/// Where in it what is; a second one of these, and two readers see two databases.
const SHM: &str = "-shm";

/// The lock, held for as long as this lives. Two writers would each believe their own memory of the sums.
#[derive(Debug)]
pub(super) struct Lock {
    beside: File,
    /// The database itself: who removes the file beside it opens no second door.
    database: Option<Itself>,
}

/// The database's file, opened beside SQLite; it is let go of, and never closed. To close any descriptor of a file gives up
/// all that its process has locked of it (POSIX), thus what SQLite has; and a connection that is dropped goes on closing in
/// a thread of its own, and then deletes the log that it believes to have for itself.
#[derive(Debug)]
struct Itself(ManuallyDrop<File>);

impl Itself {
    fn of(file: File) -> Self {
        Self(ManuallyDrop::new(file))
    }
}

impl Drop for Itself {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the database stays locked until this process ends");
        }
    }
}

impl Lock {
    /// Of a database that is there, or is to be made by whoever holds this.
    ///
    /// # Errors
    /// If another process holds it, or the files can't be opened.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock = open(&beside(path, LOCK), Missing::Make)?;
        locked(&lock, path)?;
        let database = match open(path, Missing::Leave) {
            Ok(file) => Some(Itself::of(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(file) = &database {
            locked_itself(file, path)?;
        }
        Ok(Self { beside: lock, database })
    }

    /// The number of the last commit that was noted; 0 where none was.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(super) fn noted(&self) -> Result<u64, StoreError> {
        let mut text = String::new();
        let mut file = &self.beside;
        file.rewind()?;
        file.read_to_string(&mut text)?;
        Ok(text.trim().parse().unwrap_or_default())
    }

    /// Notes the number of a commit that is durable. The note itself need not be: an older one is true as well.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(super) fn note(&self, commit: u64) -> Result<(), StoreError> {
        let mut file = &self.beside;
        file.rewind()?;
        // Always as long, so that nothing is left of what stood there.
        Ok(file.write_all(format!("{commit:020}\n").as_bytes())?)
    }

    /// Makes the file of a database that is not there yet, for its owner alone.
    ///
    /// # Errors
    /// If there was one before and it is gone, or it can't be made.
    pub(super) fn make(&mut self, path: &Path, was_there: bool) -> Result<(), StoreError> {
        if self.database.is_some() {
            return Ok(());
        }
        if was_there || beside(path, WAL).exists() {
            return Err(StoreError::Gone(path.display().to_string()));
        }
        let file = Itself::of(open(path, Missing::Make)?);
        locked_itself(&file, path)?;
        self.database = Some(file);
        Ok(())
    }
}

/// Whether somebody has used a database at this place before.
pub(super) fn was_there(path: &Path) -> bool {
    beside(path, LOCK).exists()
}

/// Who may read the database may read everybody's numbers: its owner alone. Where it is another's, that is said.
pub(super) fn keep_private(path: &Path) {
    for ending in ["", WAL, SHM, LOCK] {
        let file = beside(path, ending);
        match private(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, file = %file.display(), "others may read this file, and that can't be changed");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let told = std::fs::metadata(path)?.permissions();
    if told.mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(told.mode() & 0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Make,
    Leave,
}

fn open(path: &Path, missing: Missing) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(missing == Missing::Make).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn locked(file: &File, path: &Path) -> Result<(), StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// On Linux this lock and those that SQLite takes don't know of each other; elsewhere they may be one.
#[cfg(target_os = "linux")]
fn locked_itself(file: &Itself, path: &Path) -> Result<(), StoreError> {
    locked(&file.0, path)
}

#[cfg(not(target_os = "linux"))]
fn locked_itself(_: &Itself, _: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Where the database, its log and the log's index were when it was opened. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Whereabouts(Arc<[(PathBuf, Identity)]>);

impl Whereabouts {
    /// Of a database that is open, and whose log and index are there.
    ///
    /// # Errors
    /// If they are not where they should be.
    pub(super) fn note(path: &Path) -> Result<Self, StoreError> {
        let identity = |path: PathBuf| Ok((path.clone(), identity(&std::fs::metadata(path)?)));
        let noted: Result<Vec<_>, Error> =
            [path.to_owned(), beside(path, WAL), beside(path, SHM)].into_iter().map(identity).collect();
        Ok(Self(noted?.into()))
    }

    /// Of the database alone, where nobody else may open it.
    ///
    /// # Errors
    /// If it is not there.
    pub(super) fn of_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self([(path.to_owned(), identity(&std::fs::metadata(path)?))].into()))
    }

    /// # Errors
    /// If one of the files is no longer there, or another stands in its place.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let gone = |(path, noted): &&(PathBuf, Identity)| {
            std::fs::metadata(path).map_or(true, |found| identity(&found) != *noted)
        };
        match self.0.iter().find(gone) {
            Some((path, _)) => Err(StoreError::Lost(path.display().to_string())),
            None => Ok(()),
        }
    }
}

/// What tells a file from another of the same name.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(of: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (of.dev(), of.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    (0, 0)
}
