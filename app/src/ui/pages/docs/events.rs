//! Events in: where they go, what is answered, and each type with its fields and an example.

use super::{part, row, table};
use crate::contract::{DIALER, Door, ENVELOPE, PYTHON, curl, example, field_words, python, type_words};
use crate::domain::Data;
use crate::ui::parts::code::{code, worded};
use leptos::prelude::*;

const BODIES: [(&str, &str); 3] = [
    ("application/cloudevents+json", "one event"),
    ("application/cloudevents-batch+json", "an array of events, 8 MiB at most"),
    ("application/x-ndjson", "an event a line, any number of lines: read and kept as a stream"),
];

const ANSWERS: [(&str, &str); 8] = [
    (
        "200",
        "all that was accepted is durable: `accepted`, `duplicate` (good events that changed nothing), `rejected` with `index`, `id` and `error` of each, and `warnings` for fields that no event of the type has",
    ),
    ("422", "every event was rejected"),
    ("400", "not JSON"),
    ("401, 403", "a key is missing, unknown, or lacks the scope `ingest`"),
    ("413", "a line, or a body that is not a stream, over 8 MiB"),
    ("415", "another kind of body"),
    ("429, 503", "not now: `Retry-After` says when. Sending all of it again is always safe"),
    ("408", "nothing came for a minute"),
];

pub(super) fn sending(door: &Door) -> AnyView {
    let bodies = BODIES.iter().map(|(kind, words)| row(None, kind, &[words])).collect();
    let answers = ANSWERS.iter().map(|(status, words)| row(None, status, &[words])).collect();
    let envelope = ENVELOPE.iter().map(|(name, words)| row(None, name, &[words])).collect();
    let key = if door.key {
        "It asks for a key with the scope `ingest`: `Authorization: Bearer KEY`. The examples take it from `RINGSIDE_INGEST_KEY`."
    } else {
        "No key is asked for as long as none is configured and only this machine can reach the server."
    };
    let body = view! {
        <p>
            "Events are " <a href="https://cloudevents.io">"CloudEvents 1.0"</a> " in JSON. They go to "
            <code>{format!("POST {}/api/v1/events", door.origin)}</code> ". " {worded(key)}
            " Order and repetition do not matter: an event that comes late, twice or shuffled leaves every figure as it would have been."
        </p>
        {table(&["Content-Type", "Body"], "Kinds of body".to_owned(), bodies)}
        <h3>"The envelope"</h3>
        {table(&["Member", "What it says"], "Members of the envelope".to_owned(), envelope)}
        <h3>"The answer"</h3>
        {table(&["Status", "What it means"], "Answers".to_owned(), answers)}
        <h3 id="python">"In Python"</h3>
        <p>"Nothing beyond Python’s own library. The examples in Python below are lines after this:"</p>
        {code("python-send".to_owned(), "Python that sends events", PYTHON.replace("ORIGIN", &door.origin))}
    };
    part("send", body.into_any())
}

pub(super) fn types(door: &Door) -> AnyView {
    let described = Data::described();
    let links = described.iter().map(|(type_name, _)| view! { <a href=format!("#{type_name}")>{*type_name}</a> " " });
    let links = links.collect_view();
    let each = described.iter().map(|(type_name, fields)| {
        let rows = fields
            .iter()
            .map(|field| {
                let must = if field.required { "yes" } else { "" };
                let id = Some(format!("{type_name}.{}", field.name));
                row(id, field.name, &[must, &field.kind.words, field_words(type_name, field.name)])
            })
            .collect();
        let examples = example(type_name).map(|example| {
            let id = format!("docs-{type_name}");
            let in_curl = curl(door, &id, "docs", &example);
            view! {
                <div class="docs-pair">
                    {code(format!("curl-{type_name}"), &format!("{type_name} in curl"), in_curl)}
                    {code(format!("python-{type_name}"), &format!("{type_name} in Python"), python(&example))}
                </div>
            }
        });
        let heads = ["Field", "Needed", "Holds", "What it says"];
        view! {
            <article id=*type_name tabindex="-1">
                <h3><code>{*type_name}</code></h3>
                <p>{type_words(type_name)}</p>
                {table(&heads, format!("Fields of {type_name}"), rows)}
                {examples}
            </article>
        }
    });
    let body = view! {
        <p class="docs-links">{links}</p>
        <p>
            "Numbers are E.164 with +; spaces, dots, hyphens and brackets in them are taken out. One that is withheld is "
            <code>"anonymous"</code> " or " <code>"unknown"</code> ", or left out: none of the three takes a number back that was told. Durations are whole milliseconds. A field that no event of its type has is ignored, and named in the answer."
        </p>
        {each.collect_view()}
    };
    part("types", body.into_any())
}

pub(super) fn dialer(door: &Door) -> AnyView {
    let whole = format!("{}\n{DIALER}", PYTHON.replace("ORIGIN", &door.origin));
    let body = view! {
        <p>
            "A campaign with two agents, ten calls, a transfer, a caller in a queue, and what the month costs: all that the pages show, in one file. "
            "Save it, run it with python3, and look at " <a href="/live">"the live view"</a> ", " <a href="/monitor">"the monitor"</a> " and " <a href="/daily">"the day"</a> "."
        </p>
        {code("python-dialer".to_owned(), "a dialer in Python", whole)}
    };
    part("dialer", body.into_any())
}
