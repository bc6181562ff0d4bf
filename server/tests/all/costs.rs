//! What a month costs, by the form of the trend view: who may say so, what is refused, and that it counts at once.
#![allow(clippy::unwrap_used)]

use crate::process::{Server, client};
use reqwest::{Response, StatusCode, redirect};

const COSTS_KEY: &str = "the-key-of-the-bookkeeper-1";
const INGEST_KEY: &str = "the-key-of-the-dialer-12345";

async fn tell(server: &Server, amount: &str, key: &str) -> Response {
    let month = &app::domain::Moment::from_micros(now()).to_rfc3339()[..7];
    let form = format!("month={month}&kind=telephony&amount={amount}&currency=EUR&key={key}");
    let _ = client();
    let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let post = client.post(format!("{}/trend/costs", server.url())).body(form);
    post.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_micros()).unwrap()
}

#[tokio::test]
async fn what_was_told_counts_at_once_and_what_is_negative_is_refused() {
    let server = Server::start(&[], &[]).await;
    assert!(!server.text("/trend").await.contains("1,234.50 EUR"));
    let refused = tell(&server, "-1234.50", "").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("Not taken: amount: negative"));
    assert_eq!(tell(&server, "1234.50", "").await.status(), StatusCode::SEE_OTHER);
    assert!(server.text("/trend").await.contains("1,234.50 EUR"), "the page that was read before shows it now");
    let frame = server.get("/api/v1/views/trend").await;
    assert_eq!(frame["costs"]["rows"][0]["amount"], "1234.50", "and so does the page that asks for it anew");
    let log = server.get("/api/v1/audit").await;
    assert!(log.to_string().contains("telephony 1234.5"), "who told it is written down: {log}");
}

#[tokio::test]
async fn costs_are_a_right_of_their_own() {
    let config = tempfile::NamedTempFile::new().unwrap();
    let keys = [("dialer", INGEST_KEY, "ingest"), ("books", COSTS_KEY, "costs")];
    let keys = keys.map(|(name, key, scope)| {
        format!("[[ingest.keys]]\nname = \"{name}\"\nsecret = \"{key}\"\nscopes = [\"{scope}\"]\n")
    });
    std::fs::write(config.path(), keys.concat()).unwrap();
    let server = Server::start(&["--config", config.path().to_str().unwrap()], &[]).await;
    assert!(server.text("/trend").await.contains("Key for costs"));
    assert_eq!(tell(&server, "10", "").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(tell(&server, "10", INGEST_KEY).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(tell(&server, "10", COSTS_KEY).await.status(), StatusCode::SEE_OTHER);
}
