//! How often somebody may ask, and how often a wrong key may be tried: token buckets by name, in bounded memory.

use app::domain::{Moment, Span};
use std::collections::HashMap;
use std::time::Duration;

/// Names remembered at most; beyond it those whose buckets are full again are forgotten, then everything is.
const MAX_NAMES: usize = 4_096;

/// So many at once, and then one each so often.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: u32,
    pub every: Span,
}

/// Requests of one key, or of this machine: a floor of 200 campaigns can be paused at once, a loop can't run away.
pub const ASKING: Rate = Rate { burst: 240, every: Span::millis(250) };
/// Wrong keys from one address: nobody guesses a key at this pace.
pub const GUESSING: Rate = Rate { burst: 10, every: Span::secs(6) };

/// Time is an argument.
#[derive(Debug)]
pub struct TokenBuckets {
    rate: Rate,
    /// By name, the moment at which its bucket would be full again.
    full_at: HashMap<String, Moment>,
}

impl TokenBuckets {
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: HashMap::new() }
    }

    /// Takes one of the name's tokens.
    ///
    /// # Errors
    /// If there is none left: when there will be.
    pub fn take(&mut self, name: &str, now: Moment) -> Result<(), Duration> {
        self.look(name, now)?;
        if self.full_at.len() >= MAX_NAMES {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        if self.full_at.len() >= MAX_NAMES {
            self.full_at.clear();
        }
        let full_at = self.full_at.entry(name.to_owned()).or_insert(now);
        *full_at = (*full_at).max(now) + self.rate.every;
        Ok(())
    }

    /// # Errors
    /// If the name has no token left: when there will be one.
    pub fn look(&self, name: &str, now: Moment) -> Result<(), Duration> {
        let Some(full_at) = self.full_at.get(name) else { return Ok(()) };
        let every = self.rate.every.as_millis();
        let room = Span::millis(every.saturating_mul(i64::from(self.rate.burst) - 1));
        let wait = *full_at - (now + room);
        if wait <= Span::ZERO {
            return Ok(());
        }
        Err(Duration::from_millis(wait.as_millis().unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_each_so_often_and_others_are_not_held_up() {
        let mut limits = TokenBuckets::new(Rate { burst: 3, every: Span::secs(2) });
        let at = |seconds: i64| Moment::from_secs(1_000 + seconds);
        for _ in 0..3 {
            assert_eq!(limits.take("a", at(0)), Ok(()));
        }
        assert_eq!(limits.take("a", at(0)), Err(Duration::from_secs(2)));
        assert_eq!(limits.take("b", at(0)), Ok(()));
        assert_eq!(limits.take("a", at(2)), Ok(()));
        assert_eq!(limits.take("a", at(3)), Err(Duration::from_secs(1)));
        for _ in 0..3 {
            assert_eq!(limits.take("a", at(100)), Ok(()));
        }
        assert!(limits.take("a", at(100)).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let mut limits = TokenBuckets::new(GUESSING);
        for n in 0..10_000 {
            let _ = limits.take(&n.to_string(), Moment::from_secs(0));
        }
        assert!(limits.full_at.len() <= MAX_NAMES);
    }
}
