//! What time it is. The one place of the server's pipeline that asks; everything below takes moments as arguments.
//!
//! A clock by hand serves tests, replay and the making of history: the same code, with another clock.

use app::domain::{Moment, Span};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Cheap to clone; clones of a clock by hand move together.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    /// The latest time that any of its clones has shown, in microseconds.
    shown: Arc<AtomicI64>,
}

#[derive(Debug, Clone)]
enum Source {
    System,
    ByHand(Arc<AtomicI64>),
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    fn of(source: Source) -> Self {
        Self { source, shown: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// A clock that stands until it is moved.
    #[must_use]
    pub fn by_hand(now: Moment) -> Self {
        Self::of(Source::ByHand(Arc::new(AtomicI64::new(now.micros()))))
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        let now = self.read();
        self.shown.fetch_max(now.micros(), Ordering::AcqRel);
        now
    }

    /// The latest time that was shown to anybody since [`Self::forget_later`]: later than now where it was set back.
    #[must_use]
    pub fn latest_shown(&self) -> Moment {
        Moment::from_micros(self.shown.load(Ordering::Acquire))
    }

    /// What was shown of a later time is void.
    pub fn forget_later(&self, now: Moment) {
        self.shown.store(now.micros(), Ordering::Release);
    }

    fn read(&self) -> Moment {
        match &self.source {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Source::ByHand(micros) => Moment::from_micros(micros.load(Ordering::Acquire)),
        }
    }

    /// Sets a clock by hand; the system's is nobody's to set.
    pub fn set(&self, now: Moment) {
        if let Source::ByHand(micros) = &self.source {
            micros.store(now.micros(), Ordering::Release);
        }
    }

    /// Moves a clock by hand forward.
    pub fn advance(&self, by: Span) {
        self.set(self.now() + by);
    }
}
