//! Every route with who may ask it, and what its answer is like.
//!
//! What each `Who` means says `access::policy`. The door (`door`) and the budget (`budget`) go by this table alone, and a test finds the routes in the source: one
//! without a row fails it. Until then it is taken for the strictest of each.

use crate::access::policy::Who;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;

/// What the answer is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// It has an end, within the limits of bytes and time.
    Whole,
    /// It goes on for as long as there is somebody; its beginning is there in time.
    Stream,
    /// It comes when the body has been read; that has limits of its own.
    Body,
}

/// Of which campaigns an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Of none: what stands in it is nobody's figure.
    NoFigures,
    /// Of those that who asks may see: it is made for them.
    TheirCampaigns,
    /// Of the whole floor: who may see some campaigns only is turned away.
    WholeFloor,
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub path: &'static str,
    /// `GET` and `HEAD`.
    pub read: Who,
    /// All other methods.
    pub write: Who,
    pub answer: AnswerKind,
    pub tells: Tells,
}

impl Row {
    #[must_use]
    pub fn who(&self, method: &Method) -> Who {
        if matches!(*method, Method::GET | Method::HEAD) { self.read } else { self.write }
    }
}

/// Of the whole floor, until it is said otherwise.
const fn row(path: &'static str, read: Who, write: Who) -> Row {
    Row { path, read, write, answer: AnswerKind::Whole, tells: Tells::WholeFloor }
}

const fn reading(path: &'static str) -> Row {
    row(path, Who::Reader, Who::Reader)
}

/// What is cut to the campaigns that who asks may see.
const fn cut(path: &'static str) -> Row {
    Row { tells: Tells::TheirCampaigns, ..reading(path) }
}

const fn no_figures(row: Row) -> Row {
    Row { tells: Tells::NoFigures, ..row }
}

const fn anybody(path: &'static str) -> Row {
    no_figures(row(path, Who::Anybody, Who::Anybody))
}

const fn stream(row: Row) -> Row {
    Row { answer: AnswerKind::Stream, ..row }
}

/// What is taken for the row of a route that has none.
const STRICTEST: Row = row("", Who::Reader, Who::Controller);
/// No route: a page says so, and takes the address apart to do it. What it then finds is for readers.
const NOWHERE: Row = cut("");

/// The table.
pub const ROUTES: &[Row] = &[
    anybody("/healthz"),
    anybody("/readyz"),
    reading("/metrics"),
    anybody("/pkg/{name}"),
    anybody("/sign-in"),
    anybody("/sign-out"),
    // Pages.
    no_figures(reading("/")),
    cut("/live"),
    reading("/monitor"),
    cut("/monitor/{campaign}"),
    reading("/daily"),
    reading("/trend"),
    // Costs are the whole floor's.
    row("/trend/costs", Who::Reader, Who::Bookkeeper),
    reading("/troubleshooting"),
    no_figures(reading("/docs")),
    // Whoever uses it over a network may have its source.
    anybody("/licences"),
    anybody("/licences/agpl.txt"),
    anybody("/licences/notices.txt"),
    anybody("/licences/sbom.cdx.json"),
    // Some megabytes: as long as it takes.
    Row { answer: AnswerKind::Stream, ..anybody("/licences/ringside-source.tar.gz") },
    reading("/panel/{file}"),
    // The API.
    no_figures(reading("/api/openapi.json")),
    no_figures(reading("/api/v1/schema")),
    no_figures(Row { answer: AnswerKind::Body, ..row("/api/v1/events", Who::Sender, Who::Sender) }),
    // What others call: without a signature nothing in it is read.
    no_figures(Row { answer: AnswerKind::Body, ..row("/hooks/{name}", Who::Reader, Who::Signer) }),
    stream(cut("/api/v1/stream")),
    no_figures(reading("/api/v1/kpis")),
    cut("/api/v1/kpis/{id}"),
    cut("/api/v1/facts"),
    cut("/api/v1/series/{id}"),
    reading("/api/v1/problems"),
    cut("/api/v1/views/live"),
    reading("/api/v1/views/monitor"),
    cut("/api/v1/views/monitor/{campaign}"),
    reading("/api/v1/views/daily"),
    reading("/api/v1/views/trend"),
    cut("/api/v1/calls"),
    cut("/api/v1/calls/{realm}/{call_id}"),
    cut("/api/v1/annotations"),
    reading("/api/v1/sources"),
    // What a source said, word for word, but for numbers: names may stand in it.
    row("/api/v1/sources/payloads", Who::Controller, Who::Controller),
    cut("/api/v1/campaigns/{id}/control"),
    Row { write: Who::Controller, ..cut("/api/v1/campaigns/{id}/pause") },
    Row { write: Who::Controller, ..cut("/api/v1/campaigns/{id}/resume") },
    row("/api/v1/audit", Who::Controller, Who::Controller),
    reading("/api/v1/replay"),
    stream(reading("/api/v1/replay/stream")),
    reading("/api/v1/demo/scenarios"),
    reading("/api/v1/demo/past"),
    row("/api/v1/demo/scenarios/{name}", Who::Reader, Who::Controller),
    // Grafana asks by POST.
    reading("/api/grafana/"),
    reading("/api/grafana"),
    reading("/api/grafana/search"),
    reading("/api/grafana/metrics"),
    reading("/api/grafana/query"),
    reading("/api/grafana/variable"),
    reading("/api/grafana/annotations"),
    reading("/api/grafana/tag-keys"),
    reading("/api/grafana/tag-values"),
];

