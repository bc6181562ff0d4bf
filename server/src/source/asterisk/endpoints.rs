//! Endpoints as people name them: `carrier-a`, `SIP/old-trunk`, `DAHDI/i1`, `PJSIP/trunk_*`.
//!
//! A channel's resource begins with its endpoint; what stands behind a slash (`DAHDI/i1/12025550142`) is whom it
//! connects, so it names no endpoint and may be a person's number: [`shown`] is how such a name is told.

use super::config::RouteConfig;
use super::house::is_an_extension;
use super::names::{ChannelName, is_a_device};
use crate::source::pattern::fits;
use app::domain::mask::partly_masked;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Whether a key of the configuration names an endpoint: one without a technology is PJSIP's.
fn names(key: &str, tech: &str, resource: &str) -> bool {
    match key.split_once('/') {
        Some((of, endpoint)) => of == tech && fits(endpoint, resource),
        None => tech == "PJSIP" && fits(key, resource),
    }
}

/// The endpoint's key among routes: one that names it as it stands, else one that names its part before the slash, else
/// the longest pattern that fits.
pub fn route_of<'r>(
    routes: &'r BTreeMap<SmolStr, RouteConfig>,
    tech: &str,
    resource: &str,
) -> Option<(&'r SmolStr, &'r RouteConfig)> {
    let plain = |resource: &str| {
        let bare = if tech == "PJSIP" { routes.get_key_value(resource) } else { None };
        bare.or_else(|| routes.get_key_value(format!("{tech}/{resource}").as_str()))
    };
    let endpoint = resource.split('/').next().unwrap_or(resource);
    let pattern = || {
        let fitting = routes.iter().filter(|(key, _)| key.contains('*') && names(key, tech, resource));
        fitting.max_by_key(|(key, _)| key.len())
    };
    plain(resource).or_else(|| plain(endpoint)).or_else(pattern)
}

/// Where one endpoint can be asked for by name: keys of PJSIP that are no patterns.
pub fn pjsip_endpoints(routes: &BTreeMap<SmolStr, RouteConfig>) -> impl Iterator<Item = &str> {
    let named =
        routes.keys().filter_map(|key| key.strip_prefix("PJSIP/").or_else(|| (!key.contains('/')).then_some(key)));
    named.filter(|name| !name.contains('*'))
}

/// Of the channels among some texts each its endpoint as it is `shown`, and whether that is an extension's.
pub fn of_channels<'t>(texts: impl Iterator<Item = &'t str>) -> impl Iterator<Item = (SmolStr, bool)> {
    let is_a_channel = |text: &&str| {
        let begins = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        begins && text.contains('-') && !text.contains([' ', ',', '@', '&'])
    };
    let channels = texts.map(str::trim).filter(is_a_channel).filter_map(ChannelName::read).filter(is_a_device);
    channels.map(|name| (shown(&name).into(), is_an_extension(name.resource)))
}

/// The endpoint's name as it can be put among the routes: whom it connects is a `*`.
#[must_use]
pub fn shown(name: &ChannelName<'_>) -> String {
    match name.resource.split_once('/') {
        Some((endpoint, _)) => format!("{}/{}/*", name.tech, partly_masked(endpoint)),
        None => format!("{}/{}", name.tech, partly_masked(name.resource)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::RouteId;

    fn routes(keys: &[&str]) -> BTreeMap<SmolStr, RouteConfig> {
        let route = |key: &&str| RouteConfig { route: RouteId::trusted(*key), capacity: None, prefix: None };
        keys.iter().map(|key| (SmolStr::new(key), route(key))).collect()
    }

    #[test]
    fn endpoints_are_found_as_the_field_names_them() {
        let routes = routes(&["trunk_2", "trunk_*", "DAHDI/i1", "DAHDI/i*", "SIP/carrier*", "PJSIP/silent"]);
        let key = |channel: &str| {
            let name = ChannelName::read(channel)?;
            route_of(&routes, name.tech, name.resource).map(|(key, _)| key.to_string())
        };
        let found = |channel: &str, expected: Option<&str>| assert_eq!(key(channel).as_deref(), expected, "{channel}");
        found("PJSIP/trunk_2-0000001f", Some("trunk_2"));
        found("PJSIP/trunk_2/12025550142-0000001f", Some("trunk_2"));
        found("PJSIP/trunk_3/12025550142-0000001f", Some("trunk_*"));
        found("PJSIP/silent-00000001", Some("PJSIP/silent"));
        found("DAHDI/i1/12025550142-2", Some("DAHDI/i1"));
        found("DAHDI/i2/12025550142-2", Some("DAHDI/i*"));
        found("SIP/carrier-a-00000001", Some("SIP/carrier*"));
        found("SIP/trunk_2-00000001", None);
        found("Local/trunk_2@dial-00000001;1", None);
    }

    #[test]
    fn patterns_are_asked_for_by_no_name() {
        let routes = routes(&["a", "PJSIP/b", "SIP/c", "trunk_*"]);
        assert_eq!(pjsip_endpoints(&routes).collect::<Vec<_>>(), ["b", "a"]);
    }

    #[test]
    fn whom_a_channel_connects_is_not_shown() {
        let shown = |channel| ChannelName::read(channel).map(|name| shown(&name));
        assert_eq!(shown("DAHDI/i1/12025550187-2").as_deref(), Some("DAHDI/i1/*"));
        assert_eq!(shown("PJSIP/1042-0000001f").as_deref(), Some("PJSIP/1042"));
        assert_eq!(shown("SIP/150010001-0000001f").as_deref(), Some("SIP/150 •••• 01"));
        assert_eq!(partly_masked("Local/12025550187@dial-2/n"), "Local/120 •••• 87@dial-2/n");
    }
}
