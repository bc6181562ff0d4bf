//! The chain that the audit log's entries are: appended only, each sealed with the one before.
//!
//! An entry's hash is SHA-256 over the hash before it and the entry's own text as it is kept. Whoever changes, drops or
//! slips in an entry breaks the chain at that place; whoever has noted the head sees a shortened end too.

use super::entry::{Draft, Entry};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

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

/// What is kept at an entry's place is none.
#[derive(Debug, thiserror::Error)]
#[error("audit entry {n}: {why}")]
pub struct NoEntry {
    n: u64,
    why: serde_json::Error,
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
    pub fn entry(&self) -> Result<Entry, NoEntry> {
        serde_json::from_str(&self.text).map_err(|why| NoEntry { n: self.n, why })
    }

    /// Whether it follows from the entry that `head` is of.
    #[must_use]
    pub fn follows(&self, head: &Head) -> bool {
        self.hash == chained(&head.hash, &self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::entry::Changed;
    use super::*;
    use app::domain::Moment;
    use smol_str::SmolStr;

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
