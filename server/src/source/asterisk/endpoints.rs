//! Endpoints as people name them: `carrier-a`, `SIP/old-trunk`, `DAHDI/i1`, `PJSIP/trunk_*`.
//!
//! A channel's resource begins with its endpoint; what stands behind a slash (`DAHDI/i1/12025550142`) is whom it
//! connects, so it names no endpoint and may be a person's number: [`shown`] is how such a name is told.

use super::config::RouteConfig;
use super::house::is_an_extension;
use super::names::{ChannelName, is_a_device};
use crate::source::pattern::fits;
use app::domain::mask::{MARK, partly_masked};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What stands in the place of a number's middle digits where the others are left.
const HIDDEN_DIGITS: &str = " •••• ";

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

/// Of the channels among the texts of one record each its endpoint as it is `shown`, and whether that is an extension's.
pub fn of_channels<'t>(texts: impl Iterator<Item = &'t str>) -> impl Iterator<Item = (SmolStr, bool)> {
    let texts: Vec<&str> = texts.map(str::trim).collect();
    // What is dialled (`SIP/carrier-2`) may end as a channel does; then the channel that was made of it stands beside it.
    let is_dialled =
        |text: &str| texts.iter().any(|other| other.strip_prefix(text).is_some_and(|rest| rest.starts_with('-')));
    let channels: Vec<&str> = texts.iter().copied().filter(|text| is_a_channel(text) && !is_dialled(text)).collect();
    let channels = channels.into_iter().filter_map(ChannelName::read).filter(is_a_device);
    channels.map(|name| (shown(&name).into(), is_an_extension(name.resource)))
}

/// Whether a text is a channel's name, which ends in a number of its own: `SIP/carrier-out-0000001c`, `DAHDI/i1/2025550142-2`,
/// `mISDN/1-u23`. What somebody dialled (`SIP/carrier-out/2025550142`) has dashes as well.
fn is_a_channel(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let Some((_, own)) = text.rsplit_once('-').filter(|_| begins && !text.contains([' ', ',', '@', '&'])) else {
        return false;
    };
    let own = own.split([';', '<']).next().unwrap_or_default();
    let is_long_hex = own.len() == 8 && own.bytes().all(|b| b.is_ascii_hexdigit());
    let is_short = own.len() <= 16 && own.bytes().all(|b| b.is_ascii_alphanumeric());
    is_long_hex || (is_short && own.bytes().any(|b| b.is_ascii_digit()))
}

/// The endpoint's name as it can be put among the routes: whom it connects is a `*`, and so is what of its name could be a
/// person's number.
#[must_use]
pub fn shown(name: &ChannelName<'_>) -> String {
    let as_a_pattern = |text: &str| partly_masked(text).replace(HIDDEN_DIGITS, "*").replace(MARK, "*");
    match name.resource.split_once('/') {
        Some((endpoint, _)) => format!("{}/{}/*", name.tech, as_a_pattern(endpoint)),
        None => format!("{}/{}", name.tech, as_a_pattern(name.resource)),
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

    /// In the shapes in which the field's files have them: each suggestion, taken as it stands, finds the channel's endpoint.
    #[test]
    fn what_is_suggested_works_when_it_is_pasted() {
        for (record, endpoint, channel) in [
            (
                &["SIP/carrier-out-0000001c", "Dial", "SIP/carrier-out/2025550187"][..],
                "SIP/carrier-out",
                "SIP/carrier-out-0000001c",
            ),
            (
                &["PJSIP/1042-1", "SIP/carrier-2-0000001c", "Dial", "SIP/carrier-2"],
                "SIP/carrier-2",
                "SIP/carrier-2-0000001c",
            ),
            (&["", "SIP/carrier-out/2025550187", "SIP/c1-40"], "SIP/c1", "SIP/c1-40"),
            (&["DAHDI/i1/12025550187-2", "DAHDI/g1/12025550187"], "DAHDI/i1/*", "DAHDI/i1/12025550187-2"),
            (&["SIP/150010001-0000001f", "SIP/150010001"], "SIP/150*01", "SIP/150010001-0000001f"),
            (&["PJSIP/trunk-a-deadbeef", "PJSIP/2025550188@trunk-a,60"], "PJSIP/trunk-a", "PJSIP/trunk-a-deadbeef"),
            (&["mISDN/1-u23", "IAX2/peer-b/2025550188"], "mISDN/1", "mISDN/1-u23"),
        ] {
            let named: Vec<SmolStr> = of_channels(record.iter().copied()).map(|(name, _)| name).collect();
            assert!(named.iter().any(|name| name == endpoint), "{endpoint}: {named:?}");
            for name in &named {
                let routes = routes(&[name.as_str()]);
                let works = record.iter().copied().chain([channel]).filter(|text| is_a_channel(text)).any(|text| {
                    ChannelName::read(text).is_some_and(|name| route_of(&routes, name.tech, name.resource).is_some())
                });
                assert!(works && name != "SIP/carrier" && !name.contains('•'), "{name}");
            }
        }
        assert_eq!(of_channels(["SIP/carrier-out/2025550187", "SIP/carrier-out"].into_iter()).count(), 0);
    }

    #[test]
    fn whom_a_channel_connects_is_not_shown() {
        let shown = |channel| ChannelName::read(channel).map(|name| shown(&name));
        assert_eq!(shown("DAHDI/i1/12025550187-2").as_deref(), Some("DAHDI/i1/*"));
        assert_eq!(shown("PJSIP/1042-0000001f").as_deref(), Some("PJSIP/1042"));
        assert_eq!(shown("SIP/150010001-0000001f").as_deref(), Some("SIP/150*01"));
        assert_eq!(partly_masked("Local/12025550187@dial-2/n"), "Local/120 •••• 87@dial-2/n");
    }
}
