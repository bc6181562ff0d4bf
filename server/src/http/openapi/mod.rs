//! `GET /api/openapi.json`: the API's description, OpenAPI 3.1; a file an area.
//!
//! Assembled from the same tables that the answers come from (KPIs, facts, dimensions, windows, event types), so that it
//! can't list what there is not; frames are described by their own types. A golden outline of it shows each change of the
//! public face in review, and a test compares its addresses with the router's.

mod calls;
mod control;
mod events;
mod figures;
mod frames;
mod grafana;
mod operation;
#[cfg(test)]
mod outline;
mod parts;
mod sources;
mod views;

use axum::Json;
use parts::{all, reference};
use serde_json::{Value, json};

pub async fn document() -> Json<Value> {
    Json(describe())
}

/// The whole document.
#[must_use]
pub fn describe() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ringside",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Events of a call floor in, KPIs out.",
            "license": { "name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only" },
        },
        "servers": [{ "url": "/" }],
        "paths": all([
            events::paths(),
            figures::paths(),
            views::paths(),
            calls::paths(),
            control::paths(),
            grafana::paths(),
            sources::paths(),
            operation::paths(),
        ]),
        "security": [{ "read": [] }, {}],
        "components": {
            "securitySchemes": {
                "ingest": { "type": "http", "scheme": "bearer", "description": "A key with the scope `ingest`" },
                "control": { "type": "http", "scheme": "bearer", "description": "A key with the scope `control`" },
                "read": {
                    "type": "http", "scheme": "bearer",
                    "description": "A key with the scope `read` or `control`; asked for where the listener is open to other machines",
                },
            },
            "schemas": all([
                json!({ "Moment": { "type": "string", "format": "date-time" } }),
                events::schemas(),
                figures::schemas(),
                frames::schemas(),
                calls::schemas(),
                control::schemas(),
                grafana::schemas(),
                sources::schemas(),
                operation::schemas(),
            ]),
            "responses": { "Problem": {
                "description": "Why it was not done (RFC 9457)",
                "content": { "application/problem+json": { "schema": reference("Problem") } },
            } },
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::keys::Keys;
    use crate::board::BoardConfig;
    use crate::http::pages::Pages;
    use crate::http::panel::panel_router;
    use crate::http::replay::parked::Parked;
    use crate::http::replay::seats::Replays;
    use crate::http::replay::{ReplayApi, replay_router};
    use crate::http::testing;
    use crate::store::any::{self, Database};
    use app::domain::Span;
    use app::ui::{About, FloorKind};
    use std::collections::BTreeSet;
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    /// To take a new copy: `cargo test -p app -p server --lib take_a_new_golden_copy -- --ignored`
    const GOLDEN: &str = include_str!("golden.txt");

    #[test]
    fn the_public_face_is_the_golden_one() {
        let now = outline::of(&describe());
        let (golden, now): (Vec<_>, Vec<_>) = (GOLDEN.lines().collect(), now.lines().collect());
        let gone: Vec<_> = golden.iter().filter(|line| !now.contains(line)).collect();
        let new: Vec<_> = now.iter().filter(|line| !golden.contains(line)).collect();
        assert!(golden == now, "not as in the golden copy; gone: {gone:#?}, new: {new:#?}");
    }

    #[test]
    #[ignore = "writes the golden copy anew"]
    fn take_a_new_golden_copy() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/openapi/golden.txt");
        std::fs::write(path, outline::of(&describe())).unwrap();
    }

    #[tokio::test]
    async fn it_lists_the_very_addresses_that_are_answered() {
        let (queue, _batches) = mpsc::channel(1);
        let api = testing::api(Keys::default(), queue, &CancellationToken::new()).await;
        let folder = tempfile::TempDir::new().unwrap();
        let (_writer, store) = any::open(&Database::Sqlite(folder.path().join("r.db")), chrono_tz::UTC).await.unwrap();
        let replays = ReplayApi {
            lane: crate::kit::lane::Lane::default(),
            clients: api.access.clients.clone(),
            store,
            board: BoardConfig::default(),
            clock: api.clock.clone(),
            keep_calls: Span::days(1),
            replays: Replays::default(),
            parked: Parked::default(),
            stopping: CancellationToken::new(),
        };
        let (live, history) = (api.live.clone(), api.history.clone());
        let more = panel_router(live, history, FloorKind::Real, &api.metrics).merge(replay_router(replays));
        let pages = Pages::new(About { version: "0".to_owned(), floor: FloorKind::Real });
        let is_a_pages = |path: &&str| {
            !["/api/", "/hooks/", "/panel/", "/healthz", "/readyz", "/metrics"].iter().any(|of| path.starts_with(of))
        };
        // A router tells its addresses only to who debugs it: `RouteId(7): "/healthz"`.
        let told = format!("{:?}", super::super::routes(api, pages, more));
        let answered: BTreeSet<&str> = told
            .split("RouteId(")
            .filter_map(|piece| piece.split_once(": \"")?.1.split('"').next())
            .filter(|path| path.starts_with('/') && !path.contains("{*") && !is_a_pages(path))
            .collect();
        let document = describe();
        let described: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(described, answered);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = describe();
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(to)) = members.get("$ref") {
                        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                    }
                    open.extend(members.values());
                }
                Value::Array(items) => open.extend(items),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }
}
