//! Keys that others present to us. Only their digest is kept, and it is compared in constant time.

use super::principal::Role;
use app::domain::CampaignScope;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Sending events.
    Ingest,
    /// Reading: pages, figures, streams, pictures, `/metrics`. Asked for where strangers reach the listener.
    Read,
    /// Pausing and resuming campaigns, and reading: who did, and all else.
    Control,
    /// Telling by the form of the trend view what a month costs, and reading.
    Costs,
}

impl Scope {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Control => "control",
            Self::Costs => "costs",
        }
    }
}

/// A key as it is kept.
#[derive(Clone)]
pub struct Key {
    pub name: String,
    pub scopes: Vec<Scope>,
    /// Whose figures who shows it may see.
    pub campaigns: CampaignScope,
    digest: [u8; 32],
}

impl Key {
    #[must_use]
    pub fn new(name: &str, secret: &str, scopes: Vec<Scope>) -> Self {
        let digest = Sha256::digest(secret.as_bytes()).into();
        Self { name: name.to_owned(), scopes, campaigns: CampaignScope::All, digest }
    }

    /// The same for who may see some campaigns only.
    #[must_use]
    pub fn seeing(self, campaigns: CampaignScope) -> Self {
        Self { campaigns, ..self }
    }

    /// What who shows it may do.
    #[must_use]
    pub fn role(&self) -> Role {
        self.scopes.iter().copied().collect()
    }

    /// A text's seal, which nobody makes without this key's digest. There is one of every text: a digest is as good a key
    /// as any.
    #[must_use]
    pub fn seal(&self, text: &str) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.digest).ok()?;
        mac.update(text.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("name", &self.name).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// In what two keys are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alike {
    Name,
    Secret,
}

/// All keys of this server.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Key>);

impl Keys {
    #[must_use]
    pub const fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    pub fn add(&mut self, key: Key) {
        self.0.push(key);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// Whether any key has this scope.
    #[must_use]
    pub fn any(&self, scope: Scope) -> bool {
        self.0.iter().any(|key| key.scopes.contains(&scope))
    }

    /// What a secret's owner would be told, were it a second key's: the first that has this name, or is the same.
    #[must_use]
    pub fn like(&self, key: &Key) -> Option<Alike> {
        self.0.iter().find_map(|other| {
            if other.name == key.name {
                Some(Alike::Name)
            } else if bool::from(other.digest.ct_eq(&key.digest)) {
                Some(Alike::Secret)
            } else {
                None
            }
        })
    }

    /// The key that `secret` is. All keys are compared, so that the time taken tells nothing.
    #[must_use]
    pub fn find(&self, secret: &str) -> Option<&Key> {
        let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        self.0.iter().fold(None, |found, key| if bool::from(key.digest.ct_eq(&digest)) { Some(key) } else { found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_secret_and_never_printed() {
        let keys = Keys::new(vec![
            Key::new("a", "one-long-secret", vec![Scope::Ingest]),
            Key::new("b", "another-secret", vec![Scope::Read]),
        ]);
        assert_eq!(keys.find("another-secret").map(|k| k.name.as_str()), Some("b"));
        assert!(keys.find("another-secre").is_none());
        let printed = format!("{keys:?}");
        assert!(printed.contains("\"b\"") && !printed.contains("secret"), "{printed}");
    }
}
