//! The pages: rendered here at first paint, woken up in the browser.
//!
//! Owns the addresses of pages (from the list in `app`), the document around them and their headers. What a page shows
//! comes from `app`; the figures of its first paint come by a context that whoever builds [`Pages`] provides.

use super::{assets, headers};
use app::ui::{About, pages, shell};
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::response::{Redirect, Response};
use axum::routing::get;
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What pages are rendered with.
#[derive(Clone)]
pub struct Pages {
    about: About,
    provide: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("about", &self.about).finish_non_exhaustive()
    }
}

impl Pages {
    pub fn new(about: About) -> Self {
        Self { about, provide: Arc::new(|| {}) }
    }

    /// Runs `provide` before each page is rendered: it calls `provide_context` with what the first paint shows.
    /// It must not block: it runs for every page, on a task of the server.
    #[must_use]
    pub fn with_context(self, provide: impl Fn() + Send + Sync + 'static) -> Self {
        let before = self.provide;
        let provide = Arc::new(move || {
            before();
            provide();
        });
        Self { provide, ..self }
    }

    fn renderer(&self) -> impl Fn(Request<Body>) -> Rendering + Clone + Send + Sync + 'static {
        let (about, provide, names) = (self.about.clone(), self.provide.clone(), assets::names());
        let context = move || {
            provide_context(about.clone());
            provide();
            set_policy();
        };
        move |request| {
            let names = names.clone();
            render_app_async_with_context(context.clone(), move || shell(names.clone()))(request)
        }
    }
}

type Rendering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The policy names the nonce that leptos made for this page's scripts.
fn set_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&headers::content_security_policy(&nonce)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Every page, the site's root, the site's files, and what is shown where nothing is. It owns the fallback of the
/// router it is merged into: no other part may set one.
pub fn pages_router<S: Clone + Send + Sync + 'static>(pages: Pages) -> Router<S> {
    // An executor that is set already is this one, set by an earlier router.
    let _ = any_spawner::Executor::init_tokio();
    let mut router = Router::new().route("/", get(|| async { Redirect::temporary(pages::HOME) }));
    for page in pages::IN_MENU {
        let render = pages.renderer();
        router = router.route(page.path, get(move |request| answer(render(request), StatusCode::OK)));
    }
    let render = pages.renderer();
    router.fallback(get(move |request| answer(render(request), StatusCode::NOT_FOUND))).merge(assets::router())
}

async fn answer(rendering: Rendering, status: StatusCode) -> Response {
    let mut response = rendering.await;
    *response.status_mut() = status;
    headers::for_a_page(response.headers_mut());
    response
}
