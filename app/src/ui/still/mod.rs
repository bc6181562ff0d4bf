//! Pages that only the server renders: `/troubleshooting`, the manual and the licences. A browser loads no WASM for them; a
//! small script fetches the first anew and keeps its age in sight.
//!
//! Owns the document around such pages. What stands in them is in `pages/`; what they show comes by a context from the server.

pub mod picture;

use super::about::{About, FloorKind};
use super::foot;
use super::header::{self, Link, header};
use super::help;
use super::pages::{self, Page};
use super::parts::clock;
use super::shell::{AssetNames, ICON, THEME_JS};
use super::theme::ThemeChoice;
use crate::domain::Moment;
use crate::view::live::Site;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::Arc;

const STILL_JS: &str = include_str!("../boot/still.js");

/// How often these pages fetch themselves anew, in seconds.
pub const EVERY_S: u32 = 300;

/// How often they look whether the server is still there, in seconds.
const LOOKS_EVERY_S: u64 = 10;

/// What a page shows, provided by the server as a context.
#[derive(Debug)]
pub struct Shown<F> {
    /// The frame, or in words why there is none.
    pub frame: Result<Arc<F>, String>,
    /// Server time while it renders.
    pub now: Moment,
}

impl<F> Clone for Shown<F> {
    fn clone(&self) -> Self {
        Self { frame: self.frame.clone(), now: self.now }
    }
}

/// Of when a page's figures are; `as_of` is nothing where there are none.
#[derive(Debug, Clone)]
pub struct Dated {
    pub as_of: Option<Moment>,
    pub now: Moment,
    pub site: Option<Site>,
}

/// The whole document of one of these pages. What has no date changes with a release alone: it is not fetched anew.
pub fn document(page: &'static Page, dated: Option<Dated>, body: AnyView, assets: Option<AssetNames>) -> AnyView {
    let title = format!("{} · Ringside", page.title);
    let build = assets.as_ref().map(AssetNames::build);
    let files = assets.map(|assets| {
        let fonts = assets.fonts.into_iter().map(
            |font| view! { <link rel="preload" href=font r#as="font" type="font/woff2" crossorigin="anonymous" /> },
        );
        view! {
            {fonts.collect_view()}
            <link rel="stylesheet" href=assets.css />
        }
    });
    let (stays, refetched) = match &dated {
        Some(_) => {
            let script = format!("{STILL_JS}stay({}, {});", u64::from(EVERY_S) * 1_000, LOOKS_EVERY_S * 1_000);
            let script = view! {
                <script type="module" nonce=use_nonce()>
                    {script}
                </script>
            };
            let refetched = view! {
                <noscript>
                    <meta http-equiv="refresh" content=EVERY_S.to_string() />
                </noscript>
            };
            (Some(script), Some(refetched))
        }
        None => (None, None),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme="auto" data-build=build>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="dark light" />
                <link rel="icon" href=ICON />
                <link rel="license" href=pages::LICENCES.path />
                <title>{title}</title>
                <script nonce=use_nonce()>{THEME_JS}</script>
                // Without scripts nothing moves by itself: then the page fetches itself anew.
                {refetched}
                {files}
            </head>
            <body>
                <a class="skip" href="#main">
                    "Skip to the page"
                </a>
                {top(page, dated)}
                <main id="main" tabindex="-1">
                    {body}
                </main>
                {foot::foot()}
                {help::behind()}
                {stays}
            </body>
        </html>
    }
    .into_any()
}

fn top(page: &'static Page, dated: Option<Dated>) -> AnyView {
    let floor = use_context::<About>().map_or(FloorKind::Real, |about| about.floor);
    let link = |each: &'static Page| Link {
        page: each,
        href: Box::new(|| each.path.to_owned()),
        current: Box::new(|| header::current(each, page.path)),
    };
    let tools = view! {
        {dated.as_ref().map(freshness)}
        <ThemeChoice />
    };
    header(floor, link, tools.into_any())
}

/// How old the figures are, and the button that fetches them anew.
fn freshness(dated: &Dated) -> AnyView {
    view! {
        {age(dated)}
        <button
            type="button"
            id="refresh"
            class="refresh-now needs-js"
            title="Refresh now"
            aria-label="Refresh now"
            aria-keyshortcuts="r"
        >
            <i aria-hidden="true"></i>
        </button>
    }
    .into_any()
}

/// As the server says it: of when the figures are. The script says how long ago that was.
fn age(dated: &Dated) -> AnyView {
    let millis = |at: Moment| at.millis().to_string();
    let (word, time) = match (dated.as_of, &dated.site) {
        (Some(at), Some(site)) => ("As of", format!("{} {}", clock::hm_near(at, dated.now, site), clock::place(site))),
        _ => ("No figures", String::new()),
    };
    let fresh = if dated.as_of.is_some() { "painted" } else { "none" };
    view! {
        <span
            class="age"
            id="age"
            data-fresh=fresh
            data-as-of=dated.as_of.map(millis).unwrap_or_default()
            data-now=millis(dated.now)
        >
            <i class="dot"></i>
            <b>{word}</b>
            <span class="age-text">{time}</span>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests;