/// The row of the route that a request has come to.
#[must_use]
pub fn of(request: &Request) -> Row {
    let Some(path) = request.extensions().get::<MatchedPath>() else { return NOWHERE };
    ROUTES.iter().find(|row| row.path == path.as_str()).copied().unwrap_or(STRICTEST)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The patterns of all routes in the source, as far as they stand there as texts: nested ones without what they are
    /// nested in.
    fn in_the_source(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                in_the_source(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("\nmod tests").next().unwrap();
                for call in code.split(".route(").skip(1) {
                    let call = call.trim_start();
                    let pattern = call.strip_prefix('"').and_then(|rest| rest.split('"').next());
                    let pattern = pattern.unwrap_or_else(|| call.split([',', ')']).next().unwrap());
                    found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), pattern.to_owned()));
                }
            }
        }
    }

    /// Routes whose pattern stands elsewhere.
    const BY_NAME: [(&str, &str); 7] = [
        ("path", "/live"),
        ("COSTS", app::ui::pages::trend::COSTS),
        ("TROUBLESHOOTING.path", app::ui::pages::TROUBLESHOOTING.path),
        ("DOCS.path", app::ui::pages::DOCS.path),
        ("LICENCES.path", app::ui::pages::LICENCES.path),
        ("SOURCE_PATH", "/licences/ringside-source.tar.gz"),
        ("&format!(\"{FOLDER}/{{name}}\"", "/pkg/{name}"),
    ];

    #[test]
    fn every_route_has_a_row() {
        let mut found = Vec::new();
        in_the_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut found);
        assert!(found.len() > 30, "{found:?}");
        for (file, pattern) in found {
            let named = BY_NAME.iter().find(|(name, _)| *name == pattern).map(|(_, path)| (*path).to_owned());
            let pattern = named.unwrap_or(pattern);
            let has_row = ROUTES.iter().any(|row| row.path.ends_with(&pattern));
            assert!(pattern.starts_with('/') && has_row, "{file}: `{pattern}` has no row in the table of routes");
        }
        for path in app::ui::pages::paths() {
            assert!(ROUTES.iter().any(|row| row.path == path), "{path}");
        }
    }

    #[test]
    fn what_has_no_row_is_shown_to_nobody_who_may_not_see_all() {
        assert_eq!(
            (STRICTEST.read, STRICTEST.write, STRICTEST.tells),
            (Who::Reader, Who::Controller, Tells::WholeFloor)
        );
    }

    #[test]
    fn no_route_has_two_rows() {
        for (n, row) in ROUTES.iter().enumerate() {
            assert!(ROUTES[..n].iter().all(|before| before.path != row.path), "{}", row.path);
        }
    }

    #[test]
    fn what_changes_something_asks_for_more_than_to_read() {
        let changes = |row: &&Row| row.write != Who::Reader && row.write != Who::Anybody;
        let changing: Vec<_> = ROUTES.iter().filter(changes).map(|row| (row.path, row.write)).collect();
        assert_eq!(
            changing,
            [
                ("/trend/costs", Who::Bookkeeper),
                ("/api/v1/events", Who::Sender),
                ("/hooks/{name}", Who::Signer),
                ("/api/v1/sources/payloads", Who::Controller),
                ("/api/v1/campaigns/{id}/pause", Who::Controller),
                ("/api/v1/campaigns/{id}/resume", Who::Controller),
                ("/api/v1/audit", Who::Controller),
                ("/api/v1/demo/scenarios/{name}", Who::Controller),
            ]
        );
    }
}
