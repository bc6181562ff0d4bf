//! `[[source.asterisk]]`: which PBX, and what its names mean here.
//!
//! Owns the reading of these keys and what is wrong with them; not where the file is (`config`). The secret is kept
//! from logs by its type.

use super::endpoints;
use super::names::ChannelName;
use crate::kit::secret::Secret;
use crate::source::pattern::Pattern;
use app::domain::ids::{AgentId, CampaignId, QueueId, RealmId, RouteId, SourceId, TrunkId};
use app::domain::mask::partly_masked;
use app::domain::outcome::Mode;
use app::domain::phone::Country;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fmt, fs, io};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsteriskConfig {
    /// `host:port` of the manager interface.
    pub address: String,
    pub user: String,
    /// The user's secret in manager.conf; or `secret_file`, a file that holds it alone.
    #[serde(default, skip_serializing)]
    pub secret: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The name space of this PBX's call ids, and its name as a part of the infrastructure.
    #[serde(default = "default_realm")]
    pub realm: RealmId,
    /// The country whose numbers are dialled without a country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Endpoints that are carriers, `name` (of PJSIP) or `TECH/name`, each with its route; `*` stands for any text. Channels
    /// of other endpoints (the agents' telephones) are no calls of their own.
    pub routes: BTreeMap<SmolStr, RouteConfig>,
    /// Telephones of agents whom no queue names, `TECH/name`, `*` for any text. Where there are any, no other endpoint is
    /// taken for one.
    #[serde(default)]
    pub agents: Vec<Pattern>,
    /// The floor's own numbers as E.164, `*` for any digits. Where there are any, only these and numbers that people call
    /// are DIDs.
    #[serde(default)]
    pub dids: Vec<Pattern>,
    /// Where a call's campaign stands.
    #[serde(default)]
    pub campaign: CampaignFrom,
    /// How each campaign dials; decides which abandonment rule applies.
    #[serde(default)]
    pub modes: BTreeMap<CampaignId, Mode>,
    /// The campaign of a queue's agents, and of callers who bring none.
    #[serde(default)]
    pub queues: BTreeMap<QueueId, CampaignId>,
    /// Channel variables that hold the list and the attempt's number (1 = the destination's first).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_variable: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_variable: Option<SmolStr>,
    /// The channel variable in which answering-machine detection leaves its verdict.
    #[serde(default = "default_amd_variable")]
    pub amd_variable: SmolStr,
    /// The PBX's `queue_log`, where it can be read here: what its queues did while nobody followed is read from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_log: Option<PathBuf>,
    /// Reasons of a pause that are wrap-up, not a break.
    #[serde(default = "default_wrap_up_reasons")]
    pub wrap_up_reasons: Vec<SmolStr>,
}

fn default_realm() -> RealmId {
    RealmId::trusted("asterisk")
}

fn default_amd_variable() -> SmolStr {
    SmolStr::new_static("AMDSTATUS")
}

fn default_wrap_up_reasons() -> Vec<SmolStr> {
    ["wrap-up", "wrapup", "acw"].map(SmolStr::new_static).to_vec()
}

/// What an endpoint is: `"CARRIER"`, its route, or with more to say
/// `{ route = "CARRIER", capacity = 60, prefix = "9011" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteConfig {
    pub route: RouteId,
    /// Channels that the carrier allows at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// What this carrier wants before the number; not part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<SmolStr>,
}

impl RouteConfig {
    /// The trunk whose channels and state are those of this route.
    #[must_use]
    pub fn trunk(&self) -> TrunkId {
        TrunkId::trusted(self.route.to_smol())
    }
}

/// By hand, because the errors of an untagged enum do not name the key that is wrong.
impl<'de> Deserialize<'de> for RouteConfig {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            route: RouteId,
            capacity: Option<u32>,
            prefix: Option<SmolStr>,
        }
        struct NameOrTable;
        impl<'de> Visitor<'de> for NameOrTable {
            type Value = RouteConfig;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a route's id, or a table with `route`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RouteConfig, E> {
                let route = RouteId::new(text).map_err(E::custom)?;
                Ok(RouteConfig { route, capacity: None, prefix: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RouteConfig, A::Error> {
                let Table { route, capacity, prefix } = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RouteConfig { route, capacity, prefix })
            }
        }
        from.deserialize_any(NameOrTable)
    }
}

/// `"accountcode"`, or `{ variable = "NAME" }` with `channelvars = NAME` in the PBX's manager.conf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CampaignFrom {
    AccountCode,
    Variable(SmolStr),
}

