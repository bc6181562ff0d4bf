//! `/pkg/…`: the site's files, embedded into the binary by `build.rs`.
//!
//! Names hold a hash of their content, so a browser may keep a file for good. Each file is sent in the smallest form
//! the client takes, compressed when the site was made, never here. It owns no page: `pages.rs` does.

use super::coding::{accepted, accepts};
use super::headers::CROSS_ORIGIN_RESOURCE_POLICY;
use app::ui::{AssetNames, ProgramNames};
use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

mod embedded {
    use super::EmbeddedFile;
    include!(concat!(env!("OUT_DIR"), "/site.rs"));
}

/// Where the files are mounted.
const FOLDER: &str = "/pkg";

/// A file of the site and its ready-made compressed forms.
struct EmbeddedFile {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// How a body is packed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// As HTTP calls it.
    fn name(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gzip",
            Encoding::Identity => "identity",
        }
    }
}

/// The names of this build's files, or nothing when the server was built without the site.
pub fn names() -> Option<AssetNames> {
    let of_kind = |suffix: &'static str| {
        embedded::FILES
            .iter()
            .filter(move |file| file.name.ends_with(suffix))
            .map(|file| format!("{FOLDER}/{}", file.name))
    };
    let program = ProgramNames { js: of_kind(".js").next()?, wasm: of_kind(".wasm").next()? };
    Some(AssetNames { css: of_kind(".css").next()?, program, fonts: of_kind(".woff2").collect() })
}

/// The route to the site's files.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(&format!("{FOLDER}/{{name}}"), get(file))
}

async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = embedded::FILES.iter().find(|file| file.name == name) else {
        // A page of an older build asks for its files: the answer must not outlive the next release.
        return (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")], "There is no such file in this build.\n")
            .into_response();
    };
    answer(file, &headers)
}

fn answer(file: &EmbeddedFile, request: &HeaderMap) -> Response {
    let (encoding, body) = choose(file, accepted(request));
    // The name holds the hash; one tag for each packed form, because their bytes differ.
    let tag = format!("\"{}-{}\"", file.name, encoding.name());
    let always: [(HeaderName, HeaderValue); 4] = [
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    ];
    if request.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| matches(known, &tag)) {
        return (StatusCode::NOT_MODIFIED, always, [(ETAG, tag)]).into_response();
    }
    let mut response = (always, [(CONTENT_TYPE, content_type(file.name))], [(ETAG, tag)], body).into_response();
    match encoding {
        Encoding::Identity => {}
        Encoding::Brotli | Encoding::Gzip => {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
    }
    response
}

/// Whether an `If-None-Match` names the tag. Weak tags count: the bytes behind a name never change.
fn matches(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|each| each == "*" || each.strip_prefix("W/").unwrap_or(each) == tag)
}

/// The smallest form the client takes: brotli, then gzip, then the file itself.
fn choose(file: &EmbeddedFile, accepted: &str) -> (Encoding, &'static [u8]) {
    match (file.brotli, file.gzip) {
        (Some(body), _) if accepts(accepted, "br") => (Encoding::Brotli, body),
        (_, Some(body)) if accepts(accepted, "gzip") => (Encoding::Gzip, body),
        _ => (Encoding::Identity, file.plain),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::ACCEPT_ENCODING;

    const FILE: EmbeddedFile =
        EmbeddedFile { name: "a.0123456789.js", plain: b"plain", brotli: Some(b"br"), gzip: Some(b"gz") };

    fn ask(pairs: &[(HeaderName, &'static str)]) -> Response {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        answer(&FILE, &headers)
    }

    #[test]
    fn the_smallest_accepted_form_is_sent() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("*", Encoding::Brotli),
            ("*;q=0", Encoding::Identity),
            ("brotli", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(choose(&FILE, accepted).0, encoding, "Accept-Encoding: {accepted}");
        }
    }

    #[test]
    fn a_packed_form_says_so_and_may_be_kept_for_good() {
        let response = ask(&[(ACCEPT_ENCODING, "br")]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_ENCODING], "br");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()[VARY], "accept-encoding");
        assert_eq!(response.headers()[CROSS_ORIGIN_RESOURCE_POLICY], "same-origin");
        assert!(!ask(&[]).headers().contains_key(CONTENT_ENCODING));
    }

    #[test]
    fn a_known_tag_is_answered_without_a_body_and_only_for_its_own_form() {
        let tag = "\"a.0123456789.js-br\"";
        assert_eq!(ask(&[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, tag)]).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, tag)]).status(), StatusCode::OK);
        assert!(matches("W/\"x\", \"y\"", "\"x\""));
    }
}
