//! The audit log as a store keeps it: append, and read. There is no way to change or drop an entry, and the database
//! refuses it too.

use super::StoreError;
use super::cells::{Columns, get};
use crate::audit::entry::{Draft, Step};
use crate::audit::seal::{Head, Sealed};
use app::domain::{CampaignId, Moment};
use futures_util::future::BoxFuture;
use sqlx::{Database, Encode, QueryBuilder, Type};
use std::fmt::Debug;

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub campaign: Option<CampaignId>,
    pub step: Option<Step>,
    /// At or after.
    pub from: Option<Moment>,
    /// Before.
    pub to: Option<Moment>,
    /// Oldest first, those after this entry; without it newest first.
    pub after: Option<u64>,
    /// Newest first, those before this entry.
    pub before: Option<u64>,
    pub limit: usize,
}

impl AuditQuery {
    /// The same in both dialects; `text` makes a text as the database can keep it. For rows of [`sealed`].
    pub(super) fn select<DB: Database>(&self, text: impl Fn(&str) -> String) -> QueryBuilder<DB>
    where
        String: for<'q> Encode<'q, DB> + Type<DB>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let mut sql = QueryBuilder::new("select n, entry, hash from audit where true");
        if let Some(campaign) = &self.campaign {
            sql.push(" and campaign = ").push_bind(text(campaign.as_str()));
        }
        if let Some(step) = self.step {
            sql.push(" and step = ").push_bind(step.word().to_owned());
        }
        if let Some(from) = self.from {
            sql.push(" and at >= ").push_bind(from.micros());
        }
        if let Some(to) = self.to {
            sql.push(" and at < ").push_bind(to.micros());
        }
        if let Some(before) = self.before {
            sql.push(" and n < ").push_bind(integer(before));
        }
        match self.after {
            Some(after) => sql.push(" and n > ").push_bind(integer(after)).push(" order by n"),
            None => sql.push(" order by n desc"),
        };
        sql.push(" limit ").push_bind(integer(self.limit as u64));
        sql
    }
}

/// An entry of: n, entry, hash.
pub(super) fn sealed(row: &impl Columns) -> Result<Sealed, StoreError> {
    Ok(Sealed { n: get(row, 0)?, text: get(row, 1)?, hash: get(row, 2)? })
}

/// The head by the last entry there is.
pub(super) fn head(last: Option<&impl Columns>) -> Result<Head, StoreError> {
    let last = last.map(sealed).transpose()?;
    Ok(last.map_or_else(Head::default, |last| Head { entries: last.n, hash: last.hash }))
}

/// There are never so many entries.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The log. One task appends; any number read.
pub trait AuditLog: Debug + Send + Sync {
    /// Appends all of it or nothing, in order; durable when it returns.
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>>;
    fn page<'a>(&'a self, query: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>>;
    /// The campaigns that anything was ever asked for.
    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>>;
    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>>;
    /// Why it can't be trusted, where somebody has looked and found that.
    fn broken(&self) -> Option<String> {
        None
    }
}
