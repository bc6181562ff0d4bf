//! Persons' numbers are put into every field that a source may fill, in every spelling, and looked for in everything that
//! the server says: answers, pages, pictures, streams, refusals, its log; before and after a restart.
#![allow(clippy::unwrap_used)]

use crate::canary::{Canaries, NAMED, SPELLINGS, ago};
use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LINES: &str = "application/x-ndjson";

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
        ["calls?limit=1000", "calls.csv?limit=1000", "annotations", "audit", "sources", "sources/payloads?source=http"]
            .map(|list| format!("/api/v1/{list}")),
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
