//! What an answer of the worker's health endpoint means: healthy; degraded where it is slow, says so or errs; offline
//! where none came three times, or it says so itself.

use app::domain::outcome::Health;
use serde::Deserialize;
use std::time::Duration;

/// So many polls without an answer are an outage (S52).
pub const MISSES: u32 = 3;

/// An answer, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub took: Duration,
    /// The worker's own word.
    pub says: Option<Health>,
}

impl Answer {
    /// As it is shown to who asks what the worker says.
    #[must_use]
    pub fn in_words(&self) -> String {
        let says = self.says.map_or("nothing that is understood", Health::word);
        format!("status {} after {} ms, says {says}", self.status, self.took.as_millis())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    Answered(Answer),
    /// Why there was none.
    Failed(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub status: Health,
    pub latency: Option<Duration>,
    pub detail: Option<String>,
}

/// Counts the polls that went unanswered in a row.
#[derive(Debug)]
pub struct Judge {
    slow: Duration,
    missed: u32,
}

impl Judge {
    /// `slow`: answers that take so long or longer are.
    #[must_use]
    pub const fn new(slow: Duration) -> Self {
        Self { slow, missed: 0 }
    }

    pub fn judge(&mut self, poll: &Poll) -> Found {
        match poll {
            Poll::Answered(answer) => {
                self.missed = 0;
                self.answered(*answer)
            }
            Poll::Failed(why) => {
                self.missed = self.missed.saturating_add(1);
                let status = if self.missed >= MISSES { Health::Offline } else { Health::Degraded };
                let polls = if self.missed == 1 { "1 poll" } else { &format!("{} polls in a row", self.missed) };
                Found { status, latency: None, detail: Some(format!("{why}, {polls}")) }
            }
        }
    }

    fn answered(&self, answer: Answer) -> Found {
        let Answer { status, took, says } = answer;
        let (status, detail) = match (status, says) {
            (_, Some(Health::Offline)) => (Health::Offline, Some("it says so itself".to_owned())),
            (200..=299, Some(Health::Degraded)) => (Health::Degraded, Some("it says so itself".to_owned())),
            (200..=299, Some(Health::Healthy) | None) if took >= self.slow => {
                let (took, slow) = (took.as_millis(), self.slow.as_millis());
                (Health::Degraded, Some(format!("answers after {took} ms, slow from {slow} ms")))
            }
            (200..=299, Some(Health::Healthy) | None) => (Health::Healthy, None),
            (status, _) => (Health::Degraded, Some(format!("answers with status {status}"))),
        };
        Found { status, latency: Some(took), detail }
    }
}

#[derive(Deserialize)]
struct Body {
    status: String,
}

/// What a body says, where it is JSON with a `status` that is understood.
#[must_use]
pub fn says(body: &[u8]) -> Option<Health> {
    let body: Body = serde_json::from_slice(body).ok()?;
    match body.status.to_ascii_lowercase().as_str() {
        "healthy" | "ok" | "up" | "pass" | "passing" | "running" => Some(Health::Healthy),
        "degraded" | "warn" | "warning" | "unhealthy" | "error" => Some(Health::Degraded),
        "offline" | "down" | "fail" | "stopped" => Some(Health::Offline),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, ms: u64, says: Option<Health>) -> Health {
        let took = Duration::from_millis(ms);
        Judge::new(Duration::from_millis(500)).judge(&Poll::Answered(Answer { status, took, says })).status
    }

    #[test]
    fn slow_begins_at_its_threshold_and_errors_degrade() {
        assert_eq!(answer(200, 499, None), Health::Healthy);
        assert_eq!(answer(204, 500, Some(Health::Healthy)), Health::Degraded);
        assert_eq!(answer(503, 1, None), Health::Degraded);
        assert_eq!(answer(302, 1, None), Health::Degraded, "it is not followed elsewhere");
        assert_eq!(answer(200, 1, Some(Health::Degraded)), Health::Degraded);
        assert_eq!(answer(503, 1, Some(Health::Offline)), Health::Offline);
    }

    #[test]
    fn the_third_poll_without_an_answer_is_an_outage_and_an_answer_ends_it() {
        let mut judge = Judge::new(Duration::from_millis(500));
        let no_answer = Poll::Failed("no connection".to_owned());
        let well = Poll::Answered(Answer { status: 200, took: Duration::ZERO, says: None });
        let found: Vec<Health> = [&no_answer, &no_answer, &well, &no_answer, &no_answer, &no_answer, &no_answer, &well]
            .map(|poll| judge.judge(poll).status)
            .to_vec();
        use Health::{Degraded, Healthy, Offline};
        assert_eq!(found, [Degraded, Degraded, Healthy, Degraded, Degraded, Offline, Offline, Healthy]);
    }

    #[test]
    fn a_body_is_understood_or_left_alone() {
        assert_eq!(says(br#"{"status":"UP","db":1}"#), Some(Health::Healthy));
        assert_eq!(says(br#"{"status":"degraded"}"#), Some(Health::Degraded));
        for odd in [&b"OK"[..], b"", b"{}", br#"{"status":7}"#, br#"{"status":"purple"}"#, b"\xff"] {
            assert_eq!(says(odd), None);
        }
    }
}
