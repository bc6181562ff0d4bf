//! ① One folder or file per way in: each knows one vendor's words, and translates them at the door into `Event`.

pub mod asterisk;
pub mod feed;
pub mod file;
pub mod freeswitch;
mod joined;
mod lately;
mod line;
pub mod numbers;
mod own;
pub mod pattern;
mod poll;
#[cfg(test)]
mod same_call_tests;
pub mod simulator;
pub mod worker;

use crate::store::any::Store;
use chrono_tz::Tz;
use feed::WayIn;

/// What a source needs of the server.
#[derive(Debug, Clone)]
pub struct Needs {
    pub way_in: WayIn,
    /// What was told before.
    pub store: Store,
    /// The site's.
    pub zone: Tz,
}
