//! The frame around every page: the document, its head, the header and the way between pages.
//!
//! Owns the document a browser gets and the order in which it loads: style, theme, page, then WASM. It does not own what
//! a page shows (`pages/`) nor where files come from: the server names them by [`AssetNames`], because their names hold
//! a hash of their content.

use super::about::{About, FloorKind};
use super::address::Address;
use super::feed::{Feed, Tense};
use super::pages::{self, PageView, Place, Program, Show};
use super::parts::controls::RefreshChoice;
use super::parts::freshness::{Age, SiteTime};
use super::theme::ThemeChoice;
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
    pub programs: Vec<ProgramNames>,
    pub css: String,
    /// Fonts the first paint needs, fetched ahead of the style that names them.
    pub fonts: Vec<String>,
}

impl AssetNames {
    /// Names this build of the site: another where any of its files is.
    #[must_use]
    pub fn build(&self) -> String {
        let files = self.programs.iter().flat_map(|program| [&program.js, &program.wasm]).chain([&self.css]);
        files.filter_map(|file| file.rsplit('.').nth(1)).collect::<Vec<_>>().join("-")
    }
}

/// The files of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramNames {
    /// [`Program::name`].
    pub name: String,
    pub js: String,
    pub wasm: String,
}

/// The document. Without `assets` (a server built before the site was) it is readable, without style or scripts.
/// Its type is erased here, once: spelled out it would overflow the compiler's limits in every crate that names it.
pub fn shell(assets: Option<AssetNames>) -> AnyView {
    #[cfg(feature = "ssr")]
    if let Some((page, dated, body)) = rendered_whole() {
        return super::still::document(page, dated, body, assets);
    }
    let place = Place::of(&Address::of_this_page());
    let title = format!("{} · Ringside", title_of(&place));
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
                    <meta http-equiv="refresh" content="15" />
                </noscript>
                <title>{title}</title>
                {assets.map(|assets| view! { <Files assets program=place.program() /> })}
            </head>
            <body>
                {body(pages::all)}
                {first_run(&place)}
                {behind()}
            </body>
        </html>
    }
    .into_any()
}

/// What a browser's tab calls the page: a campaign by its name, never by what stands in the address.
#[cfg(feature = "ssr")]
fn title_of(place: &Place) -> smol_str::SmolStr {
    use crate::ui::kept::FirstPaint;
    use crate::view::monitor_campaign::CampaignFrame;
    match place {
        Place::Page(_) | Place::Nothing => place.title().into(),
        Place::Campaign(_) => {
            let frame = use_context::<FirstPaint>();
            let frame = frame.and_then(|FirstPaint(text)| serde_json::from_str::<CampaignFrame>(&text).ok());
            frame.map_or_else(|| place.title().into(), |frame| frame.card.name)
        }
    }
}

#[cfg(not(feature = "ssr"))]
fn title_of(place: &Place) -> &str {
    place.title()
}

/// Shown above the figures of the live view, until the server has heard its first event.
#[cfg(feature = "ssr")]
fn first_run(place: &Place) -> AnyView {
    match place {
        Place::Page(pages::Page { id: pages::PageId::Live, .. }) => super::first_run::section(),
        Place::Page(_) | Place::Campaign(_) | Place::Nothing => ().into_any(),
    }
}

#[cfg(not(feature = "ssr"))]
fn first_run(_: &Place) -> AnyView {
    ().into_any()
}

/// What only the server renders: the foot, help, and what menus open. A program wakes what stands before it.
#[cfg(feature = "ssr")]
fn behind() -> AnyView {
    view! {
        {super::foot::foot()}
        {super::help::behind()}
    }
    .into_any()
}

#[cfg(not(feature = "ssr"))]
fn behind() -> AnyView {
    ().into_any()
}

