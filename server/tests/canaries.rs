//! Persons' numbers are put into every field that a source may fill, in every spelling, and looked for in everything that
//! the server says: answers, pages, pictures, streams, refusals, its log; before and after a restart.
#![allow(clippy::unwrap_used)]

mod process;

use process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LINES: &str = "application/x-ndjson";
const OWN: &str = "+18005550199";

/// How a number may be spelled: of its national digits, and of all of them.
const SPELLINGS: [fn(&str) -> String; 14] = [
    |n| format!("+1{n}"),
    |n| n.to_owned(),
    |n| format!("({}) {}-{}", &n[..3], &n[3..6], &n[6..]),
    |n| format!("1_{}_{}_{}", &n[..3], &n[3..6], &n[6..]),
    |n| format!("{}·{}·{}", &n[..3], &n[3..6], &n[6..]),
    |n| format!("1\u{a0}{}\u{a0}{}\u{a0}{}", &n[..3], &n[3..6], &n[6..]),
    |n| n.chars().flat_map(|digit| [digit, '\u{200b}']).collect(),
    |n| n.chars().filter_map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xFF10)).collect(),
    |n| format!("%2B1{}%20{}%20{}", &n[..3], &n[3..6], &n[6..]),
    |n| n.chars().map(|digit| format!("{digit} ")).collect::<String>().trim_end().to_owned(),
    |n| n.chars().zip(":,=#;|".chars().cycle()).flat_map(|(digit, sign)| [digit, sign]).collect(),
    |n| n.chars().map(|digit| format!("&#{};", u32::from(digit))).collect(),
    |n| n.chars().map(|digit| format!("&amp;#x{:x};", u32::from(digit))).collect(),
    |n| format!("{}&nbsp;{}&ndash;{}", &n[..3], &n[3..6], &n[6..]),
];
/// How seven to nine digits are a national number: of one with nine of them, without its country's code.
const ABROAD: &str = "+34";
/// Whom no number names.
const NAMED: &str = "zerlina.canary";

/// A canary a field: where each was put, by its national digits.
#[derive(Default)]
struct Canaries {
    put: BTreeMap<String, String>,
    events: Vec<Value>,
}

fn ago(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let micros = i64::try_from(now.as_micros()).unwrap() - seconds * 1_000_000;
    app::domain::Moment::from_micros(micros).to_rfc3339()
}

impl Canaries {
    /// A person nobody else has the number of; spread, so that no two share their last digits.
    fn person(&mut self, place: &str) -> String {
        let n = self.put.len() as u64;
        let number = format!("{}", 2_000_000_000 + (n * 7_368_787 + 312_555_147) % 7_000_000_000);
        assert!(self.put.insert(number.clone(), place.to_owned()).is_none(), "{number}");
        number
    }

    /// The same with a national number of nine digits.
    fn person_abroad(&mut self, place: &str) -> String {
        let n = self.put.len() as u64;
        let number = format!("{}", 600_000_000 + (n * 7_368_787 + 12_555_147) % 390_000_000);
        assert!(self.put.insert(number.clone(), place.to_owned()).is_none(), "{number}");
        number
    }

    fn tell(&mut self, kind: &str, data: &Value) {
        self.tell_at(kind, 20, data);
    }

    fn tell_at(&mut self, kind: &str, seconds_ago: i64, data: &Value) {
        let (id, time) = (format!("e-{}", self.events.len()), ago(seconds_ago));
        self.events.push(
            json!({ "specversion": "1.0", "id": id, "source": "dialer", "type": kind, "time": time, "data": data }),
        );
    }

    /// A call of a person, with a value in one of its fields.
    fn call(&mut self, person: &str, direction: Option<&str>, more: &Value) {
        let far = format!("+1{person}");
        let (from, to) = if direction == Some("inbound") { (far.as_str(), OWN) } else { (OWN, far.as_str()) };
        let mut data = json!({ "call_id": format!("c-{}", self.events.len()), "direction": direction, "campaign": "spring",
            "route": "north", "from": from, "to": to, "started_at": ago(60), "progress_at": ago(58), "answered_at": ago(55),
            "queued_at": ago(54), "bridged_at": ago(50), "agent": "ann", "queue": "sales", "by": "human" });
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        data.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.tell("call.record", &data);
    }

