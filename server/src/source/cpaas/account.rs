//! The table that all of them have: `[[source.twilio]]`, `[[source.telnyx]]`, `[[source.plivo]]`, `[[source.vonage]]`.

use crate::kit::secret::{self, Secret};
use crate::source::Site;
use crate::source::webhook::is_a_name;
use app::domain::{Country, RealmId, RouteId};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::path::PathBuf;

/// While one key takes another's place there are two; each more is one more that each message is compared with.
const MOST_KEYS: usize = 8;
const DEFAULT_CAMPAIGN: &str = "campaign";

/// As the file has it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountTable {
    pub name: Option<String>,
    /// The address that the provider is told, where it is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What tells its messages from others': of each provider what it is called there.
    #[serde(default, skip_serializing)]
    pub keys: Vec<Secret>,
    /// Files that hold one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_files: Vec<PathBuf>,
    pub realm: Option<RealmId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    pub route: Option<RouteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<SmolStr>,
}

/// What a provider asks of its table.
#[derive(Debug, Clone, Copy)]
pub struct Asks {
    pub kind: &'static str,
    /// What is written where no key is.
    pub keys: &'static str,
    pub url: Address,
    pub campaign: CampaignPlace,
}

/// Whether the address that a message was sent to is signed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    Signed,
    NotLookedAt,
}

/// Where a call's campaign may stand so that nobody else can put it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignPlace {
    Somewhere,
    Nowhere,
}

/// As it was checked.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "AccountTable")]
pub struct Account {
    pub name: String,
    /// Without a query.
    pub url: Option<String>,
    pub keys: Vec<Secret>,
    key_files: Vec<PathBuf>,
    /// The name space of the calls' ids.
    pub realm: RealmId,
    pub country: Option<Country>,
    /// What its calls go by.
    pub route: RouteId,
    /// What holds a call's campaign: a part of the address's query, a field.
    pub campaign: Option<SmolStr>,
}

