//! What is true, and how it looks.
//!
//! Without features this is the pure domain: vocabulary, facts, KPIs, and the frames that cross the network. The
//! feature `ui` adds charts and pages; `ssr` and `hydrate` compile them for the server and for the browser, and never
//! both in one build.
#![recursion_limit = "512"]
// A test asks for the variant that it expects, and tells a story as long as it is.
#![cfg_attr(test, allow(clippy::wildcard_enum_match_arm, clippy::too_many_lines))]

#[cfg(feature = "ui")]
pub mod chart;
pub mod compliance;
pub mod contract;
pub mod domain;
pub mod kpi;
pub mod view;

#[cfg(feature = "ui")]
pub mod ui;

#[cfg(all(target_arch = "wasm32", feature = "ssr"))]
compile_error!("`ssr` renders on the server: build `app` for wasm32 with `hydrate` alone, and never with --workspace");
