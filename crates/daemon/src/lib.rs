//! The world around the speaker: sockets, helper processes, signals, logs.
//!
//! Two threads. The core thread owns the speaker and the connections to peers ([`bridge`]); the edge thread owns helper
//! programs and turns text into commands and facts into text ([`edge`]). They talk over two bounded channels, in batches.
//! A helper that says little is listened to on the core thread ([`ear`]).
//! A third writes the log, and a fourth the recording if there is one, so that a slow disk is nobody's concern.

pub mod bridge;
pub mod ear;
pub mod edge;
pub mod files;
pub mod inbox;
pub mod lines;
mod links;
pub mod listeners;
pub mod log;
pub mod mouth;
pub mod outbox;
pub mod privilege;
pub mod process;
pub mod queue;
pub mod record;
pub mod recorder;
pub mod run;
pub mod socket;
pub mod sys;

pub use run::{Options, host, run};
