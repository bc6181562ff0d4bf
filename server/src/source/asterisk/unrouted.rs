//! Endpoints seen that belong to no route: telephones, and carriers that nobody configured. Listed on `/metrics` and told
//! to the log when first seen, so that a forgotten trunk shows; with what may be a person's number masked.

use super::endpoints::shown;
use super::names::ChannelName;
use super::role::Role;
use crate::telemetry::{Reading, Value};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Most endpoints that are listed: twice the telephones of a large floor.
const MOST: usize = 1_000;

/// An endpoint as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    endpoint: String,
    taken_for: &'static str,
}

#[derive(Debug, Default)]
pub struct Unrouted {
    /// Each with the channels that it had so far.
    listed: Mutex<BTreeMap<Endpoint, u64>>,
}

/// Whether an endpoint has its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Kept,
    Full,
}

impl Unrouted {
    /// The channels of each endpoint so far, for `/metrics`.
    #[must_use]
    pub fn channels(&self) -> Reading {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = |Endpoint { endpoint, taken_for }: &Endpoint| {
            vec![("endpoint", endpoint.clone()), ("taken_for", (*taken_for).to_owned())]
        };
        Reading {
            name: "ringside_asterisk_unrouted_channels",
            help: "Channels of endpoints that belong to no route, and what these are taken for",
            value: Value::Counters(listed.iter().map(|(endpoint, n)| (labels(endpoint), *n)).collect()),
        }
    }

    /// A channel came that is no carrier's.
    pub fn came(&self, name: &ChannelName<'_>, role: &Role) -> Listing {
        let taken_for = match role {
            Role::Telephone => "telephone",
            Role::Outside => "outside",
            Role::Carrier(_) | Role::Half | Role::Internal => return Listing::Kept,
        };
        let endpoint = Endpoint { endpoint: shown(name), taken_for };
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channels) = listed.get_mut(&endpoint) {
            *channels += 1;
        } else if listed.len() >= MOST {
            return Listing::Full;
        } else {
            tell(&endpoint, role);
            listed.insert(endpoint, 1);
        }
        Listing::Kept
    }
}

fn tell(Endpoint { endpoint, .. }: &Endpoint, role: &Role) {
    if *role == Role::Outside {
        tracing::warn!(
            endpoint,
            "asterisk: an endpoint belongs to no route, so its calls are not counted: name it in source.asterisk.routes"
        );
    } else {
        tracing::info!(endpoint, "asterisk: an endpoint without a route is taken for a telephone");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_listed_once_without_whom_it_connects() {
        let unrouted = Unrouted::default();
        for channel in ["DAHDI/i1/12025550187-2", "DAHDI/i1/12025550188-3", "PJSIP/1042-1"] {
            let name = ChannelName::read(channel).unwrap();
            let role = if name.tech == "DAHDI" { Role::Outside } else { Role::Telephone };
            assert_eq!(unrouted.came(&name, &role), Listing::Kept);
        }
        let listed: Vec<_> = unrouted
            .listed
            .lock()
            .unwrap()
            .iter()
            .map(|(e, n)| format!("{} {} {n}", e.endpoint, e.taken_for))
            .collect();
        assert_eq!(listed, ["DAHDI/i1/* outside 2", "PJSIP/1042 telephone 1"]);
    }

    #[test]
    fn the_list_has_an_end() {
        let unrouted = Unrouted::default();
        let came = |n: usize| {
            let channel = format!("PJSIP/{n}-1");
            unrouted.came(&ChannelName::read(&channel).unwrap(), &Role::Telephone)
        };
        assert!((0..MOST).all(|n| came(n) == Listing::Kept));
        assert_eq!((came(MOST), came(0)), (Listing::Full, Listing::Kept));
    }
}
