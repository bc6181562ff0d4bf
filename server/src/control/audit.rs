//! The audit log: every request and everything that became of it, and whatever else somebody changed; appended only, each
//! entry chained to the one before.
//!
//! An entry's hash is SHA-256 over the hash before it and the entry's own text as it is kept. Whoever changes, drops or
//! slips in an entry breaks the chain at that place ([`verify`]); whoever has noted the head sees a shortened end too
//! (`noted`).

use super::request::Step;
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use app::domain::control::Action;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Entries read at a time by [`verify`].
const PAGE: usize = 1_000;

/// What happened, before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub at: Moment,
    pub step: Step,
    /// The request that it happened to.
    pub request: SmolStr,
    /// Empty where it happened to none.
    #[serde(deserialize_with = "as_kept")]
    pub campaign: CampaignId,
    /// What dialers were asked for; absent where it is another change ([`Draft::changed`]).
    #[serde(default)]
    pub action: Option<Action>,
    /// A key's name, `loopback`, or `command line`.
    pub who: SmolStr,
    /// The address that the request came from.
    pub from: SmolStr,
    pub asked_at: Moment,
    /// What the dialer had said of the campaign when it was asked.
    pub before: Option<CampaignStatus>,
    /// What the dialer had said of it by `at`.
    pub after: Option<CampaignStatus>,
    pub why: Option<SmolStr>,
    /// What the client named its request by, so that sending it again is known.
    pub idempotency_key: Option<SmolStr>,
    /// What else was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Changed>,
}

/// An id as it was written, though it be empty.
fn as_kept<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<CampaignId, D::Error> {
    SmolStr::deserialize(deserializer).map(CampaignId::trusted)
}

/// What is changed here other than a campaign's running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Configuration,
    Keys,
    Cost,
    /// A person's number, from everything.
    Erasure,
    /// A copy of everything was made, or a table given to take away.
    Export,
    /// A copy was put in the place of everything.
    Restore,
}

impl Changed {
    pub const ALL: [Self; 6] =
        [Self::Configuration, Self::Keys, Self::Cost, Self::Erasure, Self::Export, Self::Restore];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Keys => "keys",
            Self::Cost => "cost",
            Self::Erasure => "erasure",
            Self::Export => "export",
            Self::Restore => "restore",
        }
    }
}

impl Draft {
    /// That somebody changed something; `why` says it in words.
    #[must_use]
    pub fn changed(at: Moment, what: Changed, who: SmolStr, from: SmolStr, why: SmolStr) -> Self {
        Self {
            at,
            step: Step::Changed,
            request: SmolStr::default(),
            campaign: CampaignId::trusted(""),
            action: None,
            who,
            from,
            asked_at: at,
            before: None,
            after: None,
            why: Some(why),
            idempotency_key: None,
            what: Some(what),
        }
    }
}

/// An entry at its place. Its JSON, as serde writes it, is what is hashed: fields are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1, without gaps.
    pub n: u64,
    #[serde(flatten)]
    pub draft: Draft,
}

/// An entry as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub n: u64,
    /// The entry's text, byte for byte as it was hashed.
    pub text: String,
    pub hash: String,
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    pub entries: u64,
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self { entries: 0, hash: GENESIS.to_owned() }
    }
}

/// Why the log can't be trusted.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the audit log is broken at entry {n}: {what}")]
    Broken { n: u64, what: &'static str },
    #[error("the audit log was cut off: entry {noted} was there, and it ends at {found}")]
    CutOff { noted: u64, found: u64 },
}

fn chained(before: &str, text: &str) -> String {
    use std::fmt::Write;
    let digest = Sha256::new().chain_update(before).chain_update("\n").chain_update(text).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Puts a draft behind `head`, and moves `head` on.
///
/// # Errors
/// If it can't be written as JSON.
pub fn seal(head: &mut Head, draft: &Draft) -> Result<Sealed, serde_json::Error> {
    let n = head.entries + 1;
    let text = serde_json::to_string(&Entry { n, draft: draft.clone() })?;
    let hash = chained(&head.hash, &text);
    *head = Head { entries: n, hash: hash.clone() };
    Ok(Sealed { n, text, hash })
}

impl Sealed {
    /// # Errors
    /// If the text is no entry.
    pub fn entry(&self) -> Result<Entry, StoreError> {
        serde_json::from_str(&self.text).map_err(|e| StoreError::Unreadable(format!("audit entry {}: {e}", self.n)))
    }
}

/// Recounts the whole chain; where it ends. It must pass through the head that was `noted`.
///
/// # Errors
/// At the first entry that does not follow from the one before it, or is not the one that was noted.
pub async fn verify(log: &dyn AuditLog, noted: &Head) -> Result<Head, AuditError> {
    let mut head = Head::default();
    loop {
        let query = AuditQuery { after: Some(head.entries), limit: PAGE, ..AuditQuery::default() };
        let page = log.page(&query).await?;
        for sealed in &page {
            let n = head.entries + 1;
            let broken = |what| AuditError::Broken { n, what };
            if sealed.n != n {
                return Err(broken("it is not there"));
            }
            if sealed.hash != chained(&head.hash, &sealed.text) {
                return Err(broken("it was changed, or the one before it was"));
            }
            if sealed.entry().ok().is_none_or(|entry| entry.n != n) {
                return Err(broken("its text is no entry of this place"));
            }
            head = Head { entries: n, hash: sealed.hash.clone() };
            if head.entries == noted.entries && head != *noted {
                return Err(broken("it is another than the one that was noted"));
            }
        }
        if page.len() < PAGE {
            return if head.entries < noted.entries {
                Err(AuditError::CutOff { noted: noted.entries, found: head.entries })
            } else {
                Ok(head)
            };
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_changed_is_read_as_it_was_written() {
        for what in Changed::ALL {
            let at = Moment::from_secs(1_795_000_000);
            let draft = Draft::changed(at, what, "start".into(), SmolStr::default(), "that".into());
            let sealed = seal(&mut Head::default(), &draft).unwrap();
            assert_eq!(sealed.entry().unwrap().draft, draft);
        }
    }
}
