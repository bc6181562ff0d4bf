//! What time it is. The one place of the server's pipeline that asks; everything below takes moments as arguments.
//!
//! A clock by hand serves tests, replay and the making of history: the same code, with another clock.

use app::domain::{Moment, Span};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Cheap to clone; clones of a clock by hand move together.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    ByHand(Arc<AtomicI64>),
}

impl Clock {
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands until it is moved.
    #[must_use]
    pub fn by_hand(now: Moment) -> Self {
        Self(Source::ByHand(Arc::new(AtomicI64::new(now.micros()))))
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Source::ByHand(micros) => Moment::from_micros(micros.load(Ordering::Acquire)),
        }
    }

    /// Sets a clock by hand; the system's is nobody's to set.
    pub fn set(&self, now: Moment) {
        if let Source::ByHand(micros) = &self.0 {
            micros.store(now.micros(), Ordering::Release);
        }
    }

    /// Moves a clock by hand forward.
    pub fn advance(&self, by: Span) {
        self.set(self.now() + by);
    }
}
