//! The language programs speak with Herald: command lines in, answers and events out.
//!
//! | room | what is in it |
//! |---|---|
//! | [`client`] | one program on the other side: lines out of octets, answers in order |
//! | [`command`] | the table of commands, and what each line means |
//! | [`reply`] | answers as lines |
//! | [`encode`] | events as lines |

pub mod client;
pub mod command;
pub mod encode;
pub mod profile;
pub mod reply;

pub use client::Client;
pub use profile::Profile;