    /// All fields, each in every spelling.
    fn everywhere() -> Self {
        let mut all = Self::default();
        for (n, spell) in SPELLINGS.iter().enumerate() {
            for field in [
                "campaign",
                "route",
                "queue",
                "agent",
                "list",
                "room",
                "call_id",
                "realm",
                "disposition",
                "sip_reason",
                "recording_url",
                "transfer_target",
            ] {
                let person = all.person(&format!("{field}, spelled {n}"));
                let direction = if n % 2 == 0 { "outbound" } else { "inbound" };
                let mut more = json!({ field: format!("x{}x", spell(&person)) });
                if field == "call_id" {
                    more["ended_at"] = json!(ago(30));
                }
                all.call(&person, Some(direction), &more);
            }
            let person = all.person(&format!("metadata, spelled {n}"));
            let metadata = json!({ "metadata": { format!("k {}", spell(&person)): spell(&person), "other": "x" } });
            all.call(&person, Some("outbound"), &metadata);
            all.texts(n, *spell);
        }
        all.ends();
        all.names_of_other_calls();
        all.corrected();
        all.called_after_numbers();
        all
    }

    /// Of what is no call: whose number it is nobody says.
    fn texts(&mut self, n: usize, spell: fn(&str) -> String) {
        let mut text = |place: &str| spell(&self.person(&format!("{place}, spelled {n}")));
        let (name, reason, destination) = (text("a campaign's name"), text("a pause's reason"), text("a destination"));
        let (route, carrier, pool) = (text("a route's name"), text("a carrier"), text("a pool"));
        let (detail, health, link) = (text("a trunk's detail"), text("a component's detail"), text("a link"));
        let worker = text("a worker's detail");
        let because = text("an agent's reason");
        let trunk = format!("t/+1{}", self.person(&format!("a trunk {n}")));
        let component = format!("m/+1{}", self.person(&format!("a component {n}")));
        let (campaign, path) = (format!("campaign-{n}"), format!("route-{n}"));
        self.tell(
            "campaign.updated",
            &json!({ "campaign": campaign, "name": name, "status": "paused", "reason": reason,
            "destination": destination, "destinations": 100 }),
        );
        self.tell("route.updated", &json!({ "route": path, "name": route, "carrier": carrier, "status": "active" }));
        self.tell("did.updated", &json!({ "did": OWN, "status": "active", "pool": pool }));
        self.tell("trunk.status", &json!({ "trunk": path, "status": "unhealthy", "detail": detail }));
        self.tell("channels.sample", &json!({ "trunk": trunk, "active": 99, "capacity": 100 }));
        self.tell(
            "health.sample",
            &json!({ "component": component, "kind": "database", "status": "offline",
            "detail": health, "link": format!("https://grafana.example/{link}") }),
        );
        self.tell(
            "health.sample",
            &json!({ "component": format!("worker-{n}"), "kind": "dialer_worker",
            "status": "degraded", "detail": worker }),
        );
        self.tell("agent.state", &json!({ "agent": format!("agent-{n}"), "state": "break", "reason": because }));
    }

    /// Both ends of calls of which nobody says which is the floor's.
    fn ends(&mut self) {
        let (one, other) = (self.person("from, without a direction"), self.person("to, without a direction"));
        self.call(&one, None, &json!({ "from": format!("+1{one}"), "to": format!("+1{other}") }));
        let both = self.person("from and to alike");
        self.call(&both, Some("outbound"), &json!({ "from": format!("+1{both}") }));
        // An agent's word comes before the call that tells whose number that is.
        let agent = self.person("an agent of whom no call tells yet");
        self.tell("agent.state", &json!({ "agent": format!("SIP/{agent}"), "campaign": "spring", "state": "ready" }));
        self.call(&agent, Some("outbound"), &json!({ "agent": format!("SIP/{agent}") }));
    }

