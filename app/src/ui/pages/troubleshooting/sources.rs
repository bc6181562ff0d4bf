//! What the server listens to, and how each of it is; with what it said last, for who may read that.

use crate::kpi::format;
use leptos::prelude::*;

/// All sources, in the order in which they began; provided as a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(pub Vec<ListedSource>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSource {
    pub kind: String,
    pub name: String,
    /// In words, with why.
    pub state: String,
    /// Since when it is so: `09:32:08 EST`, by the site’s clock.
    pub since: Option<String>,
    pub heard: Option<String>,
    pub taken: u64,
    pub rejected: u64,
    pub refused: u64,
    /// The last that was rejected or turned away, and why.
    pub last_no: Option<Said>,
    pub payloads: Payloads,
}

/// Something at a time; persons' numbers are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub when: String,
    pub text: String,
}

/// What a source said last, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payloads {
    Shown(Vec<Said>),
    /// Who reads this may not see them.
    NotYours,
}

pub(super) fn section() -> AnyView {
    let Sources(all) = use_context().unwrap_or_default();
    if all.is_empty() {
        return ().into_any();
    }
    let payloads: Vec<AnyView> = all.iter().filter_map(payloads).collect();
    let hidden = all.iter().any(|source| source.payloads == Payloads::NotYours).then(|| {
        view! {
            <p class="quiet">
                "What each said last is told to who may pause campaigns, by a key: /api/v1/sources/payloads?source=NAME."
            </p>
        }
    });
    let rows = all.into_iter().map(row);
    view! {
        <section class="panel" aria-labelledby="sources-title" id="sources" tabindex="-1">
            <header>
                <h2 id="sources-title">"What is listened to"</h2>
                <em>"Counted since this server started"</em>
            </header>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Source"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col">"Last heard"</th>
                        <th scope="col">"Events taken"</th>
                        <th scope="col">"Rejected"</th>
                        <th scope="col">"Refused unread"</th>
                        <th scope="col">"The last that was not taken"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {payloads}
            {hidden}
        </section>
    }
    .into_any()
}

fn row(source: ListedSource) -> AnyView {
    // A source's name begins with its kind, but for those that are alone of theirs.
    let kind = (!source.name.starts_with(&source.kind)).then(|| view! { <span class="quiet">" " {source.kind}</span> });
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX));
    let never = || "never".to_owned();
    let last_no = source.last_no.map_or_else(|| "none".to_owned(), |Said { when, text }| format!("{when}: {text}"));
    view! {
        <tr>
            <th scope="row">{source.name} {kind}</th>
            <td data-label="State">{source.state}</td>
            <td data-label="Since">{source.since.unwrap_or_else(|| "the start".to_owned())}</td>
            <td data-label="Last heard">{source.heard.unwrap_or_else(never)}</td>
            <td data-label="Events taken">{count(source.taken)}</td>
            <td data-label="Rejected">{count(source.rejected)}</td>
            <td data-label="Refused unread">{count(source.refused)}</td>
            <td data-label="The last that was not taken">{last_no}</td>
        </tr>
    }
    .into_any()
}

/// `None` where there is none to show.
fn payloads(source: &ListedSource) -> Option<AnyView> {
    let Payloads::Shown(all) = &source.payloads else { return None };
    if all.is_empty() {
        return None;
    }
    let rows = all.iter().cloned().map(|Said { when, text }| view! { <dt>{when}</dt> <dd><code>{text}</code></dd> });
    let rows = rows.collect_view();
    let summary = format!("What {} said last, newest first", source.name);
    Some(view! { <details class="payloads"><summary>{summary}</summary><dl>{rows}</dl></details> }.into_any())
}
