//! The command line.
#![recursion_limit = "512"]

use anyhow::Context;
use app::ui::{About, FloorKind};
use server::http::pages::{Pages, pages_router};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--listen").skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let about = About { version: env!("CARGO_PKG_VERSION").to_owned(), floor: FloorKind::Real };
    let listener = tokio::net::TcpListener::bind(&address).await.with_context(|| format!("listening on {address}"))?;
    axum::serve(listener, pages_router(Pages::new(about))).await.context("serving")
}
