//! One file per page, and the list of the pages there are.
//!
//! The server makes its routes and the header its menu from these lists; `app.rs` shows the page of the address. What is a
//! document of its own (`ui/still`) stays as the server rendered it.

pub(super) mod campaign;
pub mod daily;
#[cfg(feature = "ssr")]
pub mod docs;
#[cfg(feature = "ssr")]
pub mod licences;
pub(super) mod live;
pub(super) mod monitor;
pub(super) mod not_found;
pub mod trend;
#[cfg(feature = "ssr")]
pub mod troubleshooting;

use super::address::{self, Address};
use super::app::Here;
use super::pace::Renewal;
use super::report::EVERY_MS;
use leptos::prelude::*;

/// The pages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageId {
    Live,
    Daily,
    Trend,
    Monitor,
    Troubleshooting,
    Docs,
    Licences,
}

/// How a page comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of the app (`ui/app.rs`).
    OfApp,
    /// A document that only the server renders (`ui/still`).
    Document,
}

/// A page with a name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub id: PageId,
    pub path: &'static str,
    pub title: &'static str,
    pub kind: Kind,
}

/// What can be wrong and what to do: reached from the monitor, in no menu.
pub const TROUBLESHOOTING: Page =
    Page { id: PageId::Troubleshooting, path: "/troubleshooting", title: "Troubleshooting", kind: Kind::Document };

/// The contract in words: reached from the help and the first run, in no menu.
pub const DOCS: Page = Page { id: PageId::Docs, path: "/docs", title: "Documentation", kind: Kind::Document };

/// Terms and source: reached from the help.
pub const LICENCES: Page =
    Page { id: PageId::Licences, path: "/licences", title: "Licences and source", kind: Kind::Document };

/// A report without figures: why, or that they come; and the way to one that has some.
fn without_figures(why: &str, here: Here, to: &'static str, words: &'static str) -> AnyView {
    let (title, said) = match why {
        "" => ("The figures are on their way", "They are read when the server answers."),
        why => ("There is nothing to show", why),
    };
    // Where the reader is there already, the link leads nowhere.
    let leads = move || here.place.with(|place| !matches!(place, Place::Page(page) if page.path == to));
    view! {
        <section class="plain">
            <h1>{title}</h1>
            <p>{said.to_owned()}</p>
            {move || leads().then(|| view! { <p><a href=to>{words}</a></p> })}
        </section>
    }
    .into_any()
}

/// Pages that no menu lists.
const APART: [&Page; 3] = [&TROUBLESHOOTING, &DOCS, &LICENCES];

/// Where the site's root leads.
pub const HOME: &str = "/live";

/// Every page with an address of its own, in the order of the menu.
pub const IN_MENU: [Page; 4] = [
    Page { id: PageId::Live, path: HOME, title: "Live", kind: Kind::OfApp },
    Page { id: PageId::Daily, path: DAILY, title: "Daily", kind: Kind::OfApp },
    Page { id: PageId::Trend, path: TREND, title: "Trend", kind: Kind::OfApp },
    Page { id: PageId::Monitor, path: MONITOR, title: "Monitor", kind: Kind::OfApp },
];

/// The running day; with a date, any that is past.
pub const DAILY: &str = "/daily";

/// The last days, as many as are usual, or as are asked for.
pub const TREND: &str = "/trend";

/// All campaigns; below it, each of them.
pub const MONITOR: &str = "/monitor";

/// The addresses of the app's pages, as the server's router takes them.
pub fn paths() -> impl Iterator<Item = &'static str> {
    IN_MENU.iter().filter(|page| page.kind == Kind::OfApp).map(|page| page.path).chain([CAMPAIGN])
}

/// A campaign's page, as a router takes it.
const CAMPAIGN: &str = "/monitor/{campaign}";

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Page(&'static Page),
    /// The campaign of that id.
    Campaign(String),
    /// The day of that date, as it was written.
    Day(String),
    /// So many days, as it was written.
    Days(String),
    Nothing,
}

