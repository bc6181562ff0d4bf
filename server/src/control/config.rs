//! `[control]`: which dialer is asked for which campaign, and how.
//!
//! `[[control.http]]` and `[[control.vicidial]]` each name their campaigns, or none: then they are for all that no other
//! names. Owns the reading of the keys that all have; what a dialer makes of its own is checked where it is made
//! ([`super::adapter`]).

use super::adapter::VicidialTable;
use super::machine::Patience;
use crate::kit::secret::Secret;
use app::domain::{CampaignId, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How long a dialer's answer is waited for, where nothing is said.
const ANSWER_WITHIN_MS: u32 = 10_000;
/// How long, after that, the campaign's status is waited for.
const CONFIRM_WITHIN_MS: u32 = 30_000;
/// Nobody watches a button for longer than this.
const LONGEST_MS: u32 = 300_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTable {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpTable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vicidial: Vec<VicidialTable>,
}

impl ControlTable {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.http.is_empty() && self.vicidial.is_empty()
    }
}

/// What counts as the dialer's word that a campaign is paused, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// Its answer to the request.
    Answer,
    /// The campaign's status that it tells afterwards: `campaign.updated`.
    Event,
}

/// What the body is; decides how values are escaped in its template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    #[default]
    Json,
    Form,
    Text,
}

/// A dialer with an address of its own for this.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaigns: Option<Vec<CampaignId>>,
    /// A template, as are `method`, `headers` and `body`.
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body_kind: BodyKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `{{ secret }}` in the headers.
    #[serde(skip_serializing)]
    pub secret: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// Signs what goes out, in the manner of Standard Webhooks: `whsec_…`.
    #[serde(skip_serializing)]
    pub signing_secret: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_secret_file: Option<PathBuf>,
    /// Certificates of an authority of one's own, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_within_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_within_ms: Option<u32>,
}

/// # Errors
/// Names the key whose value can't be.
pub fn patience(answer: Option<u32>, confirm: Option<u32>) -> Result<Patience, String> {
    let span = |key: &str, given: Option<u32>, default: u32| match given.unwrap_or(default) {
        ms @ 100..=LONGEST_MS => Ok(Span::millis(i64::from(ms))),
        ms => Err(format!("`{key}`: {ms} is not from 100 to {LONGEST_MS}")),
    };
    Ok(Patience {
        answer: span("answer_within_ms", answer, ANSWER_WITHIN_MS)?,
        word: span("confirm_within_ms", confirm, CONFIRM_WITHIN_MS)?,
    })
}