/// Of pages that only the server renders: everything.
#[cfg(feature = "ssr")]
fn rendered_whole() -> Option<(&'static pages::Page, Option<super::still::Dated>, AnyView)> {
    let address = Address::of_this_page();
    // What a form is told is answered with the page it stands in.
    let path = if address.path == pages::trend::COSTS { "/trend" } else { &address.path };
    let Place::Page(page) = Place::of(&Address::of(path)) else { return None };
    let (body, dated) = match page.id {
        pages::PageId::Live | pages::PageId::Monitor => return None,
        pages::PageId::Docs => return Some((page, None, pages::docs::page())),
        pages::PageId::Licences => return Some((page, None, pages::licences::page())),
        pages::PageId::Daily => pages::daily::page(),
        pages::PageId::Trend => pages::trend::page(&address),
        pages::PageId::Troubleshooting => pages::troubleshooting::page(),
    };
    Some((page, Some(dated), body))
}

/// What a page loads, in the order it needs it.
#[component]
fn Files(assets: AssetNames, program: Option<Program>) -> impl IntoView {
    let AssetNames { programs, css, fonts } = assets;
    let program = program.and_then(|program| programs.into_iter().find(|names| names.name == program.name()));
    let fonts = fonts
        .into_iter()
        .map(|font| view! { <link rel="preload" href=font r#as="font" type="font/woff2" crossorigin="anonymous" /> });
    view! {
        {fonts.collect_view()}
        <link rel="stylesheet" href=css />
        {program.map(|program| view! { <Start program /> })}
    }
}

/// What wakes the page.
#[component]
fn Start(program: ProgramNames) -> impl IntoView {
    let ProgramNames { js, wasm, .. } = program;
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

/// Everything inside the body: what the server renders and the browser hydrates. `show` knows the pages.
pub fn body(show: Show) -> impl IntoView {
    let about = About::of_this_page();
    provide_context(about.clone());
    let address = Address::of_this_page();
    let feed = Feed::new(Tense::of(&address));
    provide_context(feed);
    // Before the header, which tells how old the page's figures are.
    let PageView { tools, main } = show(&Place::of(&address), &address, feed);
    view! {
        <a class="skip" href="#main">
            "Skip to the page"
        </a>
        <Header floor=about.floor path=address.path tools />
        <p class="boot-note" role="status">
            <span class="when-failed">
                "Live updates could not start, so what you see here stands still. Reload the page to try again."
            </span>
            <span class="when-unsupported">
                "This browser is too old for live updates. The page fetches itself anew every 30 seconds."
            </span>
        </p>
        <main id="main" tabindex="-1">
            {main}
        </main>
    }
}

/// Mark, pages and choices. It lists the pages there are, no others.
#[component]
fn Header(floor: FloorKind, path: String, tools: AnyView) -> impl IntoView {
    let demo = match floor {
        FloorKind::Real => None,
        FloorKind::Demo => {
            Some(view! { <span class="demo" title="These figures are made up by the simulator">"DEMO"</span> })
        }
    };
    let link = |page: &pages::Page| {
        let here = path.strip_prefix(page.path);
        let current = match here {
            Some("") => Some("page"),
            Some(below) if below.starts_with('/') => Some("true"),
            Some(_) | None => None,
        };
        view! { <a href=page.path aria-current=current>{page.title}</a> }
    };
    let links = pages::IN_MENU.iter().map(link).collect_view();
    view! {
        <header class="top">
            <a href=pages::HOME class="mark">
                <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
                    <path d="M3 16v-5M7.7 16V5M12.3 16V9M17 16V3" />
                </svg>
                "Ringside"
            </a>
            {demo}
            <nav aria-label="Pages">
                {links}
            </nav>
            <div class="spacer"></div>
            <SiteTime />
            <Age />
            <RefreshChoice />
            {tools}
            <ThemeChoice />
            <HelpOpener />
        </header>
    }
}

/// Opens the help (`help.rs`).
#[component]
pub(super) fn HelpOpener() -> impl IntoView {
    view! {
        <button type="button" class="help-open needs-js" title="Help and keys" aria-label="Help and keys">
            "?"
        </button>
    }
}
