//! `[[source.webhook]]`: the name of its address, and the keys that sign.

use crate::kit::secret::{self, Secret};
use crate::kit::webhook_key::WebhookKey;
use crate::source::webhook::is_a_name;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// While one key takes another's place there are two; each more is one more that each message is compared with.
const MOST_KEYS: usize = 8;

/// As the file has it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookTable {
    pub name: String,
    /// Each as the sender has it, `whsec_…`.
    #[serde(default, skip_serializing)]
    pub secrets: Vec<Secret>,
    /// Files that hold one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_files: Vec<PathBuf>,
}

/// As it was checked.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "WebhookTable")]
pub struct WebhookConfig {
    pub name: String,
    pub keys: Vec<WebhookKey>,
    secret_files: Vec<PathBuf>,
}

impl From<WebhookConfig> for WebhookTable {
    fn from(config: WebhookConfig) -> Self {
        Self { name: config.name, secrets: Vec::new(), secret_files: config.secret_files }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`source.webhook.{key}`: {why}")]
pub struct ConfigError {
    pub key: &'static str,
    pub why: String,
}

fn wrong(key: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError { key, why: why.into() }
}

impl WebhookTable {
    /// # Errors
    /// The first value that can't be, with its key; never a secret.
    pub fn checked(self) -> Result<WebhookConfig, ConfigError> {
        is_a_name(&self.name).map_err(|why| wrong("name", why))?;
        let mut keys = Vec::new();
        for secret in &self.secrets {
            keys.push(WebhookKey::new(secret).map_err(|why| wrong("secrets", format!("each {why}")))?);
        }
        for path in &self.secret_files {
            let read = secret::one_of("secret", None, Some(path)).map_err(|error| {
                wrong("secret_files", error.to_string().trim_start_matches("`secret_file`: ").to_owned())
            })?;
            let key = read.as_ref().map(WebhookKey::new).transpose();
            let key = key.map_err(|why| wrong("secret_files", format!("{}: what it holds {why}", path.display())))?;
            keys.extend(key);
        }
        match keys.len() {
            0 => {
                Err(wrong("secrets", "set one, as the sender shows it (whsec_…), or name a file under `secret_files`"))
            }
            1..=MOST_KEYS => Ok(WebhookConfig { name: self.name, keys, secret_files: self.secret_files }),
            more => {
                Err(wrong("secrets", format!("there are {more} keys, and may be {MOST_KEYS}: leave out the old ones")))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn table(text: &str) -> Result<WebhookConfig, String> {
        toml::from_str::<WebhookTable>(text).unwrap().checked().map_err(|error| error.to_string())
    }

    #[test]
    fn each_wrong_value_names_its_key_and_no_secret() {
        let many = format!("name = \"a\"\nsecrets = [{}]", vec![format!("\"{SECRET}\""); 9].join(", "));
        for (text, words) in [
            ("name = \"a/b\"", "`source.webhook.name`: must be 1 to 64 letters"),
            ("name = \"\"", "`source.webhook.name`: must be"),
            ("name = \"a\"", "`source.webhook.secrets`: set one"),
            ("name = \"a\"\nsecrets = [\"tulip\"]", "`source.webhook.secrets`: each must be `whsec_` and 24 to 64"),
            ("name = \"a\"\nsecret_files = [\"/no/such\"]", "`source.webhook.secret_files`: cannot read /no/such"),
            (&many, "`source.webhook.secrets`: there are 9 keys"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.starts_with(words) && !error.contains("tulip"), "{error}");
        }
    }

    #[test]
    fn keys_come_from_the_file_and_from_files_and_are_not_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(format!("{SECRET}\n").as_bytes()).unwrap();
        let path = file.path().display();
        let text = format!("name = \"crm\"\nsecrets = [\"{SECRET}\"]\nsecret_files = [\"{path}\"]");
        let config = table(&text).unwrap();
        assert_eq!(config.keys.len(), 2);
        let told = format!("{config:?}\n{}", toml::to_string(&config).unwrap());
        assert!(!told.contains("MfKQ") && told.contains("crm"), "{told}");
    }
}
