//! The frame of a panel: its question, its window, its menu, its body, its footnote. Every panel keeps its size whatever
//! its body holds.

use super::each::each;
use super::figure::text;
use super::rows::{self, Column, Shape};
use crate::kpi::format;
use crate::ui::cells::LivePanel;
use crate::ui::pace::Freshness;
use crate::ui::store::Live;
use crate::view::PanelId;
use leptos::prelude::*;

/// What a panel says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub id: PanelId,
    pub question: &'static str,
    pub window: &'static str,
    /// The figure that the menu's "Explain" explains.
    pub figure: &'static str,
    pub footnote: &'static str,
    /// Said where there are no rows.
    pub nothing: &'static str,
}

/// A panel around its body. `notes` is what follows the footnote.
pub fn panel(live: Live, head: Head, body: AnyView, notes: AnyView) -> AnyView {
    let word = head.id.word();
    let title_id = format!("{word}-title");
    let labelled_by = title_id.clone();
    let here = live.panel(head.id);
    let window = text(move || match live.feed.freshness() {
        Freshness::Late | Freshness::Stale => {
            live.feed.age_ms().map(|ms| format!("{} old", format::age(ms))).unwrap_or_default()
        }
        Freshness::Painted
        | Freshness::Live
        | Freshness::NoData
        | Freshness::Paused
        | Freshness::Silent
        | Freshness::Past => head.window.to_owned(),
    });
    let rest = text(move || {
        let hidden = here.lines.with(Vec::len).saturating_sub(here.count());
        match i64::from(here.more.get()) + i64::try_from(hidden).unwrap_or(i64::MAX) {
            0 => String::new(),
            rest => format!(" · {} more", format::count(rest)),
        }
    });
    // Said where one looks closer: on a panel that is pointed at, and on one that fills the screen without the header.
    let age = text(move || match live.feed.freshness() {
        Freshness::Live | Freshness::Paused => {
            live.feed.age_ms().map(|ms| format!("· {} ago", format::age(ms))).unwrap_or_default()
        }
        Freshness::Painted
        | Freshness::Late
        | Freshness::Stale
        | Freshness::NoData
        | Freshness::Silent
        | Freshness::Past => String::new(),
    });
    let how_many = text(move || if here.shows_all() { "First rows".to_owned() } else { "All rows".to_owned() });
    let csv = format!("/api/v1/views/live?table={}&format=csv", head.id.table());
    let picture = move |ending: &str| format!("/panel/{word}.{ending}");
    let class = text(move || if here.shows_all() { format!("panel {word} all") } else { format!("panel {word}") });
    let nothing = text(move || if here.lines.with(Vec::is_empty) { "nothing".to_owned() } else { "hidden".to_owned() });
    view! {
        <section
            class=class
            id=word
            data-panel=word
            data-figure=head.figure
            tabindex="-1"
            aria-labelledby=labelled_by
        >
            <header>
                <h2 id=title_id>{head.question}</h2>
                <em>
                    {window} <span class="panel-age">{age}</span>
                </em>
                <details class="menu needs-js">
                    <summary aria-label="Menu of this panel"></summary>
                    <div>
                        <button type="button" data-do="explain">"Explain"</button>
                        <button type="button" data-do="rows">{how_many}</button>
                        <button type="button" data-show="full">"Full screen"</button>
                        <button type="button" class="of-now" data-show="table">"Table"</button>
                        <button type="button" class="of-now" data-show="embed">"Embed"</button>
                        <a class="of-now" data-csv href=csv>"Figures (CSV)"</a>
                        <a class="of-now" data-svg download href=picture("svg")>"Picture (SVG)"</a>
                        <a class="of-now" download href=picture("png")>"Picture (PNG)"</a>
                    </div>
                </details>
            </header>
            <div class="body">
                {body} <p class=nothing>{head.nothing}</p>
            </div>
            <footer>{head.footnote} {notes} {rest}</footer>
        </section>
    }
    .into_any()
}

/// The rows of a panel, each made once and kept as long as its key.
pub fn rows_of(here: LivePanel, id: PanelId, shape: Shape, columns: &'static [Column]) -> AnyView {
    let lines = move || {
        let count = here.count();
        here.lines.with(|lines| lines.iter().take(count).cloned().collect::<Vec<_>>())
    };
    each(lines, move |line| rows::row(id.word(), shape, columns, line))
}

/// A table with its head.
pub fn table(here: LivePanel, id: PanelId, columns: &'static [Column]) -> AnyView {
    let heads =
        columns.iter().map(|column| view! { <th scope="col" class=column.class>{column.title}</th> }).collect_view();
    view! {
        <table>
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{rows_of(here, id, Shape::Table, columns)}</tbody>
        </table>
    }
    .into_any()
}

/// Rows with one drawing between their names and their figures.
pub fn bars(here: LivePanel, id: PanelId, columns: &'static [Column], head: AnyView, drawing: AnyView) -> AnyView {
    let titles = columns.iter().skip(1).map(|column| view! { <span>{column.title}</span> }).collect_view();
    let rows = text(move || format!("--rows:{}", here.count()));
    view! {
        <div class="bars-head">{head} {titles}</div>
        <div class="bars" style=rows>
            <div class="chart-bars">{drawing}</div>
            <ul>{rows_of(here, id, Shape::Bars, columns)}</ul>
        </div>
    }
    .into_any()
}