    /// A name is a national number that only another call tells whole, before it or afterwards.
    fn names_of_other_calls(&mut self) {
        for first in ["the number", "the name"] {
            let (person, other) = (
                self.person(&format!("another call's, {first} first")),
                self.person(&format!("one of two calls, {first} first")),
            );
            let names = json!({ "agent": format!("SIP/{person}-0000001f"), "queue": person, "campaign": person,
                "list": person, "room": format!("r-{person}"), "route": format!("north/{person}") });
            if first == "the name" {
                self.call(&other, Some("outbound"), &names);
                self.tell("agent.state", &json!({ "agent": person, "state": "ready" }));
            }
            self.call(&person, Some("inbound"), &json!({}));
            if first == "the number" {
                self.call(&other, Some("outbound"), &names);
                self.tell("agent.state", &json!({ "agent": person, "state": "ready" }));
            }
        }
    }

    /// Ids of a call hold a number that it was told to have, and has not any more, or never had.
    fn corrected(&mut self) {
        for (place, seconds_ago) in [("corrected afterwards", 19), ("corrected before it came", 21)] {
            let (person, other) =
                (self.person(&format!("a number {place}")), self.person(&format!("the right number, {place}")));
            let call_id = format!("{person}-7");
            let (first, second) = if seconds_ago == 19 { (&person, &other) } else { (&other, &person) };
            self.call(
                first,
                Some("outbound"),
                &json!({ "call_id": call_id, "list": person, "room": format!("r{person}"),
                "recording_url": format!("https://r.example/{person}.wav") }),
            );
            self.tell_at("call.updated", seconds_ago, &json!({ "call_id": call_id, "to": format!("+1{second}") }));
        }
    }

    /// Names and labels of seven to nine digits that are the far end's own number, told before the calls and afterwards.
    fn called_after_numbers(&mut self) {
        for when in ["before", "afterwards"] {
            let (campaign, route) = (format!("called {when}"), format!("route {when}"));
            let person = self.person_abroad(&format!("a name told {when}"));
            let told = |all: &mut Self| {
                all.tell(
                    "campaign.updated",
                    &json!({ "campaign": campaign, "name": format!("Back to {person}"),
                    "destination": person, "status": "active", "destinations": 10 }),
                );
                all.tell(
                    "route.updated",
                    &json!({ "route": route, "name": format!("way to {person}"), "carrier": person }),
                );
            };
            if when == "before" {
                told(self);
            }
            let to = format!("{ABROAD}{person}");
            self.call("2025550100", Some("outbound"), &json!({ "to": to, "campaign": campaign, "route": route }));
            if when == "afterwards" {
                told(self);
            }
        }
        let at = format!("sip:{NAMED}@example.org");
        self.call(
            "2025550100",
            Some("outbound"),
            &json!({ "transfer_target": at, "disposition": format!("gone to {at}"),
            "metadata": { "to": at, "extension": format!("1042 <{at}>") } }),
        );
    }

    /// Where a canary shows in a text; each stretch between quotes, tags and line ends is looked at by itself.
    fn seen(&self, text: &str) -> Vec<&str> {
        let mut seen = Vec::new();
        for part in text.split(['"', '<', '>', '\n']) {
            let digits = read_off(part);
            if digits.len() >= 9 {
                seen.extend(
                    self.put.iter().filter(|(n, _)| digits.contains(n.as_str())).map(|(_, place)| place.as_str()),
                );
            }
        }
        seen.sort_unstable();
        seen.dedup();
        seen
    }
}

/// The digits of a text, as a reader would take them.
fn read_off(text: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let decoded = without_entities(&decoded);
    let digit = |c: char| match u32::from(c) {
        n @ 0x30..=0x39 => char::from_digit(n - 0x30, 10),
        n @ 0xFF10..=0xFF19 => char::from_digit(n - 0xFF10, 10),
        _ => None,
    };
    decoded.chars().filter_map(digit).collect()
}

/// What a page shows of a text, also where that was escaped several times.
fn without_entities(text: &str) -> String {
    (0..3).fold(text.to_owned(), |text, _| if text.contains('&') { without_entities_once(&text) } else { text })
}

