//! Panel 5 (S26): how often people pick up when a number calls.

use crate::domain::Moment;
use crate::keyed;
use crate::kpi::{Band, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One of the floor's numbers, 60 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DidRow {
    /// E.164; the floor's own number, never masked. Empty: calls that name none.
    pub did: SmolStr,
    pub pool: Option<SmolStr>,
    pub answered: i64,
    pub resolved: i64,
    pub baseline: Ratio,
    pub band: Band,
    pub since: Option<Moment>,
}

impl DidRow {
    /// Answered, of the calls decided.
    #[must_use]
    pub const fn rate(&self) -> Ratio {
        Ratio::new(self.answered, self.resolved)
    }
}

keyed! {
    DidRow: |r| r.did.to_string();
}
