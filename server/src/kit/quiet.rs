//! Says something now and then: what others can bring about as often as they like must not fill the log.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines of one kind are at least this far apart.
const APART: Duration = Duration::from_secs(10);

/// One kind of line.
#[derive(Debug)]
pub struct Quiet(Mutex<Said>);

#[derive(Debug)]
struct Said {
    last: Option<Instant>,
    unsaid: u64,
}

impl Default for Quiet {
    fn default() -> Self {
        Self::new()
    }
}

impl Quiet {
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Said { last: None, unsaid: 0 }))
    }

    /// Whether it is time for a line; then, how many there would have been since the last.
    pub fn turn(&self) -> Option<u64> {
        self.turn_at(Instant::now())
    }

    fn turn_at(&self, now: Instant) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.last.is_some_and(|last| now.saturating_duration_since(last) < APART) {
            said.unsaid += 1;
            return None;
        }
        said.last = Some(now);
        Some(std::mem::take(&mut said.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_line_now_and_then_that_counts_the_others() {
        let (quiet, now) = (Quiet::new(), Instant::now());
        assert_eq!(quiet.turn_at(now), Some(0));
        assert!((0..1_000).all(|n| quiet.turn_at(now + Duration::from_millis(n)).is_none()));
        assert_eq!(quiet.turn_at(now + APART), Some(1_000));
        assert_eq!(quiet.turn_at(now + APART * 2), Some(0));
    }
}
