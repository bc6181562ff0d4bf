//! Links: those to pages of the app are followed within it, all others are left to the browser.
//!
//! On the way to a page its frame is fetched, so that the page has its figures when it is first seen. What is not there in
//! time the page's stream brings; and where the server has no such frame, or wants to know who asks, the browser loads the
//! document, which says so; also where the server has become another build. A click with a key held, a link to a file or to another site, and a moment of the past (the
//! server puts that together) are the browser's own business.

use super::app::Here;
use super::kept::First;

/// The way to another page for what is no link: a form, a chosen span.
#[cfg(not(feature = "hydrate"))]
#[derive(Debug, Clone, Copy)]
pub struct Ways;

#[cfg(not(feature = "hydrate"))]
impl Ways {
    pub fn to(self, _href: &str) {}
}

#[cfg(not(feature = "hydrate"))]
pub fn follow(_here: Here, _first: First) -> Ways {
    Ways
}

/// Loads the document at the address one is at.
#[cfg(not(feature = "hydrate"))]
pub fn load_anew() {}

#[cfg(feature = "hydrate")]
pub use browser::{Ways, follow, load_anew};

#[cfg(feature = "hydrate")]
mod browser {
    use super::{First, Here};
    use crate::ui::address::Address;
    use crate::ui::http;
    use crate::ui::kept::Painted;
    use crate::ui::pages::Place;
    use crate::ui::parts::past::Past;
    use crate::ui::reach;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use leptos_router::NavigateOptions;
    use leptos_router::hooks::use_navigate;
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;
    use web_sys::{FocusOptions, HtmlAnchorElement, HtmlElement, MouseEvent, Url};

    /// A page is not waited for longer than this: then it begins without figures.
    const PATIENCE: Duration = Duration::from_millis(150);

    /// Where a link leads within the app.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Way {
        /// Path, query and fragment.
        href: String,
        place: Place,
        /// Without `#`.
        fragment: String,
    }

    #[derive(Clone)]
    struct Guide {
        here: Here,
        first: First,
        navigate: Rc<dyn Fn(&str)>,
        /// Counts the links that were followed: of several only the last one leads somewhere.
        turn: Rc<Cell<u32>>,
    }

    /// The way to another page for what is no link: a form, a chosen span.
    #[derive(Clone, Copy)]
    pub struct Ways(StoredValue<Guide, LocalStorage>);

    impl Ways {
        /// As a link to there would be followed. `href` is an address of this site.
        pub fn to(self, href: &str) {
            let guide = self.0.get_value();
            let url = window().location().origin().and_then(|site| Url::new_with_base(href, &site));
            match url.ok().and_then(|url| guide.way(&url)) {
                Some(way) => guide.go(way),
                // Refused only where a page may not be left at all.
                None => drop(window().location().set_href(href)),
            }
        }
    }

    pub fn follow(here: Here, first: First) -> Ways {
        let navigate = use_navigate();
        let navigate = Rc::new(move |href: &str| navigate(href, NavigateOptions::default()));
        let guide = Guide { here, first, navigate, turn: Rc::default() };
        let ways = Ways(StoredValue::new_local(guide.clone()));
        // At the document: what a page does with a click on its own has been done, and the router's listener, which would
        // take every link for a page of ours, comes after.
        let on_click = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| guide.clicked(&event));
        // A document takes every listener.
        let _ = document().add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
        // For as long as the document is there.
        on_click.forget();
        ways
    }

    pub fn load_anew() {
        // Refused only where a page may not be left at all.
        let _ = window().location().reload();
    }

    impl Guide {
        fn clicked(&self, event: &MouseEvent) {
            let is_plain =
                event.button() == 0 && !(event.meta_key() || event.ctrl_key() || event.alt_key() || event.shift_key());
            if event.default_prevented() || !is_plain {
                return;
            }
            let link = reach::around(event.target(), "a[href]").and_then(|e| e.dyn_into::<HtmlAnchorElement>().ok());
            let Some(link) = link else { return };
            match self.way_of(&link) {
                Some(way) => {
                    event.prevent_default();
                    self.go(way);
                }
                None => event.stop_propagation(),
            }
        }

        /// `None` for what is the browser's own business.
        fn way_of(&self, link: &HtmlAnchorElement) -> Option<Way> {
            let is_elsewhere = !matches!(link.target().as_str(), "" | "_self") || link.has_attribute("download");
            self.way(&Url::new(&link.href()).ok().filter(|_| !is_elsewhere)?)
        }

        fn way(&self, url: &Url) -> Option<Way> {
            if url.origin() != window().location().origin().ok()? || is_outdated() {
                return None;
            }
            let to = Address::of(&format!("{}{}", url.pathname(), url.search()));
            let from = self.here.address.get_untracked();
            let place = Place::of(&to);
            let (is_past, is_fragment) =
                (Past::of(&to).is_some() || Past::of(&from).is_some(), to == from && !url.hash().is_empty());
            (place.is_of_app() && !is_past && !is_fragment).then(|| Way {
                href: format!("{}{}{}", url.pathname(), url.search(), url.hash()),
                place,
                fragment: url.hash().trim_start_matches('#').to_owned(),
            })
        }

        fn go(&self, way: Way) {
            let turn = self.turn.get().wrapping_add(1);
            self.turn.set(turn);
            let asked = way.place.view_address().filter(|_| way.place != self.here.place.get_untracked());
            let Some(asked) = asked else { return self.arrive(turn, &way, None) };
            let late = (self.clone(), way.clone());
            set_timeout(move || late.0.arrive(turn, &late.1, None), PATIENCE);
            let guide = self.clone();
            spawn_local(async move {
                match http::get(&asked).await {
                    Some(answer) => {
                        let frame = Painted::read(&way.place, &answer.text).filter(|_| answer.status == 200);
                        if frame.is_some() {
                            guide.arrive(turn, &way, frame);
                        } else if guide.is_on_the_way(turn, &way) {
                            // Refused only where a page may not be left at all.
                            let _ = window().location().set_href(&way.href);
                        }
                    }
                    None => guide.arrive(turn, &way, None),
                }
            });
        }

        /// Also where the page has begun meanwhile.
        fn is_on_the_way(&self, turn: u32, way: &Way) -> bool {
            self.turn.get() == turn || self.here.place.with_untracked(|place| *place == way.place)
        }

        /// Once for each turn.
        fn arrive(&self, turn: u32, way: &Way, frame: Option<Painted>) {
            if self.turn.get() != turn {
                return;
            }
            self.turn.set(turn.wrapping_add(1));
            self.first.bring(frame);
            (self.navigate)(&way.href);
            let fragment = way.fragment.clone();
            // Once the page stands: whoever reads by keyboard or by ear goes on at its beginning, as on any site.
            request_animation_frame(move || {
                if fragment.is_empty() {
                    focus_main();
                } else {
                    reach::go_to_row(&fragment);
                }
            });
        }
    }

    /// The server has become another build (`boot/newer.js` says so): the next page is of that.
    fn is_outdated() -> bool {
        document().query_selector("#newer:not([hidden])").ok().flatten().is_some()
    }

    fn focus_main() {
        let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<HtmlElement>().ok());
        if let Some(main) = main {
            // The header stands before it, and stays in sight.
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // It is in the page: focusing it does not fail.
            let _ = main.focus_with_options(&options);
        }
    }
}
