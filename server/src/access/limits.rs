//! How much one client may have, and how long it may take: each limit with its name in `[limits]` of the configuration
//! and on `/metrics` (`ringside_limits_reached_total{limit="…"}`).
//!
//! A client is an address (of IPv6 its /64). None takes more than a quarter of what there is for all, save replays: there
//! are four.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is limited, for each client or for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Connections open, of all clients.
    Connections,
    ConnectionsPerClient,
    /// Answers being made at once, of all clients; streams and bodies of events have their own.
    Answers,
    AnswersPerClient,
    /// Streams, of all clients.
    Viewers,
    ViewersPerClient,
    TopicsPerClient,
    ReplaysPerClient,
    BodiesPerClient,
    /// Names that one sender brings and did not bring before.
    NewNames,
    /// A body that comes more slowly than this.
    BodyRate,
    /// Lines of events that come more slowly than this.
    StreamRate,
    /// The head of a request that is longer than this.
    HeadBytes,
    /// A head that is not there after so long.
    HeadSeconds,
    /// A client that takes its answer more slowly than this, or not at all.
    ReadRate,
    /// An answer larger than this.
    AnswerBytes,
    /// An answer that takes longer than this.
    AnswerSeconds,
}

impl Limit {
    pub const ALL: [Self; 17] = [
        Self::Connections,
        Self::ConnectionsPerClient,
        Self::Answers,
        Self::AnswersPerClient,
        Self::Viewers,
        Self::ViewersPerClient,
        Self::TopicsPerClient,
        Self::ReplaysPerClient,
        Self::BodiesPerClient,
        Self::NewNames,
        Self::BodyRate,
        Self::StreamRate,
        Self::HeadBytes,
        Self::HeadSeconds,
        Self::ReadRate,
        Self::AnswerBytes,
        Self::AnswerSeconds,
    ];

    /// Its name, in the configuration and on `/metrics`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerClient => "connections_per_client",
            Self::Answers => "answers",
            Self::AnswersPerClient => "answers_per_client",
            Self::Viewers => "viewers",
            Self::ViewersPerClient => "viewers_per_client",
            Self::TopicsPerClient => "topics_per_client",
            Self::ReplaysPerClient => "replays_per_client",
            Self::BodiesPerClient => "bodies_per_client",
            Self::NewNames => "new_names",
            Self::BodyRate => "body_rate",
            Self::StreamRate => "stream_rate",
            Self::HeadBytes => "head_bytes",
            Self::HeadSeconds => "head_seconds",
            Self::ReadRate => "read_rate",
            Self::AnswerBytes => "answer_bytes",
            Self::AnswerSeconds => "answer_seconds",
        }
    }
}

/// `[limits]`: what is not told has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections open at once: a viewer holds one, and costs some 20 KB. Beyond it only `/healthz` and `/readyz` are
    /// answered.
    pub connections: u32,
    /// Of one client; those of a trusted proxy are not counted.
    pub connections_per_client: u32,
    /// Answers being made at once; streams and bodies of events are not among them.
    pub answers: u32,
    pub answers_per_client: u32,
    /// Streams of all clients: 20 KB of memory each.
    pub viewers: u32,
    /// Streams of one client.
    pub viewers_per_client: u32,
    /// Different streams of one client: each is encoded for itself.
    pub topics_per_client: u32,
    /// Moments of the past that one client looks at.
    pub replays_per_client: u32,
    /// Bodies of events of one client that are being read.
    pub bodies_per_client: u32,
    /// Names of campaigns, routes, trunks, components and agents that one key brings and did not bring before, at once; ten a
    /// second after that.
    pub new_names: u32,
    /// A body that is not a stream brings at least so many bytes a second, looked at every ten.
    pub body_rate: u32,
    /// A stream of lines brings at least so many bytes a second, looked at every minute.
    pub stream_rate: u32,
    /// Who is answered takes at least so many bytes a second while there are some, looked at every thirty; else the
    /// connection is cut.
    pub read_rate: u32,
    /// The head of a request.
    pub head_bytes: u32,
    /// A head comes within so many seconds, and the next request of a connection, too.
    pub head_seconds: u32,
    /// Bytes of one answer; of a stream there is no end.
    pub answer_bytes: u32,
    /// Seconds until an answer, or a stream's beginning, is there.
    pub answer_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connections_per_client: 4_096,
            answers: 512,
            answers_per_client: 128,
            viewers: 10_000,
            viewers_per_client: 2_500,
            topics_per_client: 64,
            replays_per_client: 2,
            bodies_per_client: 64,
            new_names: 5_000,
            body_rate: 1_024,
            stream_rate: 4,
            read_rate: 1_024,
            head_bytes: 16 * 1_024,
            head_seconds: 10,
            answer_bytes: 16 << 20,
            answer_seconds: 30,
        }
    }
}

