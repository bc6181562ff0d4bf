//! Copies of the database: made while it is used, checked, and put back.

use super::held::Lock;
use super::{beside, options, schema};
use crate::store::StoreError;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};
use std::fs::{File, OpenOptions};
use std::path::Path;

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub bytes: u64,
    pub calls: i64,
}

/// Whether what stands in the way may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWay {
    Stays,
    MayGo,
}

/// Copies the database at `path`, as of one instant, to a new file.
///
/// # Errors
/// If there is no such database, or `to` exists already, or the copy can't be written or is not sound.
pub async fn backup(path: &Path, to: &Path) -> Result<Copied, StoreError> {
    schema::check_there(path)?;
    if to.exists() {
        let what_to_do = "a backup overwrites nothing; name a file that is not there yet";
        return Err(StoreError::InTheWay(to.display().to_string(), what_to_do));
    }
    let part = beside(to, ".part");
    let copied = copy(path, &part).await?;
    put(&part, to)?;
    Ok(copied)
}

/// Puts a copy in the place of the database at `path`.
///
/// # Errors
/// If the copy is not sound or of a newer version, if somebody uses the database, or if there is one and it is to stay;
/// then everything is as it was.
pub async fn restore(from: &Path, path: &Path, in_the_way: InTheWay) -> Result<Copied, StoreError> {
    schema::check_there(from)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let lock = Lock::take(path)?;
    if path.exists() && in_the_way == InTheWay::Stays {
        let what_to_do = "choose another place, or say --overwrite where what it holds may go";
        return Err(StoreError::InTheWay(path.display().to_string(), what_to_do));
    }
    let part = beside(path, ".part");
    let copied = copy(from, &part).await?;
    // The log of what was there must not be taken for that of what comes.
    for ending in ["-wal", "-shm"] {
        match std::fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    put(&part, path)?;
    // It has fewer commits than what was there, and is to have no more.
    lock.note(0)?;
    Ok(copied)
}

/// Writes a copy to a file of its own, which only its owner may read, and checks it.
async fn copy(from: &Path, to: &Path) -> Result<Copied, StoreError> {
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    drop(new.open(to)?);
    let mut db = options(from).connect().await?;
    check(&mut db).await?;
    let target = to.to_str().ok_or_else(|| StoreError::Unreadable(format!("{}: not UTF-8", to.display())))?;
    sqlx::query("vacuum into ?").bind(target).execute(&mut db).await?;
    db.close().await?;
    let mut copied = options(to).read_only(true).connect().await?;
    check(&mut copied).await?;
    let calls: i64 = sqlx::query_scalar("select count(*) from calls").fetch_one(&mut copied).await?;
    copied.close().await?;
    let file = File::open(to)?;
    file.sync_all()?;
    Ok(Copied { bytes: file.metadata()?.len(), calls })
}

/// Every page, every index, and the schema's version.
async fn check(db: &mut SqliteConnection) -> Result<(), StoreError> {
    let (found, known) = (schema::version(db).await?, schema::known());
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    let said: Vec<String> = sqlx::query_scalar("pragma integrity_check(5)").fetch_all(db).await?;
    if said == ["ok"] { Ok(()) } else { Err(StoreError::Unreadable(said.join("; "))) }
}

/// Gives the finished file its name, and makes that durable.
fn put(part: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(part, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(())
}
