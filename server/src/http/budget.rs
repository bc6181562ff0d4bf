//! What an answer may cost: bytes and time, of every route, in one place; and how many are made at once.
//!
//! What has an end is made in a lane of its own (`kit::lane`), and of one client only so much at once: neither those who
//! watch nor those who ask for little wait for who asks for much. Streams go on for ever, so of them it is their beginning that must be there in time; bodies of events have limits of
//! their own (`events`). Whether the server lives and may be sent requests is answered however crowded it is.

use super::error::ApiError;
use super::table::{self, AnswerKind};
use crate::access::Access;
use crate::access::clients::Kind;
use crate::access::limits::Limit;
use crate::access::proxies::Client;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;

/// Whoever asks these must hear when nobody else does.
pub const OF_THEIR_OWN: [&str; 2] = ["/healthz", "/readyz"];

/// Makes the answer within its limits, or says which was reached.
pub async fn keep(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let row = table::of(&request);
    let client = request.extensions().get().copied().unwrap_or(Client::NONE);
    let answer = next.run(request);
    match row.answer {
        AnswerKind::Body => access.lanes.events.run(answer).await,
        AnswerKind::Stream => in_time(answer, &access, client).await,
        AnswerKind::Whole if OF_THEIR_OWN.contains(&row.path) => in_time(answer, &access, client).await,
        AnswerKind::Whole => match access.clients.take(client, Kind::Answer) {
            Ok(held) => {
                let lane = access.lanes.answers.clone();
                let in_turn = async move {
                    let _turn = held.turn().await;
                    lane.run(answer).await
                };
                bounded(in_time(in_turn, &access, client).await, &access, client)
            }
            Err(reached) => ApiError::from(reached).into_response(),
        },
    }
}

async fn in_time(answer: impl Future<Output = Response>, access: &Access, client: Client) -> Response {
    let within = access.limits().answer_within();
    tokio::time::timeout(within, answer).await.unwrap_or_else(|_| {
        access.clients.reached(Limit::AnswerSeconds, client);
        ApiError::Slow(within).into_response()
    })
}

/// The answer, if it is not too large. One whose size is not known beforehand is cut off where it becomes so.
fn bounded(response: Response, access: &Access, client: Client) -> Response {
    let most = access.limits().answer_bytes();
    let size = response.body().size_hint();
    if size.lower() > most as u64 {
        access.clients.reached(Limit::AnswerBytes, client);
        return ApiError::AnswerTooLarge(most).into_response();
    }
    if size.exact().is_some() {
        return response;
    }
    let clients = access.clients.clone();
    response.map(|body| {
        Body::new(Limited::new(body, most).map_err(move |error| {
            clients.reached(Limit::AnswerBytes, client);
            error
        }))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::Doors;
    use crate::access::limits::Limits;
    use crate::clock::Clock;
    use crate::kit::lane::Lanes;
    use crate::telemetry::Metrics;
    use axum::Router;
    use axum::body::to_bytes;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;

    const MANY: usize = 2 << 20;

    fn router(limits: Limits, metrics: &Metrics) -> Router {
        let doors = Doors { limits, ..Doors::default() };
        let access = Access::new(doors, Arc::default(), Lanes::default(), Clock::system(), metrics);
        let pieces = || async {
            let piece = || Ok::<_, std::convert::Infallible>(vec![b' '; MANY / 16]);
            Body::from_stream(futures_util::stream::iter((0..16).map(move |_| piece())))
        };
        let never = || std::future::pending::<&'static str>();
        Router::new()
            .route("/api/v1/facts", get(|| async { vec![b' '; MANY] }))
            .route("/daily", get(pieces))
            .route("/api/v1/calls", get(never))
            .route("/api/v1/stream", get(never))
            .route("/healthz", get(|| async { "ok" }))
            .layer(from_fn_with_state(access, keep))
    }

    async fn ask(router: &Router, path: &str) -> (StatusCode, Result<usize, String>) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let read = to_bytes(response.into_body(), usize::MAX).await;
        (status, read.map(|bytes| bytes.len()).map_err(|error| error.to_string()))
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_is_refused_or_cut_and_counted() {
        let metrics = Metrics::default();
        let router = router(Limits { answer_bytes: 1 << 20, ..Limits::default() }, &metrics);
        let (status, said) = ask(&router, "/api/v1/facts").await;
        assert!(status == StatusCode::BAD_REQUEST && said.unwrap() < 1_000);
        let (status, cut) = ask(&router, "/daily").await;
        assert!(status == StatusCode::OK && cut.is_err());
        let counted = metrics.render().unwrap();
        assert!(counted.contains("ringside_limits_reached_total{limit=\"answer_bytes\"} 2"), "{counted}");
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up_also_the_beginning_of_a_stream() {
        let metrics = Metrics::default();
        let router = router(Limits { answer_seconds: 1, ..Limits::default() }, &metrics);
        for path in ["/api/v1/calls", "/api/v1/stream"] {
            assert_eq!(ask(&router, path).await.0, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
        let counted = metrics.render().unwrap();
        assert!(counted.contains("ringside_limits_reached_total{limit=\"answer_seconds\"} 2"), "{counted}");
    }

    #[tokio::test]
    async fn whether_the_server_lives_is_told_however_crowded_it_is() {
        let metrics = Metrics::default();
        let router = router(Limits { answers_per_client: 1, ..Limits::default() }, &metrics);
        let mut waits = std::pin::pin!(ask(&router, "/api/v1/calls"));
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert_eq!(ask(&router, "/api/v1/facts").await.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask(&router, "/healthz").await.0, StatusCode::OK);
    }
}
