//! What pointer and keys reach on a page: one listener each at its root, whatever stands in it.
//!
//! A click finds what it means by the names around it: `data-f` (a figure, explained), `data-goto` (a row the sentence
//! speaks of), `data-do` (what a menu or a button offers; what is not common to all pages the page does itself). On the
//! server there is nothing to reach.

use super::feed::Feed;
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
    use super::{Asking, Deed, Event, Feed, MouseEvent};

    pub fn on_click(_event: &MouseEvent, _asking: Asking, _act: &dyn Fn(Deed)) {}
    pub fn panel_at(_event: &Event) -> String {
        String::new()
    }
    pub fn on_keys(_feed: Feed) {}
}

#[cfg(not(feature = "hydrate"))]
pub use nothing::{on_click, on_keys, panel_at};

#[cfg(feature = "hydrate")]
pub use browser::{on_click, on_keys, panel_at};

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Asking, Deed, Event, Feed, MouseEvent};
    use crate::ui::parts::explained::Asked;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, EventTarget, HtmlElement};

    fn around(target: Option<EventTarget>, selector: &str) -> Option<Element> {
        target?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
    }

    /// The value of the nearest such attribute around an element; empty where there is none.
    fn named(element: &Element, attribute: &str) -> String {
        let around = element.closest(&format!("[{attribute}]")).ok().flatten();
        around.and_then(|element| element.get_attribute(attribute)).unwrap_or_default()
    }

    /// `act` does what is the page's own.
    pub fn on_click(event: &MouseEvent, asking: Asking, act: &dyn Fn(Deed)) {
        close_other_menus(around(event.target(), "details"));
        if let Some(figure) = around(event.target(), "[data-f]") {
            close_menu(&figure);
            asking.0.set(Some(Asked {
                panel: named(&figure, "data-panel"),
                key: named(&figure, "data-key"),
                figure: named(&figure, "data-f"),
            }));
        } else if let Some(link) = around(event.target(), "[data-goto]") {
            event.prevent_default();
            go_to(&named(&link, "data-goto"), &named(&link, "data-in"));
        } else if let Some(button) = around(event.target(), "[data-do]") {
            close_menu(&button);
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
            "full" => fill_screen(&panel),
            "svg" | "png" => {
                // Blocked by the browser: then there is no picture, and nothing else is lost.
                let _ = window().open_with_url_and_target(&format!("/panel/{panel}.{what}"), "_blank");
            }
            _ => act(Deed { what, panel, key: named(button, "data-key") }),
        }
    }

    /// A menu closes when one clicks elsewhere.
    fn close_other_menus(inside: Option<Element>) {
        while let Ok(Some(menu)) = document().query_selector("details.menu[open]") {
            if inside.as_ref() == Some(&menu) || menu.remove_attribute("open").is_err() {
                return;
            }
        }
    }

    fn close_menu(inside: &Element) {
        if let Ok(Some(menu)) = inside.closest("details") {
            // It is there: removing an attribute does not fail.
            let _ = menu.remove_attribute("open");
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

    fn fill_screen(panel: &str) {
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        } else if let Some(element) = document().get_element_by_id(panel) {
            // Refused where the page may not (a frame): then it stays as it is.
            let _ = element.request_fullscreen();
        }
    }

    /// The panel that pointer or focus is in; empty where there is none.
    pub fn panel_at(event: &Event) -> String {
        around(event.target(), "[data-panel]").map_or_else(String::new, |element| named(&element, "data-panel"))
    }

    /// Single keys, where no field has the focus and no dialog is open (U51).
    pub fn on_keys(feed: Feed) {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let busy = around(event.target(), "input, select, textarea, dialog").is_some();
            if busy || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "r" => feed.refresh(),
                "Escape" => close_other_menus(None),
                "f" => fill_screen_of_page(),
                digit if digit.len() == 1 => focus_panel(digit),
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// `1` to `8`: the panels in the order they stand in.
    fn focus_panel(digit: &str) {
        let Ok(nth) = digit.parse::<u32>() else { return };
        let panels = document().query_selector_all(".panels > .panel").ok();
        let panel = nth.checked_sub(1).and_then(|at| panels?.item(at)).and_then(|e| e.dyn_into::<HtmlElement>().ok());
        if let Some(panel) = panel {
            let _ = panel.focus();
        }
    }

    fn fill_screen_of_page() {
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        } else if let Some(root) = document().document_element() {
            let _ = root.request_fullscreen();
        }
    }
}
