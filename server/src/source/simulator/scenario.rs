//! What can go wrong on the simulated floor, at the turn of a switch.
//!
//! A [`ScenarioBoard`] is shared by whoever turns the switches (HTTP in `demo`, the keyboard in `simulate`) and the
//! driver that tells the world of it at its next step.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    RouteFails,
    RouteSilent,
    ListDry,
    PacingHot,
    DidFlagged,
    AgentsLeave,
    WorkerSilent,
    Schedule,
    ListStuck,
    RateLimited,
    CallLimit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    On,
    Off,
}

impl Scenario {
    pub const ALL: &'static [Self] = &[
        Self::RouteFails,
        Self::RouteSilent,
        Self::ListDry,
        Self::PacingHot,
        Self::DidFlagged,
        Self::AgentsLeave,
        Self::WorkerSilent,
        Self::Schedule,
        Self::ListStuck,
        Self::RateLimited,
        Self::CallLimit,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RouteFails => "route-fails",
            Self::RouteSilent => "route-silent",
            Self::ListDry => "list-dry",
            Self::PacingHot => "pacing-hot",
            Self::DidFlagged => "did-flagged",
            Self::AgentsLeave => "agents-leave",
            Self::WorkerSilent => "worker-silent",
            Self::Schedule => "schedule",
            Self::ListStuck => "list-stuck",
            Self::RateLimited => "rate-limited",
            Self::CallLimit => "call-limit",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// What happens on the floor.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::RouteFails => "London A refuses four calls in five with 503.",
            Self::RouteSilent => "Calls leave by Dallas, and nothing more is heard of them.",
            Self::ListDry => "Larkfield Energy Switch has called everyone who picks up; voicemail is left.",
            Self::PacingHot => "The dialer of Harbor Home Renewals is told to dial far ahead of its agents.",
            Self::DidFlagged => "One number of Harbor Home Renewals carries too many calls and is labelled as spam.",
            Self::AgentsLeave => "Four in five agents of Castellan Card Courtesy walk off to an unplanned break.",
            Self::WorkerSilent => "The dialer worker stops: no new calls, and no word of its health.",
            Self::Schedule => {
                "The calling hours of Tala Clinic Reminders are entered wrongly, and its schedule pauses it."
            }
            Self::ListStuck => {
                "The list of Oakline Pledge Thanks does not load: the campaign is active and dials nothing."
            }
            Self::RateLimited => {
                "The carrier takes fewer calls a second of Bellweather Broadband, and its dialer holds them back."
            }
            Self::CallLimit => "The CAC limit of Maison Verte Solaire is entered too low, and its dialer keeps to it.",
        }
    }

    /// What the live view should show, and how soon.
    #[must_use]
    pub const fn expect(self) -> &'static str {
        match self {
            Self::RouteFails => {
                "SIP errors: only London A turns red, within a minute, in the column 5xx; its trunk is degraded."
            }
            Self::RouteSilent => {
                "SIP errors: only Dallas shows stalled calls, within a minute; its trunk still says healthy."
            }
            Self::ListDry => {
                "That campaign is named a list problem within some minutes, by whom it reaches in three and in five; its hour follows, and its abandon rate stays flat."
            }
            Self::PacingHot => {
                "That campaign is named a pacing problem within two minutes, by what it abandons in two and in five; its hour follows."
            }
            Self::DidFlagged => {
                "DID health: that one number is being blocked, within a minute or two; its hour falls after that."
            }
            Self::AgentsLeave => {
                "Agents: most of that campaign are on break, nobody is ready, and the on-call share falls below 80 %."
            }
            Self::WorkerSilent => {
                "Infrastructure: the dialer worker is offline after half a minute; calls a minute fall to the inbound ones."
            }
            Self::Schedule => {
                "Monitor: that campaign is paused by its schedule, since when and with what is left; its calls drain."
            }
            Self::ListStuck => {
                "Monitor: that campaign is not dialing, five minutes after its last call; its agents wait."
            }
            Self::RateLimited => "Monitor: that campaign is rate limited at once, and its calls a minute fall.",
            Self::CallLimit => "Monitor: that campaign is at its call limit within minutes, its agents wait.",
        }
    }
}

/// A scenario as the API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    pub name: &'static str,
    pub what: &'static str,
    pub expect: &'static str,
    pub on: bool,
}

/// The switches. Cheap to clone; all clones are the same board.
#[derive(Debug, Clone)]
pub struct ScenarioBoard {
    on: Arc<watch::Sender<BTreeSet<Scenario>>>,
}

impl Default for ScenarioBoard {
    fn default() -> Self {
        Self { on: Arc::new(watch::Sender::new(BTreeSet::new())) }
    }
}

impl ScenarioBoard {
    pub fn set(&self, scenario: Scenario, switch: Switch) {
        self.on.send_modify(|on| {
            match switch {
                Switch::On => on.insert(scenario),
                Switch::Off => on.remove(&scenario),
            };
        });
    }

    /// The scenarios that are on.
    #[must_use]
    pub fn on(&self) -> BTreeSet<Scenario> {
        self.on.borrow().clone()
    }

    #[must_use]
    pub fn is_on(&self, scenario: Scenario) -> bool {
        self.on.borrow().contains(&scenario)
    }

    /// Every scenario, in a fixed order.
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let on = self.on();
        let listed = |s: &Scenario| Listed { name: s.name(), what: s.what(), expect: s.expect(), on: on.contains(s) };
        Scenario::ALL.iter().map(listed).collect()
    }

    /// Tells of every change from now on.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<BTreeSet<Scenario>> {
        self.on.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_are_the_words_of_the_api() {
        for &scenario in Scenario::ALL {
            assert_eq!(Scenario::from_name(scenario.name()), Some(scenario));
            assert_eq!(serde_json::json!(scenario), serde_json::json!(scenario.name()));
        }
    }
}
