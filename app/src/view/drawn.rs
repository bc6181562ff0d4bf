//! The drawn panels of the daily and the trend view, and their order for each role.

use super::panel::PanelOrder;

macro_rules! drawn {
    ($(#[$doc:meta])* $name:ident { $($(#[$pdoc:meta])* $panel:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$pdoc])* $panel),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$panel),*];

            /// The name in addresses: `#volume`, `/panel/volume.svg`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$panel => $word),* }
            }

            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|panel| panel.word() == word)
            }
        }
    };
}

drawn! {
    /// The day in steps.
    DailyPanel {
        Volume = "volume",
        Reach = "reach",
        Drops = "drops",
        Faults = "failures",
    }
}

drawn! {
    /// S30–S36.
    TrendPanel {
        Attempts = "attempts",
        Abandon = "abandon-trend",
        Aht = "aht",
        Rotation = "rotation",
        Carriers = "carriers",
        CostPerContact = "cost-per-contact",
        Pdd = "pdd-trend",
        Uptime = "uptime",
        Errors = "errors",
        CostPerMinute = "cost-per-minute",
        Leading = "leading",
    }
}

impl TrendPanel {
    #[must_use]
    pub const fn of(order: PanelOrder) -> &'static [Self] {
        use TrendPanel::{
            Abandon, Aht, Attempts, Carriers, CostPerContact, CostPerMinute, Errors, Leading, Pdd, Rotation, Uptime,
        };
        match order {
            PanelOrder::All => Self::ALL,
            PanelOrder::Network => &[
                Carriers,
                Pdd,
                Errors,
                Uptime,
                Attempts,
                Leading,
                Rotation,
                Abandon,
                Aht,
                CostPerMinute,
                CostPerContact,
            ],
            PanelOrder::Campaign => &[
                Attempts,
                Abandon,
                Aht,
                Rotation,
                CostPerContact,
                Leading,
                Errors,
                Carriers,
                Pdd,
                Uptime,
                CostPerMinute,
            ],
            PanelOrder::Manager => &[
                Leading,
                Uptime,
                Errors,
                CostPerMinute,
                CostPerContact,
                Attempts,
                Abandon,
                Aht,
                Carriers,
                Rotation,
                Pdd,
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_role_sees_every_panel_once_and_no_name_is_used_twice() {
        let all: BTreeSet<_> = TrendPanel::ALL.iter().copied().collect();
        for order in PanelOrder::ALL {
            let panels = TrendPanel::of(*order);
            assert_eq!((panels.len(), panels.iter().copied().collect()), (all.len(), all.clone()), "{}", order.word());
        }
        let words = DailyPanel::ALL.iter().map(|p| p.word()).chain(TrendPanel::ALL.iter().map(|p| p.word()));
        let words: Vec<_> = words.chain(crate::view::PanelId::ALL.iter().map(|p| p.word())).collect();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{words:?}");
    }
}
