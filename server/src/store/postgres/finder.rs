//! Looks calls up beside the writer.

use super::{LOOKING_UP, READING, calls, connect};
use crate::store::StoreError;
use crate::store::write::{CallLookup, Finder, FoundCalls};
use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// The longest that a look-up may take: the writer waits for its calls meanwhile, and would ask itself.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct PostgresFinder {
    options: PgConnectOptions,
    /// `None` until it was asked once, and since a look-up failed.
    db: Option<PgConnection>,
}

impl PostgresFinder {
    pub(super) const fn new(options: PgConnectOptions) -> Self {
        Self { options, db: None }
    }
}

impl Finder for PostgresFinder {
    async fn find(&mut self, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => {
                let mut db = connect(&self.options).await?;
                db.execute(READING).await?;
                db.execute(LOOKING_UP).await?;
                db
            }
        };
        match tokio::time::timeout(PATIENCE, calls::find(&mut db, asked)).await {
            Ok(found) => {
                let found = found?;
                self.db = Some(db);
                Ok(found)
            }
            Err(_) => Err(StoreError::Away(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
}
