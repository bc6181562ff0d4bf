//! Every key of the configuration file in words: for `/docs` and `ringside --help`. A key that the file takes and that has
//! no words here fails a test.

use app::ui::pages::docs::ConfigKey;
use std::fmt::Write as _;

const fn key(path: &'static str, takes: &'static str, words: &'static str) -> ConfigKey {
    ConfigKey { path, takes, words }
}

/// In the order in which one sets them.
pub const KEYS: &[ConfigKey] = &[
    key("listen", "ADDRESS:PORT, 127.0.0.1:8080", "where to listen"),
    key("database", "sqlite:PATH or postgres://…, sqlite:ringside.db", "where everything is kept"),
    key("database_password_file", "a file, none", "holds the database's password alone"),
    key("open", "true, false or \"anonymous\", false", "listen beyond this machine; anonymous: whoever comes may read"),
    key(
        "hosts",
        "list of names, none",
        "names by which browsers may ask for this server, beside localhost and addresses",
    ),
    key("trusted_proxies", "list of networks, none", "proxies that are believed about who asked them"),
    key(
        "audit_head_file",
        "a file, beside a SQLite database",
        "where the audit log's head is noted, apart from the database",
    ),
    key("hsts", "true or false, false", "tells browsers to come by TLS alone; behind a proxy that speaks it"),
    key("zone", "IANA zone, UTC", "the site's time zone, by which days begin"),
    key("country", "two letters, none", "the country of numbers that sources report without a country code"),
    key("log.filter", "filter, info", "what to log, also by part: info,server::http=debug"),
    key("log.format", "text or json, text", "how to log"),
    key("ingest.keys[].name", "a name", "what logs and the audit log call the key"),
    key("ingest.keys[].secret", "text", "what is presented as Authorization: Bearer"),
    key("ingest.keys[].secret_file", "a file", "holds that secret alone"),
    key("ingest.keys[].scopes", "list, [\"ingest\"]", "what it allows: ingest, read, control, costs"),
    key(
        "retention.calls_days",
        "days, 90 (SQLite) or 396 (PostgreSQL)",
        "how long calls are kept; sums are kept for ever",
    ),
    key("limits.connections", "number, 16384", "connections open at once"),
    key("limits.connections_per_client", "number, 4096", "of one client, which is an address"),
    key("limits.answers", "number, 512", "answers being made at once"),
    key("limits.answers_per_client", "number, 128", "of one client"),
    key("limits.viewers", "number, 10000", "streams of all clients"),
    key("limits.viewers_per_client", "number, 2500", "streams of one client"),
    key("limits.topics_per_client", "number, 64", "different streams of one client"),
    key("limits.replays_per_client", "number, 2", "moments of the past that one client looks at"),
    key("limits.bodies_per_client", "number, 64", "bodies of events of one client that are being read"),
    key(
        "limits.new_names",
        "number, 5000",
        "names of campaigns, routes, trunks, components and agents that one key may bring at once; then ten a second",
    ),
    key("limits.body_rate", "bytes a second, 1024", "a body that is no stream comes at least so fast"),
    key("limits.stream_rate", "bytes a second, 4", "a stream of lines comes at least so fast"),
    key("limits.read_rate", "bytes a second, 1024", "an answer is taken at least so fast"),
    key("limits.head_bytes", "bytes, 16384", "the head of a request"),
    key("limits.head_seconds", "seconds, 10", "within which a head comes, and a connection's next request"),
    key("limits.answer_bytes", "bytes, 16777216", "of one answer"),
    key("limits.answer_seconds", "seconds, 30", "until an answer, or a stream's beginning, is there"),
    key("trunks.NAME.route", "a route's id, the trunk's name", "whose channels and state these are"),
    key("trunks.NAME.capacity", "channels, none", "channels that the carrier allows at once, where samples don't say"),
    key("links.NAME", "an address of the web", "a component's own dashboard, to which its name leads"),
    key("control.http[].campaigns", "list of ids, all others", "whom this dialer is asked for"),
    key("control.http[].url", "template", "where it is asked; {{ campaign }}, {{ action }}"),
    key("control.http[].method", "template, POST", "the request's method; its id always goes along as Idempotency-Key"),
    key("control.http[].headers", "templates by name, none", "the request's headers; {{ secret }}"),
    key("control.http[].body_kind", "json, form or text, json", "what the body is: decides how values are escaped"),
    key("control.http[].body", "template, JSON of request, campaign, action and at", "the request's body"),
    key("control.http[].secret", "text", "{{ secret }} of the headers"),
    key("control.http[].secret_file", "a file", "holds that secret alone"),
    key("control.http[].signing_secret", "whsec_…", "signs requests in the manner of Standard Webhooks"),
    key("control.http[].signing_secret_file", "a file", "holds that secret alone"),
    key("control.http[].ca_file", "a file, none", "certificates of an authority of one's own, in PEM"),
    key("control.http[].confirm", "answer or event, event", "what counts as its word: its answer, or campaign.updated"),
    key("control.http[].answer_within_ms", "milliseconds, 10000", "how long its answer is waited for"),
    key(
        "control.http[].confirm_within_ms",
        "milliseconds, 30000",
        "how long, after that, the campaign's status is waited for",
    ),
    key("control.vicidial[].campaigns", "list of ids, all others", "whom this VICIdial is asked for"),
    key("control.vicidial[].url", "an address", "where non_agent_api.php is"),
    key("control.vicidial[].user", "a name", "VICIdial's user"),
    key("control.vicidial[].password", "text", "that user's password; also RINGSIDE_VICIDIAL_PASSWORD"),
    key("control.vicidial[].password_file", "a file", "holds that password alone"),
    key("control.vicidial[].source", "text, ringside", "what VICIdial logs as the origin"),
    key("control.vicidial[].names", "names by campaign, none", "what VICIdial calls our campaigns, where that differs"),
    key("control.vicidial[].ca_file", "a file, none", "certificates of an authority of one's own, in PEM"),
    key("control.vicidial[].confirm", "answer or event, answer", "what counts as its word"),
    key("control.vicidial[].answer_within_ms", "milliseconds, 10000", "how long its answer is waited for"),
    key(
        "control.vicidial[].confirm_within_ms",
        "milliseconds, 30000",
        "how long, after that, the campaign's status is waited for",
    ),
    key("source.asterisk[].address", "HOST:PORT", "the manager interface of a PBX to follow"),
    key("source.asterisk[].user", "a name", "a user of manager.conf"),
    key("source.asterisk[].secret", "text", "that user's secret"),
    key("source.asterisk[].secret_file", "a file", "holds that secret alone"),
    key("source.asterisk[].realm", "a name, asterisk", "the name space of its call ids, and its name as a component"),
    key("source.asterisk[].country", "two letters, `country`", "whose numbers it dials without a country code"),
    key(
        "source.asterisk[].routes",
        "by endpoint: a route, or { route, capacity, prefix }",
        "endpoints that are carriers; * for any text",
    ),
    key("source.asterisk[].agents", "list of TECH/name, none", "telephones of agents whom no queue names"),
    key(
        "source.asterisk[].dids",
        "list of numbers, none",
        "the numbers that the floor shows to whom it calls; * for any digits. Those that people call need not be named",
    ),
    key(
        "source.asterisk[].campaign",
        "accountcode or { variable = \"NAME\" }, CAMPAIGN",
        "where a call's campaign stands",
    ),
    key("source.asterisk[].modes", "modes by campaign, none", "how each campaign dials"),
    key("source.asterisk[].queues", "campaigns by queue, none", "the campaign of a queue's agents and callers"),
    key("source.asterisk[].list_variable", "a variable, none", "holds a call's list"),
    key("source.asterisk[].attempt_variable", "a variable, none", "holds the attempt's number"),
    key("source.asterisk[].amd_variable", "a variable, AMDSTATUS", "holds the verdict of answering-machine detection"),
    key("source.asterisk[].queue_log", "a file, none", "the PBX's queue_log, to catch up from"),
    key(
        "source.asterisk[].wrap_up_reasons",
        "list, wrap-up, wrapup, acw",
        "reasons of a pause that are wrap-up, not a break",
    ),
    key("source.worker[].url", "an address", "where the dialer worker's health is asked for"),
    key("source.worker[].component", "a name, dialer-worker", "what its samples are called"),
    key("source.worker[].every_s", "seconds, 10", "between two polls"),
    key("source.worker[].timeout_ms", "milliseconds, 2000", "how long an answer is waited for"),
    key("source.worker[].slow_ms", "milliseconds, 500", "answers that take so long are slow: the worker is degraded"),
    key("source.webhook[].name", "a name", "its address: signed events are taken at /hooks/NAME"),
    key(
        "source.webhook[].secrets",
        "list of texts, whsec_…",
        "the keys that sign: the new one beside the old while they are changed",
    ),
    key("source.webhook[].secret_files", "list of files, none", "each holds one such key alone"),
    key("source.livekit[].name", "a name, livekit", "its address: LiveKit's webhooks are taken at /hooks/NAME"),
    key(
        "source.livekit[].keys",
        "secrets by API key",
        "as LiveKit's configuration has them: webhooks are signed with one of them",
    ),
    key("source.livekit[].key_files", "files by API key, none", "each holds such a secret alone"),
    key(
        "source.livekit[].realm",
        "a name, livekit",
        "the name space of its calls' ids: whoever else tells of them says it too",
    ),
    key("source.livekit[].country", "two letters, that of the site", "of numbers that are told without a country code"),
    key(
        "source.livekit[].trunks",
        "routes by trunk, none",
        "the route of calls by a SIP trunk (ST_…); else the trunk is one",
    ),
    key(
        "source.livekit[].campaign",
        "an attribute, campaign_id",
        "a participant's attribute that holds the call's campaign",
    ),
    key("source.livekit[].list", "an attribute, none", "the one that holds its list"),
    key(
        "source.livekit[].attempt",
        "an attribute, none",
        "the one that holds which attempt at its destination it is, from 1",
    ),
    key("source.livekit[].call_id", "an attribute, sip.callID", "the one by which other sources know the call too"),
    key("source.livekit[].metadata", "list of attributes, none", "those that are kept with the call"),
    key(
        "source.livekit[].api",
        "an address, none",
        "the server's own: it is asked who is in its rooms, and that compared with what was told",
    ),
    key("source.livekit[].api_key", "one of the keys, the only one", "the key that the server is asked with"),
    key("source.livekit[].every_s", "seconds, 5", "between two rounds: an answer's moment is known as exactly"),
    key("source.twilio[].name", "a name, twilio", "its address: posts are taken at /hooks/NAME"),
    key(
        "source.twilio[].url",
        "http://… or https://…",
        "the address as Twilio is told it, without what stands behind its `?`: it is signed",
    ),
    key(
        "source.twilio[].keys",
        "list of texts",
        "the account's auth token, or a shared key's secret: the new one beside the old while they are changed",
    ),
    key("source.twilio[].key_files", "list of files, none", "each holds one such key alone"),
    key("source.twilio[].realm", "a name, twilio", "the name space of its calls' ids"),
    key("source.twilio[].country", "two letters, that of the site", "of numbers that are told without a country code"),
    key("source.twilio[].route", "a route, its name", "the route of its calls"),
    key(
        "source.twilio[].campaign",
        "a name, campaign",
        "what holds a call's campaign: a part of the address's query, or a field",
    ),
    key("source.telnyx[].name", "a name, telnyx", "its address: posts are taken at /hooks/NAME"),
    key("source.telnyx[].url", "not taken", "addresses are not signed"),
    key("source.telnyx[].keys", "list of texts", "the account's public key, in base64"),
    key("source.telnyx[].key_files", "list of files, none", "each holds one such key alone"),
    key("source.telnyx[].realm", "a name, telnyx", "the name space of its calls' ids"),
    key("source.telnyx[].country", "two letters, that of the site", "of numbers that are told without a country code"),
    key("source.telnyx[].route", "a route, its name", "the route of its calls"),
    key(
        "source.telnyx[].campaign",
        "a name, campaign",
        "what holds a call's campaign in its client_state, a JSON object",
    ),
    key("source.plivo[].name", "a name, plivo", "its address: posts are taken at /hooks/NAME"),
    key(
        "source.plivo[].url",
        "http://… or https://…",
        "the address as Plivo is told it, without what stands behind its `?`: it is signed",
    ),
    key("source.plivo[].keys", "list of texts", "the account's auth token"),
    key("source.plivo[].key_files", "list of files, none", "each holds one such key alone"),
    key("source.plivo[].realm", "a name, plivo", "the name space of its calls' ids"),
    key("source.plivo[].country", "two letters, that of the site", "of numbers that are told without a country code"),
    key("source.plivo[].route", "a route, its name", "the route of its calls"),
    key(
        "source.plivo[].campaign",
        "a name, campaign",
        "what holds a call's campaign: a part of the address's query, or a field",
    ),
    key("source.vonage[].name", "a name, vonage", "its address: posts are taken at /hooks/NAME"),
    key("source.vonage[].url", "not taken", "addresses are not signed"),
    key("source.vonage[].keys", "list of texts", "the account's signature secret"),
    key("source.vonage[].key_files", "list of files, none", "each holds one such key alone"),
    key("source.vonage[].realm", "a name, vonage", "the name space of its calls' ids"),
    key("source.vonage[].country", "two letters, that of the site", "of numbers that are told without a country code"),
    key("source.vonage[].route", "a route, its name", "the route of its calls"),
    key("source.vonage[].campaign", "not taken", "nothing that is signed can hold it"),
    key("source.statsd[].name", "a name, statsd", "what it is called among the sources"),
    key("source.statsd[].listen", "ADDRESS:PORT, 127.0.0.1:8125", "where packets (UDP) are taken"),
    key("source.statsd[].from", "list of networks, this machine", "who may send: packets bear no key"),
    key("source.statsd[].prefix", "text, none", "what stands before each name: PREFIXCOMPONENT.METRIC"),
    key("source.statsd[].every_s", "seconds, 10", "after which what was gathered is taken as samples"),
    key(
        "source.statsd[].metrics",
        "metrics by what the sender calls them, none",
        "which of cpu, memory, disk, net_in, net_out one is: { load_percent = { name = \"cpu\", scale = 0.01 } }",
    ),
    key("worker", "a table, none", "of old: now [[source.worker]]"),
];

