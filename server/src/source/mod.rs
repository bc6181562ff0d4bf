//! ① One folder or file per way in: each knows one vendor's words, and translates them at the door into `Event`.

pub mod asterisk;
pub mod file;
pub mod freeswitch;
mod joined;
mod lately;
pub mod numbers;
mod own;
pub mod pattern;
#[cfg(test)]
mod same_call_tests;
pub mod simulator;
pub mod worker;
