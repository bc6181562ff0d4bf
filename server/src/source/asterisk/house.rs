//! What the names in a PBX's files mean: which endpoint is a carrier's, which a telephone of the house.
//!
//! An agent is only who sits at what is plainly a telephone: what stands behind a slash in a channel's name
//! (`DAHDI/i1/12025550142`) is whom a line connects, and a person's number. Owns no rows and no calls.

use super::config::AsteriskConfig;
use super::config::RouteConfig;
use super::endpoints::route_of;
use super::names::{ChannelName, dialled};
use crate::source::numbers;
use crate::source::pattern::Pattern;
use app::domain::outcome::Mode;
use app::domain::phone::Party;
use app::domain::{AgentId, CampaignId, Country};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What the PBX's names mean.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub country: Option<Country>,
    /// Endpoints that are carriers.
    pub routes: BTreeMap<SmolStr, RouteConfig>,
    pub modes: BTreeMap<CampaignId, Mode>,
    /// Contexts of the dialplan at which calls from outside arrive.
    pub inbound: BTreeSet<SmolStr>,
    /// Contexts into which the dialer leads those whom it has called.
    pub outbound: BTreeSet<SmolStr>,
    /// Telephones of agents, where they are configured: no other endpoint is one, then.
    pub agents: Vec<Pattern>,
    /// The floor's own numbers, where they are configured.
    pub dids: Vec<Pattern>,
}

/// Technologies whose endpoints are telephones unless their name says otherwise. A line of an ISDN or analogue card leads
/// outside as well as to a telephone.
const TELEPHONES: [&str; 7] = ["PJSIP", "SIP", "SCCP", "Skinny", "MGCP", "UNISTIM", "Agent"];
/// Words in the names that people give to what leads out of the house.
const OUTSIDE: [&str; 7] = ["trunk", "carrier", "gateway", "gw", "provider", "pstn", "outbound"];
/// Digits of an extension.
const EXTENSION: std::ops::RangeInclusive<usize> = 2..=6;

impl Names {
    /// As a followed PBX is configured; carriers named beside that are added.
    #[must_use]
    pub fn of(config: Option<&AsteriskConfig>, country: Option<Country>) -> Self {
        let Some(config) = config else { return Self { country, ..Self::default() } };
        Self {
            country: config.country.or(country),
            routes: config.routes.clone(),
            modes: config.modes.clone(),
            inbound: BTreeSet::new(),
            outbound: BTreeSet::new(),
            agents: config.agents.clone(),
            dids: config.dids.clone(),
        }
    }

    /// The route of a channel, where that is a carrier's.
    pub(super) fn carrier(&self, channel: &str) -> Option<&RouteConfig> {
        let name = ChannelName::read(channel)?;
        route_of(&self.routes, name.tech, name.resource).map(|(_, route)| route)
    }

    /// The agent at a channel that is plainly a telephone's.
    pub(super) fn telephone(&self, channel: &str) -> Option<AgentId> {
        let name = ChannelName::read(channel)?;
        if self.carrier(channel).is_some() || name.tech == LOCAL {
            return None;
        }
        let plainly = || {
            let line = ["DAHDI", "Zap"].contains(&name.tech);
            let named = TELEPHONES.contains(&name.tech) && is_a_telephones(name.resource);
            named || (is_an_extension(name.resource) && !line)
        };
        let own = if self.agents.is_empty() {
            plainly()
        } else {
            self.agents.iter().any(|pattern| pattern.fits(&name.interface()))
        };
        own.then(|| AgentId::new(name.resource).ok()).flatten()
    }

    /// The telephone that a Local channel is named after (`Local/1042@agents`), where nothing else tells who is behind it.
    pub(super) fn behind_local(channel: &str) -> Option<AgentId> {
        let name = ChannelName::read(channel).filter(|name| name.tech == LOCAL)?;
        let extension = name.resource.split('@').next().filter(|text| is_an_extension(text))?;
        AgentId::new(extension).ok()
    }

    /// The carriers among the destinations of `Dial`, with what was dialled at each.
    pub(super) fn dialled<'s>(&'s self, data: &'s str) -> impl Iterator<Item = (&'s RouteConfig, &'s str)> {
        destinations(data).filter_map(|to| {
            let (tech, endpoint) = endpoint_of(to)?;
            route_of(&self.routes, tech, endpoint).map(|(_, route)| (route, dialled(to)))
        })
    }

    pub(super) fn campaign(&self, account: &str) -> Option<CampaignId> {
        CampaignId::new(account).ok()
    }

    pub(super) fn party(&self, text: &str, route: &RouteConfig) -> Option<Party> {
        numbers::read(text, route.prefix.as_deref(), self.country).party()
    }
}

const LOCAL: &str = "Local";

/// Whether a channel is half of a Local one.
pub(super) fn is_local(channel: &str) -> bool {
    channel.strip_prefix(LOCAL).is_some_and(|rest| rest.starts_with('/'))
}

/// Where a call is sent by `Dial`, without options: one destination, or several at once.
pub(super) fn destinations(data: &str) -> impl Iterator<Item = &str> {
    data.split([',', '|']).next().unwrap_or_default().split('&')
}

/// Technology and endpoint of a destination: `PJSIP/NUMBER@endpoint`, `SIP/endpoint/NUMBER`, `IAX2/user@peer/NUMBER`.
pub(super) fn endpoint_of(destination: &str) -> Option<(&str, &str)> {
    let (tech, rest) = destination.split_once('/')?;
    let first = rest.split('/').next().unwrap_or(rest);
    let endpoint = first.rsplit('@').next().unwrap_or(first);
    (!tech.is_empty() && !endpoint.is_empty()).then_some((tech, endpoint))
}

