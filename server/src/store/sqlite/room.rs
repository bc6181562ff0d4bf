//! Whether there is room again on a disk that was full.
//!
//! The database itself can't tell: what a commit that failed had written before stays part of its files, and a smaller one
//! fits in there, while the next of any size fails again.

use crate::store::{ROOM, StoreError};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Writes as much as a large commit does beside the database, and takes it away.
pub(super) async fn try_it(database: &Path) -> Result<(), StoreError> {
    let beside = super::beside(database, ".room");
    let tried = tokio::task::spawn_blocking(move || {
        let written = fill(&beside);
        // Also where it was cut short: what is left of it must not be what fills the disk.
        let removed = std::fs::remove_file(&beside);
        written.and(removed)
    });
    Ok(tried.await.map_err(std::io::Error::other)??)
}

fn fill(path: &Path) -> std::io::Result<()> {
    static PART: [u8; 1 << 16] = [0; 1 << 16];
    let mut file = File::create(path)?;
    for _ in 0..ROOM / PART.len() {
        file.write_all(&PART)?;
    }
    file.sync_all()
}
