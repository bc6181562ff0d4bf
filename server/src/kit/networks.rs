//! Addresses and networks, as a configuration names them.

use ipnet::IpNet;
use std::net::IpAddr;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// # Errors
    /// The first text that is neither an address nor a network.
    pub fn new(told: &[String]) -> Result<Self, String> {
        let net = |text: &String| {
            let alone = text.parse::<IpAddr>().map(IpNet::from);
            alone.or_else(|_| text.parse()).map_err(|_| format!("`{text}` is no address or network (like 10.0.0.0/8)"))
        };
        told.iter().map(net).collect::<Result<_, _>>().map(Self)
    }

    /// As the configuration names them.
    pub fn named(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them; one of IPv4 that comes as IPv6 is taken for what it is.
    #[must_use]
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }
}
