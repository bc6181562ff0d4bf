//! Small things that every room needs, and that need no room.

pub mod jwt;
pub mod lane;
pub mod mask;
pub mod nearest;
pub mod networks;
pub mod quiet;
pub mod rate;
pub mod secret;
pub mod sheet;
pub mod webhook_key;
pub mod zones;
