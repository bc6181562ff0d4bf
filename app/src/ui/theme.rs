//! Dark, light, or as the system has it.
//!
//! The server cannot know, so every page leaves it as `auto`; a script in the page's head (`boot/theme.js`) sets what
//! this browser remembers before anything is painted, and the control in the header changes it afterwards.

use super::remember::Remembered;
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

    /// The theme of that name; an unknown one is `Auto`.
    pub fn from_name(name: &str) -> Theme {
        Theme::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// The header's choice of theme. It needs scripts, so the style hides it from pages without them.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    // Starts as the server rendered it; what is remembered arrives after hydration, or the two would differ.
    let theme = RwSignal::new(Theme::default());
    provide_context(theme.read_only());
    Effect::new(move |_| {
        if let Some(name) = Remembered::Theme.get() {
            theme.set(Theme::from_name(&name));
        }
    });
    let choose = move |name: String| {
        let chosen = Theme::from_name(&name);
        Remembered::Theme.set(chosen.name());
        light_the_page(chosen);
        theme.set(chosen);
    };
    view! {
        <label class="choice needs-js">
            <span class="hidden-label">"Theme"</span>
            <select prop:value=move || theme.get().name() on:change=move |event| choose(event_target_value(&event))>
                {Theme::ALL.iter().map(|each| view! { <option value=each.name()>{each.label()}</option> }).collect_view()}
            </select>
        </label>
    }
}

#[cfg(feature = "hydrate")]
fn light_the_page(theme: Theme) {
    if let Some(root) = document().document_element() {
        // Setting an attribute of a valid name does not fail.
        let _ = root.set_attribute("data-theme", theme.name());
    }
}

#[cfg(not(feature = "hydrate"))]
fn light_the_page(_theme: Theme) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_found_by_its_name_and_anything_else_is_auto() {
        for theme in Theme::ALL {
            assert_eq!(Theme::from_name(theme.name()), theme);
        }
        assert_eq!(Theme::from_name("sepia"), Theme::Auto);
    }
}
