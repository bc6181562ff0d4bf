//! Behind every page, until it is asked for: the help (`?`), the sheet on which a panel's figures or the line that embeds
//! it are shown, and word of a newer build.
//!
//! Rendered by the server alone, behind the app, and as long there as the document. What opens and fills it are
//! `boot/keys.js`, `boot/panels.js` and `boot/newer.js`, which every page has.

use super::about::{About, FloorKind};
use super::demo;
use super::pages::{DOCS, LICENCES};
use super::parts::figure::still_shape;
use crate::kpi::Band;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

const KEYS_JS: &str = include_str!("boot/keys.js");
const PANELS_JS: &str = include_str!("boot/panels.js");
const NEWER_JS: &str = include_str!("boot/newer.js");
const COPY_JS: &str = include_str!("boot/copy.js");

type Keys = &'static [(&'static [&'static str], &'static str)];

const ANYWHERE: Keys = &[
    (&["?"], "this help"),
    (&["g", "l"], "live; then d: daily, t: trend, m: monitor"),
    (&["1", "…", "9"], "to a panel, in the order they stand"),
    (&["f"], "full screen: the panel one is in, or the page"),
    (&["T"], "the panel’s figures as a table"),
    (&["r"], "refresh now"),
    (&["t"], "dark or light"),
    (&["Esc"], "closes what is open"),
];
const SOMEWHERE: Keys = &[
    (&["Space"], "live, monitor, replay: hold the figures, and let them go on"),
    (&["["], "daily: the day before; replay: ten minutes back"),
    (&["]"], "daily: the day after; replay: ten minutes on"),
    (&["←", "→"], "on a chart of the live view: its values, moment by moment; Home, End: to its ends"),
];

/// Dialogs and scripts: the last of a page's body.
pub fn behind() -> AnyView {
    let version = use_context::<About>().map(|about| format!("Ringside {}", about.version)).unwrap_or_default();
    let demo = use_context::<About>().filter(|about| about.floor == FloorKind::Demo).map(|_| demo::menu());
    let scripts = [KEYS_JS, PANELS_JS, NEWER_JS, COPY_JS].concat();
    view! {
        <dialog id="help" class="explain help" aria-labelledby="help-title">
            <form method="dialog">
                <h2 id="help-title">"Help"</h2>
                <h3>"Reading a page"</h3>
                <ul class="marks">
                    <li>{still_shape(Band::Ok)} "well"</li>
                    <li>{still_shape(Band::Warn)} "out of band: look"</li>
                    <li>{still_shape(Band::Critical)} "critical: act"</li>
                    <li><span class="n few">"too few"</span> "hatched: too few calls to judge, or too many that failed without a code"</li>
                    <li><span class="n">"—"</span> "nothing to divide by"</li>
                </ul>
                <p>
                    "Any number explains itself on a click: how it is made, from what, over which time. Figures that fade are late, \
                     those that are hatched over are stale: the page’s head says how old they are."
                </p>
                <h3>"Keys"</h3>
                {keys(ANYWHERE)}
                {keys(SOMEWHERE)}
                <label class="switch-keys">
                    <input type="checkbox" checked />
                    "Single keys do something"
                </label>
                <p class="quiet">
                    {version} " · " <a href=DOCS.path>"Documentation"</a> " · " <a href=LICENCES.path>"Source and licences"</a>
                </p>
                <button class="close">"Close"</button>
            </form>
        </dialog>
        <dialog id="sheet" class="explain sheet" aria-labelledby="sheet-title">
            <form method="dialog">
                <h2 id="sheet-title"></h2>
                <div class="sheet-body"></div>
                <button class="close">"Close"</button>
            </form>
        </dialog>
        {demo}
        <p id="newer" role="status" hidden>
            "Ringside was updated. "
            <a href="">"Reload"</a>
        </p>
        <script nonce=use_nonce()>{scripts}</script>
    }
    .into_any()
}

fn keys(keys: Keys) -> AnyView {
    let line = |(keys, does): &(&'static [&'static str], &'static str)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{*does}</dd></div> }
    };
    view! { <dl class="keys">{keys.iter().map(line).collect_view()}</dl> }.into_any()
}