impl From<Account> for AccountTable {
    fn from(account: Account) -> Self {
        let Account { name, url, keys: _, key_files, realm, country, route, campaign } = account;
        let (name, realm, route) = (Some(name), Some(realm), Some(route));
        Self { name, url, keys: Vec::new(), key_files, realm, country, route, campaign }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`source.{kind}.{key}`: {why}")]
pub struct ConfigError {
    pub kind: &'static str,
    pub key: &'static str,
    pub why: String,
}

impl AccountTable {
    /// # Errors
    /// The first value that can't be, with its key; never a secret.
    pub fn checked(self, asks: Asks, site: Site) -> Result<Account, ConfigError> {
        let wrong = |key, why: String| ConfigError { kind: asks.kind, key, why };
        let name = self.name.unwrap_or_else(|| asks.kind.to_owned());
        is_a_name(&name).map_err(|why| wrong("name", why))?;
        let url = match (asks.url, self.url) {
            (Address::NotLookedAt, None) => None,
            (Address::NotLookedAt, Some(_)) => {
                return Err(wrong("url", format!("{} does not sign addresses: leave it out", asks.kind)));
            }
            (Address::Signed, url) => Some(url.filter(|url| is_an_address(url)).ok_or_else(|| {
                let example = format!("https://ops.example.com/hooks/{name}");
                wrong("url", format!("write the address as {} is told it, without what stands behind `?` (like {example}): it is signed", asks.kind))
            })?),
        };
        let mut keys = self.keys;
        for path in &self.key_files {
            let read = secret::one_of("secret", None, Some(path));
            let read = read.map_err(|error| {
                wrong("key_files", error.to_string().trim_start_matches("`secret_file`: ").to_owned())
            })?;
            keys.extend(read);
        }
        if keys.iter().any(|key| key.reveal().is_empty()) {
            return Err(wrong("keys", "one is empty".to_owned()));
        }
        match keys.len() {
            0 => return Err(wrong("keys", format!("set {}, or name a file under `key_files`", asks.keys))),
            1..=MOST_KEYS => {}
            more => {
                return Err(wrong("keys", format!("there are {more}, and may be {MOST_KEYS}: leave out the old ones")));
            }
        }
        let campaign = match (asks.campaign, self.campaign) {
            (CampaignPlace::Nowhere, Some(_)) => {
                return Err(wrong(
                    "campaign",
                    format!("nothing of what {} signs can hold it: leave it out", asks.kind),
                ));
            }
            (CampaignPlace::Nowhere, None) => None,
            (CampaignPlace::Somewhere, told) => Some(told.unwrap_or(SmolStr::new_static(DEFAULT_CAMPAIGN))),
        };
        Ok(Account {
            url,
            keys,
            key_files: self.key_files,
            realm: self.realm.unwrap_or_else(|| RealmId::trusted(asks.kind)),
            country: self.country.or(site.country),
            route: self.route.unwrap_or_else(|| RouteId::trusted(name.as_str())),
            campaign,
            name,
        })
    }
}

fn is_an_address(text: &str) -> bool {
    let plain = |url: Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    };
    Url::parse(text).is_ok_and(plain) && !text.contains(['?', '#'])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIGNED: Asks = Asks {
        kind: "twilio",
        keys: "the account's auth token",
        url: Address::Signed,
        campaign: CampaignPlace::Somewhere,
    };
    const UNSIGNED: Asks = Asks {
        kind: "vonage",
        keys: "the signature secret",
        url: Address::NotLookedAt,
        campaign: CampaignPlace::Nowhere,
    };

    fn table(asks: Asks, text: &str) -> Result<Account, String> {
        let site = Site { country: Country::new("US").ok() };
        toml::from_str::<AccountTable>(text).unwrap().checked(asks, site).map_err(|error| error.to_string())
    }

    #[test]
    fn each_wrong_value_names_its_key_and_no_secret() {
        let url = "url = \"https://ops.example.com/hooks/twilio\"\n";
        for (asks, text, words) in [
            (SIGNED, "keys = [\"tulip\"]".to_owned(), "`source.twilio.url`: write the address as twilio is told it"),
            (SIGNED, "keys = [\"tulip\"]\nurl = \"https://a.example/?b\"".to_owned(), "`source.twilio.url`: write"),
            (SIGNED, "keys = [\"tulip\"]\nurl = \"https://u:p@a.example/\"".to_owned(), "`source.twilio.url`: write"),
            (SIGNED, "keys = [\"tulip\"]\nurl = \"ops.example.com\"".to_owned(), "`source.twilio.url`: write"),
            (SIGNED, url.to_owned(), "`source.twilio.keys`: set the account's auth token"),
            (SIGNED, format!("{url}keys = [\"\"]"), "`source.twilio.keys`: one is empty"),
            (SIGNED, format!("{url}key_files = [\"/no/such\"]"), "`source.twilio.key_files`: cannot read /no/such"),
            (SIGNED, format!("{url}name = \"a b\""), "`source.twilio.name`: must be"),
            (UNSIGNED, format!("{url}keys = [\"tulip\"]"), "`source.vonage.url`: vonage does not sign addresses"),
            (UNSIGNED, "keys = [\"tulip\"]\ncampaign = \"c\"".to_owned(), "`source.vonage.campaign`: nothing"),
        ] {
            let error = table(asks, &text).unwrap_err();
            assert!(error.starts_with(words) && !error.contains("tulip"), "{error}");
        }
        let account = table(SIGNED, &format!("{url}keys = [\"tulip\"]\nname = \"east\"")).unwrap();
        assert_eq!((account.name.as_str(), account.route.as_str(), account.realm.as_str()), ("east", "east", "twilio"));
        let told = format!("{account:?}\n{}", toml::to_string(&account).unwrap());
        assert!(!told.contains("tulip") && told.contains("ops.example.com"), "{told}");
    }
}
