//! Persons' numbers, one for each place where a source may write one and each way to spell it, and where they show in a text.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::collections::BTreeMap;

const OWN: &str = "+18005550199";

/// How a number may be spelled: of its national digits, and of all of them.
pub const SPELLINGS: [fn(&str) -> String; 14] = [
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
pub const NAMED: &str = "zerlina.canary";

/// A canary a field: where each was put, by its national digits.
#[derive(Default)]
pub struct Canaries {
    pub put: BTreeMap<String, String>,
    pub events: Vec<Value>,
}

pub fn ago(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let micros = i64::try_from(now.as_micros()).unwrap() - seconds * 1_000_000;
    app::domain::Moment::from_micros(micros).to_rfc3339()
}

impl Canaries {
    /// A person nobody else has the number of; spread, so that no two share their last digits.
    pub fn person(&mut self, place: &str) -> String {
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
    pub fn call(&mut self, person: &str, direction: Option<&str>, more: &Value) {
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
    pub fn everywhere() -> Self {
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
    pub fn seen(&self, text: &str) -> Vec<&str> {
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
