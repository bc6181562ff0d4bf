//! KPIs: pure functions of summed facts and present gauges.
//!
//! One table ([`catalog`]) defines each once; the server's computation, the pages, the API, the OpenAPI document and the
//! explanations read it; `help` says what each is for, with a worked example. [`band`] judges exact counts in integers, [`held`] keeps a judgement from flapping, [`silence`] tells when nothing is heard, [`value`] gives ratios and their intervals, [`fit`] where they are going, [`mod@format`]
//! prints them so that the digits never contradict the band. No KPI arithmetic lives anywhere else.

pub mod band;
pub mod catalog;
pub mod diagnosis;
pub mod eta;
pub mod fit;
pub mod format;
pub mod held;
#[cfg(any(test, feature = "ssr"))]
pub mod help;
pub mod problems;
pub mod silence;
pub mod slope;
pub mod value;

pub use band::{Band, Bands, Edge};
pub use catalog::{Formula, Kpi, KpiId};
pub use value::Ratio;
