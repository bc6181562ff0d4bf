//! The pages: rendered here at first paint, woken up in the browser.
//!
//! Owns the addresses of pages (from the list in `app`), the document around them and their headers. What a page shows
//! comes from `app`; the figures of its first paint come from whoever builds [`Pages`].

use super::query::audience_of;
use super::{assets, headers};
use crate::access::principal::{Principal, PrincipalKind};
use crate::access::proxies::Client;
use app::domain::Audience;
use app::ui::address::Address;
use app::ui::foot::SignedIn;
use app::ui::{About, FirstPaint, Refused, pages, shell};
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFRESH, RETRY_AFTER};
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
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// What can't be shown yet is asked for again by the page itself, also where no script runs.
const AGAIN_IN_S: &str = "10";
const TRIES_AGAIN: &str = "This page tries again by itself each 10 seconds.";

/// What is found at a page's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The frame that the page shows, as its stream would send it.
    Frame(Arc<str>),
    /// Nothing to show yet, or nothing that comes as a frame.
    NoFrame,
    /// No such thing: there is no campaign of that name.
    Nothing,
    /// No such thing, and why, in words for the reader: 404, or what the address asks for can't be read.
    Refused(StatusCode, Arc<str>),
    /// Not yet, in words for the reader.
    Late(Arc<str>),
}

/// Whose first paint of which page is wanted.
#[derive(Debug)]
pub struct PageRequest {
    pub address: Address,
    pub client: Client,
    pub audience: Audience,
}

type Finding = Pin<Box<dyn Future<Output = Found> + Send>>;

/// What pages are rendered with.
#[derive(Clone)]
pub struct Pages {
    about: About,
    provide: Arc<dyn Fn() + Send + Sync>,
    find: Arc<dyn Fn(PageRequest) -> Finding + Send + Sync>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("about", &self.about).finish_non_exhaustive()
    }
}

impl Pages {
    pub fn new(about: About) -> Self {
        Self { about, provide: Arc::new(|| {}), find: Arc::new(|_| Box::pin(async { Found::NoFrame })) }
    }

    /// Asks `find` for the figures of each page's first paint.
    #[must_use]
    pub fn with_frames<F: Future<Output = Found> + Send + 'static>(
        self,
        find: impl Fn(PageRequest) -> F + Send + Sync + 'static,
    ) -> Self {
        Self { find: Arc::new(move |wanted| Box::pin(find(wanted))), ..self }
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

    /// The page of an address, rendered with what `more` provides.
    pub(super) async fn render(
        self,
        request: Request<Body>,
        status: StatusCode,
        more: impl Fn() + Send + Sync + 'static,
    ) -> Response {
        self.with_context(more).answer(request, status).await
    }

    /// The page of an address.
    async fn answer(self, request: Request<Body>, status: StatusCode) -> Response {
        let address = Address::of(&request.uri().to_string());
        let client = request.extensions().get().copied().unwrap_or(Client::NONE);
        let signed_in = match request.extensions().get::<Principal>().map(|principal| &principal.kind) {
            Some(PrincipalKind::Session(key)) => Some(SignedIn { key: key.to_string() }),
            Some(
                PrincipalKind::Anybody | PrincipalKind::ThisMachine | PrincipalKind::Key(_) | PrincipalKind::Picture(_),
            )
            | None => None,
        };
        let audience = audience_of(request.extensions());
        let found = (self.find)(PageRequest { address, client, audience }).await;
        let status = match &found {
            Found::Nothing => StatusCode::NOT_FOUND,
            Found::Refused(status, _) => *status,
            Found::Late(_) => StatusCode::SERVICE_UNAVAILABLE,
            Found::Frame(_) | Found::NoFrame => status,
        };
        let is_late = matches!(found, Found::Late(_));
        let (about, provide, names) = (self.about, self.provide, assets::names());
        let context = move || {
            provide_context(about.clone());
            if let Some(signed_in) = &signed_in {
                provide_context(signed_in.clone());
            }
            match &found {
                Found::Frame(text) => provide_context(FirstPaint(text.clone())),
                Found::Refused(_, why) => provide_context(Refused(why.clone())),
                Found::Late(why) => provide_context(Refused(format!("{why} {TRIES_AGAIN}").into())),
                Found::NoFrame | Found::Nothing => {}
            }
            provide();
            set_policy();
        };
        let mut response = render_app_async_with_context(context, move || shell(names.clone()))(request).await;
        *response.status_mut() = status;
        if is_late {
            response.headers_mut().insert(REFRESH, HeaderValue::from_static(AGAIN_IN_S));
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(AGAIN_IN_S));
        }
        headers::for_a_page(response.headers_mut());
        response
    }
}

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
    for path in pages::paths() {
        let pages = pages.clone();
        router = router.route(path, get(move |request| pages.answer(request, StatusCode::OK)));
    }
    packed(router.fallback(get(move |request| pages.answer(request, StatusCode::NOT_FOUND)))).merge(assets::router())
}