/// All keys, a line each, for a terminal.
#[must_use]
pub fn listed() -> String {
    let width = KEYS.iter().map(|key| key.path.len()).max().unwrap_or(0);
    let mut text =
        String::from("Keys of the configuration file (--config FILE, TOML); /docs of a server says more of each:\n");
    for ConfigKey { path, takes, words } in KEYS {
        // A string never fails to take more.
        let _ = writeln!(text, "  {path:width$}  {words} [{takes}]");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::limits::Limits;
    use crate::config::file::{File, IngestTable, KeyTable, LogTable, RetentionTable, TrunkTable};
    use crate::control::adapter::VicidialTable;
    use crate::control::config::{ControlTable, HttpTable};
    use crate::source::SourceTables;
    use crate::source::asterisk::AsteriskConfig;
    use crate::source::cpaas::AccountTable;
    use crate::source::livekit::LivekitTable;
    use crate::source::standard_webhooks::WebhookTable;
    use crate::source::statsd::StatsdTable;
    use crate::source::worker::WorkerTable;
    use app::contract::members;
    use std::collections::BTreeSet;

    #[test]
    fn what_counts_as_a_dialers_word_says_what_holds_without_it() {
        let confirm: Vec<_> = KEYS.iter().filter(|key| key.path.ends_with("[].confirm")).collect();
        assert!(confirm.len() == 2 && confirm.iter().all(|key| key.takes.contains(", ")), "{confirm:?}");
    }

    #[test]
    fn every_key_that_the_file_takes_has_words_and_no_others_have() {
        let tables: [(&str, &[&str]); 20] = [
            ("", members::<File>()),
            ("log.", members::<LogTable>()),
            ("ingest.", members::<IngestTable>()),
            ("ingest.keys[].", members::<KeyTable>()),
            ("retention.", members::<RetentionTable>()),
            ("limits.", members::<Limits>()),
            ("trunks.NAME.", members::<TrunkTable>()),
            ("source.", members::<SourceTables>()),
            ("source.asterisk[].", members::<AsteriskConfig>()),
            ("source.worker[].", members::<WorkerTable>()),
            ("source.webhook[].", members::<WebhookTable>()),
            ("source.livekit[].", members::<LivekitTable>()),
            ("source.twilio[].", members::<AccountTable>()),
            ("source.telnyx[].", members::<AccountTable>()),
            ("source.plivo[].", members::<AccountTable>()),
            ("source.vonage[].", members::<AccountTable>()),
            ("source.statsd[].", members::<StatsdTable>()),
            ("control.", members::<ControlTable>()),
            ("control.http[].", members::<HttpTable>()),
            ("control.vicidial[].", members::<VicidialTable>()),
        ];
        let holds_others = |path: &String| {
            ["links", "trunks"].contains(&path.as_str())
                || tables.iter().any(|(prefix, _)| {
                    prefix.trim_end_matches('.').trim_end_matches("[]") == path && !prefix.is_empty()
                })
        };
        let taken =
            tables.iter().flat_map(|(prefix, members)| members.iter().map(move |each| format!("{prefix}{each}")));
        let mut taken: BTreeSet<String> = taken.filter(|path| !holds_others(path)).collect();
        taken.insert("links.NAME".to_owned());
        let told: BTreeSet<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
        assert_eq!(taken, told, "write what the key does in config/reference.rs");
        assert!(KEYS.iter().all(|key| listed().contains(key.path)));
    }
}
