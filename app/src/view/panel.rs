//! The panels of the live view, and their order for each role.

use serde::{Deserialize, Serialize};

/// At most this many rows a panel cross the network, worst first; the frame counts the rest (contract.md).
pub const MAX_ROWS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PanelId {
    Channels,
    Routes,
    Abandon,
    Connect,
    Dids,
    Agents,
    Pdd,
    Infra,
}

impl PanelId {
    pub const ALL: &'static [Self] =
        &[Self::Channels, Self::Routes, Self::Abandon, Self::Connect, Self::Dids, Self::Agents, Self::Pdd, Self::Infra];

    /// The name in addresses: `?panel=routes`, `/panel/routes.svg`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Routes => "routes",
            Self::Abandon => "abandon",
            Self::Connect => "connect",
            Self::Dids => "dids",
            Self::Agents => "agents",
            Self::Pdd => "pdd",
            Self::Infra => "infra",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.word() == word)
    }

    /// Its table in the frame: what it draws, where it has more than one.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Channels => "channels.points",
            Self::Pdd => "pdd.points",
            Self::Routes | Self::Abandon | Self::Connect | Self::Dids | Self::Agents | Self::Infra => self.word(),
        }
    }
}

/// For whom the panels are ordered (S01); by default in the order of [`PanelId::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PanelOrder {
    #[default]
    All,
    Network,
    Campaign,
    Manager,
}

impl PanelOrder {
    pub const ALL: &'static [Self] = &[Self::All, Self::Network, Self::Campaign, Self::Manager];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Network => "network",
            Self::Campaign => "campaign",
            Self::Manager => "manager",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|order| order.word() == word)
    }

    #[must_use]
    pub const fn panels(self) -> &'static [PanelId; 8] {
        use PanelId::{Abandon, Agents, Channels, Connect, Dids, Infra, Pdd, Routes};
        match self {
            Self::All => &[Channels, Routes, Abandon, Connect, Dids, Agents, Pdd, Infra],
            Self::Network => &[Routes, Channels, Pdd, Infra, Dids, Connect, Abandon, Agents],
            Self::Campaign => &[Abandon, Connect, Dids, Agents, Channels, Routes, Pdd, Infra],
            Self::Manager => &[Abandon, Channels, Agents, Infra, Connect, Routes, Dids, Pdd],
        }
    }
}
