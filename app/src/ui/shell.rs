//! The document around the app: its head, and what only the server renders behind it.
//!
//! Owns the document a browser gets and the order in which it loads: style, theme, page, then WASM. It does not own what
//! a page shows (`app.rs`, `pages/`) nor where files come from: the server names them by [`AssetNames`], because their names
//! hold a hash of their content.

use super::address::Address;
use super::kept::FirstPaint;
use super::pace::Renewal;
use super::pages::{self, Place};
use super::{app, title};
use crate::view::monitor_campaign::CampaignFrame;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

pub(super) const THEME_JS: &str = include_str!("boot/theme.js");
const START_JS: &str = include_str!("boot/start.js");

/// The mark, as the browser's tab shows it.
pub(super) const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='none' \
     stroke='%235b8def' stroke-width='2.4' stroke-linecap='round'%3E%3Cpath d='M3 16v-5M7.7 16V5M12.3 16V9M17 16V3'\
     /%3E%3C/svg%3E";

/// Where the browser finds the files of this build, as paths from the site's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetNames {
    pub program: ProgramNames,
    pub css: String,
    /// Fonts the first paint needs, fetched ahead of the style that names them.
    pub fonts: Vec<String>,
}

impl AssetNames {
    /// Names this build of the site: another where any of its files is.
    #[must_use]
    pub fn build(&self) -> String {
        let files = [&self.program.js, &self.program.wasm, &self.css];
        files.into_iter().filter_map(|file| file.rsplit('.').nth(1)).collect::<Vec<_>>().join("-")
    }
}

/// The files of what wakes the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramNames {
    pub js: String,
    pub wasm: String,
}

/// The document. Without `assets` (a server built before the site was) it is readable, without style or scripts.
/// Its type is erased here, once: spelled out it would overflow the compiler's limits in every crate that names it.
pub fn shell(assets: Option<AssetNames>) -> AnyView {
    if let Some((page, dated, body)) = rendered_whole() {
        return super::still::document(page, dated, body, assets);
    }
    let place = Place::of(&Address::of_this_request());
    let title = title::of(&title_of(&place));
    let build = assets.as_ref().map(AssetNames::build);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme="auto" data-build=build>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="dark light" />
                <link rel="icon" href=ICON />
                <link rel="license" href=pages::LICENCES.path />
                <script nonce=use_nonce()>{THEME_JS}</script>
                // Without scripts nothing moves by itself: then the page fetches itself anew.
                <noscript>
                    <meta http-equiv="refresh" content=again_s(&place).to_string() />
                </noscript>
                <title>{title}</title>
                {assets.map(|assets| view! { <Files assets /> })}
            </head>
            <body>
                {app::app()}
                // Above the figures of the live view, until the server has heard its first event.
                {super::first_run::section()}
                {super::foot::foot()}
                {super::help::behind()}
            </body>
        </html>
    }
    .into_any()
}

/// Where no script runs the page fetches itself anew after so many seconds.
fn again_s(place: &Place) -> i64 {
    match place.renewal() {
        Renewal::Streamed => 15,
        Renewal::Asked { every_ms } => every_ms / 1_000,
    }
}

/// What a browser's tab calls the page: a campaign by its name, never by what stands in the address.
fn title_of(place: &Place) -> smol_str::SmolStr {
    match place {
        Place::Page(_) | Place::Day(_) | Place::Days(_) | Place::Nothing => place.title().into(),
        Place::Campaign(_) => {
            let frame = use_context::<FirstPaint>();
            let frame = frame.and_then(|FirstPaint(text)| serde_json::from_str::<CampaignFrame>(&text).ok());
            frame.map_or_else(|| place.title().into(), |frame| frame.card.name)
        }
    }
}

/// Of pages that only the server renders: everything.
fn rendered_whole() -> Option<(&'static pages::Page, Option<super::still::Dated>, AnyView)> {
    let Place::Page(page) = Place::of(&Address::of_this_request()) else { return None };
    let (body, dated) = match page.id {
        pages::PageId::Live | pages::PageId::Daily | pages::PageId::Trend | pages::PageId::Monitor => return None,
        pages::PageId::Docs => return Some((page, None, pages::docs::page())),
        pages::PageId::Licences => return Some((page, None, pages::licences::page())),
        pages::PageId::Troubleshooting => pages::troubleshooting::page(),
    };
    Some((page, Some(dated), body))
}

/// What a page loads, in the order it needs it.
#[component]
fn Files(assets: AssetNames) -> impl IntoView {
    let AssetNames { program, css, fonts } = assets;
    let fonts = fonts
        .into_iter()
        .map(|font| view! { <link rel="preload" href=font r#as="font" type="font/woff2" crossorigin="anonymous" /> });
    view! {
        {fonts.collect_view()}
        <link rel="stylesheet" href=css />
        <Start program />
    }
}

/// What wakes the page.
#[component]
fn Start(program: ProgramNames) -> impl IntoView {
    let ProgramNames { js, wasm } = program;
    // Names come from the build: letters, digits, dots and slashes, which need no quoting inside a script.
    let start = format!("{START_JS}start(\"{js}\", \"{wasm}\");");
    view! {
        <link rel="modulepreload" href=js.clone() nonce=use_nonce() />
        <link rel="preload" href=wasm.clone() r#as="fetch" type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=use_nonce()>
            {start}
        </script>
    }
}
