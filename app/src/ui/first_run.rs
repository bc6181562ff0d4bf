//! What the live page shows above its figures while the server has never heard an event: where events go, one to try,
//! and what became of it.
//!
//! Rendered by the server alone, behind the app (`shell.rs`) and shown with the live view alone; a small script keeps what
//! was heard fresh. What it shows comes by a context ([`FirstRun`]) that the server provides until the first event.

use super::parts::code::code;
use crate::contract::{Door, Example, curl};
use leptos::nonce::use_nonce;
use leptos::prelude::*;

const FIRST_JS: &str = include_str!("boot/first.js");

/// The event to try, and the one that ends its call.
const BEGIN: Example = Example {
    type_name: "call.started",
    data: r#"{"call_id": "try-1", "direction": "outbound", "campaign": "first-try", "route": "first-route",
   "from": "+12025550142", "to": "+12025550187"}"#,
};
const END: Example = Example { type_name: "call.ended", data: r#"{"call_id": "try-1", "outcome": "no_answer"}"# };

/// What was heard so far, and where to send more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    pub door: Door,
    pub heard: Option<Heard>,
    /// What was not taken, newest first.
    pub refused: Vec<Refused>,
}

/// The first event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Taken so far.
    pub events: u64,
    /// JSON in lines, persons' numbers masked.
    pub content: String,
    /// It is of a call, and says of no direction.
    pub is_undirected: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// `09:32:08 EST`: by the site’s clock.
    pub when: String,
    pub why: String,
}

/// The section, where the server says that this is its first run.
pub fn section() -> AnyView {
    let Some(run) = use_context::<FirstRun>() else { return ().into_any() };
    let heard = if run.heard.is_some() { "1" } else { "0" };
    let door = run.door.clone();
    view! {
        <section id="first-run" class="first-run" data-heard=heard aria-labelledby="first-title">
            <div class="first-send">
                <h2 id="first-title">"Send the first event"</h2>
                <p>
                    "This server listens at " <code>{format!("{}/api/v1/events", door.origin)}</code> ". " {key(door.key)}
                </p>
                {code("first-curl".to_owned(), "a command that sends one event", curl(&door, "try-1", "first-try", &BEGIN))}
                <p class="quiet">
                    "It starts a call of a made-up campaign, “first-try”. "
                    <a href="/docs">"Every event and field, in curl and Python"</a>
                </p>
            </div>
            {status(&run)}
            {ways(&door.origin)}
            <script nonce=use_nonce()>{FIRST_JS}</script>
        </section>
    }
    .into_any()
}

fn key(asked: bool) -> AnyView {
    if asked {
        view! {
            "It asks for a key: put one with the scope " <code>"ingest"</code> " into " <code>"RINGSIDE_INGEST_KEY"</code> " first."
        }
        .into_any()
    } else {
        view! {
            "No key is asked for, since none is configured and only this machine can reach it; "
            <code>"RINGSIDE_INGEST_KEY"</code> " sets one."
        }
        .into_any()
    }
}

fn status(run: &FirstRun) -> AnyView {
    let refused = run.refused.iter().map(|refused| {
        view! { <li><span class="quiet">{refused.when.clone()}</span> " " {refused.why.clone()}</li> }
    });
    let refused = (!run.refused.is_empty()).then(|| {
        view! {
            <h3>"Not taken"</h3>
            <ul class="refused">{refused.collect_view()}</ul>
            <p><a href=super::pages::TROUBLESHOOTING.path>"What to do about it, and who was refused"</a></p>
        }
    });
    let heard = match &run.heard {
        None => view! {
            <p class="first-count"><strong>"0"</strong> " events so far"</p>
            <p class="quiet">"The first one is shown here within a second of its coming."</p>
        }
        .into_any(),
        Some(heard) => view! {
            <p class="first-count">
                <strong>{heard.events.to_string()}</strong> {if heard.events == 1 { " event so far. The first:" } else { " events so far. The first:" }}
            </p>
            {code("first-event".to_owned(), "the first event", heard.content.clone())}
            <p>
                {if heard.is_undirected {
                    "It tells no direction: its call counts in no figure until an event does, inbound or outbound. "
                } else {
                    "It counts in the figures below. "
                }}
                // The document without this section: the app would stay where it is.
                <a href=super::pages::HOME target="_top">"Go on with the live view"</a>
                ", or end the call:"
            </p>
            {code("first-end".to_owned(), "a command that ends the call", curl(&run.door, "try-2", "first-try", &END))}
        }
        .into_any(),
    };
    view! { <div id="first-status" class="first-status" role="status">{heard} {refused}</div> }.into_any()
}

fn ways(origin: &str) -> AnyView {
    let asterisk = "[[source.asterisk]]\naddress = \"127.0.0.1:5038\"\nuser = \"ringside\"\n\
                    secret_file = \"/run/secrets/ami\"\n[source.asterisk.routes]\ntrunk-a = \"alpha\"\n";
    let way = |title: &str, words: &str, id: &str, text: String| {
        view! {
            <li>
                <h3>{title.to_owned()}</h3>
                <p class="quiet">{words.to_owned()}</p>
                {code(id.to_owned(), title, text)}
            </li>
        }
    };
    view! {
        <ul class="first-ways" aria-label="Other ways to begin">
            {way(
                "An Asterisk",
                "It is followed by its manager interface. In the file of --config:",
                "first-asterisk",
                asterisk.to_owned(),
            )}
            {way(
                "Calls of the past",
                "Call detail records of Asterisk or FreeSWITCH, queue logs, and a CSV with the columns call_id and started_at are recognised by their first row. Of any other CSV --map FIELD=COLUMN names the columns, or --mapping a file that does.",
                "first-import",
                format!("ringside import calls.csv --to {origin} \\\n  --source pbx-1 --file-zone UTC\n"),
            )}
            {way(
                "A simulated floor",
                "Made-up calls into this very database. ringside demo keeps them in one of its own.",
                "first-simulate",
                format!("ringside simulate --to {origin} --lead 65\n"),
            )}
        </ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(run: FirstRun) -> String {
        Owner::new().with(|| {
            provide_context(run);
            section().to_html()
        })
    }

    fn run() -> FirstRun {
        FirstRun {
            door: Door { origin: "http://127.0.0.1:8080".to_owned(), key: false },
            heard: None,
            refused: vec![Refused { when: "14:32:08 UTC".to_owned(), why: "data.call_id: missing".to_owned() }],
        }
    }

    #[test]
    fn nothing_is_heard_and_then_something_is() {
        let empty = rendered(run());
        assert!(empty.contains("data-heard=\"0\"") && empty.contains("data.call_id: missing"), "{empty}");
        assert!(empty.contains("http://127.0.0.1:8080/api/v1/events"), "{empty}");
        let heard = Heard { events: 1, content: "{ the first }".to_owned(), is_undirected: false };
        let untold = rendered(FirstRun { heard: Some(Heard { is_undirected: true, ..heard.clone() }), ..run() });
        assert!(untold.contains("tells no direction") && !untold.contains("It counts"), "{untold}");
        let heard = rendered(FirstRun { heard: Some(heard), ..run() });
        assert!(heard.contains("data-heard=\"1\"") && heard.contains("{ the first }"), "{heard}");
        assert!(!heard.contains("$RINGSIDE_INGEST_KEY"), "{heard}");
    }

    #[test]
    fn without_a_word_of_the_server_there_is_no_section() {
        assert!(!Owner::new().with(|| section().to_html()).contains("first-run"));
    }
}
