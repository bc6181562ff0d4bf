//! The switches of the demo floor: `GET /api/v1/demo/scenarios`, `PUT /api/v1/demo/scenarios/{name}` with `{"on": true}`;
//! and how much of its past is told: `GET /api/v1/demo/past`. Served by `ringside demo` only, and no part of the contract.

use super::body::Question;
use super::error::ApiError;
use crate::source::simulator::drive::Telling;
use crate::source::simulator::{Listed, Scenario, ScenarioBoard, Switch};
use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

/// The routes, with their whole addresses.
pub fn demo_router(board: ScenarioBoard, telling: Telling) -> Router {
    let past = move || async move {
        let (told, days) = telling.days();
        Json(Past { told, days })
    };
    scenarios_router(board).route("/api/v1/demo/past", get(past))
}

/// How many days of the past are told, and how many there will be.
#[derive(Debug, Serialize)]
struct Past {
    told: u64,
    days: u64,
}

fn scenarios_router(board: ScenarioBoard) -> Router {
    Router::new()
        .route("/api/v1/demo/scenarios", get(list))
        .route("/api/v1/demo/scenarios/{name}", put(switch))
        .with_state(board)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    on: bool,
}

async fn list(State(board): State<ScenarioBoard>) -> Json<Vec<Listed>> {
    Json(board.list())
}

async fn switch(
    State(board): State<ScenarioBoard>,
    Path(name): Path<String>,
    body: Question,
) -> Result<Json<Vec<Listed>>, ApiError> {
    let scenario = Scenario::from_name(&name).ok_or_else(|| {
        let names: Vec<&str> = Scenario::ALL.iter().map(|s| s.name()).collect();
        ApiError::NotFound(format!("no such scenario; there are {}", names.join(", ")))
    })?;
    let wanted: Wanted = body
        .read()
        .map_err(|error| ApiError::NoMeaning(format!("{error}; send {{\"on\": true}} or {{\"on\": false}}")))?;
    board.set(scenario, if wanted.on { Switch::On } else { Switch::Off });
    Ok(Json(board.list()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use serde_json::json;
    use tower::ServiceExt;

    async fn ask(board: &ScenarioBoard, method: &str, path: &str, body: &str) -> (StatusCode, serde_json::Value) {
        let request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        let response = scenarios_router(board.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 65_536).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_scenario_is_switched_by_name() {
        let board = ScenarioBoard::default();
        let (status, listed) = ask(&board, "PUT", "/api/v1/demo/scenarios/route-fails", r#"{"on": true}"#).await;
        assert_eq!((status, &listed[0]["on"]), (StatusCode::OK, &json!(true)));
        assert!(board.is_on(Scenario::RouteFails));
        ask(&board, "PUT", "/api/v1/demo/scenarios/route-fails", r#"{"on": false}"#).await;
        assert!(!board.is_on(Scenario::RouteFails));
        let (_, listed) = ask(&board, "GET", "/api/v1/demo/scenarios", "").await;
        assert_eq!(listed.as_array().unwrap().len(), Scenario::ALL.len());
    }

    #[tokio::test]
    async fn mistakes_are_named() {
        let board = ScenarioBoard::default();
        let (status, problem) = ask(&board, "PUT", "/api/v1/demo/scenarios/flood", r#"{"on": true}"#).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(problem["detail"].as_str().unwrap().contains("route-silent"));
        let (status, _) = ask(&board, "PUT", "/api/v1/demo/scenarios/list-dry", "yes").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}
