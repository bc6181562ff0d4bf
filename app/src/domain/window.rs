//! Windows: over which stretch of time figures are summed (kpis.md, "Windows").
//!
//! Names only; where a window begins depends on the site's zone and a campaign's start and is worked out by the server
//! (`server/src/law/span.rs`).

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Window {
    #[serde(rename = "5m")]
    Minutes5,
    #[serde(rename = "15m")]
    Minutes15,
    #[serde(rename = "60m")]
    Minutes60,
    #[serde(rename = "24h")]
    Hours24,
    /// The site's day so far.
    #[serde(rename = "today")]
    Today,
    #[serde(rename = "7d")]
    Days7,
    #[serde(rename = "30d")]
    Days30,
    /// Since the campaign's start.
    #[serde(rename = "campaign")]
    Campaign,
    /// The compliance block that runs now: 30 site days from the campaign's start, then the next 30.
    #[serde(rename = "period")]
    Period,
}

impl Window {
    pub const ALL: &'static [Self] = &[
        Self::Minutes5,
        Self::Minutes15,
        Self::Minutes60,
        Self::Hours24,
        Self::Today,
        Self::Days7,
        Self::Days30,
        Self::Campaign,
        Self::Period,
    ];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minutes5 => "5m",
            Self::Minutes15 => "15m",
            Self::Minutes60 => "60m",
            Self::Hours24 => "24h",
            Self::Today => "today",
            Self::Days7 => "7d",
            Self::Days30 => "30d",
            Self::Campaign => "campaign",
            Self::Period => "period",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|w| w.word() == word)
    }
}