/// Whether somebody was dialled through a channel's endpoint: that is no telephone, then, but leads to others. A telephone
/// may itself be dialled at the address where it registered (`PJSIP/1042/sip:1042@192.0.2.4:5060`).
pub(super) fn is_dialled_through(data: &str, channel: &str) -> bool {
    let Some(name) = ChannelName::read(channel) else { return false };
    let of = (name.tech, name.resource);
    let leads_on = |to: &str| {
        let Some((_, rest)) = to.split_once('/').filter(|(_, rest)| *rest != of.1) else { return false };
        !rest.split_once('/').is_some_and(|(_, contact)| is_an_address_of(contact, of.1))
    };
    destinations(data).any(|to| endpoint_of(to) == Some(of) && leads_on(to))
}

/// Whether a contact is where an endpoint itself is: a SIP address of its own name, or of one that is no number.
fn is_an_address_of(contact: &str, endpoint: &str) -> bool {
    let Some(address) = contact.strip_prefix("sips:").or_else(|| contact.strip_prefix("sip:")) else { return false };
    let user = address.split_once('@').map_or("", |(user, _)| user);
    user == endpoint || user.is_empty() || !user.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit())
}

/// Whom a line connects: what stands behind the slash in `DAHDI/i1/12025550142-2`.
pub(super) fn connected(channel: &str) -> Option<&str> {
    let name = ChannelName::read(channel).filter(|name| name.tech != LOCAL)?;
    name.resource.split_once('/').map(|(_, number)| number)
}

pub(super) fn is_an_extension(text: &str) -> bool {
    EXTENSION.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether an endpoint's name may be a telephone's: no address, no number of a person, nothing that leads outside.
fn is_a_telephones(endpoint: &str) -> bool {
    let digits = endpoint.bytes().filter(u8::is_ascii_digit).count();
    let lower = endpoint.to_ascii_lowercase();
    !endpoint.contains(['/', '@', '.', ':'])
        && digits <= *EXTENSION.end()
        && !OUTSIDE.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::RouteId;

    fn names() -> Names {
        let route = |id| RouteConfig { route: RouteId::trusted(id), capacity: None, prefix: None };
        let routes = [("c1", "A"), ("DAHDI/i1", "B"), ("SIP/c2", "C")].map(|(key, id)| (key.into(), route(id)));
        Names { routes: BTreeMap::from(routes), ..Names::default() }
    }

    #[test]
    fn an_agent_is_only_at_what_is_plainly_a_telephone() {
        for (channel, agent) in [
            ("PJSIP/1042-0000001f", Some("1042")),
            ("SIP/ann-00000001", Some("ann")),
            ("IAX2/204-7", Some("204")),
            ("Agent/12", Some("12")),
            ("PJSIP/c1-0000001f", None),
            ("PJSIP/trunk_2-0000001f", None),
            ("SIP/192.0.2.7-00000001", None),
            ("SIP/12025550142-00000001", None),
            ("DAHDI/i1/12025550187-2", None),
            ("DAHDI/i2/12025550187-2", None),
            ("DAHDI/12-1", None),
            ("Local/1042@agents-00000001;1", None),
        ] {
            let found = names().telephone(channel);
            assert_eq!(found.as_ref().map(AgentId::as_str), agent, "{channel}");
        }
        assert_eq!(Names::behind_local("Local/1042@agents-00000001;1").unwrap().as_str(), "1042");
        assert_eq!(Names::behind_local("Local/912025550142@out-00000001;1"), None);
    }

    #[test]
    fn where_agents_telephones_are_configured_no_other_is_one() {
        let agents = serde_json::from_value(serde_json::json!(["SIP/150*"])).unwrap();
        let names = Names { agents, ..names() };
        assert_eq!(names.telephone("SIP/150010001-00000001").unwrap().as_str(), "150010001");
        assert_eq!(names.telephone("PJSIP/1042-0000001f"), None);
    }

    #[test]
    fn carriers_are_found_in_what_was_dialled() {
        for (data, expected) in [
            ("PJSIP/2025550188@c1,60", vec![("A", "2025550188")]),
            ("PJSIP/c1/sip:2025550188@192.0.2.1,60", vec![("A", "2025550188")]),
            ("SIP/c2/2025550188&DAHDI/i1/2025550189|60", vec![("C", "2025550188"), ("B", "2025550189")]),
            ("PJSIP/1042", vec![]),
            ("", vec![]),
        ] {
            let names = names();
            let found: Vec<_> =
                names.dialled(data).map(|(route, number)| (route.route.as_str().to_owned(), number)).collect();
            let expected: Vec<_> = expected.into_iter().map(|(route, number)| (route.to_owned(), number)).collect();
            assert_eq!(found, expected, "{data}");
        }
        assert!(is_dialled_through("PJSIP/211@hit,60", "PJSIP/hit-00000013"));
        assert!(is_dialled_through("PJSIP/hit/211", "PJSIP/hit-00000013"));
        assert!(is_dialled_through("PJSIP/hit/sip:+12025550188@192.0.2.4:5060", "PJSIP/hit-00000013"));
        assert!(!is_dialled_through("PJSIP/1001&PJSIP/1002,20", "PJSIP/1001-00000013"));
        assert!(!is_dialled_through("PJSIP/1001/sip:1001@192.0.2.4:5060,20", "PJSIP/1001-00000013"));
        assert!(!is_dialled_through("PJSIP/1001/sip:x7ak@192.0.2.4;transport=ws", "PJSIP/1001-00000013"));
        assert_eq!(connected("DAHDI/i1/12025550187-2"), Some("12025550187"));
        assert_eq!(connected("PJSIP/1042-1"), None);
    }
}
