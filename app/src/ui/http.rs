//! Asks the server, by way of gloo-net. Only in the browser.

use crate::domain::Moment;
use gloo_net::http::{Method, RequestBuilder, Response};

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    /// Server time when it answered, to the second.
    pub at: Option<Moment>,
}

/// `None` where no answer came.
pub async fn get(address: &str) -> Option<Answer> {
    send(Method::GET, address, &[]).await
}

/// The same with a method and headers of one's own.
pub async fn send(method: Method, address: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    let request = RequestBuilder::new(address).method(method).cache(web_sys::RequestCache::NoStore);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    let answer = request.send().await.ok()?;
    Some(Answer { status: answer.status(), at: answered_at(&answer), text: answer.text().await.ok()? })
}

#[allow(clippy::cast_possible_truncation)] // whole milliseconds
fn answered_at(answer: &Response) -> Option<Moment> {
    let millis = js_sys::Date::parse(&answer.headers().get("date")?);
    millis.is_finite().then(|| Moment::from_millis(millis as i64))
}
