//! What is true, and how it looks.
//!
//! Without features this is the pure domain: vocabulary, facts, KPIs, and the frames that cross the network. The
//! feature `ui` adds charts and pages; `ssr` and `hydrate` compile them for the server and for the browser.

pub mod domain;
