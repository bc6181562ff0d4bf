//! The audit log as a store keeps it: append, and read. There is no way to change or drop an entry, and the database
//! refuses it too.

use super::StoreError;
use crate::control::audit::{Draft, Head, Sealed};
use crate::control::machine::Step;
use app::domain::{CampaignId, Moment};
use futures_util::future::BoxFuture;
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

/// The log. One task appends; any number read.
pub trait AuditLog: Debug + Send + Sync {
    /// Appends all of it or nothing, in order; durable when it returns.
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>>;
    fn page<'a>(&'a self, query: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>>;
    /// The campaigns that anything was ever asked for.
    fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>>;
    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>>;
}