/// What is wrong with one of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct WrongLimit {
    pub name: &'static str,
    pub why: String,
}

impl Limits {
    /// Smaller heads than this, browsers could not send; the connection's reader takes no smaller buffer either.
    const LEAST_HEAD: u32 = 8 * 1_024;

    /// # Errors
    /// If a limit lets nobody in.
    pub fn checked(self) -> Result<Self, WrongLimit> {
        let each = [
            ("connections", self.connections, 1),
            ("connections_per_client", self.connections_per_client, 1),
            ("answers", self.answers, 1),
            ("answers_per_client", self.answers_per_client, 1),
            ("viewers", self.viewers, 1),
            ("viewers_per_client", self.viewers_per_client, 1),
            ("topics_per_client", self.topics_per_client, 1),
            ("replays_per_client", self.replays_per_client, 1),
            ("bodies_per_client", self.bodies_per_client, 1),
            ("new_names", self.new_names, 1),
            ("head_bytes", self.head_bytes, Self::LEAST_HEAD),
            ("head_seconds", self.head_seconds, 1),
            ("answer_bytes", self.answer_bytes, 1 << 20),
            ("answer_seconds", self.answer_seconds, 1),
        ];
        match each.iter().find(|(_, value, least)| value < least) {
            Some((name, _, least)) => Err(WrongLimit { name, why: format!("must be at least {least}") }),
            None => Ok(self),
        }
    }

    /// Of what is counted for each client or all: how many.
    #[must_use]
    pub const fn most(&self, limit: Limit) -> u32 {
        match limit {
            Limit::Connections => self.connections,
            Limit::ConnectionsPerClient => self.connections_per_client,
            Limit::Answers => self.answers,
            Limit::AnswersPerClient => self.answers_per_client,
            Limit::Viewers => self.viewers,
            Limit::ViewersPerClient => self.viewers_per_client,
            Limit::TopicsPerClient => self.topics_per_client,
            Limit::ReplaysPerClient => self.replays_per_client,
            Limit::BodiesPerClient => self.bodies_per_client,
            Limit::NewNames => self.new_names,
            Limit::BodyRate => self.body_rate,
            Limit::StreamRate => self.stream_rate,
            Limit::HeadBytes => self.head_bytes,
            Limit::HeadSeconds => self.head_seconds,
            Limit::ReadRate => self.read_rate,
            Limit::AnswerBytes => self.answer_bytes,
            Limit::AnswerSeconds => self.answer_seconds,
        }
    }

    #[must_use]
    pub const fn answer_within(&self) -> Duration {
        Duration::from_secs(self.answer_seconds as u64)
    }

    #[must_use]
    pub const fn answer_bytes(&self) -> usize {
        self.answer_bytes as usize
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_not_told_has_its_default_and_what_lets_nobody_in_is_refused() {
        let told: Limits = toml::from_str("viewers_per_client = 7").unwrap();
        assert_eq!(told, Limits { viewers_per_client: 7, ..Limits::default() });
        let none = Limits { bodies_per_client: 0, ..Limits::default() };
        assert_eq!(none.checked().unwrap_err().name, "bodies_per_client");
        assert!(Limits::default().checked().is_ok());
    }

    #[test]
    fn each_limit_that_is_configured_is_counted() {
        let counted: BTreeSet<String> = Limit::ALL.iter().map(|limit| limit.name().to_owned()).collect();
        let configured = toml::Table::try_from(Limits::default()).unwrap();
        assert_eq!(configured.keys().cloned().collect::<BTreeSet<_>>(), counted);
    }

    #[test]
    fn a_limit_that_is_counted_is_configured_by_the_same_name() {
        for limit in Limit::ALL {
            let told = format!("{} = 4242424", limit.name());
            let limits: Limits = toml::from_str(&told).unwrap();
            assert_eq!(limits.most(limit), 4_242_424, "{told}");
        }
    }
}
