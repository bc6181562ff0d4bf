//! What the router and its extractors say no with, in the API's manner: problem details.

use super::error::problem;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Map;

/// What programs call: no page is shown there.
const FOR_PROGRAMS: [&str; 2] = ["/api", "/hooks"];
const PROBLEM: &str = "application/problem+json";

/// Makes a problem of every no under the API that is none.
pub async fn tell(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_under =
        |folder: &&str| path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_of_the_api = FOR_PROGRAMS.iter().any(is_under);
    let response = next.run(request).await;
    let status = response.status();
    let is_no = status.is_client_error() || status.is_server_error();
    let is_told =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(PROBLEM.as_bytes()));
    if !is_of_the_api || !is_no || is_told {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "there is nothing at this address",
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take this method",
        _ => "the request could not be read",
    };
    let mut told = problem(status, detail, Map::new());
    // Which methods there are, and when to come again.
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            told.headers_mut().insert(name, value.clone());
        }
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::extract::Path;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;

    #[tokio::test]
    async fn every_no_under_the_api_is_a_problem() {
        let one = |Path(_): Path<u8>| async { "one" };
        let router = Router::new().route("/api/v1/calls/{id}", get(one)).layer(axum::middleware::from_fn(tell));
        for (method, path, status) in
            [("GET", "/api/nothing", 404), ("POST", "/api/v1/calls/1", 405), ("GET", "/api/v1/calls/x", 400)]
        {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{path}");
            assert_eq!(answer.headers()[CONTENT_TYPE], PROBLEM, "{path}");
            assert_eq!(answer.headers().contains_key(ALLOW), status == 405);
            let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
            let problem: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["status"], status);
        }
        let page = router.oneshot(Request::get("/apiary").body(Body::empty()).unwrap()).await.unwrap();
        assert!(!page.headers().contains_key(CONTENT_TYPE), "no part of the API");
    }
}
