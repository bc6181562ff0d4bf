//! What the pointer reaches on a page: one listener at its root, whatever stands in it. (Keys, and what menus can do
//! without the page's program, are `boot/keys.js` and `boot/panels.js`.)
//!
//! A click finds what it means by the names around it: `data-f` (a figure, explained), `data-goto` (a row the sentence
//! speaks of), `data-do` (what a menu or a button offers; what is not common to all pages the page does itself). On the
//! server there is nothing to reach.

use super::parts::explain::Asking;
use leptos::ev::MouseEvent;
use leptos::web_sys::Event;

/// What a click on a button asks for, by the names around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub what: String,
    pub panel: String,
    pub key: String,
}

#[cfg(not(feature = "hydrate"))]
mod nothing {
    use super::{Asking, Deed, Event, MouseEvent};

    pub fn on_click(_event: &MouseEvent, _asking: Asking, _act: &dyn Fn(Deed)) {}
    pub fn panel_at(_event: &Event) -> String {
        String::new()
    }
}

#[cfg(not(feature = "hydrate"))]
pub use nothing::{on_click, panel_at};

#[cfg(feature = "hydrate")]
pub use browser::{around, go_to_row, on_click, panel_at};

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Asking, Deed, Event, MouseEvent};
    use crate::ui::parts::explained::Asked;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, EventTarget, HtmlElement};

    pub fn around(target: Option<EventTarget>, selector: &str) -> Option<Element> {
        target?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
    }

    /// The value of the nearest such attribute around an element; empty where there is none.
    fn named(element: &Element, attribute: &str) -> String {
        let around = element.closest(&format!("[{attribute}]")).ok().flatten();
        around.and_then(|element| element.get_attribute(attribute)).unwrap_or_default()
    }

    /// `act` does what is the page's own.
    pub fn on_click(event: &MouseEvent, asking: Asking, act: &dyn Fn(Deed)) {
        if let Some(figure) = around(event.target(), "[data-f]") {
            asking.0.set(Some(Asked {
                panel: named(&figure, "data-panel"),
                key: named(&figure, "data-key"),
                figure: named(&figure, "data-f"),
            }));
        } else if let Some(link) = around(event.target(), "[data-goto]") {
            event.prevent_default();
            go_to(&named(&link, "data-goto"), &named(&link, "data-in"));
        } else if let Some(button) = around(event.target(), "[data-do]") {
            do_as_told(&button, asking, act);
        }
    }

    /// What a panel's menu offers on every page, or what the page itself knows to do.
    fn do_as_told(button: &Element, asking: Asking, act: &dyn Fn(Deed)) {
        let panel = named(button, "data-panel");
        let what = named(button, "data-do");
        match what.as_str() {
            "explain" => {
                asking.0.set(Some(Asked { panel, key: String::new(), figure: named(button, "data-figure") }));
            }
            _ => act(Deed { what, panel, key: named(button, "data-key") }),
        }
    }

    /// To the row if it is shown, else to its panel.
    fn go_to(row: &str, panel: &str) {
        let find = |id: &str| document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok());
        if let Some(element) = find(row).or_else(|| find(panel)) {
            element.scroll_into_view();
            // Focus marks the row and lets a screen reader read it.
            let _ = element.focus();
        }
    }

    /// To the row of that name in the page's address, else to its panel: `routes-beta`.
    pub fn go_to_row(row: &str) {
        go_to(row, row.split('-').next().unwrap_or_default());
    }

    /// The panel that pointer or focus is in; empty where there is none.
    pub fn panel_at(event: &Event) -> String {
        around(event.target(), "[data-panel]").map_or_else(String::new, |element| named(&element, "data-panel"))
    }
}
