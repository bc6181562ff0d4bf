//! An example of each type: one short day of a floor that `/docs` tells, and a test sends.
//!
//! A text `@0` is the present moment, `@120` that of 120 seconds ago.

/// The data of an event of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    pub type_name: &'static str,
    /// JSON; lines after the first are indented by three, so that they stand below the first in a curl.
    pub data: &'static str,
}

const fn of(type_name: &'static str, data: &'static str) -> Example {
    Example { type_name, data }
}

/// In the order of the contract; calls that belong together have one id.
pub const EXAMPLES: [Example; 19] = [
    of(
        "call.started",
        r#"{"call_id": "docs-1", "direction": "outbound", "campaign": "spring", "route": "alpha",
   "from": "+12025550142", "to": "+12025550187", "attempt": 1, "mode": "predictive"}"#,
    ),
    of("call.progress", r#"{"call_id": "docs-1"}"#),
    of("call.answered", r#"{"call_id": "docs-1", "by": "human"}"#),
    of("call.greeted", r#"{"call_id": "docs-1"}"#),
    of("call.queued", r#"{"call_id": "docs-1", "queue": "sales"}"#),
    of("call.bridged", r#"{"call_id": "docs-1", "agent": "ann"}"#),
    of("call.transferred", r#"{"call_id": "docs-1", "kind": "warm", "target": "back office"}"#),
    of(
        "call.ended",
        r#"{"call_id": "docs-1", "outcome": "completed", "hung_up_by": "person", "sip_code": 200,
   "final": true, "wrap_ms": 20000}"#,
    ),
    of(
        "call.updated",
        r#"{"call_id": "docs-1", "right_party": true, "disposition": "sale", "metadata": {"order": "A-17"}}"#,
    ),
    of(
        "call.record",
        r#"{"call_id": "docs-2", "direction": "outbound", "campaign": "spring", "route": "alpha",
   "from": "+12025550142", "to": "+12025550188", "agent": "ann", "outcome": "completed",
   "started_at": "@180", "progress_at": "@176", "answered_at": "@170", "bridged_at": "@169", "ended_at": "@60"}"#,
    ),
    of("agent.state", r#"{"agent": "ann", "campaign": "spring", "state": "ready"}"#),
    of("channels.sample", r#"{"trunk": "alpha", "active": 42, "capacity": 120}"#),
    of("trunk.status", r#"{"trunk": "alpha", "status": "degraded", "detail": "one of two gateways answers"}"#),
    of("health.sample", r#"{"component": "media-1", "kind": "media_server", "status": "healthy", "latency_ms": 12.5}"#),
    of("metric.sample", r#"{"component": "media-1", "name": "cpu", "value": 0.42}"#),
    of(
        "campaign.updated",
        r#"{"campaign": "spring", "name": "Spring offers", "status": "active", "mode": "predictive",
   "destinations": 12000, "cac_limit": 60, "max_attempts": 3}"#,
    ),
    of("did.updated", r#"{"did": "+12025550142", "status": "active", "pool": "east"}"#),
    of("route.updated", r#"{"route": "alpha", "name": "Alpha", "carrier": "Northline", "status": "active"}"#),
    of("cost.updated", r#"{"month": "2026-11", "amount": "1250.00", "currency": "USD", "kind": "telephony"}"#),
];

/// The example of a type.
#[must_use]
pub fn example(type_name: &str) -> Option<Example> {
    EXAMPLES.iter().copied().find(|example| example.type_name == type_name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::{Data, parse};

    #[test]
    fn each_type_has_an_example_in_which_nothing_is_unknown() {
        assert_eq!(EXAMPLES.map(|example| example.type_name), Data::TYPES);
        for Example { type_name, data } in EXAMPLES {
            let mut data: serde_json::Value = serde_json::from_str(data).unwrap();
            for value in data.as_object_mut().unwrap().values_mut() {
                if value.as_str().is_some_and(|text| text.starts_with('@')) {
                    *value = "2026-11-21T00:00:00Z".into();
                }
            }
            let event = serde_json::json!({
                "specversion": "1.0", "id": "e", "source": "d", "type": type_name, "time": "2026-11-21T00:00:00Z", "data": data,
            });
            let mut unknown = Vec::new();
            let read = parse::event_noting(&event.to_string(), &mut |field| unknown.push(field));
            assert!(read.is_ok() && unknown.is_empty(), "{type_name}: {read:?}, {unknown:?}");
        }
    }
}
