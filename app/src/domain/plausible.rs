//! Numbers that no floor has: a slip of the sender's, or somebody who wants to see what a chart makes of 2^64.
//!
//! They are rejected by name, with the most there can be. Types alone don't tell: a trunk's channels fit into 32 bits, but
//! there are no four billion of them. How long something of a call may take says `ingest`, beside the call's moments.

use super::event::Data;
use super::parse::FieldError;

/// Channels of a trunk, calls at a time of a campaign.
const MOST_CHANNELS: u64 = 1_000_000;
/// All telephone numbers there are, some times over.
const MOST_DESTINATIONS: u64 = 100_000_000_000;
/// Attempts at one destination.
const MOST_ATTEMPTS: u64 = 100_000;
/// A day: nothing that is asked for its health answers later.
const MOST_LATENCY_MS: f64 = 86_400_000.0;
const MOST_CALLS_A_SECOND: f64 = 1_000_000.0;

type Count = (&'static str, Option<u64>, u64);

/// # Errors
/// The first number that can't be, with its place.
pub(super) fn check(data: &Data) -> Result<(), FieldError> {
    let attempt = |told: Option<u32>| counts(&[("attempt", told.map(u64::from), MOST_ATTEMPTS)]);
    match data {
        Data::CallStarted(b) => attempt(b.attempt),
        Data::CallUpdated(b) => attempt(b.attempt),
        Data::CallRecord(b) => attempt(b.attempt),
        Data::ChannelsSample(b) => counts(&[
            ("active", Some(b.active.into()), MOST_CHANNELS),
            ("capacity", b.capacity.map(u64::from), MOST_CHANNELS),
        ]),
        Data::CampaignUpdated(b) => {
            counts(&[
                ("destinations", b.destinations, MOST_DESTINATIONS),
                ("cac_limit", b.cac_limit.map(u64::from), MOST_CHANNELS),
                ("max_attempts", b.max_attempts.map(u64::from), MOST_ATTEMPTS),
            ])?;
            amount("cps_limit", b.cps_limit, MOST_CALLS_A_SECOND)
        }
        Data::HealthSample(b) => amount("latency_ms", b.latency_ms, MOST_LATENCY_MS),
        Data::MetricSample(_)
        | Data::CallProgress(_)
        | Data::CallAnswered(_)
        | Data::CallEnded(_)
        | Data::CallGreeted(_)
        | Data::CallQueued(_)
        | Data::CallBridged(_)
        | Data::CallTransferred(_)
        | Data::AgentState(_)
        | Data::TrunkStatus(_)
        | Data::DidUpdated(_)
        | Data::RouteUpdated(_)
        | Data::CostUpdated(_) => Ok(()),
    }
}

fn counts(of: &[Count]) -> Result<(), FieldError> {
    match of.iter().find(|(_, told, most)| told.is_some_and(|told| told > *most)) {
        Some((field, Some(told), most)) => Err(FieldError {
            place: format!("data.{field}"),
            what: format!("{told} is more than there can be ({most})"),
        }),
        Some(_) | None => Ok(()),
    }
}

fn amount(field: &str, told: Option<f64>, most: f64) -> Result<(), FieldError> {
    match told {
        Some(told) if !(0.0..=most).contains(&told) => {
            Err(FieldError { place: format!("data.{field}"), what: format!("{told} is not within 0 to {most}") })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::domain::parse::event;

    fn read(kind: &str, data: &str) -> Result<(), String> {
        let envelope = format!(
            r#"{{"specversion":"1.0","id":"e","source":"d","type":"{kind}","time":"2026-11-21T00:00:00Z","data":{data}}}"#
        );
        event(&envelope).map(|_| ()).map_err(|rejected| rejected.error.to_string())
    }

    #[test]
    fn numbers_that_no_floor_has_are_refused_by_name() {
        for (kind, data, expected) in [
            (
                "channels.sample",
                r#"{"trunk":"t","active":4294967295}"#,
                "data.active: 4294967295 is more than there can be (1000000)",
            ),
            (
                "channels.sample",
                r#"{"trunk":"t","active":1,"capacity":4294967295}"#,
                "data.capacity: 4294967295 is more",
            ),
            (
                "campaign.updated",
                r#"{"campaign":"c","destinations":18446744073709551615}"#,
                "data.destinations: 18446744073709551615 is more",
            ),
            ("campaign.updated", r#"{"campaign":"c","cps_limit":-1}"#, "data.cps_limit: -1 is not within 0 to 1000000"),
            ("call.updated", r#"{"call_id":"c","attempt":4294967295}"#, "data.attempt: 4294967295 is more"),
            (
                "health.sample",
                r#"{"component":"c","kind":"other","status":"healthy","latency_ms":1e300}"#,
                "data.latency_ms: 1",
            ),
        ] {
            let said = read(kind, data).unwrap_err();
            assert!(said.starts_with(expected), "{data}: {said}");
        }
        assert_eq!(read("channels.sample", r#"{"trunk":"t","active":1000000}"#), Ok(()));
    }

    #[test]
    fn a_list_is_no_envelope_and_no_data() {
        let as_list = r#"["1.0","e","d","call.greeted","2026-11-21T00:00:00Z",{"call_id":"c"}]"#;
        assert!(event(as_list).unwrap_err().error.to_string().contains("object"));
        assert_eq!(read("call.greeted", r#"["c"]"#).unwrap_err(), "data: not an object");
        assert_eq!(read("call.greeted", r#" {"call_id":"c"}"#), Ok(()));
    }
}
