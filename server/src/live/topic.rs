//! What a viewer asked for: a view, or a part of it, at a cadence, and as whose audience.
//!
//! Viewers that ask for the same thing and may see the same share a topic, and with it every encoded event.

use app::domain::{Audience, CampaignId, CampaignScope, Sight, Span};
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

/// Which frame. Of which campaigns it tells says the audience: a view of some of them is that of who may see no others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// The live view: one panel of it or all.
    Live { panel: Option<PanelId> },
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
    pub const LIVE: Self = Self::Live { panel: None };
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic {
    pub view: View,
    pub every: Cadence,
    pub audience: Audience,
}

impl fmt::Display for Topic {
    /// As it stands in event ids: no dots but those between its parts, whatever a campaign is called; and no two topics
    /// alike, so that nobody goes on from what was another audience's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = self.every.word();
        match &self.view {
            View::Live { panel } => write!(f, "live-{}-{every}", panel.map_or("all", PanelId::word))?,
            View::Monitor => write!(f, "monitor-{every}")?,
            View::Campaign(campaign) => {
                write!(f, "campaign-{every}")?;
                write_name(f, campaign)?;
            }
            View::Daily => write!(f, "daily-{every}")?,
            View::Trend { days } => write!(f, "trend-{days}-{every}")?,
        }
        match &self.audience.scope {
            CampaignScope::All => f.write_str("-all")?,
            CampaignScope::Of(campaigns) => {
                f.write_str("-of")?;
                campaigns.iter().try_for_each(|campaign| write_name(f, campaign))?;
            }
        }
        match self.audience.sight {
            Sight::Masked => f.write_str("-masked"),
        }
    }
}

/// A campaign's id, led by what stands in no other part.
fn write_name(f: &mut fmt::Formatter<'_>, campaign: &CampaignId) -> fmt::Result {
    f.write_str("~")?;
    for byte in campaign.as_str().bytes() {
        if byte.is_ascii_alphanumeric() {
            write!(f, "{}", byte as char)?;
        } else {
            write!(f, "_{byte:02x}")?;
        }
    }
    Ok(())
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

    fn topic(view: View, scope: CampaignScope) -> Topic {
        Topic { view, every: Cadence::S1, audience: Audience { scope, sight: Sight::Masked } }
    }

    #[test]
    fn a_mark_is_read_back_whatever_the_campaign_is_called() {
        let topic = topic(View::LIVE, CampaignScope::one(CampaignId::trusted("a.b c\n\u{e9}")));
        let mark = EventMark { epoch: 255, topic: topic.to_string(), sequence: 7 };
        assert_eq!(EventMark::parse(&mark.to_string()), Some(mark));
        assert_eq!(EventMark::parse("x.y"), None);
    }

    #[test]
    fn no_two_audiences_have_one_name() {
        let of =
            |names: &[&'static str]| names.iter().map(|name| CampaignId::trusted(*name)).collect::<CampaignScope>();
        let scopes = [
            CampaignScope::All,
            of(&[]),
            of(&[""]),
            of(&["all"]),
            of(&["a"]),
            of(&["a", "b"]),
            of(&["a~b"]),
            of(&["a-b"]),
        ];
        let views = [
            View::LIVE,
            View::Monitor,
            View::Campaign(CampaignId::trusted("a")),
            View::Campaign(CampaignId::trusted("a~b")),
        ];
        let named = |view: &View| scopes.clone().map(|scope| topic(view.clone(), scope).to_string());
        let names: Vec<String> = views.iter().flat_map(named).collect();
        let apart: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(apart.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| !name.contains('.')), "{names:?}");
    }
}