fn without_entities_once(text: &str) -> String {
    let mut parts = text.split('&');
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part
            .split_once(';')
            .filter(|(name, _)| name.len() < 10 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#'));
        let Some((name, rest)) = entity else {
            shown.push('&');
            shown.push_str(part);
            continue;
        };
        let code = name.strip_prefix('#').and_then(|code| match code.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => code.parse().ok(),
        });
        let other = if name == "amp" { '&' } else { ' ' };
        shown.push(code.and_then(char::from_u32).unwrap_or(other));
        shown.push_str(rest);
    }
    shown
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Every address that answers with something of sources.
async fn addresses(server: &Server) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let by = ["total", "campaign", "route", "country", "did", "agent", "queue", "sip_code"];
    for by in by {
        for window in ["60m", "today"] {
            all.push(format!("/api/v1/facts?by={by}&window={window}"));
        }
        all.push(format!("/api/v1/facts.csv?by={by}&window=60m"));
        all.push(format!("/api/v1/series/connect_rate?by={by}&step=1m"));
        all.push(format!("/api/v1/series/on_call_share?by={by}&step=1m"));
    }
    for kpi in server.get("/api/v1/kpis").await.as_array().unwrap() {
        for by in kpi["dimensions"].as_array().unwrap() {
            all.push(format!("/api/v1/kpis/{}?by={}", kpi["id"].as_str().unwrap(), by.as_str().unwrap()));
        }
    }
    for view in ["live", "monitor", "daily", "trend"] {
        all.push(format!("/api/v1/views/{view}"));
        all.push(format!("/{view}"));
    }
    all.extend(
        ["calls?limit=1000", "calls.csv?limit=1000", "annotations", "audit"].map(|list| format!("/api/v1/{list}")),
    );
    all.push(format!("/api/v1/views/live?at={}", ago(15)));
    all.push(format!("/live?at={}", ago(15)));
    all.push("/metrics".to_owned());
    all.push("/readyz".to_owned());
    all.push("/troubleshooting".to_owned());
    for panel in ["channels", "routes", "abandon", "connect", "dids", "agents", "pdd", "infra"] {
        all.push(format!("/panel/{panel}.svg"));
        all.push(format!("/panel/{panel}.png"));
        all.push(format!("/api/v1/views/live.csv?table={panel}"));
    }
    for card in server.get("/api/v1/views/monitor").await["cards"]["rows"].as_array().unwrap() {
        let id = escaped(card["campaign"].as_str().unwrap());
        all.extend([format!("/api/v1/views/monitor/{id}"), format!("/monitor/{id}")]);
        all.push(format!("/api/v1/campaigns/{id}/control"));
        all.push(format!("/api/v1/calls?campaign={id}"));
        all.push(format!("/api/v1/facts?by=total&window=60m&campaign={id}"));
    }
    all
}

/// What a bitmap says of itself in words. That its pixels write what the SVG of the same panel does, and nothing else, is
/// proven where both are drawn.
fn described(png: &[u8]) -> String {
    let decoded = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let texts = decoded.info().utf8_text.iter().map(|text| text.get_text().unwrap());
    let all: Vec<String> = texts.collect();
    assert!(!all.is_empty(), "a picture has a description");
    all.join("\n")
}

