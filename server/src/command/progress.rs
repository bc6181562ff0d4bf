//! How far a long command is: one line that is written over on a terminal, a line now and then elsewhere.
//!
//! Two dozen lines of our own rather than a library: the figures differ by command, and there is one bar at a time.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two looks at a terminal, and between two lines in a log.
const ON_A_TERMINAL: Duration = Duration::from_millis(200);
const IN_A_LOG: Duration = Duration::from_secs(10);
/// Marks of a bar.
const BAR: usize = 24;
/// Longer lines would wrap, and then not be written over.
const WIDTH: usize = 100;

#[derive(Debug)]
pub(super) struct Progress {
    began: Instant,
    next: Instant,
    every: Duration,
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        let every = if std::io::stderr().is_terminal() { ON_A_TERMINAL } else { IN_A_LOG };
        let now = Instant::now();
        Self { began: now, next: now + every, every, shown: false }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Shows the line, if it is time to; `line` is asked for it only then.
    pub(super) fn show(&mut self, line: impl FnOnce(&Self) -> String) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + self.every;
        let line: String = line(self).chars().take(WIDTH).collect();
        let mut out = std::io::stderr().lock();
        // Who can't be told how far it is, needn't be.
        let _ = if self.every == ON_A_TERMINAL {
            self.shown = true;
            write!(out, "\r{line}\x1b[K").and_then(|()| out.flush())
        } else {
            writeln!(out, "{line}")
        };
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if self.shown {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
            self.shown = false;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// A bar, so many per mille full.
pub(super) fn bar(per_mille: u64) -> String {
    let full = usize::try_from(per_mille.min(1_000)).unwrap_or_default() * BAR / 1_000;
    format!("[{}{}] {:>3} %", "#".repeat(full), ".".repeat(BAR - full), per_mille.min(1_000) / 10)
}

/// How long the rest takes at the pace so far.
pub(super) fn left(elapsed: Duration, done: u64, all: u64) -> String {
    if done == 0 || all <= done {
        return "–".to_owned();
    }
    let secs = elapsed.as_millis() * u128::from(all - done) / u128::from(done) / 1_000;
    format!("{}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)
}

/// How many a second.
pub(super) fn rate(elapsed: Duration, done: u64) -> u64 {
    let millis = elapsed.as_millis().max(1);
    u64::try_from(u128::from(done) * 1_000 / millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_the_whole_so_far() {
        assert_eq!(left(Duration::from_secs(10), 1_000, 4_000), "0:00:30");
        assert_eq!(left(Duration::from_secs(10), 0, 4_000), "–");
        assert_eq!(bar(500), format!("[{}{}]  50 %", "#".repeat(12), ".".repeat(12)));
        assert!(bar(4_000).contains("100 %"));
        assert_eq!(rate(Duration::from_millis(500), 1_000), 2_000);
    }
}
