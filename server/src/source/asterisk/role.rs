//! What a channel is to the floor.
//!
//! Only a telephone can be an agent's. A channel that is neither a carrier's nor a telephone connects somebody through
//! an endpoint that nobody configured: a person, whose number may be part of its name.

use super::config::AsteriskConfig;
use super::names::{self, ChannelName};
use crate::source::lately::Lately;
use smol_str::SmolStr;
use std::sync::Arc;

/// Most endpoints remembered as no telephones.
const MOST_OUTSIDE: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Role {
    /// Of the route that the configuration has under this key.
    Carrier(SmolStr),
    Telephone,
    /// Through an endpoint that belongs to no route.
    Outside,
    /// One half of a Local channel.
    Half,
    /// Asterisk's own: recorders, announcers, listeners.
    #[default]
    Internal,
}

/// Tells roles by the configuration, and by what was dialled.
#[derive(Debug)]
pub struct Roles {
    config: Arc<AsteriskConfig>,
    /// Devices through which a number was dialled.
    outside: Lately<SmolStr>,
}

impl Roles {
    #[must_use]
    pub fn new(config: Arc<AsteriskConfig>) -> Self {
        Self { config, outside: Lately::new(MOST_OUTSIDE) }
    }

    #[must_use]
    pub fn of(&self, name: &ChannelName<'_>) -> Role {
        if name.tech == "Local" {
            Role::Half
        } else if !names::is_a_device(name) {
            Role::Internal
        } else if let Some((key, _)) = self.config.route_of(name.tech, name.resource) {
            Role::Carrier(key.clone())
        } else if name.resource.contains('/')
            || !self.config.may_be_an_agents(name)
            || self.outside.has(name.interface().as_str())
        {
            Role::Outside
        } else {
            Role::Telephone
        }
    }

    /// A number was dialled through an endpoint: it is no telephone, from now on.
    pub fn dialled_through(&mut self, interface: SmolStr) {
        self.outside.add(interface);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn roles(agents: &[&str]) -> Roles {
        let config =
            serde_json::json!({ "address": "pbx:5038", "user": "u", "routes": { "a": "A" }, "agents": agents });
        Roles::new(Arc::new(serde_json::from_value(config).unwrap()))
    }

    fn role(channel: &str, agents: &[&str]) -> Role {
        roles(agents).of(&ChannelName::read(channel).unwrap())
    }

    #[test]
    fn a_channel_is_a_carriers_a_telephone_or_somebody_outside() {
        for (channel, expected) in [
            ("PJSIP/a-00000001", Role::Carrier("a".into())),
            ("PJSIP/1042-00000001", Role::Telephone),
            ("SIP/150010001-00000001", Role::Telephone),
            ("DAHDI/i1/12025550187-2", Role::Outside),
            ("PJSIP/trunk_2/12025550187-00000001", Role::Outside),
            ("Local/142@dial-00000002;1", Role::Half),
            ("Recorder/ARI-00000001;1", Role::Internal),
        ] {
            assert_eq!(role(channel, &[]), expected, "{channel}");
        }
    }

    #[test]
    fn where_agents_telephones_are_configured_no_other_is_one() {
        assert_eq!(role("PJSIP/1042-00000001", &["PJSIP/10*"]), Role::Telephone);
        assert_eq!(role("PJSIP/forgotten-trunk-00000001", &["PJSIP/10*"]), Role::Outside);
    }

    #[test]
    fn an_endpoint_that_a_number_was_dialled_through_is_no_telephone_any_more() {
        let mut roles = roles(&[]);
        roles.dialled_through("PJSIP/forgotten-trunk".into());
        assert_eq!(roles.of(&ChannelName::read("PJSIP/forgotten-trunk-00000002").unwrap()), Role::Outside);
    }
}
