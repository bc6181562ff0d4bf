//! How fast a body comes. Who sends a byte now and then keeps one of the places for bodies from those who send events.
//!
//! Only the time in which we waited for the client counts, not that in which it waited for us.

use crate::access::limits::Limits;
use crate::http::error::ApiError;
use std::time::Duration;

/// What has a length is looked at as often as this.
const WHOLE: Duration = Duration::from_secs(10);
/// A stream of events is as slow as its floor: it has more time.
const LINES: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Pace {
    rate: u32,
    every: Duration,
    waited: Duration,
    bytes: usize,
}

impl Pace {
    pub const fn of_a_whole(limits: &Limits) -> Self {
        Self { rate: limits.body_rate, every: WHOLE, waited: Duration::ZERO, bytes: 0 }
    }

    pub const fn of_lines(limits: &Limits) -> Self {
        Self { rate: limits.stream_rate, every: LINES, waited: Duration::ZERO, bytes: 0 }
    }

    /// Takes in that so many bytes came after so long.
    ///
    /// # Errors
    /// If they are too few for the time since they were last counted.
    pub fn waited(&mut self, time: Duration, bytes: usize) -> Result<(), ApiError> {
        self.waited += time;
        self.bytes += bytes;
        if self.waited < self.every {
            return Ok(());
        }
        let least = u128::from(self.rate) * self.waited.as_millis() / 1_000;
        let enough = self.bytes as u128 >= least;
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        if enough { Ok(()) } else { Err(ApiError::Trickle(self.rate)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_is_told_apart_from_a_slow_line_and_from_a_quiet_floor() {
        let limits = Limits::default();
        let comes = |mut pace: Pace, bytes: usize, every: Duration, times: u32| {
            (0..times).all(|_| pace.waited(every, bytes).is_ok())
        };
        let second = Duration::from_secs(1);
        assert!(!comes(Pace::of_a_whole(&limits), 1, second, 20), "a byte a second");
        assert!(comes(Pace::of_a_whole(&limits), 4_096, second, 1_000), "a slow line");
        assert!(comes(Pace::of_a_whole(&limits), 1, Duration::ZERO, 1_000), "it waited for us");
        assert!(!comes(Pace::of_lines(&limits), 1, 50 * second, 10), "a byte each fifty seconds");
        assert!(comes(Pace::of_lines(&limits), 300, 50 * second, 100), "an event a minute");
    }
}
