//! `/docs`: the contract, in the product. Every event and field with an example in curl and Python, the stream's format,
//! every key of the configuration.
//!
//! Only the server renders it (see `ui/still`). What it says of types, fields and tables comes from them ([`contract`]); of
//! the configuration, from the server's own table, by a context ([`ConfigKeys`]).
//!
//! [`contract`]: crate::contract

mod configuration;
mod control;
mod events;
mod facts;
mod stream;

use crate::contract::Door;
use crate::ui::parts::code::worded;
use leptos::prelude::*;

/// What the server adds: where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    pub door: Door,
}

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigKey {
    /// `retention.calls_days`; `NAME` where the reader puts a name of his own.
    pub path: &'static str,
    /// What it takes, and what holds without it.
    pub takes: &'static str,
    pub words: &'static str,
}

/// All keys of the configuration, in the order in which one sets them: in the page's context.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConfigKeys(pub &'static [ConfigKey]);

/// Titles and anchors, in order.
const PARTS: [(&str, &str); 8] = [
    ("send", "Sending events"),
    ("types", "Every event"),
    ("dialer", "A dialer in Python"),
    ("stream", "The stream"),
    ("figures", "Figures"),
    ("facts", "What is counted"),
    ("control", "Pausing a campaign"),
    ("configuration", "Configuration"),
];

pub fn page() -> AnyView {
    let manual = use_context::<Manual>()
        .unwrap_or_else(|| Manual { door: Door { origin: "http://127.0.0.1:8080".to_owned(), key: false } });
    let parts = PARTS.iter().map(|(id, title)| view! { <a href=format!("#{id}")>{*title}</a> });
    view! {
        <h1 class="sentence">"Events in, figures out"</h1>
        <div class="docs">
            <nav class="docs-parts" aria-label="On this page">{parts.collect_view()}</nav>
            {events::sending(&manual.door)}
            {events::types(&manual.door)}
            {events::dialer(&manual.door)}
            {stream::view(&manual.door)}
            {figures(&manual.door)}
            {facts::view()}
            {control::view()}
            {configuration::view(use_context::<ConfigKeys>().unwrap_or_default().0)}
        </div>
    }
    .into_any()
}

/// A part of the page with its title.
fn part(id: &'static str, body: AnyView) -> AnyView {
    let title = PARTS.iter().find(|(part, _)| *part == id).map_or(id, |(_, title)| title);
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section id=id aria-labelledby=labelled_by tabindex="-1">
            <h2 id=title_id>{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// A table of words, its first column the names.
fn table(heads: &[&'static str], label: String, rows: Vec<AnyView>) -> AnyView {
    let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }).collect_view();
    view! {
        <div class="rows" role="region" aria-label=label tabindex="0">
            <table>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A row of such a table.
fn row(id: Option<String>, name: &str, cells: &[&str]) -> AnyView {
    let cells = cells.iter().map(|cell| view! { <td>{worded(cell)}</td> }).collect_view();
    view! {
        <tr id=id>
            <th scope="row"><code>{name.to_owned()}</code></th>
            {cells}
        </tr>
    }
    .into_any()
}

fn figures(door: &Door) -> AnyView {
    let lines = [
        ("/api/v1/kpis", "every KPI with its formula, bands and source"),
        (
            "/api/v1/kpis/{id}?by=&window=&key=&campaign=",
            "its rows: value, numerator, denominator, interval, band; the value is numerator ÷ denominator × the KPI’s factor",
        ),
        ("/api/v1/facts?by=&window=", "the exact counters that KPIs are made of"),
        ("/api/v1/series/{id}?by=&from=&to=&step=", "a KPI over time"),
        ("/api/v1/views/live", "the whole frame that a page shows; also monitor, monitor/{campaign}, daily, trend"),
        ("/api/v1/problems?limit=", "what is wrong now, worst first; more counts the rest"),
        ("/api/v1/calls?campaign=&since=&limit=", "calls as they were put together, far-end numbers masked"),
        ("/api/openapi.json", "every address, parameter and answer, as OpenAPI 3.1"),
        ("/api/v1/schema", "events and the stream, as JSON Schema 2020-12"),
    ];
    let rows = lines.iter().map(|(address, words)| row(None, &format!("GET {address}"), &[words])).collect();
    let body = view! {
        <p>
            "Connected is the name of one fact, calls over that anyone answered; answered live is by a person, and its share of the resolved is the "
            "connect rate. Of a day of "
            "over 14 days ago hours of UTC are kept: where the site’s days begin within one, its steps say in steps_from and steps_to "
            "what they hold. All ratios are fractions of 1, all durations milliseconds; "
            <code>"value"</code> " is " <code>"null"</code> " where there is nothing to divide by. Lists also come as CSV, with "
            <code>".csv"</code> " at the end of the address."
        </p>
        {table(&["Address", "Answer"], "Where figures are".to_owned(), rows)}
        {crate::ui::parts::code::code(
            "figures-curl".to_owned(),
            "a command that asks for a figure",
            format!("curl '{}/api/v1/kpis/connect_rate?by=campaign&window=60m'\n", door.origin),
        )}
    };
    part("figures", body.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Data;

    #[test]
    fn every_type_and_field_stands_on_the_page() {
        let page = Owner::new().with(|| page().to_html());
        for (type_name, fields) in Data::described() {
            assert!(page.contains(&format!("id=\"{type_name}\"")), "{type_name}");
            for field in fields {
                assert!(page.contains(&format!("id=\"{type_name}.{}\"", field.name)), "{type_name}.{}", field.name);
            }
        }
        for (id, _) in PARTS {
            assert!(page.contains(&format!("<section id=\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn every_fact_stands_on_the_page_with_whose_and_when() {
        let page = Owner::new().with(|| page().to_html());
        for fact in crate::domain::Fact::ALL {
            let row = page.split_once(&format!("id=\"fact-{}\"", fact.name())).map(|(_, rest)| rest);
            let row = row.and_then(|rest| rest.split_once("</tr>")).map_or("", |(row, _)| row);
            assert!(row.contains(fact.whose().words()) && row.contains(fact.dated().words()), "{}: {row}", fact.name());
        }
        for code in [">486<", ">503<", ">102<", ">34, 42, 44, 47<"] {
            assert!(page.contains(code), "{code}");
        }
    }

    #[test]
    fn what_a_dialer_is_asked_stands_on_the_page() {
        let page = Owner::new().with(|| page().to_html());
        for said in ["[[control.http]]", "Idempotency-Key", "&quot;request&quot;: &quot;", "campaign.updated"] {
            assert!(page.contains(said) || page.contains(&said.replace("&quot;", "\"")), "{said}");
        }
    }
}