/// A first paint carries drawings and figures: packed it is a fifth. Fast rather than small, it is done each time.
pub(super) fn packed<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use app::ui::FloorKind;
    use axum::body::to_bytes;
    use tower::ServiceExt as _;

    async fn get(pages: Pages, path: &str) -> (Response<()>, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = pages_router::<()>(pages).oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        (Response::from_parts(parts, ()), text)
    }

    fn pages(floor: FloorKind) -> Pages {
        Pages::new(About { version: "1.2.3".to_owned(), floor })
    }

    #[tokio::test]
    async fn every_page_of_the_app_is_rendered_and_the_root_leads_to_the_first() {
        for page in pages::IN_MENU.iter().filter(|page| page.kind == pages::Kind::OfApp) {
            let (answer, text) = get(pages(FloorKind::Real), page.path).await;
            assert_eq!(answer.status(), StatusCode::OK, "{}", page.path);
            assert!(text.contains(&format!("<title>{} · Ringside</title>", page.title)), "{text}");
        }
        let (answer, _) = get(pages(FloorKind::Real), "/").await;
        assert_eq!(answer.headers()["location"], pages::HOME);
    }

    #[tokio::test]
    async fn what_is_no_page_is_404_and_still_a_page() {
        let (answer, text) = get(pages(FloorKind::Real), "/no/such/page").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(text.contains("There is no page at this address"), "{text}");
    }

    #[tokio::test]
    async fn a_made_up_floor_is_labelled_on_every_page_and_a_real_one_on_none() {
        for path in ["/live", "/no/such/page"] {
            assert!(get(pages(FloorKind::Demo), path).await.1.contains(">DEMO<"), "{path}");
            assert!(!get(pages(FloorKind::Real), path).await.1.contains(">DEMO<"), "{path}");
        }
    }

    #[tokio::test]
    async fn every_script_bears_the_nonce_of_the_policy_and_no_two_pages_share_one() {
        let (first, text) = get(pages(FloorKind::Real), "/live").await;
        let policy = first.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
        let scripts = text.matches("<script").count();
        assert!(
            scripts > 1 && scripts == text.matches(&format!("nonce=\"{nonce}\"")).count() - preloads(&text),
            "{text}"
        );
        assert_eq!(first.headers()[headers::CROSS_ORIGIN_RESOURCE_POLICY], "same-origin");
        let (second, _) = get(pages(FloorKind::Real), "/live").await;
        assert_ne!(second.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap(), policy);
    }

    /// A module's preload bears the nonce too.
    fn preloads(text: &str) -> usize {
        text.matches("rel=\"modulepreload\"").count()
    }

    #[tokio::test]
    async fn a_page_is_packed_for_those_who_take_it() {
        let request = Request::get("/live").header("accept-encoding", "gzip, br").body(Body::empty()).unwrap();
        let answer = pages_router::<()>(pages(FloorKind::Real)).oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "gzip");
        assert_eq!(answer.headers()["vary"], "accept-encoding");
    }

    #[tokio::test]
    async fn a_page_shows_the_frame_that_is_found_and_what_is_not_found_is_404() {
        let found = |found: Found| {
            pages(FloorKind::Real).with_frames(move |PageRequest { address, .. }| {
                assert_eq!(address.path, "/live");
                let found = found.clone();
                async move { found }
            })
        };
        let (answer, text) = get(found(Found::Frame("the frame’s text".into())), "/live?role=network").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(text.contains("the frame’s text"), "{text}");
        assert_eq!(get(found(Found::Nothing), "/live").await.0.status(), StatusCode::NOT_FOUND);
        let (answer, text) =
            get(found(Found::Refused(StatusCode::NOT_FOUND, "it is too old".into())), "/live?at=2020-01-01T00:00:00")
                .await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(text.contains("can’t be shown") && text.contains("it is too old"), "{text}");
        let (answer, text) = get(found(Found::Late("load it again".into())), "/live?at=2026-11-20T00:00:00").await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.contains("load it again") && text.contains("tries again by itself"), "{text}");
        assert_eq!(
            (&answer.headers()["refresh"], &answer.headers()["retry-after"]),
            (&"10".parse().unwrap(), &"10".parse().unwrap())
        );
    }

    #[tokio::test]
    async fn the_first_paint_is_rendered_with_what_was_provided() {
        let shown = pages(FloorKind::Real)
            .with_context(|| provide_context(About { version: "provided later".to_owned(), floor: FloorKind::Demo }));
        assert!(get(shown, "/live").await.1.contains("provided later"));
    }
}
