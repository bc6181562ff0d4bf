//! `[[source.worker]]`: where the dialer worker's health is asked for, and what counts as slow.

use app::domain::ComponentId;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const DEFAULT_COMPONENT: &str = "dialer-worker";
const DEFAULT_EVERY_S: u64 = 10;
const DEFAULT_TIMEOUT_MS: u64 = 2_000;
const DEFAULT_SLOW_MS: u64 = 500;
/// Longer would make an outage of three polls half an hour.
const LONGEST_EVERY_S: u64 = 600;

/// As the file has it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerTable {
    pub url: String,
    pub component: Option<String>,
    pub every_s: Option<u64>,
    pub timeout_ms: Option<u64>,
    pub slow_ms: Option<u64>,
}

/// As it was checked.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "WorkerTable")]
pub struct WorkerConfig {
    pub url: Url,
    /// The name that its samples bear.
    pub component: ComponentId,
    pub every: Duration,
    pub timeout: Duration,
    /// Answers that take so long are slow.
    pub slow: Duration,
}

impl From<WorkerConfig> for WorkerTable {
    fn from(config: WorkerConfig) -> Self {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            url: config.url.into(),
            component: Some(config.component.to_string()),
            every_s: Some(config.every.as_secs()),
            timeout_ms: Some(millis(config.timeout)),
            slow_ms: Some(millis(config.slow)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`source.worker.{key}`: {why}")]
pub struct ConfigError {
    pub key: &'static str,
    pub why: String,
}

fn wrong(key: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError { key, why: why.into() }
}

impl WorkerTable {
    /// # Errors
    /// The first value that can't be, with its key.
    pub fn checked(self) -> Result<WorkerConfig, ConfigError> {
        let url = Url::parse(&self.url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| wrong("url", "must be an address like http://127.0.0.1:9000/health"))?;
        if !url.username().is_empty() || url.password().is_some() {
            // Addresses end up in logs.
            return Err(wrong("url", "must not hold a name or password"));
        }
        let name = self.component.as_deref().unwrap_or(DEFAULT_COMPONENT);
        let component = ComponentId::new(name).map_err(|e| wrong("component", e.to_string()))?;
        let every_s = self.every_s.unwrap_or(DEFAULT_EVERY_S);
        if !(1..=LONGEST_EVERY_S).contains(&every_s) {
            return Err(wrong("every_s", format!("must be 1 to {LONGEST_EVERY_S}")));
        }
        let (timeout_ms, slow_ms) =
            (self.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS), self.slow_ms.unwrap_or(DEFAULT_SLOW_MS));
        if timeout_ms == 0 || timeout_ms > every_s * 1_000 {
            return Err(wrong("timeout_ms", format!("must be 1 to {}, the time between two polls", every_s * 1_000)));
        }
        if slow_ms == 0 {
            return Err(wrong("slow_ms", "must be at least 1"));
        }
        Ok(WorkerConfig {
            url,
            component,
            every: Duration::from_secs(every_s),
            timeout: Duration::from_millis(timeout_ms),
            slow: Duration::from_millis(slow_ms),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(url: &str) -> WorkerTable {
        WorkerTable { url: url.to_owned(), component: None, every_s: None, timeout_ms: None, slow_ms: None }
    }

    #[test]
    fn each_wrong_value_names_its_key() {
        for (table, words) in [
            (table("worker:9000"), "`source.worker.url`: must be an address"),
            (table("file:///etc/passwd"), "`source.worker.url`: must be an address"),
            (table("http://u:p@w/"), "`source.worker.url`: must not hold a name or password"),
            (WorkerTable { every_s: Some(0), ..table("http://w/") }, "`source.worker.every_s`: must be 1 to 600"),
            (
                WorkerTable { timeout_ms: Some(10_001), ..table("http://w/") },
                "`source.worker.timeout_ms`: must be 1 to 10000",
            ),
            (WorkerTable { slow_ms: Some(0), ..table("http://w/") }, "`source.worker.slow_ms`: must be at least 1"),
            (WorkerTable { component: Some(String::new()), ..table("http://w/") }, "`source.worker.component`: empty"),
        ] {
            let error = table.checked().unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
        let good = table("https://worker.example:9000/health").checked().unwrap();
        assert_eq!((good.every.as_secs(), good.timeout.as_millis(), good.slow.as_millis()), (10, 2_000, 500));
    }
}
