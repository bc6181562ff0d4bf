//! What pointer and keys reach on the live page: one listener each at its root, whatever stands in the panels.
//!
//! A click finds what it means by the names around it: `data-f` (a figure, explained), `data-goto` (a row the sentence
//! speaks of), `data-do` (what a panel's menu offers). On the server there is nothing to reach.

use super::parts::explain::Asking;
use super::store::Live;
use leptos::ev::{FocusEvent, MouseEvent, PointerEvent};

#[cfg(not(feature = "hydrate"))]
mod nothing {
    use super::{Asking, FocusEvent, Live, MouseEvent, PointerEvent};

    pub fn on_click(_event: &MouseEvent, _live: Live, _asking: Asking) {}
    pub fn on_pointer(_event: &PointerEvent, _live: Live) {}
    pub fn on_focus(_event: &FocusEvent, _live: Live) {}
    pub fn on_keys(_live: Live) {}
}

#[cfg(not(feature = "hydrate"))]
pub use nothing::{on_click, on_focus, on_keys, on_pointer};

#[cfg(feature = "hydrate")]
pub use browser::{on_click, on_focus, on_keys, on_pointer};

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Asking, FocusEvent, Live, MouseEvent, PointerEvent};
    use crate::ui::parts::explained::Asked;
    use crate::view::PanelId;
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

    pub fn on_click(event: &MouseEvent, live: Live, asking: Asking) {
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
            act(&button, live, asking);
        }
    }

    /// What a panel's menu offers.
    fn act(button: &Element, live: Live, asking: Asking) {
        let panel = named(button, "data-panel");
        match named(button, "data-do").as_str() {
            "explain" => {
                asking.0.set(Some(Asked { panel, key: String::new(), figure: named(button, "data-figure") }));
            }
            "rows" => {
                if let Some(id) = PanelId::from_word(&panel) {
                    live.panel(id).toggle();
                }
            }
            "full" => fill_screen(&panel),
            form => {
                // Blocked by the browser: then there is no picture, and nothing else is lost.
                let _ = window().open_with_url_and_target(&format!("/panel/{panel}.{form}"), "_blank");
            }
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

    fn point_at(target: Option<EventTarget>, live: Live) {
        let panel = around(target, "[data-panel]").and_then(|e| PanelId::from_word(&named(&e, "data-panel")));
        live.point_at(panel);
    }

    pub fn on_pointer(event: &PointerEvent, live: Live) {
        point_at(event.target(), live);
    }

    pub fn on_focus(event: &FocusEvent, live: Live) {
        point_at(event.target(), live);
    }

    /// Single keys, where no field has the focus and no dialog is open (U51).
    pub fn on_keys(live: Live) {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let busy = around(event.target(), "input, select, textarea, dialog").is_some();
            if busy || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "r" => live.refresh(),
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
