//! `[[source.livekit]]`: the keys that sign, and what a server's names mean here.

use crate::kit::secret::{self, Secret};
use crate::source::Site;
use crate::source::webhook::is_a_name;
use app::domain::event::MAX_METADATA;
use app::domain::{Country, RealmId, RouteId};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const DEFAULT_NAME: &str = "livekit";
const DEFAULT_EVERY_S: u64 = 5;
/// An answer's moment is known as exactly as the server is asked often.
const LONGEST_EVERY_S: u64 = 60;
/// Each is looked up by its name: they cost nothing, but who has so many has made a mistake.
const MOST_KEYS: usize = 64;

/// As the file has it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LivekitTable {
    pub name: Option<String>,
    /// API keys and their secrets.
    #[serde(default, skip_serializing)]
    pub keys: BTreeMap<String, Secret>,
    /// API keys and the files that hold their secrets alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub key_files: BTreeMap<String, PathBuf>,
    pub realm: Option<RealmId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Routes by trunk (`ST_…`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trunks: BTreeMap<SmolStr, RouteId>,
    /// Attributes of a participant.
    pub campaign: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<SmolStr>,
    pub call_id: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<SmolStr>,
    /// The server's own address, where it may be asked too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_s: Option<u64>,
}

/// How a server is asked.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    pub url: Url,
    pub key: String,
    pub secret: Secret,
    pub every: Duration,
}

/// As it was checked.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "LivekitTable")]
pub struct LivekitConfig {
    pub name: String,
    pub keys: BTreeMap<String, Secret>,
    key_files: BTreeMap<String, PathBuf>,
    pub meaning: Meaning,
    pub api: Option<ApiConfig>,
}

/// What names mean.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// The name space of the calls' ids.
    pub realm: RealmId,
    /// Of numbers that are told without a country code.
    pub country: Option<Country>,
    /// Where none is named each trunk is its own route.
    pub trunks: BTreeMap<SmolStr, RouteId>,
    /// The attributes that hold a call's campaign, its list, the number of its attempt.
    pub campaign: SmolStr,
    pub list: Option<SmolStr>,
    pub attempt: Option<SmolStr>,
    /// The attribute by which a call is named.
    pub call_id: SmolStr,
    /// Attributes that are kept with a call.
    pub metadata: Vec<SmolStr>,
}

