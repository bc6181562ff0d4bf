//! Asks the server, by way of gloo-net. Only in the browser.

use gloo_net::http::{Method, RequestBuilder};

/// Status and text of the answer; `None` where none came.
pub async fn get(address: &str) -> Option<(u16, String)> {
    send(Method::GET, address, &[]).await
}

/// The same with a method and headers of one's own.
pub async fn send(method: Method, address: &str, headers: &[(&str, &str)]) -> Option<(u16, String)> {
    let request = RequestBuilder::new(address).method(method).cache(web_sys::RequestCache::NoStore);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    let answer = request.send().await.ok()?;
    Some((answer.status(), answer.text().await.ok()?))
}
