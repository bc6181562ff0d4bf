//! Where what a frame names is shown: addresses of pages, and of rows within them.

use super::PanelId;
use crate::domain::CampaignId;

/// Where something is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A row of a panel of the live page; an empty key is the panel.
    Panel(PanelId, String),
    /// A campaign's own page.
    Campaign(CampaignId),
    /// A KPI of the running day, by its id.
    Day(&'static str),
    /// What to do about it, by the word of a row of that page.
    Advice(&'static str),
}

impl Place {
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Self::Panel(panel, key) => format!("/live#{}", anchor(panel.word(), key)),
            Self::Campaign(campaign) => of_campaign(campaign.as_str()),
            Self::Day(kpi) => format!("/daily#kpi-{kpi}"),
            Self::Advice(word) => format!("/troubleshooting#{word}"),
        }
    }
}

/// Where a campaign's page is.
#[must_use]
pub fn of_campaign(id: &str) -> String {
    format!("/monitor/{}", encoded(id))
}

/// A text as one part of a path, or a parameter's value: all but letters, digits and `-._~` by their bytes (RFC 3986).
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            let digit = |of: u8| char::from(DIGITS[usize::from(of & 15)]);
            out.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    out
}

/// A name for a row in addresses (`#routes-beta`): letters and digits stay, anything else becomes its number.
pub fn anchor(panel: &str, key: &str) -> String {
    let mut out = format!("{panel}-");
    for c in key.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else {
            out.push_str(&format!("_{:x}", c as u32));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_address() {
        let panel = Place::Panel(PanelId::Routes, "beta 1".to_owned());
        assert_eq!(panel.href(), "/live#routes-beta_201");
        assert_eq!(Place::Campaign(CampaignId::trusted("a/b")).href(), "/monitor/a%2Fb");
        assert_eq!(Place::Day("error_rate").href(), "/daily#kpi-error_rate");
        assert_eq!(Place::Advice("rejected").href(), "/troubleshooting#rejected");
    }

    #[test]
    fn anchors_hold_nothing_an_address_would_change() {
        assert_eq!(anchor("routes", "beta 1/é"), "routes-beta_201_2f_e9");
        assert_ne!(anchor("routes", "a b"), anchor("routes", "a/b"));
    }
}