impl From<LivekitConfig> for LivekitTable {
    fn from(config: LivekitConfig) -> Self {
        let Meaning { realm, country, trunks, campaign, list, attempt, call_id, metadata } = config.meaning;
        Self {
            name: Some(config.name),
            keys: BTreeMap::new(),
            key_files: config.key_files,
            realm: Some(realm),
            country,
            trunks,
            campaign: Some(campaign),
            list,
            attempt,
            call_id: Some(call_id),
            metadata,
            api: config.api.as_ref().map(|api| api.url.to_string()),
            every_s: config.api.as_ref().map(|api| api.every.as_secs()),
            api_key: config.api.map(|api| api.key),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`source.livekit.{key}`: {why}")]
pub struct ConfigError {
    pub key: String,
    pub why: String,
}

fn wrong(key: impl Into<String>, why: impl Into<String>) -> ConfigError {
    ConfigError { key: key.into(), why: why.into() }
}

impl LivekitTable {
    /// # Errors
    /// The first value that can't be, with its key; never a secret.
    pub fn checked(self, site: Site) -> Result<LivekitConfig, ConfigError> {
        let name = self.name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        is_a_name(&name).map_err(|why| wrong("name", why))?;
        let mut keys = self.keys;
        for (key, path) in &self.key_files {
            let read = secret::one_of("secret", None, Some(path)).map_err(|error| {
                wrong(format!("key_files.{key}"), error.to_string().trim_start_matches("`secret_file`: "))
            })?;
            let both = read.is_some_and(|secret| keys.insert(key.clone(), secret).is_some());
            if both {
                return Err(wrong(format!("key_files.{key}"), "stands under `keys` too: keep one"));
            }
        }
        if let Some((key, _)) = keys.iter().find(|(key, secret)| key.is_empty() || secret.reveal().is_empty()) {
            return Err(wrong(format!("keys.{key}"), "a key and its secret are not empty"));
        }
        match keys.len() {
            0 => return Err(wrong("keys", "set one, as LiveKit's configuration has it: { APIkey = \"its secret\" }")),
            1..=MOST_KEYS => {}
            more => return Err(wrong("keys", format!("there are {more}, and may be {MOST_KEYS}"))),
        }
        if self.metadata.len() > MAX_METADATA {
            return Err(wrong("metadata", format!("may be {MAX_METADATA} attributes")));
        }
        let attribute = |key: &'static str, told: Option<SmolStr>, default: &'static str| match told {
            Some(told) if told.is_empty() => Err(wrong(key, "is empty: name an attribute of participants")),
            Some(told) => Ok(told),
            None => Ok(SmolStr::new_static(default)),
        };
        let api = api((self.api, self.api_key, self.every_s), &keys)?;
        let meaning = Meaning {
            realm: self.realm.unwrap_or_else(|| RealmId::trusted(DEFAULT_NAME)),
            country: self.country.or(site.country),
            trunks: self.trunks,
            campaign: attribute("campaign", self.campaign, "campaign_id")?,
            list: self.list,
            attempt: self.attempt,
            call_id: attribute("call_id", self.call_id, "sip.callID")?,
            metadata: self.metadata,
        };
        Ok(LivekitConfig { name, keys, key_files: self.key_files, meaning, api })
    }
}

fn api(
    (url, key, every_s): (Option<String>, Option<String>, Option<u64>),
    keys: &BTreeMap<String, Secret>,
) -> Result<Option<ApiConfig>, ConfigError> {
    let Some(url) = url else {
        let alone = key.map(|_| "api_key").or(every_s.map(|_| "every_s"));
        return alone.map_or(Ok(None), |key| Err(wrong(key, "is of no use without `api`, the server's address")));
    };
    let plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let url = Url::parse(&url).ok().filter(plain);
    let url =
        url.ok_or_else(|| wrong("api", "must be an address like http://127.0.0.1:7880, without a name or password"))?;
    let key = match (key, keys.len()) {
        (Some(key), _) => key,
        (None, 1) => keys.keys().next().cloned().unwrap_or_default(),
        (None, _) => return Err(wrong("api_key", "say which of the keys the server is asked with")),
    };
    let secret = keys.get(&key).cloned();
    let secret = secret.ok_or_else(|| wrong("api_key", format!("`{key}` is none of the keys")))?;
    let every_s = every_s.unwrap_or(DEFAULT_EVERY_S);
    if !(1..=LONGEST_EVERY_S).contains(&every_s) {
        return Err(wrong("every_s", format!("must be 1 to {LONGEST_EVERY_S}")));
    }
    Ok(Some(ApiConfig { url, key, secret, every: Duration::from_secs(every_s) }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    fn table(text: &str) -> Result<LivekitConfig, String> {
        let site = Site { country: Country::new("US").ok() };
        toml::from_str::<LivekitTable>(text).unwrap().checked(site).map_err(|error| error.to_string())
    }

    #[test]
    fn each_wrong_value_names_its_key_and_no_secret() {
        let key = "keys = { APIa = \"tulip\" }\n";
        for (text, words) in [
            (String::new(), "`source.livekit.keys`: set one"),
            ("keys = { APIa = \"\" }".to_owned(), "`source.livekit.keys.APIa`: a key and its secret"),
            (format!("{key}name = \"a/b\""), "`source.livekit.name`: must be 1 to 64 letters"),
            (format!("{key}api = \"livekit:7880\""), "`source.livekit.api`: must be an address"),
            (format!("{key}api = \"http://u:tulip@a.example\""), "`source.livekit.api`: must be an address"),
            (format!("{key}api = \"http://a.example\"\napi_key = \"b\""), "`source.livekit.api_key`: `b` is none"),
            (format!("{key}api = \"http://a.example\"\nevery_s = 0"), "`source.livekit.every_s`: must be 1 to 60"),
            (format!("{key}every_s = 5"), "`source.livekit.every_s`: is of no use without `api`"),
            (format!("{key}call_id = \"\""), "`source.livekit.call_id`: is empty"),
            (
                format!("{key}key_files = {{ APIb = \"/no/such\" }}"),
                "`source.livekit.key_files.APIb`: cannot read /no/such",
            ),
        ] {
            let error = table(&text).unwrap_err();
            assert!(error.starts_with(words) && !error.contains("tulip"), "{error}");
        }
    }

    #[test]
    fn keys_come_from_the_file_and_from_files_and_are_not_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"tulip-b\n").unwrap();
        let path = file.path().display();
        let config = table(&format!("keys = {{ APIa = \"tulip-a\" }}\nkey_files = {{ APIb = \"{path}\" }}")).unwrap();
        assert_eq!((config.keys["APIa"].reveal(), config.keys["APIb"].reveal()), ("tulip-a", "tulip-b"));
        let told = format!("{config:?}\n{}", toml::to_string(&config).unwrap());
        assert!(!told.contains("tulip") && told.contains("APIb"), "{told}");
        assert_eq!((config.name.as_str(), config.meaning.realm.as_str()), ("livekit", "livekit"));
        assert_eq!(config.meaning.country, Country::new("US").ok(), "the site's");
        let twice = table(&format!("keys = {{ APIb = \"x\" }}\nkey_files = {{ APIb = \"{path}\" }}")).unwrap_err();
        assert!(twice.contains("keep one"), "{twice}");
    }
}