impl Default for CampaignFrom {
    fn default() -> Self {
        Self::Variable(SmolStr::new_static("CAMPAIGN"))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("source.asterisk: neither `secret` nor `secret_file` is set")]
    NoSecret,
    #[error("source.asterisk: both `secret` and `secret_file` are set; keep one")]
    TwoSecrets,
    #[error("source.asterisk.secret_file: cannot read {path}: {error}")]
    SecretFile { path: PathBuf, error: io::Error },
    #[error("source.asterisk.routes: no endpoint is named, so no call would be followed")]
    NoRoutes,
}

impl AsteriskConfig {
    /// Checks what a type cannot say; numbers are read as in `country` unless the PBX has its own.
    ///
    /// # Errors
    /// Names the key and what to do.
    pub fn checked(mut self, country: Option<Country>) -> Result<Self, ConfigError> {
        if self.routes.is_empty() {
            return Err(ConfigError::NoRoutes);
        }
        self.secret()?;
        self.country = self.country.or(country);
        Ok(self)
    }

    /// The user's secret, wherever it stands.
    ///
    /// # Errors
    /// Names the key and what to do.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        match (&self.secret, &self.secret_file) {
            (Some(secret), None) => Ok(secret.clone()),
            (None, Some(path)) => fs::read_to_string(path)
                .map(|text| Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
                .map_err(|error| ConfigError::SecretFile { path: path.clone(), error }),
            (None, None) => Err(ConfigError::NoSecret),
            (Some(_), Some(_)) => Err(ConfigError::TwoSecrets),
        }
    }

    /// The endpoint's key in `routes`, for a channel's `TECH` and resource.
    #[must_use]
    pub fn route_of(&self, tech: &str, resource: &str) -> Option<(&SmolStr, &RouteConfig)> {
        endpoints::route_of(&self.routes, tech, resource)
    }

    /// Who tells of this PBX.
    #[must_use]
    pub fn source(&self) -> SourceId {
        SourceId::trusted(format!("asterisk/{}", self.realm))
    }

    /// Whether an endpoint that no queue names may be an agent's telephone.
    #[must_use]
    pub fn may_be_an_agents(&self, name: &ChannelName<'_>) -> bool {
        self.agents.is_empty() || self.is_an_agents(&name.interface())
    }

    fn is_an_agents(&self, interface: &str) -> bool {
        self.agents.iter().any(|pattern| pattern.fits(interface))
    }

    /// Who an agent is, by the name that goes with an interface. What may be a person's number in it is masked, unless the
    /// interface is configured as an agent's.
    #[must_use]
    pub fn agent(&self, name: &str, interface: &str) -> Option<AgentId> {
        let ours = self.is_an_agents(interface);
        if ours { AgentId::new(name).ok() } else { AgentId::new(&partly_masked(name)).ok() }
    }

    #[must_use]
    pub fn campaign_of_queue(&self, queue: &str) -> Option<&CampaignId> {
        QueueId::new(queue).ok().and_then(|queue| self.queues.get(&queue))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(json: serde_json::Value) -> Result<AsteriskConfig, String> {
        serde_json::from_value(json).map_err(|e| e.to_string())
    }

    fn with(key: &str, value: serde_json::Value) -> serde_json::Value {
        let mut config = serde_json::json!({ "address": "pbx:5038", "user": "u", "routes": { "a": "A", "SIP/b": { "route": "B", "prefix": "9" } } });
        config[key] = value;
        config
    }

    #[test]
    fn endpoints_are_found_by_name_or_technology() {
        let config = read(with("secret", "s".into())).unwrap();
        let route = |tech, name| config.route_of(tech, name).map(|(_, route)| route.route.as_str());
        assert_eq!((route("PJSIP", "a"), route("SIP", "b")), (Some("A"), Some("B")));
        assert_eq!((route("SIP", "a"), route("PJSIP", "b"), route("Local", "a")), (None, None, None));
    }

    #[test]
    fn a_secret_is_needed_once_and_never_printed() {
        let config = read(with("secret", "tulip".into())).unwrap();
        assert_eq!(config.secret().unwrap().reveal(), "tulip");
        assert!(!format!("{config:?}").contains("tulip"));
        let none = read(with("realm", "r".into())).unwrap();
        assert!(matches!(none.secret(), Err(ConfigError::NoSecret)));
        let missing = read(with("secret_file", "/nonexistent/secret".into())).unwrap();
        assert!(missing.secret().unwrap_err().to_string().contains("source.asterisk.secret_file: cannot read"));
    }

    #[test]
    fn a_wrong_key_is_named() {
        assert!(read(with("secrt", "s".into())).unwrap_err().contains("unknown field `secrt`"));
        let routes = serde_json::json!({ "a": { "route": "A", "capcity": 3 } });
        assert!(read(with("routes", routes)).unwrap_err().contains("unknown field `capcity`"));
    }
}
