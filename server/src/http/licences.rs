//! `/licences`: the page, and the files that go with the binary: our licence, the notices of all it is made of, the list
//! of that, and in a release build the whole source.

use super::pages::{Pages, packed};
use crate::version::VERSION;
use app::ui::pages::LICENCES;
use app::ui::pages::licences::Carried;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::context::provide_context;

const AGPL: &str = include_str!("../../../LICENSE");
const NOTICES: &str = include_str!("../../licences/kept/notices.txt");
const SBOM: &str = include_str!("../../licences/kept/sbom.cdx.json");
/// Empty where the build carries none.
static SOURCE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/source.tar.gz"));
const SOURCE_PATH: &str = "/licences/ringside-source.tar.gz";

pub fn licences_router(pages: Pages) -> Router {
    let text = |kind: &'static str, text: &'static str| get(move || async move { file(kind, text) });
    let texts = Router::new()
        .route(LICENCES.path, get(page))
        .route("/licences/agpl.txt", text("text/plain; charset=utf-8", AGPL))
        .route("/licences/notices.txt", text("text/plain; charset=utf-8", NOTICES))
        .route("/licences/sbom.cdx.json", text("application/vnd.cyclonedx+json", SBOM))
        .with_state(pages);
    packed(texts).route(SOURCE_PATH, get(source))
}

async fn page(State(pages): State<Pages>, request: Request<Body>) -> Response {
    let carried = Carried { version: VERSION.to_owned(), source: (!SOURCE.is_empty()).then_some(SOURCE_PATH) };
    pages.render(request, StatusCode::OK, move || provide_context(carried.clone())).await
}

async fn source() -> Response {
    if SOURCE.is_empty() {
        return (StatusCode::NOT_FOUND, "This build carries no source: it is no release.\n").into_response();
    }
    file("application/gzip", SOURCE)
}

fn file(kind: &'static str, body: impl Into<Body>) -> Response {
    let (headers, body): (_, Body) = ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body.into());
    (headers, body).into_response()
}
