//! From command lines to commands, from events to text and JSON.

pub mod encode;
pub mod reply;
