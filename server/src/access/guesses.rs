//! Wrong keys: counted by where they come from and how they begin, and said in the log now and then.
//!
//! A key is always looked at before its like is counted: the right one opens whatever others guess, also from the same
//! address (behind a proxy, everybody's). What counting adds is that guessing is seen, and told to stop (429).

use super::proxies::Client;
use crate::access::keys::Scope;
use crate::kit::quiet::Quiet;
use crate::kit::rate::{GUESSING, TokenBuckets};
use crate::telemetry::counters;
use app::domain::Moment;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Characters of a key that tell it from others.
const PREFIX: usize = 4;
/// Of a shorter secret even its beginning is too much to tell.
const LONG_ENOUGH: usize = 16;

/// What of a wrong key may be shown to who runs the server.
pub(super) fn beginning(presented: &str) -> &str {
    if presented.len() >= LONG_ENOUGH { presented.get(..PREFIX).unwrap_or_default() } else { "" }
}

counters! {
    /// What is counted of wrong keys.
    pub struct GuessCounters {
        limited: counter "ringside_wrong_keys_limited", "Wrong keys answered with 429, because there were many";
    }
    by "scope": "ringside_wrong_keys", "Keys that are not known here, by the scope they were presented for" {
        ingest: "ingest";
        read: "read";
        control: "control";
        costs: "costs";
    }
}

#[derive(Debug)]
pub struct Guesses {
    wrong: Mutex<TokenBuckets>,
    counters: Arc<GuessCounters>,
    said: Quiet,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { wrong: Mutex::new(TokenBuckets::new(GUESSING)), counters: Arc::default(), said: Quiet::default() }
    }
}

impl Guesses {
    #[must_use]
    pub const fn counters(&self) -> &Arc<GuessCounters> {
        &self.counters
    }

    /// Takes in that a key is not known here.
    ///
    /// # Errors
    /// If there were many like it from there: when to come again.
    pub fn wrong(&self, from: Client, presented: &str, scope: Scope, now: Moment) -> Result<(), Duration> {
        let begins = presented.get(..PREFIX).unwrap_or_default();
        let counter = match scope {
            Scope::Ingest => &self.counters.ingest,
            Scope::Read => &self.counters.read,
            Scope::Control => &self.counters.control,
            Scope::Costs => &self.counters.costs,
        };
        counter.add(1);
        if let Some(unsaid) = self.said.turn() {
            tracing::warn!(client = %from, begins = beginning(presented), scope = scope.word(), unsaid, "a key that is not known here");
        }
        let like = format!("{} {begins}", from.counted());
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take(&like, now).inspect_err(|_| {
            self.counters.limited.add(1);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Value;

    #[test]
    fn guesses_are_counted_by_address_and_beginning() {
        let (guesses, now) = (Guesses::default(), Moment::from_secs(1_000));
        let (here, there) = (Client::at([10, 0, 0, 1].into()), Client::at([10, 0, 0, 2].into()));
        let burst = (0..GUESSING.burst).all(|n| guesses.wrong(here, &format!("abcd{n}"), Scope::Read, now).is_ok());
        assert!(burst && guesses.wrong(here, "abcd-more", Scope::Control, now).is_err());
        assert!(guesses.wrong(here, "efgh", Scope::Ingest, now).is_ok());
        assert!(guesses.wrong(there, "abcd", Scope::Ingest, now).is_ok());
        let values: Vec<_> = guesses.counters.readings().into_iter().map(|reading| reading.value).collect();
        let by = vec![("ingest", 2), ("read", u64::from(GUESSING.burst)), ("control", 1), ("costs", 0)];
        assert_eq!(values, [Value::Counter(1), Value::CounterBy("scope", by)]);
    }
}
