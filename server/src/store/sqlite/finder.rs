//! Looks calls up beside the writer.

use super::calls::{self, Statements};
use crate::store::StoreError;
use crate::store::write::{CallLookup, Finder, FoundCalls};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

#[derive(Debug)]
pub struct SqliteFinder {
    options: Box<SqliteConnectOptions>,
    /// `None` until it was asked once.
    db: Option<SqliteConnection>,
    statements: Statements,
}

impl SqliteFinder {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self { options: Box::new(options), db: None, statements: Statements::new() }
    }
}

impl Finder for SqliteFinder {
    async fn find(&mut self, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError> {
        // Put back only where nothing failed: a connection that is in doubt is made anew.
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.options.connect().await?,
        };
        let found = calls::find(&mut db, &self.statements, asked).await?;
        self.db = Some(db);
        Ok(found)
    }
}
