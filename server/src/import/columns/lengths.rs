//! Whether a file's milliseconds look like seconds.

use app::domain::Span;
use app::domain::event::CallRecord;

/// Milliseconds below which a wrap-up or a hold is hardly one: nobody is done with a call within a second.
const HARDLY: u64 = 1_000;
/// Told at least so often, before a file is doubted for it.
const OFTEN: u64 = 5;
/// What a file is doubted for.
pub(super) const SECONDS_AS_MS: &str = "Warning: all of its wrap_ms and hold_ms are below 1,000, less than a second each, while its calls last \
                             for many. If they are seconds, map them so: --map wrap=COLUMN, --map hold=COLUMN.";

/// How long the wrap-ups and holds are that rows tell in milliseconds, beside calls of over ten seconds.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    told: u64,
    longest: u64,
}

impl Lengths {
    pub(super) fn note(&mut self, record: &CallRecord) {
        let talked = record.answered_at.or(record.bridged_at).zip(record.ended_at);
        if talked.is_none_or(|(from, to)| to.since(from) < Span::secs(10)) {
            return;
        }
        for ms in [record.wrap_ms, record.hold_ms].into_iter().flatten().filter(|ms| *ms > 0) {
            self.told += 1;
            self.longest = self.longest.max(ms);
        }
    }

    pub(super) const fn look_like_seconds(&self) -> bool {
        self.told >= OFTEN && self.longest < HARDLY
    }
}
