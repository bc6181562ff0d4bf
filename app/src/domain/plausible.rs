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

/// Metrics that are a part of a whole, by name.
const SHARES: [&str; 3] = ["cpu", "memory", "disk"];

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
        Data::MetricSample(b) if SHARES.contains(&b.name.get().as_str()) => share(b.name.get(), b.value),
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

/// A share is of 1; what is within 100 was most likely told in percent.
fn share(of: &str, told: f64) -> Result<(), FieldError> {
    if (0.0..=1.0).contains(&told) {
        return Ok(());
    }
    let meant = if told > 1.0 && told <= 100.0 {
        // As many digits as were told, and no rounding of binary fractions.
        format!("; did you mean {}?", (told * 100.0).round() / 10_000.0)
    } else {
        String::new()
    };
    Err(FieldError { place: "data.value".to_owned(), what: format!("{told} of {of} is not within 0 to 1{meant}") })
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
    fn a_share_told_in_percent_is_refused_with_what_was_meant() {
        let metric = |name: &str, value: &str| {
            read("metric.sample", &format!(r#"{{"component":"d","name":"{name}","value":{value}}}"#))
        };
        let percent = "data.value: 42 of cpu is not within 0 to 1; did you mean 0.42?".to_owned();
        assert_eq!(metric("cpu", "42"), Err(percent));
        assert_eq!(metric("disk", "43.7").unwrap_err().rsplit_once(' ').unwrap().1, "0.437?");
        assert_eq!(metric("memory", "-0.1"), Err("data.value: -0.1 of memory is not within 0 to 1".to_owned()));
        assert_eq!(metric("memory", "4200"), Err("data.value: 4200 of memory is not within 0 to 1".to_owned()));
        for (name, value) in [("cpu", "1"), ("net_in", "1250000"), ("queue_depth", "42")] {
            assert_eq!(metric(name, value), Ok(()));
        }
    }

    #[test]
    fn a_list_is_no_envelope_and_no_data() {
        let as_list = r#"["1.0","e","d","call.greeted","2026-11-21T00:00:00Z",{"call_id":"c"}]"#;
        assert!(event(as_list).unwrap_err().error.to_string().contains("object"));
        assert_eq!(read("call.greeted", r#"["c"]"#).unwrap_err(), "data: not an object");
        assert_eq!(read("call.greeted", r#" {"call_id":"c"}"#), Ok(()));
    }
}
