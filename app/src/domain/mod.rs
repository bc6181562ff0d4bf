//! The vocabulary: what a call floor's events and calls are, in types.
//!
//! Owns the public event contract (`event`), the merge of events into calls (`call`) and the additive
//! counters that every figure is made of (`facts`). No IO, no clock, no Leptos; it builds in seconds.
//! Sources translate into it (`server/src/source`), the law reads it (`server/src/law/contribute.rs`).

pub mod audience;
pub mod call;
pub mod cannot_tell;
pub mod control;
pub mod event;
pub mod facts;
pub mod first_uses;
mod history;
pub mod ids;
pub mod mask;
pub mod outcome;
pub mod parse;
pub mod phone;
mod plausible;
pub mod said;
pub mod settings;
pub mod time;
pub mod window;

pub use audience::{Audience, CampaignScope, Sight};
pub use call::{Call, CallName, LastWrite};
pub use cannot_tell::{CannotTell, Matter};
pub use control::{Control, Controls};
pub use event::{Data, Event};
pub use facts::{Dimension, Fact, Facts, Tally};
pub use first_uses::FirstUses;
pub use ids::*;
pub use outcome::{Disposition, Outcome, Unanswered};
pub use phone::{Country, Number, Party};
pub use settings::{Campaign, Did, Route};
pub use time::{Moment, Span};
pub use window::Window;