impl Place {
    #[must_use]
    pub fn of(address: &Address) -> Self {
        let campaign = || address.path.strip_prefix(MONITOR)?.strip_prefix('/').and_then(address::decoded);
        let asked = |name: &str| address.parameter(name).map(str::to_owned);
        let is_at = |page: &&Page| {
            // What a form is told is answered with the page it stands in.
            page.path == address.path || (page.id == PageId::Trend && address.path == trend::COSTS)
        };
        match IN_MENU.iter().chain(APART).find(is_at) {
            Some(page) => match page.id {
                PageId::Daily => asked("date").map_or(Self::Page(page), Self::Day),
                PageId::Trend => asked("days").map_or(Self::Page(page), Self::Days),
                PageId::Live | PageId::Monitor | PageId::Troubleshooting | PageId::Docs | PageId::Licences => {
                    Self::Page(page)
                }
            },
            None => campaign().map_or(Self::Nothing, Self::Campaign),
        }
    }

    /// What a browser's tab calls it, as far as the address tells.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Page(page) => page.title,
            Self::Day(_) => "Daily",
            Self::Days(_) => "Trend",
            Self::Campaign(_) => "No such campaign",
            Self::Nothing => "No such page",
        }
    }

    /// Whether the app shows it. What is at no page's address is the server's to answer.
    #[must_use]
    pub fn is_of_app(&self) -> bool {
        match self {
            Self::Page(page) => page.kind == Kind::OfApp,
            Self::Campaign(_) | Self::Day(_) | Self::Days(_) => true,
            Self::Nothing => false,
        }
    }

    /// A word for it, as the style reads it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Page(page) => match page.id {
                PageId::Live => "live",
                PageId::Daily => "daily",
                PageId::Trend => "trend",
                PageId::Monitor => "monitor",
                PageId::Troubleshooting => "troubleshooting",
                PageId::Docs => "docs",
                PageId::Licences => "licences",
            },
            Self::Day(_) => "daily",
            Self::Days(_) => "trend",
            Self::Campaign(_) => "campaign",
            Self::Nothing => "nothing",
        }
    }

    /// How its figures come anew.
    #[must_use]
    pub const fn renewal(&self) -> Renewal {
        const REPORT: Renewal = Renewal::Asked { every_ms: EVERY_MS };
        match self {
            Self::Page(page) => match page.id {
                PageId::Live | PageId::Monitor | PageId::Docs | PageId::Licences => Renewal::Streamed,
                PageId::Daily | PageId::Trend | PageId::Troubleshooting => REPORT,
            },
            Self::Day(_) | Self::Days(_) => REPORT,
            Self::Campaign(_) | Self::Nothing => Renewal::Streamed,
        }
    }

    /// Where its frame is asked for; `None` where it has none.
    #[must_use]
    pub fn view_address(&self) -> Option<String> {
        match self {
            Self::Page(page) => match page.id {
                PageId::Live | PageId::Daily | PageId::Trend | PageId::Monitor => {
                    Some(format!("/api/v1/views{}", page.path))
                }
                PageId::Troubleshooting | PageId::Docs | PageId::Licences => None,
            },
            // As they stand in the address.
            Self::Day(date) => Some(format!("/api/v1/views{DAILY}?date={date}")),
            Self::Days(days) => Some(format!("/api/v1/views{TREND}?days={days}")),
            Self::Campaign(id) => Some(format!("/api/v1/views{}", address::of_campaign(id))),
            Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_spans_are_places_of_their_own_and_their_frames_are_asked_for_as_the_address_has_them() {
        let of = |text: &str| Place::of(&Address::of(text));
        assert_eq!(of("/daily?date=2026-11-20"), Place::Day("2026-11-20".to_owned()));
        assert_eq!(of("/trend?role=manager&days=7"), Place::Days("7".to_owned()));
        assert_eq!(of("/trend/costs?days=7&"), Place::Days("7".to_owned()), "the answer to the form");
        assert_eq!(of("/trend?role=manager"), of("/trend"), "the order is no other frame");
        let asked = ["/daily", "/daily?date=2026-11-20", "/trend", "/trend?days=7&role=manager", "/troubleshooting"]
            .map(|text| of(text).view_address());
        let views = ["daily", "daily?date=2026-11-20", "trend", "trend?days=7"];
        let views: Vec<_> = views.into_iter().map(|view| Some(format!("/api/v1/views/{view}"))).chain([None]).collect();
        assert_eq!(asked.to_vec(), views);
        for text in ["/daily", "/daily?date=x", "/trend", "/trend?days=x"] {
            assert!(of(text).is_of_app() && of(text).renewal() != Renewal::Streamed, "{text}");
        }
    }
}
