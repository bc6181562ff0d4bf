//! `[control]`: which dialer is asked for which campaign, and how.
//!
//! `[[control.http]]` and `[[control.vicidial]]` each name their campaigns, or none: then they are for all that no other
//! names. Owns the reading of the keys that all have; what a dialer makes of its own is checked where it is made
//! ([`super::adapter`]).

use super::adapter::VicidialTable;
use super::machine::Patience;
use crate::config::secret::Secret;
use app::domain::{CampaignId, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How long a dialer's answer is waited for, where nothing is said.
const ANSWER_WITHIN_MS: u32 = 10_000;
/// How long, after that, the campaign's status is waited for.
const CONFIRM_WITHIN_MS: u32 = 30_000;
/// Nobody watches a button for longer than this.
const LONGEST_MS: u32 = 300_000;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTable {
    #[serde(default)]
    pub http: Vec<HttpTable>,
    #[serde(default)]
    pub vicidial: Vec<VicidialTable>,
}

/// What counts as the dialer's word that a campaign is paused, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// Its answer to the request.
    Answer,
    /// The campaign's status that it tells afterwards: `campaign.updated`.
    Event,
}

/// What the body is; decides how values are escaped in its template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    #[default]
    Json,
    Form,
    Text,
}

/// A dialer with an address of its own for this.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTable {
    pub campaigns: Option<Vec<CampaignId>>,
    /// A template, as are `method`, `headers` and `body`.
    pub url: String,
    pub method: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body_kind: BodyKind,
    pub body: Option<String>,
    /// `{{ secret }}` in the headers.
    pub secret: Option<Secret>,
    pub secret_file: Option<PathBuf>,
    /// Signs what goes out, in the manner of Standard Webhooks: `whsec_…`.
    pub signing_secret: Option<Secret>,
    pub signing_secret_file: Option<PathBuf>,
    /// Certificates of an authority of one's own, in PEM.
    pub ca_file: Option<PathBuf>,
    pub confirm: Option<Confirm>,
    pub answer_within_ms: Option<u32>,
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
