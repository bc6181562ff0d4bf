//! The audit log's entries and the chain they are. Pure: stores keep them, `control` writes and checks them.

pub mod entry;
pub mod seal;
