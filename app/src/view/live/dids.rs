//! Panel 5 (S26): how often people pick up when a number calls.

use crate::domain::Moment;
use crate::keyed;
use crate::kpi::{Band, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One of the floor's numbers, 60 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DidRow {
    /// E.164; the floor's own number, never masked. Empty: calls that name none.
    pub did: SmolStr,
    /// The group that it is used in; `null`: never told.
    pub pool: Option<SmolStr>,
    pub answered: i64,
    pub resolved: i64,
    /// Answered of resolved, of the same clock hours of the 7 days before.
    pub baseline: Ratio,
    /// What its answer rate is judged against that.
    pub answer_band: Band,
    /// Refused as unwanted, of the calls decided in 5 minutes.
    pub blocked: Ratio,
    /// What the share refused as unwanted is judged.
    pub blocked_band: Band,
    /// The worse of the two.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
}

impl DidRow {
    /// Answered, of the calls decided.
    #[must_use]
    pub const fn rate(&self) -> Ratio {
        Ratio::new(self.answered, self.resolved)
    }

    /// What is said of it as a whole: that hardly any call is blocked makes no number well of which nothing else is known.
    #[must_use]
    pub fn judged(answered: Band, blocked: Band) -> Band {
        if blocked.is_out() { answered.max(blocked) } else { answered }
    }
}

keyed! {
    DidRow: |r| r.did.to_string();
}
