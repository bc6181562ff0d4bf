//! What a browser keeps between visits: how often its pages repaint. (The theme is `boot/theme.js`'s business.)
//!
//! Storage is refused in some frames and private windows, where even asking for it throws; then values live as long as
//! the page does. On the server nothing is remembered. Keys are a closed list, so this cannot grow.

/// What can be remembered. One entry per choice a person makes on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    RefreshEvery,
    /// The key that pausing and resuming want: for this tab only.
    ControlKey,
}

impl Remembered {
    /// The name in the browser's storage.
    pub fn key(self) -> &'static str {
        match self {
            Remembered::RefreshEvery => "ringside.refresh",
            Remembered::ControlKey => "ringside.control-key",
        }
    }

    /// The value of this browser, or of this page where storage is refused.
    #[cfg(feature = "hydrate")]
    pub fn get(self) -> Option<String> {
        browser::storage(self)
            .and_then(|storage| storage.get_item(self.key()).ok().flatten())
            .or_else(|| browser::of_this_page(self))
    }

    /// The server remembers nothing for a browser.
    #[cfg(not(feature = "hydrate"))]
    pub fn get(self) -> Option<String> {
        None
    }

    /// Keeps `value`; where storage is refused or full it lasts as long as the page.
    #[cfg(feature = "hydrate")]
    pub fn set(self, value: &str) {
        browser::keep_for_this_page(self, value);
        if let Some(storage) = browser::storage(self) {
            // A full or forbidden storage is no fault of the person who chose: the page's own memory still has it.
            let _ = storage.set_item(self.key(), value);
        }
    }

    /// The server remembers nothing for a browser.
    #[cfg(not(feature = "hydrate"))]
    pub fn set(self, _value: &str) {}
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Remembered;
    use std::cell::RefCell;

    thread_local! {
        static PAGE: RefCell<Vec<(Remembered, String)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn storage(what: Remembered) -> Option<web_sys::Storage> {
        let window = web_sys::window()?;
        match what {
            Remembered::RefreshEvery => window.local_storage(),
            Remembered::ControlKey => window.session_storage(),
        }
        .ok()
        .flatten()
    }

    pub(super) fn of_this_page(what: Remembered) -> Option<String> {
        PAGE.with_borrow(|kept| kept.iter().find(|(key, _)| *key == what).map(|(_, value)| value.clone()))
    }

    pub(super) fn keep_for_this_page(what: Remembered, value: &str) {
        PAGE.with_borrow_mut(|kept| {
            kept.retain(|(key, _)| *key != what);
            kept.push((what, value.to_owned()));
        });
    }
}
