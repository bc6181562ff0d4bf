//! What a viewer asked for: the live view, or one panel of it, of all campaigns or one, at a cadence.
//!
//! Viewers that ask for the same thing share a topic, and with it every encoded event.

use app::domain::{CampaignId, Span};
use app::view::PanelId;
use std::fmt;

/// How often a viewer wants to hear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cadence {
    Ms250,
    S1,
    S5,
    #[default]
    S10,
    S20,
    S30,
    S60,
}

impl Cadence {
    pub const ALL: &'static [Self] = &[Self::Ms250, Self::S1, Self::S5, Self::S10, Self::S20, Self::S30, Self::S60];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ms250 => "250ms",
            Self::S1 => "1s",
            Self::S5 => "5s",
            Self::S10 => "10s",
            Self::S20 => "20s",
            Self::S30 => "30s",
            Self::S60 => "60s",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.word() == word)
    }

    #[must_use]
    pub const fn span(self) -> Span {
        match self {
            Self::Ms250 => Span::millis(250),
            Self::S1 => Span::secs(1),
            Self::S5 => Span::secs(5),
            Self::S10 => Span::secs(10),
            Self::S20 => Span::secs(20),
            Self::S30 => Span::secs(30),
            Self::S60 => Span::secs(60),
        }
    }
}

/// See the module. The audience (whose numbers may be seen) joins it with the roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic {
    pub panel: Option<PanelId>,
    pub campaign: Option<CampaignId>,
    pub every: Cadence,
}

impl fmt::Display for Topic {
    /// As it stands in event ids: no dots but those between its parts, whatever a campaign is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "live-{}-{}-", self.panel.map_or("all", PanelId::word), self.every.word())?;
        for byte in self.campaign.iter().flat_map(|c| c.as_str().bytes()) {
            if byte.is_ascii_alphanumeric() {
                write!(f, "{}", byte as char)?;
            } else {
                write!(f, "_{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// The id of an event of the stream: `epoch.topic.sequence`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMark {
    /// Which run of the server.
    pub epoch: u64,
    pub topic: String,
    pub sequence: u64,
}

impl fmt::Display for EventMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}.{}", self.epoch, self.topic, self.sequence)
    }
}

impl EventMark {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let epoch = u64::from_str_radix(parts.next()?, 16).ok()?;
        let topic = parts.next()?.to_owned();
        let sequence = parts.next()?.parse().ok()?;
        Some(Self { epoch, topic, sequence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_whatever_the_campaign_is_called() {
        let topic = Topic { panel: None, campaign: Some(CampaignId::trusted("a.b c\né")), every: Cadence::S1 };
        let mark = EventMark { epoch: 255, topic: topic.to_string(), sequence: 7 };
        assert_eq!(EventMark::parse(&mark.to_string()), Some(mark));
        assert_eq!(EventMark::parse("x.y"), None);
    }
}