/// What was said, by where; of a list page by page.
async fn all_said(server: &Server) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for address in addresses(server).await {
        let body = server.request(&address).await.bytes().await.unwrap();
        let text =
            if address.ends_with(".png") { described(&body) } else { String::from_utf8_lossy(&body).into_owned() };
        said.insert(address, text);
    }
    let mut cursor = String::new();
    for page in 0..20 {
        let (status, calls) = server.ask(&format!("/api/v1/calls?limit=20{cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{calls}");
        for call in calls["rows"].as_array().unwrap().iter().take(3) {
            let (realm, id) = (escaped(call["realm"].as_str().unwrap()), escaped(call["call_id"].as_str().unwrap()));
            let (status, one) = server.ask(&format!("/api/v1/calls/{realm}/{id}")).await;
            assert_eq!((status, &one["call"]["filed_at"]), (StatusCode::OK, &call["filed_at"]), "{one}");
        }
        let next = calls["next_cursor"].as_str().map(|next| format!("&cursor={next}"));
        let plain = calls["next_cursor"].as_str().unwrap_or_default().split('.').map(unhex).collect::<String>();
        said.insert(format!("calls, page {page}"), format!("{calls}\"{plain}"));
        let Some(next) = next else { break };
        cursor = next;
    }
    for (view, more) in [("live", ""), ("monitor", ""), ("monitor", "&campaign=spring")] {
        let address = format!("/api/v1/stream?view={view}&every=250ms{more}");
        let mut stream = server.request(&address).await;
        let mut text = String::new();
        while text.matches("event: ").count() < 3 {
            text.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
        }
        said.insert(address, text);
    }
    let range = json!({ "from": ago(600), "to": ago(0) });
    let targets: Vec<Value> = ["campaign", "route", "queue"]
        .into_iter()
        .map(|by| json!({ "target": "connect_rate", "refId": by, "payload": { "by": by } }))
        .collect();
    for (path, body) in [
        ("query", json!({ "range": range, "targets": targets })),
        ("annotations", json!({ "range": range })),
        ("variable", json!({ "payload": { "target": "campaign" } })),
        ("variable", json!({ "payload": { "target": "route" } })),
    ] {
        let path = format!("/api/grafana/{path}");
        let (_, answer) = server.send(&path, "application/json", body.to_string()).await;
        said.insert(format!("{path} {body}"), answer.to_string());
    }
    said
}

fn unhex(text: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Refusals that name what was wrong.
async fn refusals(server: &Server, canaries: &mut Canaries) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for (n, spell) in SPELLINGS.iter().enumerate() {
        let mut whole = |place: &str| canaries.person(&format!("{place} that is refused {n}"));
        let (lead, old) = (whole("an event's id"), whole("an old event's id"));
        let wrap_ms: u64 = format!("1{}", whole("a wrap-up")).parse().unwrap();
        let mut text = |place: &str| spell(&canaries.person(&format!("{place} that is refused, spelled {n}")));
        let events = [
            json!({ "specversion": "1.0", "id": "a", "source": "d", "type": text("a type"), "time": ago(1), "data": {} }),
            json!({ "specversion": text("a version"), "id": "b" }),
            json!({ "specversion": "1.0", "id": "c", "source": "d", "type": "call.ended", "time": ago(1),
                "data": { "call_id": "c", "outcome": text("an outcome") } }),
            json!({ "specversion": "1.0", "id": "d", "source": "d", "type": "call.updated", "time": ago(1),
                "data": { "call_id": "c", "metadata": { text("a key"): 7 } } }),
            json!({ "specversion": "1.0", "id": "e", "source": "d", "type": "call.started", "time": text("a time"), "data": {} }),
            json!({ "specversion": "1.0", "id": "f", "source": "d", "type": "call.ended", "time": ago(1),
                "data": { "call_id": "c", "wrap_ms": wrap_ms } }),
            json!({ "specversion": "1.0", "id": format!("lead-{lead}"), "source": "d", "type": "call.started", "time": ago(1),
                "data": { "call_id": "c", "direction": "sideways", "to": format!("+1{lead}") } }),
            json!({ "specversion": "1.0", "id": format!("old-{old}"), "source": "d", "type": "call.started",
                "time": "2001-01-01T00:00:00Z", "data": { "call_id": "c", "direction": "outbound", "to": format!("+1{old}") } }),
        ];
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        said.insert(format!("rejections, spelled {n}"), server.post(LINES, lines).await.1.to_string());
        for path in [
            format!("/api/v1/facts?by={}", escaped(&text("a dimension"))),
            format!("/api/v1/kpis/{}", escaped(&text("a KPI"))),
            format!("/api/v1/views/monitor/{}", escaped(&text("a campaign"))),
            format!("/api/v1/stream?view={}", escaped(&text("a view"))),
            format!("/api/v1/calls?since={}", escaped(&text("a moment"))),
            format!("/api/v1/nothing/{}", escaped(&text("an address"))),
        ] {
            let (status, answer) = server.ask(&path).await;
            assert!(!status.is_success(), "{path}");
            said.insert(path, answer.to_string());
        }
        for path in [
            format!("/monitor/{}", escaped(&text("a campaign's page"))),
            format!("/{}", escaped(&text("a page"))),
            format!("/panel/{}.svg", escaped(&text("a picture"))),
            format!("/panel/pdd.svg?theme={}", escaped(&text("a theme"))),
            format!("/api/v1/facts.csv?{}=1", escaped(&text("a parameter"))),
            format!("/daily?date={}", escaped(&text("a day"))),
            format!("/trend?days={}", escaped(&text("days"))),
            format!("/live?at={}", escaped(&text("an instant"))),
            format!("/pkg/{}", escaped(&text("a file"))),
        ] {
            said.insert(path.clone(), server.request(&path).await.text().await.unwrap());
        }
        for (path, kind) in
            [("/api/v1/events", escaped(&text("a kind"))), ("/api/grafana/query", "application/json".to_owned())]
        {
            let (_, answer) = server.send(path, &kind, json!({ "range": text("a range") }).to_string()).await;
            said.insert(format!("{path} as {kind}"), answer.to_string());
        }
    }
    said
}

