//! Names do not pile up for ever: what there is no room for is rejected by name, and what retention has cleared away is
//! forgotten, in the store and in memory.
#![allow(clippy::unwrap_used)]

mod floor;
mod process;

use process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// As many trunks as there is room for.
const TRUNKS: usize = 5_000;

fn status(trunk: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = app::domain::Moment::from_micros(i64::try_from(now.as_micros()).unwrap()).to_rfc3339();
    let data = json!({ "trunk": format!("trunk-{trunk}"), "status": "healthy" });
    let event = json!({ "specversion": "1.0", "id": format!("e-{trunk}"), "source": "pbx", "type": "trunk.status",
        "time": at, "data": data });
    format!("{event}\n")
}

#[tokio::test]
async fn a_name_without_room_is_rejected_and_never_called_a_duplicate() {
    let server = Server::start(&[], &[]).await;
    let lines: String = (0..=TRUNKS).map(status).collect();
    let (answered, answer) = server.post("application/x-ndjson", lines).await;
    assert_eq!((answered, &answer["accepted"], &answer["duplicate"]), (StatusCode::OK, &json!(TRUNKS), &json!(0)));
    let error =
        "data.trunk: too many names: 5000 are known, and this is another; names are forgotten with what they told";
    assert_eq!(answer["rejected"], json!([{ "index": TRUNKS, "id": "e-5000", "error": error }]));
    let (answered, answer) = server.post("application/x-ndjson", status(TRUNKS + 1)).await;
    assert_eq!((answered, &answer["duplicate"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(0)), "{answer}");
    let (answered, answer) = server.post("application/x-ndjson", status(7)).await;
    assert_eq!((answered, &answer["rejected"]), (StatusCode::OK, &Value::Array(Vec::new())), "known already");
    let metrics = server.text("/metrics").await;
    assert!(metrics.contains("ringside_events_rejected_total{reason=\"too_many_names\"} 2"), "{metrics}");
}
