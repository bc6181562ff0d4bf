//! The stream: what its events hold, how a table changes, and what a row's key is made of.

use super::{part, row, table};
use crate::contract::{Door, TABLES, VIEWS, frame_members};
use crate::ui::parts::code::{code, worded};
use leptos::prelude::*;

const EVENTS: [(&str, &str); 4] = [
    (
        "snapshot",
        "the whole frame, as `/api/v1/views/…` answers it: the first event, and again whenever a client was too slow or was away too long",
    ),
    (
        "delta",
        "what changed since the event before. Members that are absent did not change; with nothing but `as_of` and `newest_event` nothing did, and the server is alive",
    ),
    ("bye", "the server stops; come back"),
    (": (a comment)", "a sign of life at the slower cadences, for proxies"),
];

const PATCH: [(&str, &str); 4] = [
    ("rows", "rows that are new or changed, whole: each takes the place of the row with its key, or goes to the end"),
    ("gone", "keys of rows that are no longer there"),
    ("order", "all keys in their new order; absent where the above gives it already"),
    ("more", "how many rows the table leaves out; absent where that did not change"),
];

const WORDS: [(&str, &str); 5] = [
    ("as_of", "server time of the frame"),
    ("newest_event", "time of the newest event that is in it: how old the figures are"),
    (
        "band",
        "`ok`, `warn`, `critical`; `none` where there is nothing to judge, `too_few` and `no_baseline` where it can’t be judged, `unjudged` where it is well but for calls that failed without a code",
    ),
    ("part, whole", "a ratio, as its two exact counts; `whole` 0 is no data. Pages print, they never compute"),
    ("since", "since when it has been in its band"),
];

pub(super) fn view(door: &Door) -> AnyView {
    let listed = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, words)| row(None, name, &[words])).collect();
    let views = VIEWS.iter().map(|view| {
        let rows = TABLES
            .iter()
            .filter(|table| table.view == *view)
            .map(|table| {
                let members = table.members().iter().map(|member| format!("`{member}`")).collect::<Vec<_>>().join(", ");
                row(None, table.table, &[table.row, table.key, &members])
            })
            .collect();
        let whole = frame_members(view).iter().map(|member| format!("`{member}`")).collect::<Vec<_>>().join(", ");
        let title = match *view {
            "campaign" => "view=monitor&campaign=…".to_owned(),
            view => format!("view={view}"),
        };
        view! {
            <h4><code>{title}</code></h4>
            <p>"The frame: " {worded(&whole)}</p>
            {table(&["Table", "A row is", "Its key", "Its members"], format!("Tables of {view}"), rows)}
        }
    });
    let body = view! {
        <p>
            "Server-sent events: one " <code>"snapshot"</code> ", then a " <code>"delta"</code> " each " <code>"every"</code>
            " (250ms, 1s, 5s, 10s, 20s, 30s, 60s). Applied one after the other they give, byte for byte, what the view answers at that moment. "
            "Each event has an id; who comes back with " <code>"Last-Event-ID"</code> " gets what was missed."
        </p>
        {code(
            "stream-curl".to_owned(),
            "a command that follows the stream",
            format!("curl -N '{}/api/v1/stream?view=live&every=1s'\n", door.origin),
        )}
        {table(&["Event", "What it holds"], "Events of the stream".to_owned(), listed(&EVENTS))}
        <h3>"How a table changes"</h3>
        <p>"In a snapshot a table has " <code>"rows"</code> " and " <code>"more"</code> "; in a delta:"</p>
        {table(&["Member", "What it says"], "Members of a table’s change".to_owned(), listed(&PATCH))}
        <h3>"Words of all frames"</h3>
        {table(&["Member", "What it says"], "Words of all frames".to_owned(), listed(&WORDS))}
        <h3>"The views"</h3>
        {views.collect_view()}
    };
    part("stream", body.into_any())
}
