//! What rows that are kept were made at: what is the same of all of them.

use crate::board::floor::Floor;
use crate::law::change::LIVE_GRAIN;
use app::domain::Moment;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeAt {
    pub now: Moment,
    /// The running bucket.
    pub bucket: Moment,
    /// Whether the board was of now, and rows are judged.
    pub judged: bool,
}

impl MadeAt {
    pub fn of(floor: &Floor) -> Self {
        Self { now: floor.now, bucket: floor.now.floor(LIVE_GRAIN), judged: floor.presence().is_now() }
    }
}
