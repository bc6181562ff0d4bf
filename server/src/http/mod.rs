//! What is served over HTTP.

pub mod assets;
pub mod headers;
pub mod pages;
pub mod stream;
