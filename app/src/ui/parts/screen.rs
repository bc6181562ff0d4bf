//! What drawings need to know of the screen: its light, its density, whether anyone can see the page, how large a box is.
//!
//! One set of listeners serves all charts of a page. It lives as long as one of them does, and takes its listeners
//! along when it goes.

use crate::chart::Light;
use leptos::prelude::{ArcRwSignal, Get, Set, WithUntracked};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, EventTarget, MediaQueryList, MutationObserver, MutationObserverInit, ResizeObserver, Window};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub light: Light,
    density: f64,
    hidden: bool,
}

impl Seen {
    pub(super) fn is_visible(self) -> bool {
        !self.hidden
    }

    /// Pixels to a CSS pixel; bounded, because a canvas takes its square in memory.
    pub(super) fn density(self) -> f64 {
        const FINEST: f64 = 3.0;
        if self.density.is_finite() { self.density.clamp(1.0, FINEST) } else { 1.0 }
    }

    fn look(window: &Window) -> Self {
        let document = window.document();
        let root = document.as_ref().and_then(|document| document.document_element());
        // The style sets it with the theme, whoever chose that: the page, the person or the system.
        let scheme = root
            .and_then(|root| window.get_computed_style(&root).ok().flatten())
            .and_then(|style| style.get_property_value("color-scheme").ok());
        Self {
            light: if scheme.as_deref() == Some("light") { Light::Light } else { Light::Dark },
            density: window.device_pixel_ratio(),
            hidden: document.is_some_and(|document| document.hidden()),
        }
    }
}

pub(super) struct Screen {
    seen: ArcRwSignal<Seen>,
    _listeners: Option<Listeners>,
}

thread_local! {
    static SHARED: RefCell<Weak<Screen>> = const { RefCell::new(Weak::new()) };
}

impl Screen {
    /// The page's one.
    pub(super) fn shared() -> Rc<Self> {
        SHARED.with_borrow_mut(|shared| {
            shared.upgrade().unwrap_or_else(|| {
                let screen = Rc::new(Self::watch());
                *shared = Rc::downgrade(&screen);
                screen
            })
        })
    }

    /// As it is; an effect that asks runs again when it changes.
    pub(super) fn now(&self) -> Seen {
        self.seen.get()
    }

    fn watch() -> Self {
        let Some(window) = web_sys::window() else {
            let seen = Seen { light: Light::Dark, density: 1.0, hidden: true };
            return Self { seen: ArcRwSignal::new(seen), _listeners: None };
        };
        let seen = ArcRwSignal::new(Seen::look(&window));
        let look = {
            let (seen, window) = (seen.clone(), window.clone());
            move || {
                let now = Seen::look(&window);
                if seen.with_untracked(|seen| *seen != now) {
                    seen.set(now);
                }
            }
        };
        let listeners = Listeners::add(&window, Closure::new(look));
        Self { seen, _listeners: Some(listeners) }
    }
}

/// Everything after which the screen is looked at anew.
struct Listeners {
    look: Closure<dyn FnMut()>,
    events: Vec<(EventTarget, &'static str)>,
    theme: Option<MutationObserver>,
}

impl Listeners {
    fn add(window: &Window, look: Closure<dyn FnMut()>) -> Self {
        let system: Option<MediaQueryList> = window.match_media("(prefers-color-scheme: light)").ok().flatten();
        let document = window.document();
        // A window that moves to a denser screen is resized.
        let mut events: Vec<(EventTarget, &'static str)> = vec![(window.clone().into(), "resize")];
        events.extend(system.map(|query| (query.into(), "change")));
        events.extend(document.clone().map(|document| (document.into(), "visibilitychange")));
        for (target, event) in &events {
            // These targets take every event name; one that is refused is never heard of.
            let _ = target.add_event_listener_with_callback(event, look.as_ref().unchecked_ref());
        }
        let theme = MutationObserver::new(look.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(root)) = (&theme, document.and_then(|document| document.document_element())) {
            let attributes = MutationObserverInit::new();
            attributes.set_attributes(true);
            let _ = observer.observe_with_options(&root, &attributes);
        }
        Self { look, events, theme }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for (target, event) in &self.events {
            let _ = target.remove_event_listener_with_callback(event, self.look.as_ref().unchecked_ref());
        }
        if let Some(observer) = &self.theme {
            observer.disconnect();
        }
    }
}

/// Tells an element's size in CSS pixels, now and whenever it changes, until it is dropped.
pub(super) struct SizeWatch {
    observer: ResizeObserver,
    _tell: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// `None` in a browser that observes no sizes.
    pub(super) fn of(element: &Element, mut tell: impl FnMut((u32, u32)) + 'static) -> Option<Self> {
        let measured = element.clone();
        // Asked within the observer's call the size costs nothing: the layout has just been made.
        let length = |css: i32| u32::try_from(css).unwrap_or(0);
        let tell = Closure::<dyn FnMut()>::new(move || {
            tell((length(measured.client_width()), length(measured.client_height())));
        });
        let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _tell: tell })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
