//! Dark, light, or as the system has it.
//!
//! The server cannot know, so every page leaves it as `auto`; a script in the page's head (`boot/theme.js`) sets what
//! this browser remembers before anything is painted, and follows the control in the header. No program is needed for
//! it, so pages that are never woken have it too.

use leptos::prelude::*;

/// How the page is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system is set.
    #[default]
    Auto,
    Dark,
    Light,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Dark, Theme::Light];

    /// The value of `data-theme` on the page's root, and what is remembered.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Theme::Auto => "System",
            Theme::Dark => "Dark",
            Theme::Light => "Light",
        }
    }
}

/// The header's choice of theme. It needs scripts, so the style hides it from pages without them.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let choices =
        Theme::ALL.iter().map(|each| view! { <option value=each.name()>{each.label()}</option> }).collect_view();
    view! {
        <label class="choice needs-js theme">
            <span class="hidden-label">"Theme"</span>
            <select data-choice="theme">{choices}</select>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_the_same_names() {
        let script = include_str!("boot/theme.js");
        for theme in Theme::ALL {
            assert!(script.contains(&format!("\"{}\"", theme.name())), "{theme:?}");
        }
        assert_eq!(Theme::ALL[0], Theme::default());
    }
}
