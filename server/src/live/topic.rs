//! What a viewer asked for: a view, or a part of it, at a cadence.
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

/// Which frame. What narrows a view is part of it, so that those who look at the same thing share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// The live view: one panel of it or all, of one campaign or all.
    Live { panel: Option<PanelId>, campaign: Option<CampaignId> },
    /// The monitor from above.
    Monitor,
    /// The monitor of one campaign.
    Campaign(CampaignId),
    /// The running day; handed in by who makes it.
    Daily,
    /// Handed in by who makes it, for each number of days.
    Trend { days: u32 },
}

impl View {
    /// The live view as it is without being narrowed.
    pub const LIVE: Self = Self::Live { panel: None, campaign: None };
}

/// See the module. The audience (whose numbers may be seen) joins it with the roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic {
    pub view: View,
    pub every: Cadence,
}

impl fmt::Display for Topic {
    /// As it stands in event ids: no dots but those between its parts, whatever a campaign is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = self.every.word();
        let campaign = match &self.view {
            View::Live { panel, campaign } => {
                write!(f, "live-{}-{every}-", panel.map_or("all", PanelId::word))?;
                campaign.as_ref()
            }
            View::Monitor => return write!(f, "monitor-{every}"),
            View::Campaign(campaign) => {
                write!(f, "campaign-{every}-")?;
                Some(campaign)
            }
            View::Daily => return write!(f, "daily-{every}"),
            View::Trend { days } => return write!(f, "trend-{days}-{every}"),
        };
        for byte in campaign.iter().flat_map(|c| c.as_str().bytes()) {
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
    /// The sequence of what was sent between two beats to one viewer alone: nobody can go on from there.
    pub const APART: u64 = u64::MAX;

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
        let odd = CampaignId::trusted("a.b c\né");
        let topic = Topic { view: View::Live { panel: None, campaign: Some(odd.clone()) }, every: Cadence::S1 };
        assert_ne!(topic.to_string(), Topic { view: View::Campaign(odd), every: Cadence::S1 }.to_string());
        let mark = EventMark { epoch: 255, topic: topic.to_string(), sequence: 7 };
        assert_eq!(EventMark::parse(&mark.to_string()), Some(mark));
        assert_eq!(EventMark::parse("x.y"), None);
    }
}