fn assert_hidden(said: &BTreeMap<String, String>, canaries: &Canaries) {
    let seen: Vec<String> = said
        .iter()
        .flat_map(|(at, text)| canaries.seen(text).into_iter().map(move |place| format!("{place} at {at}")))
        .collect();
    assert!(seen.is_empty(), "{} canaries are out:\n{}", seen.len(), seen.join("\n"));
    for (at, text) in said {
        assert!(!text.contains(NAMED), "{NAMED} at {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_persons_number_comes_out_wherever_it_was_put() {
    let mut server = Server::start(&["--log", "debug"], &[]).await;
    let mut canaries = Canaries::everywhere();
    let lines: String = canaries.events.iter().map(|event| format!("{event}\n")).collect();
    assert!(canaries.seen(&lines).len() + 1 >= canaries.put.len(), "else nothing below proves anything");
    let (status, answer) = server.post(LINES, lines).await;
    assert_eq!((status, &answer["rejected"]), (StatusCode::OK, &json!([])), "{answer}");
    let campaigns = "/api/v1/facts?by=campaign&window=60m";
    server.until(campaigns, |answer| answer["rows"].as_array().unwrap().len() > SPELLINGS.len()).await;
    assert_hidden(&all_said(&server).await, &canaries);
    let refused = refusals(&server, &mut canaries).await;
    assert_hidden(&refused, &canaries);
    assert!(refused.values().any(|text| text.contains("(like ")), "hints stay");
    // As many campaigns as there are: none is taken for another because both are masked.
    let keys = |answer: &Value| {
        let rows = answer["rows"].as_array().unwrap();
        let keys: std::collections::BTreeSet<String> =
            rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
        assert_eq!(keys.len(), rows.len());
        keys
    };
    // An id that is made to look like a masked one is one more.
    let masked = keys(&server.get(campaigns).await);
    let forged = masked.iter().find(|key| key.contains('~')).unwrap();
    let mut forger = Canaries::default();
    forger.call("2025550100", Some("outbound"), &json!({ "call_id": "forged", "campaign": forged }));
    assert_eq!(server.post(LINES, forger.events[0].to_string()).await.1["accepted"], 1);
    server.until(campaigns, |answer| answer["rows"].as_array().unwrap().len() > masked.len()).await;
    let before = keys(&server.get(campaigns).await);
    server.stop().await;
    server.up().await;
    server.until(campaigns, |answer| answer["rows"].as_array().unwrap().len() == before.len()).await;
    assert_hidden(&all_said(&server).await, &canaries);
    assert_eq!(keys(&server.get(campaigns).await), before, "a masked name is the same after a restart");
    assert_hidden(&BTreeMap::from([("the log".to_owned(), server.log())]), &canaries);
    for key in before.iter().filter(|key| key.contains('~')) {
        let one = server.get(&format!("{campaigns}&key={}", escaped(key))).await;
        assert_eq!((one["rows"].as_array().unwrap().len(), &one["rows"][0]["key"]), (1, &json!(key)), "{one}");
    }
}
