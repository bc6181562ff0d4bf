//! A secret of ours that others ask for: never printed, never serialised.

use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why there is no secret where two keys may give it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("both `{0}` and `{0}_file` are set; keep one")]
    Two(&'static str),
    #[error("`{key}_file`: cannot read {}: {error}", .path.display())]
    File { key: &'static str, path: PathBuf, error: std::io::Error },
    #[error("`{0}`: is empty")]
    Empty(&'static str),
}

/// The secret of `key` or of the file that `key_file` names.
///
/// # Errors
/// If both are set, or the file can't be read, or nothing is in it.
pub fn one_of(
    key: &'static str,
    inline: Option<&Secret>,
    file: Option<&PathBuf>,
) -> Result<Option<Secret>, SecretError> {
    let secret = match (inline, file) {
        (Some(_), Some(_)) => return Err(SecretError::Two(key)),
        (Some(secret), None) => secret.clone(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
            .map_err(|error| SecretError::File { key, path: path.clone(), error })?,
        (None, None) => return Ok(None),
    };
    if secret.reveal().is_empty() { Err(SecretError::Empty(key)) } else { Ok(Some(secret)) }
}
