//! The examples as one types them: in curl, which a shell runs, and in Python, without any package.
//!
//! Times are made when the example runs, so that it works as it stands on any day. The address is put in by who shows it.

use super::examples::Example;
use std::fmt::Write as _;

/// Where events go and what is asked for there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// `http://127.0.0.1:8080`; letters, digits and `:/.-_[]` only.
    pub origin: String,
    /// Whether a key is asked for.
    pub key: bool,
}

/// What sends events by Python's own library; each example is a line after it. `ORIGIN` stands for the address.
pub const PYTHON: &str = include_str!("send.py");
/// A whole dialer in small: a campaign with agents, a queue, a transfer, costs. It begins with [`PYTHON`].
pub const DIALER: &str = include_str!("dialer.py");

/// A moment some seconds ago, by GNU's `date` or that of BSD.
const AT: &str = "at() { date -u -d \"-$1 seconds\" +%FT%TZ 2>/dev/null || date -u -v-\"$1\"S +%FT%TZ; }\n";
const NOW: &str = "'\"$(date -u +%FT%TZ)\"'";

/// One event, from a shell.
#[must_use]
pub fn curl(door: &Door, id: &str, source: &str, example: &Example) -> String {
    let Door { origin, key } = door;
    let key = if *key { "  -H \"Authorization: Bearer $RINGSIDE_INGEST_KEY\" \\\n" } else { "" };
    let (data, asks_past) = moments(example.data, |ago| format!("'\"$(at {ago})\"'"), NOW);
    let before = if asks_past { AT } else { "" };
    let type_name = example.type_name;
    format!(
        "{before}curl {origin}/api/v1/events \\\n  -H 'Content-Type: application/cloudevents+json' \\\n{key}  -d '\
         {{\"specversion\": \"1.0\", \"id\": \"{id}\", \"source\": \"{source}\", \"type\": \"{type_name}\",\n   \
         \"time\": \"{NOW}\",\n   \"data\":\n   {data}}}'\n"
    )
}

/// One event, from Python: a line after [`PYTHON`].
#[must_use]
pub fn python(example: &Example) -> String {
    let (data, _) = moments(example.data, |ago| format!("@at({ago})@"), "@at(0)@");
    // JSON's words are Python's but for these; a moment is a call, not a text.
    let data = data.replace("\"@", "").replace("@\"", "").replace(": true", ": True").replace(": false", ": False");
    format!("send(\"{}\",\n   {data})\n", example.type_name)
}

/// The data with its moments as `past` and `now` say them, and whether any was a past one.
fn moments(data: &str, past: impl Fn(u32) -> String, now: &str) -> (String, bool) {
    let mut pieces = data.split("\"@");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let mut asks_past = false;
    for piece in pieces {
        let (ago, rest) = piece.split_once('"').unwrap_or((piece, ""));
        let ago = ago.parse().unwrap_or(0);
        asks_past |= ago > 0;
        let said = if ago > 0 { past(ago) } else { now.to_owned() };
        // A string never fails to take more.
        let _ = write!(out, "\"{said}\"{rest}");
    }
    (out, asks_past)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::contract::example;

    fn door(key: bool) -> Door {
        Door { origin: "http://127.0.0.1:8080".to_owned(), key }
    }

    #[test]
    fn an_example_tells_the_time_at_which_it_runs_and_bears_a_key_where_one_is_asked_for() {
        let plain = curl(&door(false), "a", "b", &example("call.progress").unwrap());
        assert!(plain.contains("$(date -u +%FT%TZ)") && !plain.contains("Authorization"), "{plain}");
        assert!(curl(&door(true), "a", "b", &example("call.progress").unwrap()).contains("$RINGSIDE_INGEST_KEY"));
        let record = example("call.record").unwrap();
        let past = curl(&door(false), "a", "b", &record);
        assert!(past.starts_with("at()") && past.contains("\"started_at\": \"'\"$(at 180)\"'\""), "{past}");
        let python = python(&record);
        assert!(python.contains("\"started_at\": at(180), ") && !python.contains('@'), "{python}");
    }
}
