//! Sessions in virtual time: what the RFCs ask for, one theme a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod calling;
mod collision;
mod common;
mod malformed;
mod networks;
mod notifications;
mod refresh;
mod restart;
mod sessions;
mod timers;
